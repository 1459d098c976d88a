import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');

/** Less than a test may take, so that what jest said is seen. */
const JEST_LIMIT_MS = 50_000;

interface TestFile {
  status: string;
  assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
}

let folder: string;
beforeEach(() => { folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-jest-')); });
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Runs one suite by a jest of its own. */
function runSuite(suite: string, ci?: string): { status: number | null; file: TestFile } {
  fs.writeFileSync(path.join(folder, 'one.test.ts'), suite);
  const { transform } = jest.requireActual<{ transform: object }>(path.join(ROOT, 'jest.config.js'));
  const config = JSON.stringify({ rootDir: ROOT, roots: [folder], transform });
  const { CI: _, ...env } = process.env;
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [path.join(ROOT, 'node_modules/jest/bin/jest.js'), '--json', '--config', config], {
    cwd: ROOT, encoding: 'utf8', env: { ...env, ...(ci !== undefined && { CI: ci }) }, timeout: JEST_LIMIT_MS, killSignal: 'SIGKILL',
  });
  if (error) throw new Error(`jest: ${error.message}\n${stderr}`);
  const { testResults: [file] } = JSON.parse(stdout) as { testResults: TestFile[] };
  return { status, file: file! };
}

describe('a suite whose program is not installed', () => {
  const run = (ci?: string) => {
    const { status, file } = runSuite(`
      import { describePeer } from ${JSON.stringify(path.join(__dirname, 'harness/require-program'))};
      describePeer(['sh', 'no-such-program'], 'calls with it', () => { test('one call', () => undefined); });
      describePeer('sh', 'calls without it', () => { test('another call', () => undefined); });
    `, ci);
    return { status, tests: file.assertionResults.map(({ fullName, status: state, failureMessages }) => `${state}: ${fullName}${failureMessages.length > 0 ? ` - ${failureMessages[0]?.split('\n')[0]}` : ''}`) };
  };

  test('is skipped by name, with the program that is missing; others run', () => {
    expect(run()).toEqual({ status: 0, tests: ['pending: calls with it (no-such-program not installed) one call', 'passed: calls without it another call'] });
  }, 60_000);

  test('fails in continuous integration', () => {
    expect(run('true')).toEqual({ status: 1, tests: [
      'failed: calls with it needs no-such-program - Error: no-such-program not installed; on Debian: apt-get install no-such-program', 'passed: calls without it another call',
    ] });
  }, 60_000);
});

describe('npm test counts as a failure', () => {
  const { countTests } = jest.requireActual<{ countTests(files: TestFile[]): object }>(path.join(ROOT, 'scripts/test-results.js'));

  test.each([
    ['an afterAll that fails behind tests that pass', 'test("one", () => undefined); afterAll(() => { throw new Error("not released"); });', { passed: 1, failed: 1, skipped: 0 }],
    ['a file that cannot be read', 'import "./nowhere";', { passed: 0, failed: 1, skipped: 0 }],
    ['a test, once, though the afterAll behind it fails, too', 'test("one", () => { throw new Error("no"); }); afterAll(() => { throw new Error("not released"); });', { passed: 0, failed: 1, skipped: 0 }],
  ])('%s', (_, suite, counts) => {
    const { status, file } = runSuite(suite);
    expect([status, countTests([file])]).toEqual([1, counts]);
  }, 60_000);
});
