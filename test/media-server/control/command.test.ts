import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import type { CliContext } from '../../../src/cli/context';
import { register } from '../../../src/cli/media-server';
import { standAloneOptions } from '../../../src/embedded/media-server';
import { EslClient } from './support/esl-client';

const settings = { esl: '127.0.0.1:8021', password: 'p', sip: '127.0.0.1:5080', rtp: '20000-20999', allow: [] };

describe('the settings of a server that runs by itself', () => {
  test('become the options of the server', () => {
    expect(standAloneOptions(settings)).toEqual({
      esl: { host: '127.0.0.1', port: 8_021 }, sip: { host: '127.0.0.1', port: 5_080 }, rtp: { min: 20_000, max: 20_999 }, password: 'p', allow: [],
    });
    expect(standAloneOptions({ ...settings, address: '192.0.2.9', maxSessions: '20', allow: ['10.0.0.0/8'] }))
      .toMatchObject({ advertisedAddress: '192.0.2.9', maxSessions: 20, allow: ['10.0.0.0/8'] });
  });

  test.each([
    [{ esl: 'nowhere' }, 'esl-invalid'], [{ sip: '127.0.0.1:70000' }, 'sip-invalid'], [{ rtp: '20000' }, 'ports-invalid'], [{ rtp: '30000-20000' }, 'ports-invalid'],
    [{ rtp: '80-90' }, 'ports-invalid'], [{ password: '' }, 'password-missing'], [{ password: 'ClueCon', esl: '0.0.0.0:8021' }, 'password-published'],
    [{ address: 'here' }, 'address-invalid'], [{ maxSessions: '0' }, 'sessions-invalid'], [{ maxSessions: 'many' }, 'sessions-invalid'],
  ])('are refused when %j', (change, code) => {
    expect(() => standAloneOptions({ ...settings, ...change })).toThrow(expect.objectContaining({ code }));
  });

  test.each(['127.0.0.1:8021', '[::1]:8021', 'localhost:8021'])('let FreeSWITCH\'s published password be used on loopback only: %s', (esl) => {
    expect(standAloneOptions({ ...settings, esl, password: 'ClueCon' }).password).toBe('ClueCon');
  });
});

describe('etasilta media-server', () => {
  const context = { print: () => undefined, note: () => undefined, progress: () => undefined } as unknown as CliContext;

  async function run(...args: string[]): Promise<unknown> {
    const program = new Command().exitOverride();
    register(program, context);
    return program.parseAsync(['node', 'etasilta', 'media-server', ...args]).catch((error: unknown) => error);
  }

  test.each([
    ['no password', []],
    ['two passwords', ['--password', 'a', '--password-file', 'b']],
    ['a port range that is none', ['--password', 'p', '--rtp', 'all']],
    ['a network that is none', ['--password', 'p', '--allow', 'everybody']],
    ['the published password for everybody', ['--password', 'ClueCon', '--esl', '0.0.0.0:0']],
  ])('%s is wrong usage', async (_what, args) => {
    expect(await run(...args)).toMatchObject({ name: 'UsageError' });
  });

  test('a file that is not there and a port that is taken are failures', async () => {
    expect(await run('--password-file', '/nonexistent')).toMatchObject({ code: 'file' });
    const taken = await import('node:net').then(({ createServer }) => createServer().listen(0, '127.0.0.1'));
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    expect(await run('--password', 'p', '--esl', `127.0.0.1:${port}`, '--sip', '127.0.0.1:0')).toMatchObject({ code: 'bind-failed' });
    taken.close();
  });

  test('runs until it is told to end, and serves', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'media-server-'));
    const file = join(folder, 'password');
    writeFileSync(file, 'from a file\n');
    const root = join(__dirname, '..', '..', '..');
    const child = spawn(process.execPath, ['-r', join(root, 'test', 'support', 'typescript.js'), join(root, 'src', 'main.ts'), 'media-server', '--json',
      '--password-file', file, '--esl', '127.0.0.1:0', '--sip', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    for await (const chunk of child.stdout) {
      printed += String(chunk);
      if (printed.trimEnd().endsWith('}')) break;
    }
    const { eslPort, sipPort } = JSON.parse(printed) as { eslPort: number; sipPort: number };
    const client = await EslClient.authenticated(eslPort, 'from a file');
    expect(await client.api('sofia status')).toContain(`127.0.0.1:${sipPort}`);
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    await client.ended();
    rmSync(folder, { recursive: true });
  }, 30_000);
});
