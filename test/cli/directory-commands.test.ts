import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Command } from 'commander';
import type { CliContext, RegisterCommands } from '../../src/cli/context';
import { register as device } from '../../src/cli/device';
import { register as directory } from '../../src/cli/directory';
import { register as org } from '../../src/cli/org';
import { register as person } from '../../src/cli/person';
import { register as service } from '../../src/cli/service';
import { register as site } from '../../src/cli/site';
import { loadConfig } from '../../src/config';
import { hashPassword, openDirectoryStore, DirectoryRepository } from '../../src/directory';

const GROUPS: RegisterCommands[] = [org, site, device, service, person, directory];

let folder: string;

/** Runs one command line against the real database of this test's folder. */
async function run(args: string[], { stdin = '', json = false } = {}): Promise<{ out: string; data: unknown; notes: string[] }> {
  const result = { out: '', data: undefined as unknown, notes: [] as string[] };
  const context: CliContext = {
    config: async () => loadConfig({ file: join(folder, 'etasilta.yaml') }),
    print(data, text) {
      result.data = JSON.parse(JSON.stringify(data));
      result.out += text();
    },
    note: (line) => void result.notes.push(line),
    progress: () => undefined,
    json,
    stdin: Readable.from([stdin]),
  };
  const program = new Command().exitOverride();
  for (const register of GROUPS) register(program, context);
  await program.parseAsync(args, { from: 'user' });
  return result;
}
const refusal = async (...args: string[]): Promise<object> => run(args).then(() => ({}), (error: object) => error);
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const ADDRESS = 'ex90-1@piste.ahtari.example';
const SERVICE = 'neuvonta.fi@ahtari.example';

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'));
  file('etasilta.yaml', 'dataDir: data\ndomain: palvelu.example\n');
  await run(['org', 'add', 'ahtari', 'type=municipality', 'name_fi=Ähtäri', 'domain=ahtari.example', 'municipality=989']);
  await run(['site', 'add', 'piste', 'organisation=ahtari', 'name_fi=Ähtärin yhteispalvelupiste']);
  await run(['device', 'add', ADDRESS, 'site=piste', 'kind=room', 'model=EX90', '--password'], { stdin: 'salainen\nmuuta\n' });
  await run(['service', 'add', SERVICE, 'organisation=ahtari', 'name_fi=Neuvonta', 'languages=fi;sv', 'plan=main all 30', '--member', ADDRESS]);
  await run(['person', 'add', 'neuvoja-1', 'organisation=ahtari', 'name=Neuvoja 1', `devices=${ADDRESS}`]);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('records', () => {
  it('are listed as a table, all or by value', async () => {
    expect((await run(['org', 'list'])).out).toBe('key     business_id  type          name    domain          parent  municipality\nahtari               municipality  Ähtäri  ahtari.example          989');
    expect((await run(['device', 'list', 'enabled=false'])).data).toEqual([]);
    expect((await run(['device', 'list', 'site=piste', 'enabled=yes'])).data).toHaveLength(1);
  });

  it('are shown column by column, with what belongs to them and without digests', async () => {
    expect((await run(['service', 'show', 'Neuvonta.fi@Ähtäri.example'])).out).toBe(`address       ${SERVICE}
organisation  ahtari
languages     fi;sv
name_fi       Neuvonta
plan          main all 30
enabled       true

member                       group  position
${ADDRESS}  main   0`);
    const shown = await run(['device', 'show', ADDRESS]);
    expect(shown.out).toContain('password  (set: MD5, SHA-256)');
    expect(shown.data).toMatchObject({ credentials: { username: 'ex90-1', realm: 'palvelu.example' }, services: [{ service: SERVICE, group: 'main', position: 0 }] });
    expect(JSON.stringify([shown, await run(['device', 'list'])])).not.toMatch(/ha1|salainen|[0-9a-f]{32}/i);
    await run(['org', 'set', 'ahtari', 'business_id=0204819-8']);
    expect((await run(['org', 'show', 'ahtari'])).data).toMatchObject({ oid: '1.2.246.10.2048198' });
  });

  it('change by column; an empty value clears; the result says whether anything changed', async () => {
    expect((await run(['service', 'set', SERVICE, 'name_sv=Rådgivning', 'hours=1-5 9:00-15:00', 'languages='])).out).toBe(`service ${SERVICE} changed`);
    expect((await run(['service', 'show', SERVICE])).data).toMatchObject({ names: { fi: 'Neuvonta', sv: 'Rådgivning' }, languages: [], hours: { weekly: [{ days: [1, 2, 3, 4, 5], open: '09:00', close: '15:00' }] } });
    expect((await run(['service', 'set', SERVICE, 'name_sv='])).data).toMatchObject({ result: 'changed' });
    expect((await run(['service', 'set', SERVICE, 'name_sv='])).data).toMatchObject({ result: 'unchanged' });
  });

  it('are removed, with what depends on them only by --cascade', async () => {
    expect(await refusal('device', 'remove', ADDRESS)).toMatchObject({ code: 'directory-referred', hint: expect.stringContaining('--cascade') });
    expect((await run(['device', 'remove', ADDRESS, '--cascade'])).out).toBe(`device ${ADDRESS} removed\nmembership ${SERVICE} main ${ADDRESS} removed`);
    expect((await run(['person', 'show', 'neuvoja-1'])).data).toMatchObject({ devices: [] });
  });

  it('are cut to the limit, which is said', async () => {
    await run(['site', 'add', 'toinen', 'organisation=ahtari', 'name_fi=Toinen']);
    const listed = await run(['site', 'list', '--limit', '1']);
    expect(listed.data).toHaveLength(1);
    expect(listed.notes).toEqual(['The first 1 are shown; narrow the list with COLUMN=VALUE or raise --limit.']);
  });
});

describe('passwords of devices', () => {
  const stored = async (): Promise<unknown> => {
    const store = await openDirectoryStore(join(folder, 'data'));
    const found = await new DirectoryRepository(store).get('device', ADDRESS);
    await store.close();
    return found?.credentials;
  };

  it('come from standard input or a file, and become digests of the configured realm', async () => {
    expect(await stored()).toEqual(hashPassword('ex90-1', 'palvelu.example', 'salainen'));
    await run(['device', 'set', ADDRESS, 'username=huone', '--password-file', file('secret', 'uusi sana\r\n')]);
    expect(await stored()).toEqual(hashPassword('huone', 'palvelu.example', 'uusi sana'));
    await run(['device', 'set', ADDRESS, 'model=EX60']);
    expect(await stored()).toEqual(hashPassword('huone', 'palvelu.example', 'uusi sana'));
  });

  it('are refused as arguments, when empty, and when a new user name would void them', async () => {
    for (const args of [['password=x'], ['ha1_md5=x'], ['username=toinen'], ['--password-file', file('empty', '\n')], ['--password-file', join(folder, 'none')]]) {
      expect(await refusal('device', 'set', ADDRESS, ...args)).toMatchObject({ code: 'usage' });
    }
    await expect(run(['device', 'set', ADDRESS, '--password'], { stdin: '' })).rejects.toMatchObject({ code: 'usage' });
    expect(await stored()).toEqual(hashPassword('ex90-1', 'palvelu.example', 'salainen'));
  });
});

describe('members of services', () => {
  it('are added to groups, listed, moved and removed', async () => {
    await run(['service', 'member', 'add', SERVICE, 'neuvoja-1', '--group', 'backup', '--position', '2']);
    expect((await run(['service', 'member', 'add', SERVICE, 'neuvoja-1', '--group', 'backup', '--position', '3'])).data).toMatchObject({ result: 'changed' });
    expect((await run(['service', 'member', 'list', SERVICE])).out).toBe(`member                       group   position\nneuvoja-1                    backup  3\n${ADDRESS}  main    0`);
    expect(await refusal('service', 'member', 'remove', SERVICE, 'neuvoja-1', '--group', 'main')).toMatchObject({ code: 'directory-unknown', message: expect.stringContaining('is no member of group main') });
    await run(['service', 'member', 'remove', SERVICE, 'neuvoja-1']);
    expect((await run(['service', 'member', 'list', SERVICE])).data).toHaveLength(1);
  });

  it('come with their service or neither does', async () => {
    expect(await refusal('service', 'add', 'uusi.fi@ahtari.example', 'organisation=ahtari', 'name_fi=Uusi', '--member', ADDRESS, '--member', 'nobody')).toMatchObject({ code: 'directory-dangling' });
    expect(await refusal('service', 'show', 'uusi.fi@ahtari.example')).toMatchObject({ code: 'directory-unknown' });
    expect(await refusal('service', 'set', SERVICE, 'name_fi=Toinen', '--member', 'nobody')).toMatchObject({ code: 'directory-dangling' });
    expect((await run(['service', 'show', SERVICE])).data).toMatchObject({ names: { fi: 'Neuvonta' }, members: [{ device: ADDRESS }] });
    expect((await run(['service', 'set', SERVICE, '--member', 'neuvoja-1'])).data).toMatchObject({ result: 'changed' });
    expect((await run(['service', 'set', SERVICE, '--member', 'neuvoja-1'])).data).toMatchObject({ result: 'unchanged' });
  });
});

describe('wrong usage', () => {
  it.each([
    [['site', 'add', 'x', 'organisation'], 'usage', '"organisation" is not COLUMN=VALUE'],
    [['site', 'add', 'x', 'colour=blue'], 'usage', 'site has no column "colour"'],
    [['service', 'list', 'plan=x'], 'usage', 'cannot be narrowed by plan'],
    [['device', 'list', 'enabled=maybe'], 'usage', 'enabled: "maybe" is neither true nor false'],
    [['service', 'set', SERVICE, 'plan=main'], 'directory-invalid', 'plan.stages[0]: "main" is not GROUP STRATEGY'],
    [['service', 'set', 'vero@ahtari.example', 'kind=x'], 'directory-unknown', 'there is none of this key'],
    [['org', 'add', 'ahtari', 'type=other', 'name_fi=X', 'domain=x.example'], 'directory-conflict', 'is there already'],
    [['service', 'member', 'add', SERVICE, 'nobody'], 'directory-dangling', 'there is no person nobody'],
    [['directory', 'export', '--format', 'csv'], 'usage', 'CSV takes a file a kind'],
    [['directory', 'export', 'x.yaml', '--format', 'csv'], 'usage', 'is a YAML file, but --format is csv'],
    [['directory', 'export', 'devices.csv'], 'usage', 'devices.csv would be a folder with a file for each kind'],
    [['directory', 'export', '/nowhere/all.yaml'], 'export-failed', '/nowhere/all.yaml cannot be written (ENOENT'],
    [['directory', 'export', '/proc/version/csv'], 'export-failed', '/proc/version/csv cannot be written (ENO'],
  ])('%j', async (args, code, message) => {
    expect(await refusal(...args)).toMatchObject({ code, message: expect.stringContaining(message) });
  });
});

describe('the whole directory', () => {
  it('is exported and imported again; a dry run shows and changes nothing', async () => {
    const target = join(folder, 'all.yaml');
    expect((await run(['directory', 'export', target, '--with-credentials'])).out).toBe(`${target} written`);
    file('all.yaml', readFileSync(target, 'utf8').replace('EX90', 'SX20'));
    const dry = await run(['directory', 'import', target, '--dry-run']);
    expect(dry.out).toBe(`~ device ${ADDRESS}\n    model: EX90 -> SX20\n0 added, 1 changed, 0 removed, 5 unchanged`);
    expect((await run(['directory', 'import', target, '--replace'])).out).toBe('0 added, 1 changed, 0 removed, 5 unchanged');
    expect((await run(['directory', 'import', target])).data).toMatchObject({ dryRun: false, counts: { device: { unchanged: 1 } }, differences: [] });
    expect((await run(['directory', 'export', join(folder, 'csv')])).data).toMatchObject({ files: expect.arrayContaining([join(folder, 'csv', 'devices.csv')]) });
    expect(existsSync(join(folder, 'csv', 'memberships.csv'))).toBe(true);
    expect((await run(['directory', 'export'], { json: true })).data).toMatchObject({ devices: [{ address: ADDRESS, credentials: { username: 'ex90-1' } }] });
  });

  it('uses the configured realm for passwords of files, unless told another', async () => {
    const yaml = file('a.yaml', `devices:\n  - address: ${ADDRESS}\n    password: x\n`);
    await run(['directory', 'import', yaml]);
    expect((await run(['device', 'show', ADDRESS])).out).toContain('realm     palvelu.example');
    await run(['directory', 'import', yaml, '--realm', 'muu.example']);
    expect((await run(['device', 'show', ADDRESS])).out).toContain('realm     muu.example');
  });

  it('is checked: warnings are fine, an error fails', async () => {
    expect((await run(['directory', 'check'])).out).toBe('0 errors, 0 warnings, 0 notes');
    await run(['service', 'member', 'add', SERVICE, 'neuvoja-1', '--group', 'spare']);
    expect((await run(['directory', 'check'])).out).toContain(`warning  service ${SERVICE}: group "spare" has members`);
    await run(['device', 'set', ADDRESS, 'enabled=false']);
    expect(await refusal('directory', 'check')).toMatchObject({ code: 'negative' });
  });

  it('is searched', async () => {
    expect((await run(['directory', 'search', 'ahta', 'neuvonta'])).data).toMatchObject([{ kind: 'service', key: SERVICE, name: 'Neuvonta', typo: false }]);
    const near = await run(['directory', 'search', 'neuvomta']);
    expect(near.data).toMatchObject([{ key: SERVICE, typo: true }]);
    expect(near.notes).toHaveLength(1);
    expect(await refusal('directory', 'search', 'kirjasto')).toMatchObject({ code: 'negative' });
  });
});

it('the program exits with 0, 1 or 2, and tells errors on standard error', () => {
  const program = (...args: string[]): { code: number | null; out: string; error: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['-r', join(__dirname, '../support/typescript.js'), join(__dirname, '../../src/main.ts'), '--config', join(folder, 'etasilta.yaml'), ...args], { encoding: 'utf8' });
    return { code: status, out: stdout, error: stderr };
  };
  const exported = program('directory', 'export');
  expect(exported).toMatchObject({ code: 0, error: '' });
  expect(exported.out).toContain(`- address: ${ADDRESS}`);
  expect(program('site', 'show', 'ei')).toMatchObject({ code: 1, out: '', error: expect.stringContaining('etasilta: site ei: there is none of this key') });
  expect(program('site', 'add', 'x', 'colour=blue')).toMatchObject({ code: 2, out: '' });
  expect(JSON.parse(program('site', 'show', 'piste', '--json').out)).toMatchObject({ key: 'piste', organisation: 'ahtari' });
}, 60_000);
