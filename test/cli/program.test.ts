import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { buildProgram, runCommandLine } from '../../src/cli/program';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-cli-'));
  fs.writeFileSync(path.join(folder, 'etasilta.yaml'), 'dataDir: data\nsip:\n  listen: [\'sip:127.0.0.1:0;transport=udp\']\n');
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

/** Runs a command line in this process; returns what it printed and its exit code. */
async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const text = { out: '', err: '' };
  const spies = [
    jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => { text.out += String(chunk); return true; }),
    jest.spyOn(process.stderr, 'write').mockImplementation((chunk) => { text.err += String(chunk); return true; }),
  ];
  const code = process.exitCode;
  process.exitCode = undefined;
  try {
    return { code: await runCommandLine(['node', 'etasilta', ...args]), ...text };
  } finally {
    process.exitCode = code;
    for (const spy of spies) spy.mockRestore();
  }
}
const here = (...args: string[]) => run('--config', path.join(folder, 'etasilta.yaml'), ...args);

describe('the command line', () => {
  const leaves = (command: Command, chain: string[] = []): [string, Command][] => (command.commands.length === 0
    ? [[chain.join(' '), command]] : command.commands.flatMap((child) => leaves(child, [...chain, child.name()])));

  test.each(leaves(buildProgram()).map(([name]) => [name]))('%s: has a description, and help with an example', async (name) => {
    const [, command] = leaves(buildProgram()).find(([each]) => each === name)!;
    expect(command.description()).not.toBe('');
    const { out, code } = await run(...name.split(' '), '--help');
    expect(code).toBe(0);
    expect(out).toMatch(/Examples?:\n +etasilta /);
  });

  test('wrong usage is exit code 2, with the nearest right word', async () => {
    expect(await run('servee')).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean serve?') });
    expect(await run('status', '--wat')).toMatchObject({ code: 2 });
    expect(await run('route')).toMatchObject({ code: 2, err: expect.stringContaining('missing required argument') });
    expect(await here('calls', 'list', '--limit', 'many')).toMatchObject({ code: 2, err: expect.stringContaining('--limit') });
  });

  test('a wrong configuration names file and line, exit code 1', async () => {
    fs.writeFileSync(path.join(folder, 'etasilta.yaml'), 'dataDir: data\nsipp: {}\n');
    const { code, err } = await here('status');
    expect(code).toBe(1);
    expect(err).toMatch(/etasilta\.yaml:2: sipp: no such setting; accepted here: dataDir, domain/);
  });

  test('a gateway that does not run is said so, with what to do', async () => {
    expect(await here('status')).toMatchObject({ code: 1, err: expect.stringMatching(/No gateway runs[^]*etasilta serve/) });
    expect(await here('calls', 'list')).toMatchObject({ code: 0, out: 'No calls.\n' });
    expect(await here('calls', 'hangup', 'x')).toMatchObject({ code: 1 });
    expect(await here('calls', 'show', 'x')).toMatchObject({ code: 1, err: expect.stringContaining('No one call has the identifier x') });
  });

  test('--json is understood before and after the command, and errors are JSON too', async () => {
    expect(JSON.parse((await here('--json', 'calls', 'list')).out)).toEqual([]);
    expect(JSON.parse((await here('calls', 'list', '--json')).out)).toEqual([]);
    expect(JSON.parse((await here('status', '--json')).err)).toMatchObject({ error: 'not-running', hint: expect.any(String) });
  });

  test.each([
    [['servee'], /unknown command 'servee'.*Did you mean serve/s], [['calls'], /a command is missing/], [['route'], /missing required argument/],
    [['status', '--wat'], /unknown option '--wat'/], [['device', 'list', '--limit', 'x'], /a whole number from 1 is needed/], [['calls', 'list', '--limit', 'x'], /--limit/],
  ])('with --json wrong usage is one JSON document on standard error, and nothing else: %j', async (args, message) => {
    const { code, out, err } = await here(...args, '--json');
    expect([code, out]).toEqual([2, '']);
    expect(JSON.parse(err)).toMatchObject({ error: 'usage', message: expect.stringMatching(message) });
  });

  test('init writes a configuration that works, and never over another without being told', async () => {
    const file = path.join(folder, 'new.yaml');
    expect(await run('init', file)).toMatchObject({ code: 0 });
    expect(await run('init', file)).toMatchObject({ code: 1, err: expect.stringContaining('--force') });
    expect(await run('init', file, '--force')).toMatchObject({ code: 0 });
    expect(await run('--config', file, 'calls', 'list')).toMatchObject({ code: 0 });
  });

  test('bash completion is valid bash and knows commands, their commands and options', async () => {
    const { out } = await run('completion', 'bash');
    const file = path.join(folder, 'completion.bash');
    fs.writeFileSync(file, out);
    execFileSync('bash', ['-n', file], { timeout: 10_000 });
    const complete = (...words: string[]): string[] => execFileSync('bash', ['-c',
      'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _etasilta; echo "${COMPREPLY[@]}"', 'bash', file, ...words,
    ], { timeout: 10_000 }).toString().trim().split(' ');
    expect(complete('etasilta', 'dev')).toEqual(['device']);
    expect(complete('etasilta', 'calls', '')).toEqual(expect.arrayContaining(['list', 'show', 'hangup']));
    expect(complete('etasilta', 'serve', '--self')).toEqual(['--self-test']);
    expect(complete('etasilta', '--config', 'etasilta.yaml', 'calls', '')).toEqual(expect.arrayContaining(['list', 'show', 'hangup']));
    expect(complete('etasilta', 'service', 'member', 'add', 'kela@palvelu.example', '--po')).toEqual(['--position']);
    expect(complete('etasilta', 'directory', 'import', 'pilot', '--d')).toEqual(['--dry-run']);
    expect(complete('etasilta', 'serve', '--conf')).toEqual(['--config']);
    expect(await run('completion', 'powershell')).toMatchObject({ code: 2 });
  });

  test('fish completion knows commands, their commands, their options, and where a file is meant', async () => {
    const { out } = await run('completion', 'fish');
    expect(out).toMatch(/^complete -c etasilta -f -n '__fish_use_subcommand' -a calls -d 'running calls/m);
    expect(out).toMatch(/^complete -c etasilta -n '__fish_use_subcommand' -l config -s c -rF -d /m);
    expect(out).toMatch(/^complete -c etasilta -f -n '__fish_seen_subcommand_from service; and __fish_seen_subcommand_from member; and not __fish_seen_subcommand_from list add remove' -a add -d /m);
    expect(out).toMatch(/^complete -c etasilta -n '__fish_seen_subcommand_from directory; and __fish_seen_subcommand_from import' -l dry-run -d /m);
  });

  test('a reader that closes the pipe, such as head, ends a command without a word; a full disk is told', async () => {
    await here('directory', 'import', path.resolve(__dirname, '../../directory-data/pilot'));
    const program = [process.execPath, '-r', path.resolve(__dirname, '../support/typescript.js'), path.resolve(__dirname, '../../src/main.ts'), '--config', path.join(folder, 'etasilta.yaml')];
    /** Runs a line of shell in which "$@" is the program. */
    const shell = (line: string) => spawnSync('bash', ['-c', line, 'bash', ...program], { encoding: 'utf8', timeout: 25_000, killSignal: 'SIGKILL' });
    const { stdout, stderr } = shell('("$@" directory export; echo "code $?" >&2) | head -1');
    expect(stdout).toBe('organisations:\n');
    expect(stderr).toBe('code 0\n');
    expect(shell('"$@" directory export > /dev/full'))
      .toMatchObject({ status: 1, stderr: 'etasilta: ENOSPC: no space left on device, write\n' });
  }, 60_000);

  test('doctor finds what is wrong and says how to mend it', async () => {
    fs.writeFileSync(path.join(folder, 'etasilta.yaml'), [
      'dataDir: data', 'sip:', '  listen: [\'sip:127.0.0.1:0;transport=udp\', \'sips:127.0.0.1:0;transport=tls\']',
    ].join('\n'));
    const { code, out } = await here('doctor');
    expect(code).toBe(1);
    expect(out).toMatch(/ERROR +sip\.listen asks for TLS, but there is no certificate\n +Set sip\.tls\.certFile/);
    expect(out).toMatch(/WARNING +no gateway runs/);
    expect(out).toMatch(/WARNING +directory: no services\n +Import one/);
    const findings = JSON.parse((await here('doctor', '--json')).out) as { level: string; what: string; hint?: string }[];
    for (const { level, hint } of findings) if (level !== 'ok') expect(hint).toBeTruthy();
  });

  test('doctor tells a database that is none as one finding among the others', async () => {
    fs.mkdirSync(path.join(folder, 'data'));
    fs.writeFileSync(path.join(folder, 'data', 'directory.sqlite'), 'organisations:\n  - key: kela\n'.repeat(200));
    const { code, out } = await here('doctor');
    expect(code).toBe(1);
    expect(out).toMatch(/ERROR +directory: .*directory\.sqlite.*\n +Restore directory\.sqlite from a back-up/);
    expect(out).toMatch(/ok +dial plan/);
    expect(out).toMatch(/WARNING +no gateway runs/);
  });

  test('doctor sees that a key is not the certificate\'s', async () => {
    const [one, other] = ['one', 'other'].map((name) => {
      const files = { certFile: path.join(folder, `${name}.pem`), keyFile: path.join(folder, `${name}.key`) };
      execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30', '-subj', '/CN=x', '-keyout', files.keyFile, '-out', files.certFile], { stdio: 'ignore' });
      return files;
    });
    const tls = (keyFile: string): void => fs.writeFileSync(path.join(folder, 'etasilta.yaml'), `dataDir: data\nsip:\n  listen: ['sips:127.0.0.1:0;transport=tls']\n  tls: {certFile: ${one!.certFile}, keyFile: ${keyFile}}\n`);
    tls(other!.keyFile);
    expect(await here('doctor')).toMatchObject({ code: 1, out: expect.stringMatching(/ERROR +the key .*other\.key is not that of the certificate .*one\.pem/) });
    tls(one!.keyFile);
    expect((await here('doctor')).out).toMatch(/ok +certificate valid for (29|30) days/);
  });

  test('doctor accepts a healthy set-up', async () => {
    expect(await here('directory', 'import', path.resolve(__dirname, '../../directory-data/pilot'))).toMatchObject({ code: 0 });
    expect(await here('doctor')).toMatchObject({ code: 0, out: expect.stringContaining('dial plan') });
  });
});
