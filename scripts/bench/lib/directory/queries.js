'use strict';
// What people type, by sort: made from the directory's own words, always the same for the same directory.
const { randomFrom } = require('../../../../dist/directory/sample');

const EACH = 400;

/** Lists of query texts by sort. */
function queriesFor(sample) {
  const random = randomFrom(7);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const some = (make) => Array.from({ length: EACH }, make);
  const towns = [...sample.organisations].map(({ names }) => names.fi.split(',')[0]);
  const services = [...sample.services].filter((_, i) => i % 37 === 0).map(({ names }) => names.fi.split(/[ ,]/)[0]);
  const persons = [];
  let i = 0;
  for (const { name } of sample.persons) if (i++ % 997 === 0) persons.push(name);
  const roles = persons.map((name) => name.split(' ')[0]);
  const letters = 'abcdefghijklmnopqrstuvwxyzäö1234567890';
  const mistyped = (word) => {
    const at = 1 + Math.floor(random() * (word.length - 2));
    return pick([word.slice(0, at) + word.slice(at + 1), word.slice(0, at) + pick([...'aeioku']) + word.slice(at), word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2)]);
  };
  return {
    'one letter': some(() => pick([...letters])),
    'two letters': some(() => pick(services).slice(0, 2)),
    'common beginning': some(() => pick(roles).slice(0, 5)),
    'common word': some(() => pick([...services, ...roles])),
    'rare: town': some(() => pick(towns)),
    'two words': some(() => `${pick(services)} ${pick(towns)}`),
    'one person of many': some(() => pick(persons)),
    'as it is typed': some(() => { const name = pick(persons); return name.slice(0, 1 + Math.floor(random() * name.length)); }),
    'typo': some(() => mistyped(pick([...services, ...roles]))),
    'two typos': some(() => `${mistyped(pick(roles))} ${mistyped(pick(towns))}`),
    'no match': some(() => `${pick(roles)} ${pick([...'qwxz'])}${pick([...'qwxz'])}${pick([...'qwxz'])}`),
    'eight single letters': some(() => Array.from({ length: 8 }, () => pick([...letters])).join(' ')),
  };
}

module.exports = { queriesFor };
