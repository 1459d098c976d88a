'use strict';
// The last result of each bench, kept in the repository with the machine that it was measured on.
const fs = require('node:fs');
const path = require('node:path');
const { describeMachine } = require('./machine');

const FOLDER = path.join(__dirname, '..', 'results');

/** Writes `results/<bench>.json`: the machine, the time (UTC) and `data`. Returns the file's name. */
function keepResult(bench, data) {
  fs.mkdirSync(FOLDER, { recursive: true });
  const file = `${bench}.json`;
  const result = { bench, measuredAt: new Date().toISOString(), machine: describeMachine(), ...data };
  fs.writeFileSync(path.join(FOLDER, file), `${JSON.stringify(result, null, 2)}\n`);
  return file;
}

module.exports = { keepResult };
