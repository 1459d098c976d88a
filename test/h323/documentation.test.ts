import fs from 'node:fs';
import path from 'node:path';

const TESTS = __dirname;
const DOCUMENT = fs.readFileSync(path.join(__dirname, '../../src/h323/README.md'), 'utf8');
const REQUIREMENTS = DOCUMENT.split('\n').filter((line) => /^\| [\d.]+(, [\d.]+)? \|/.test(line));

/** Tests that the last column of a row names: `` `file` "name", "another" ``, or a folder of them; what has dots or capitals is no test. */
const namedTests = REQUIREMENTS.flatMap((row) => [...row.split('|')[4]!.matchAll(/`((?:\.\.\/)?[a-z0-9][a-z0-9/-]*)`((?:,? "[^"]+")*)/g)]
  .map(([, file, names]) => [file!, [...names!.matchAll(/"([^"]+)"/g)].map(([, name]) => name!)] as const));

test('the table of RFC 4123 covers its sections', () => {
  const sections = new Set(REQUIREMENTS.flatMap((row) => row.split('|')[1]!.trim().split(', ')));
  expect([...sections]).toEqual(expect.arrayContaining(['3', '4.1', '4.2', '5.1.1', '5.1.2', '5.1.3', '5.1.4', '5.1.5', '5.1.6', '5.2', '5.3', '5.3.1', '6', '7.1', '7.2', '7.3', '7.4', '8', '9.2', '9.3']));
  expect(REQUIREMENTS.every((row) => /\| (met|in part|no) \|/.test(row))).toBe(true);
});

test.each(namedTests)('%s has the tests that the table names: %j', (file, names) => {
  const folder = path.join(TESTS, file);
  if (fs.existsSync(folder)) return expect(fs.readdirSync(folder).some((name) => name.endsWith('.test.ts'))).toBe(true);
  const text = fs.readFileSync(`${folder}.test.ts`, 'utf8');
  for (const name of names) expect(text).toContain(name);
});

test('what a row calls met is shown by a test, a setting or the code', () => {
  expect(namedTests.length).toBeGreaterThan(40);
  expect(REQUIREMENTS.filter((row) => /\| met \|/.test(row) && !/`|above|inside|same process/.test(row))).toEqual([]);
});
