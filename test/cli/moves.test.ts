import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Command } from 'commander';
import type { CliContext } from '../../src/cli/context';
import { register as org } from '../../src/cli/org';
import { register as service } from '../../src/cli/service';
import { loadConfig } from '../../src/config';

let folder: string;

async function run(...args: string[]): Promise<{ out: string; data: unknown }> {
  const result = { out: '', data: undefined as unknown };
  const context: CliContext = {
    config: async () => loadConfig({ file: join(folder, 'etasilta.yaml') }),
    print(data, text) {
      result.data = JSON.parse(JSON.stringify(data));
      result.out += text();
    },
    note: () => undefined, progress: () => undefined, json: false, stdin: Readable.from([]),
  };
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  for (const register of [org, service]) register(program, context);
  for (const command of program.commands.flatMap((one) => [one, ...one.commands])) command.exitOverride().configureOutput({ writeErr: () => undefined });
  await program.parseAsync(args, { from: 'user' });
  return result;
}
const refusal = async (...args: string[]): Promise<object> => run(...args).then(() => ({}), (error: object) => error);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'));
  writeFileSync(join(folder, 'etasilta.yaml'), 'dataDir: data\ndomain: palvelu.example\n');
  for (const key of ['ahtari', 'alavus']) {
    await run('org', 'add', key, 'type=municipality', `name_fi=${key}`, `domain=${key}.example`);
    await run('service', 'add', `yhteispalvelu.fi.${key}@palvelu.example`, `organisation=${key}`, 'name_fi=Yhteispalvelu');
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('service rename tells both addresses and until when the old one is taken', async () => {
  const { out, data } = await run('service', 'rename', 'Yhteispalvelu.fi.Ähtäri@palvelu.example', 'asiointi.fi.ahtari@palvelu.example', '--until', '2027-12-31');
  expect(out).toBe('yhteispalvelu.fi.ahtari@palvelu.example -> asiointi.fi.ahtari@palvelu.example\n1 service changed; old addresses and numbers are taken until 2027-12-31');
  expect(data).toMatchObject({ dryRun: false, until: '2027-12-31', services: [{ from: 'yhteispalvelu.fi.ahtari@palvelu.example' }] });
  expect((await run('service', 'show', 'asiointi.fi.ahtari@palvelu.example')).out).toMatch(/former_addresses +yhteispalvelu\.fi\.ahtari@palvelu\.example until 2027-12-31/);
  await run('service', 'set', 'asiointi.fi.ahtari@palvelu.example', 'former_addresses=');
  expect((await run('service', 'show', 'asiointi.fi.ahtari@palvelu.example')).out).not.toMatch(/former_addresses/);
});

test('service rename changes a number alone, too', async () => {
  await run('service', 'set', 'yhteispalvelu.fi.ahtari@palvelu.example', 'numeric_alias=98900011');
  const { out } = await run('service', 'rename', 'yhteispalvelu.fi.ahtari@palvelu.example', 'yhteispalvelu.fi.ahtari@palvelu.example', '--number', '01000021', '--until', '2027-12-31');
  expect(out).toBe('yhteispalvelu.fi.ahtari@palvelu.example, number 98900011 -> 01000021\n1 service changed; old addresses and numbers are taken until 2027-12-31');
  expect((await run('service', 'show', 'yhteispalvelu.fi.ahtari@palvelu.example')).out).toMatch(/former_numbers +98900011 until 2027-12-31/);
});

test('org rename changes columns and the addresses of services', async () => {
  const tried = await run('org', 'rename', 'ahtari', 'name_fi=Uusikunta', '--qualifier', 'ahtari=uusikunta', '--until', '2027-12-31', '--dry-run');
  expect(tried.out).toBe('yhteispalvelu.fi.ahtari@palvelu.example -> yhteispalvelu.fi.uusikunta@palvelu.example\n1 service would change; old addresses and numbers are taken until 2027-12-31');
  expect((await run('org', 'show', 'ahtari')).out).toMatch(/name_fi +ahtari/);
  await run('org', 'rename', 'ahtari', 'name_fi=Uusikunta', '--qualifier', 'ahtari=uusikunta');
  expect((await run('org', 'show', 'ahtari')).out).toMatch(/name_fi +Uusikunta/);
  expect((await run('service', 'list', 'organisation=ahtari')).out).toMatch(/yhteispalvelu\.fi\.uusikunta@palvelu\.example/);
});

test('org merge makes one of two', async () => {
  expect(await refusal('org', 'merge', 'ahtari', 'alavus', '--qualifier', 'ahtari=alavus')).toMatchObject({ code: 'directory-conflict', hint: expect.stringContaining('--absorb') });
  const { out } = await run('org', 'merge', 'ahtari', 'alavus', '--qualifier', 'ahtari=alavus', '--absorb', '--until', '2027-12-31');
  expect(out).toBe('yhteispalvelu.fi.ahtari@palvelu.example is closed, leads to yhteispalvelu.fi.alavus@palvelu.example\n1 service changed; old addresses and numbers are taken until 2027-12-31');
  expect(await refusal('org', 'show', 'ahtari')).toMatchObject({ code: 'directory-unknown' });
});

test('what cannot be is refused', async () => {
  expect(await refusal('org', 'rename', 'ahtari')).toMatchObject({ name: 'UsageError' });
  expect(await refusal('org', 'rename', 'nobody', 'name_fi=X')).toMatchObject({ code: 'directory-unknown' });
  expect(await refusal('org', 'rename', 'ahtari', '--qualifier', 'ahtari')).toMatchObject({ code: 'commander.invalidArgument' });
  expect(await refusal('service', 'rename', 'yhteispalvelu.fi.ahtari@palvelu.example', 'x@palvelu.example', '--until', '31.12.2027')).toMatchObject({ code: 'commander.invalidArgument' });
});
