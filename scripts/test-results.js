'use strict';
// Reads the results that jest writes with --json.
const path = require('node:path');
const { ROOT } = require('./setup');

/** Numbers of tests by what became of them. A file that failed otherwise than in a test, to be read or in an afterAll, is one failure. */
function countTests(files) {
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  const count = (...states) => tests.filter(({ status }) => states.includes(status)).length;
  const failedOtherwise = files.filter(({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'));
  return { passed: count('passed'), failed: count('failed') + failedOtherwise.length, skipped: count('pending', 'todo') };
}

/** Suites in which nothing was run, by file and name. */
function skippedSuites(files) {
  const skipped = new Map();
  for (const file of files) {
    for (const test of file.assertionResults) {
      const name = [path.relative(ROOT, file.name), ...test.ancestorTitles].join(': ');
      skipped.set(name, (skipped.get(name) ?? true) && test.status === 'pending');
    }
  }
  return [...skipped].filter(([, all]) => all).map(([name]) => name);
}

module.exports = { countTests, skippedSuites };
