import { Command } from 'commander';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { register } from '../../src/cli/route';
import { NegativeResult, UsageError } from '../../src/cli/usage-error';
import { loadConfig } from '../../src/config';
import { openDirectoryStore } from '../../src/directory';
import { importDirectory } from '../../src/directory/exchange';
import { EtasiltaError } from '../../src/errors';
import { PILOT_FOLDER } from './memory-view';

interface Outcome {
  /** What the command line would exit with. */
  code: number;
  text: string;
  data: unknown;
  notes: string[];
  error?: EtasiltaError;
}

describe('etasilta route', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'route-command-'));
    await writeFile(join(folder, 'etasilta.yaml'), 'sip:\n  peers:\n    - { name: partner, addresses: [192.0.2.1] }\n');
    const store = await openDirectoryStore(join(folder, 'var'));
    await importDirectory(store, PILOT_FOLDER);
    await store.close();
  });
  afterAll(() => rm(folder, { recursive: true }));

  const run = (...args: string[]): Promise<Outcome> => runIn(folder, ...args);

  async function runIn(cwd: string, ...args: string[]): Promise<Outcome> {
    const outcome: Outcome = { code: 0, text: '', data: undefined, notes: [] };
    const program = new Command('etasilta').exitOverride();
    register(program, {
      config: async () => loadConfig({ cwd, env: {} }),
      print: (data, text) => Object.assign(outcome, { data, text: text() }),
      note: (line) => outcome.notes.push(line),
      progress: () => undefined,
      json: false,
      stdin: process.stdin,
    });
    try {
      await program.parseAsync(['node', 'etasilta', 'route', ...args]);
    } catch (error) {
      if (!(error instanceof EtasiltaError)) throw error;
      outcome.code = error instanceof UsageError ? 2 : 1;
      if (!(error instanceof NegativeResult)) outcome.error = error;
    }
    return outcome;
  }

  test('says who would ring, and exits 0', async () => {
    const { code, text, data } = await run('arabia', '--at', '2026-11-23 10:00');
    expect(code).toBe(0);
    expect(text).toBe(`Routes to tulkki.ar@palvelu.example, Tulkki: arabia, language ar, media anchored
  1. for 60 s, one at a time (longest-idle), 20 s each
     Tulkki 1, arabia  tulkki-ar-1@tulkkikeskus.example
     Tulkki 2, arabia  tulkki-ar-2@tulkkikeskus.example
     Tulkki 3, arabia  tulkki-ar-3@tulkkikeskus.example`);
    expect(data).toMatchObject({ kind: 'plan', service: 'tulkki.ar@palvelu.example', joins: true });
    expect(data).not.toHaveProperty('steps');
  });

  test('says why it would be refused, and exits 1', async () => {
    const { code, text } = await run('kela', '--at', '2026-12-24 10:00');
    expect(code).toBe(1);
    expect(text).toContain('Refused: 480 closed, Q.850 cause 31');
    expect(text).toContain('Kela, in Finnish is closed (Christmas Eve), opens Mon 28 Dec 2026 at 9:00');
  });

  test('explains every step, as text and as data', async () => {
    const { text, data } = await run('kela@ahtari.etela-pohjanmaa.example', '--from', 'EX90-1@Ahtari.etela-pohjanmaa.example', '--at', '2026-11-23T10:00', '--explain');
    expect(text).toMatch(/^ 1 {2}caller .*registered +ex90-1@ahtari\.etela-pohjanmaa\.example \(Mon 23 Nov 2026 at 10:00\)$/m);
    expect(text).toMatch(/rule +caller-domain-stripped/);
    expect(data).toHaveProperty('steps.0', { step: 'caller', input: 'ex90-1@ahtari.etela-pohjanmaa.example', result: 'registered', note: 'Mon 23 Nov 2026 at 10:00' });
  });

  test('takes the caller and the protocol into account', async () => {
    expect((await run('kela@ahtari.etela-pohjanmaa.example', '--at', '2026-11-23 10:00')).code).toBe(1);
    expect((await run('kela', '--from', 'peer:partner', '--protocol', 'h323', '--at', '2026-11-23 10:00')).code).toBe(0);
    expect((await run('kela', '--from', 'nobody@ahtari.etela-pohjanmaa.example')).text).toContain('403 caller-not-allowed');
  });

  test.each([
    [['kela', '--at', 'tomorrow'], '--at tomorrow: is not a time'],
    [['kela', '--from', 'ahtari'], '--from ahtari: must be a device address, peer:NAME or local'],
    [['kela', '--from', 'peer:nobody'], '--from peer:nobody: no such peer is configured'],
    [['kela', '--protocol', 'mgcp'], '--protocol mgcp: must be sip or h323'],
  ])('%j is wrong usage: exit code 2', async (args, message) => {
    const { code, error } = await run(...args);
    expect([code, error?.message]).toEqual([2, message]);
  });

  describe('in another folder', () => {
    let other: string;
    beforeEach(async () => { other = await mkdtemp(join(tmpdir(), 'route-command-')); });
    afterEach(() => rm(other, { recursive: true }));

    test('a faulty dial plan is named with file and line', async () => {
      await mkdir(join(other, 'plans'));
      await writeFile(join(other, 'etasilta.yaml'), `dataDir: ${join(folder, 'var')}\ndialplans: plans\n`);
      await writeFile(join(other, 'plans', 'own.yaml'), 'searchRules:\n  - { name: all, priority: 1, target: { peer: nobody } }\n');
      const { code, error } = await runIn(other, 'kela');
      expect(code).toBe(1);
      expect(error?.message).toContain("own.yaml:2 searchRules[0].target.peer: names the unknown peer 'nobody' (known: none)");
    });

    test('an empty directory is pointed out', async () => {
      const { code, notes } = await runIn(other, 'kela');
      expect(code).toBe(1);
      expect(notes).toEqual([`The directory in ${join(other, 'var')} is empty: import one with \`etasilta directory import\`.`]);
    });
  });
});
