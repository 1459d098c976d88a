'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');
const { ROOT } = require('./setup');

/** Suites that take longest, in seconds on two cores: begun last, they would keep one worker busy while the others have nothing left. */
const SECONDS = {
  'peers/soak-anchored': 90, 'peers/soak-direct': 80, 'h323/legs/content': 85, 'h323/signalling/asterisk': 60, 'h323/h245/channels': 55,
  'peers/calls-sipp': 50, 'h323/h450/services': 50, 'peers/anchored/rooms-prompts': 45, 'h323/signalling/calling': 45, 'peers/anchored/browser': 45,
  'peers/crash': 42, 'h323/legs/transfer': 41, 'h323/legs/asterisk-calls': 38, 'peers/anchored/conference': 33, 'peers/drachtio-seam': 33,
  'peers/anchored/faults': 31, 'h323/legs/faults': 30, 'media-server/control/baresip': 29, 'peers/page': 27, 'media/prompts': 25,
  'h323/legs/meeting-rooms': 47, 'h323/legs/content-guarded': 28, 'peers/replaces': 37, 'peers/self-test': 21, 'h323/legs/encrypted-calls': 25, 'h323/hostile-calls': 23, 'h323/legs/rooms': 23,
};
for (const suite of Object.keys(SECONDS)) {
  if (!fs.existsSync(path.join(ROOT, 'test', `${suite}.test.ts`))) throw new Error(`scripts/longest-first.js names ${suite}, and there is no test/${suite}.test.ts`);
}
const secondsOf = (file) => SECONDS[path.relative(path.join(ROOT, 'test'), file).replace(/\.test\.ts$/, '').split(path.sep).join('/')] ?? 0;

/** Begins with the suites that take longest; the rest comes as jest would have it. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((one, other) => secondsOf(other.path) - secondsOf(one.path));
  }
};
