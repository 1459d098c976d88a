import { Command } from 'commander';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { standAloneOptions } from '../../src/embedded/sip-server';
import { register } from '../../src/cli/sip-server';
import type { CliContext } from '../../src/cli/context';
import { AdminSocket } from './support/admin-socket';

const settings = { admin: '127.0.0.1:9022', secret: 's', contacts: ['sip:127.0.0.1:5060;transport=udp,tcp'] };

describe('the settings of a server that runs by itself', () => {
  test('become the options of the server', () => {
    expect(standAloneOptions(settings)).toEqual({ admin: { host: '127.0.0.1', port: 9022 }, secret: 's', contacts: settings.contacts });
    expect(standAloneOptions({ ...settings, admin: '[::1]:0', dnsServers: ['192.0.2.53'] })).toMatchObject({ admin: { host: '::1', port: 0 }, dnsServers: ['192.0.2.53'] });
  });

  test.each([
    [{ admin: 'nowhere' }, 'admin-invalid'],
    [{ admin: '127.0.0.1:70000' }, 'admin-invalid'],
    [{ secret: '' }, 'secret-missing'],
    [{ secret: 'cymru', admin: '0.0.0.0:9022' }, 'secret-published'],
    [{ secret: 'cymru', admin: 'sip.example.com:9022' }, 'secret-published'],
    [{ contacts: ['sip:x;transport=carrier-pigeon'] }, 'contact-invalid'],
  ])('are refused when %j', (change, code) => {
    expect(() => standAloneOptions({ ...settings, ...change })).toThrow(expect.objectContaining({ code }));
  });

  test.each(['127.0.0.1:9022', '127.1.2.3:9022', '[::1]:9022', 'localhost:9022'])('let drachtio\'s published secret be used on loopback only: %s', (admin) => {
    expect(standAloneOptions({ ...settings, admin, secret: 'cymru' }).secret).toBe('cymru');
  });
});

describe('etasilta sip-server', () => {
  const context = { print: () => undefined, note: () => undefined, progress: () => undefined } as unknown as CliContext;

  async function run(...args: string[]): Promise<unknown> {
    const program = new Command().exitOverride();
    register(program, context);
    return program.parseAsync(['sip-server', ...args], { from: 'user' });
  }

  test.each([
    [['--secret', 's', '--secret-file', '/dev/null'], 'usage'],
    [['--secret', 's', '--tls-cert', '/dev/null'], 'usage'],
    [['--secret', 's', '--admin', 'x'], 'usage'],
    [['--secret', 's', '--contact', 'sip:127.0.0.1:0;transport=tls'], 'usage'],
    [['--secret-file', '/no/such/file'], 'file'],
  ])('refuses %j', async (args, code) => {
    await expect(run(...args)).rejects.toMatchObject({ code });
  });

  test('runs until it is told to stop, with the secret from a file or the environment', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'etasilta-secret-'));
    const file = join(folder, 'secret');
    writeFileSync(file, 'from a file\n');
    const main = `
      const { Command } = require('commander');
      const program = new Command();
      require(${JSON.stringify(join(__dirname, '../../src/cli/sip-server.ts'))}).register(program, { print: (data) => console.log(JSON.stringify(data)), note: () => undefined });
      program.parseAsync(process.argv.slice(1), { from: 'user' });
    `;
    for (const [args, env, secret] of [[['--secret-file', file], {}, 'from a file'], [[], { ETASILTA_SIP_SERVER_SECRET: 'from outside' }, 'from outside']] as const) {
      const child = spawn(process.execPath, [
        '-r', join(__dirname, '../support/typescript.js'), '-e', main, 'sip-server', '--admin', '127.0.0.1:0', '--contact', 'sip:127.0.0.1:0', ...args,
      ], { cwd: join(__dirname, '../..'), env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
      const [line] = await once(child.stdout, 'data') as [Buffer];
      const { adminPort, contacts } = JSON.parse(line.toString()) as { adminPort: number; contacts: string[] };
      expect(contacts).toHaveLength(2);
      const admin = await AdminSocket.open(adminPort);
      expect(await admin.ask(`a|authenticate|${secret}|`)).toMatch(/^response\|a\|OK\|/);
      child.kill('SIGTERM');
      const [code] = await once(child, 'exit') as [number];
      expect(code).toBe(0);
    }
    rmSync(folder, { recursive: true });
  });
});
