import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');

/** A suite that needs a program that nobody has, run by a jest of its own. */
describe('a suite whose program is not installed', () => {
  let folder: string;
  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-missing-'));
    fs.writeFileSync(path.join(folder, 'missing.test.ts'), `
      import { describePeer } from ${JSON.stringify(path.join(__dirname, 'harness/require-program'))};
      describePeer(['sh', 'no-such-program'], 'calls with it', () => { test('one call', () => undefined); });
      describePeer('sh', 'calls without it', () => { test('another call', () => undefined); });
    `);
  });
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  const run = (ci: string | undefined) => {
    const { transform } = jest.requireActual<{ transform: object }>(path.join(ROOT, 'jest.config.js'));
    const config = JSON.stringify({ rootDir: ROOT, roots: [folder], transform });
    const { CI: _, ...env } = process.env;
    const { status, stdout } = spawnSync(process.execPath, [path.join(ROOT, 'node_modules/jest/bin/jest.js'), '--json', '--config', config], {
      cwd: ROOT, encoding: 'utf8', env: { ...env, ...(ci !== undefined && { CI: ci }) },
    });
    const { testResults: [file] } = JSON.parse(stdout) as { testResults: { assertionResults: { fullName: string; status: string; failureMessages: string[] }[] }[] };
    return { status, tests: file!.assertionResults.map(({ fullName, status: state, failureMessages }) => `${state}: ${fullName}${failureMessages.length > 0 ? ` - ${failureMessages[0]?.split('\n')[0]}` : ''}`) };
  };

  test('is skipped by name, with the program that is missing; others run', () => {
    expect(run(undefined)).toEqual({ status: 0, tests: ['pending: calls with it (no-such-program not installed) one call', 'passed: calls without it another call'] });
  }, 60_000);

  test('fails in continuous integration', () => {
    expect(run('true')).toEqual({ status: 1, tests: [
      'failed: calls with it needs no-such-program - Error: no-such-program not installed; on Debian: apt-get install no-such-program', 'passed: calls without it another call',
    ] });
  }, 60_000);
});
