import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { DirectoryRepository, type DirectoryStore, hashPassword, KIND_NAMES, openDirectoryStore } from '../../src/directory';
import { formatDifference, importDirectory, ImportError, type ImportOptions, type InputFault } from '../../src/directory/exchange';
import { device, membership, organisation, person, service, site, smallDirectory } from './sample';

let folder: string;
let store: DirectoryStore;
let directory: DirectoryRepository;

const put = (name: string, content: string | Buffer): string => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
};
const load = (content: object, options?: ImportOptions): ReturnType<typeof importDirectory> =>
  importDirectory(store, put('input.yaml', JSON.stringify(content)), options);
const faultsOf = async (work: Promise<unknown>): Promise<InputFault[]> => {
  const error: unknown = await work.then(() => undefined, (thrown: unknown) => thrown);
  if (!(error instanceof ImportError)) throw new Error(`no ImportError but ${String(error)}`);
  expect(error).toMatchObject({ code: 'import-refused', hint: expect.stringContaining('--dry-run') });
  return error.faults.map((fault) => ({ ...fault, file: fault.file.replace(`${folder}/`, '') }));
};
const everything = (): Promise<unknown[]> => Promise.all(KIND_NAMES.map((kind) => directory.list(kind)));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'import-'));
  store = await openDirectoryStore(':memory:');
  directory = new DirectoryRepository(store);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('merge', () => {
  beforeEach(() => load(smallDirectory()));

  it('keeps what the file does not mention: records and fields', async () => {
    await directory.put('organisation', organisation({ municipality: '091' }));
    const report = await importDirectory(store, put('a.yaml', 'organisations:\n  - key: kela\n    domain: uusi.example\n'));
    expect(report.total).toEqual({ added: 0, changed: 1, removed: 0, unchanged: 0 });
    expect(await directory.get('organisation', 'kela')).toEqual(organisation({ municipality: '091', domain: 'uusi.example' }));
    expect(await directory.list('service')).toHaveLength(1);
  });

  it('clears what the file gives as empty, in YAML and in CSV', async () => {
    await directory.put('site', site({ address: 'Katu 1', media: 'direct' }));
    await importDirectory(store, put('a.yaml', 'sites:\n  - key: kela-seinajoki\n    address:\n    media: ~\n'));
    expect(await directory.get('site', 'kela-seinajoki')).toEqual(site());
    await importDirectory(store, put('sites.csv', 'key,municipality,name_en\nkela-seinajoki,,Kela office\n'));
    expect(await directory.get('site', 'kela-seinajoki')).toEqual(site({ municipality: undefined, names: { en: 'Kela office', fi: 'Kela Seinäjoki' } }));
  });

  it('takes records of one kind from several files, and references to what comes later', async () => {
    mkdirSync(join(folder, 'all'));
    put('all/b.yaml', 'organisations:\n  - { key: child, type: other, names: { fi: Lapsi }, domain: c.example, parent: root }\n');
    put('all/organisations-more.csv', 'key;type;name_fi;domain\nroot;other;Juuri;r.example\n');
    put('all/notes.txt', 'not read');
    expect((await importDirectory(store, join(folder, 'all'))).counts.organisation).toMatchObject({ added: 2 });
    expect((await directory.get('organisation', 'child'))?.parent).toBe('root');
  });

  it('lets an alias and a number go from one service to another in one import, in either order', async () => {
    const [a, b] = [service({ address: 'a@palvelu.example' }), service({ address: 'b@palvelu.example' })];
    await load({ services: [{ ...a, aliases: ['yhteinen@palvelu.example'], numericAlias: '9890001' }, b] });
    await load({ services: [{ ...a, aliases: [], numericAlias: '9890002' }, { ...b, aliases: ['yhteinen@palvelu.example'], numericAlias: '9890001' }] });
    expect(await directory.get('service', 'b@palvelu.example')).toMatchObject({ aliases: ['yhteinen@palvelu.example'], numericAlias: '9890001' });
    await load({ services: [{ ...a, aliases: ['yhteinen@palvelu.example'], numericAlias: '9890001' }, { ...b, aliases: null, numericAlias: null }] });
    expect(await store.db.selectFrom('addresses').select('owner').where('address', 'in', ['9890001', 'yhteinen@palvelu.example']).execute()).toEqual([{ owner: 'a@palvelu.example' }, { owner: 'a@palvelu.example' }]);
  });

  it('tells views what changed, and nothing when nothing did', async () => {
    const before = await directory.revision();
    const rows = (await sql<{ n: number }>`select total_changes() as n`.execute(store.db)).rows;
    await load(smallDirectory());
    expect(await directory.revision()).toBe(before);
    expect((await sql<{ n: number }>`select total_changes() as n`.execute(store.db)).rows).toEqual(rows);
    await load({ sites: [site({ municipality: '005' })] });
    expect(await directory.changesSince(before)).toMatchObject({ all: false, changes: [{ kind: 'site', key: 'kela-seinajoki' }] });
  });
});

describe('replace', () => {
  beforeEach(() => load(smallDirectory()));

  it('removes what the file leaves out, of the kinds that it holds', async () => {
    const { devices, memberships } = smallDirectory();
    const report = await load({ devices: [...devices, device({ address: 'uusi@seinajoki.kela.example' })], memberships: memberships.slice(0, 1), persons: [] }, { mode: 'replace' });
    expect(report.differences).toEqual([
      { change: 'added', kind: 'device', key: 'uusi@seinajoki.kela.example' },
      { change: 'removed', kind: 'membership', key: 'kela.fi@palvelu.example backup kela-asiantuntija-1' },
      { change: 'removed', kind: 'person', key: 'kela-asiantuntija-1' },
    ]);
    expect((await everything()).map((records) => (records as unknown[]).length)).toEqual([1, 1, 2, 1, 0, 1]);
  });

  it('unsets fields that a record leaves out', async () => {
    await load({ sites: [{ key: 'kela-seinajoki', organisation: 'kela', names: { sv: 'Kontor' } }] }, { mode: 'replace' });
    expect(await directory.get('site', 'kela-seinajoki')).toEqual({ key: 'kela-seinajoki', organisation: 'kela', names: { sv: 'Kontor' } });
  });

  it('refuses to leave out what others refer to', async () => {
    const faults = await faultsOf(load({ devices: [] }, { mode: 'replace' }));
    expect(faults.map(({ record, reason }) => `${record} ${reason}`)).toEqual([
      'device ex90-1@seinajoki.kela.example is left out, but person kela-asiantuntija-1 refers to it (devices)',
      'device ex90-1@seinajoki.kela.example is left out, but membership kela.fi@palvelu.example main ex90-1@seinajoki.kela.example refers to it (device)',
    ]);
    const inside = await faultsOf(load({ devices: [device({ address: 'uusi@seinajoki.kela.example' })], persons: [person()], memberships: [] }, { mode: 'replace' }));
    expect(inside).toEqual([expect.objectContaining({ field: 'devices', reason: 'there is no device ex90-1@seinajoki.kela.example' })]);
  });

  it('gives the address of a removed service to a new one', async () => {
    await load({ services: [service({ aliases: ['yhteinen@palvelu.example'] })] });
    await load({ services: [service({ address: 'uusi@palvelu.example', aliases: ['yhteinen@palvelu.example'] })], memberships: [] }, { mode: 'replace' });
    expect(await directory.list('service')).toHaveLength(1);
  });
});

describe('a dry run', () => {
  it('tells old and new values and changes nothing', async () => {
    await load(smallDirectory());
    const before = await everything();
    const revision = await directory.revision();
    const report = await load({
      organisations: [organisation({ names: { fi: 'Kansaneläkelaitos' }, sample: true })],
      services: [service({ hours: { weekly: [{ days: [1, 2, 3, 4, 5], open: '09:00', close: '15:00' }] } }), service({ address: 'uusi@palvelu.example' })],
      memberships: [],
    }, { mode: 'replace', dryRun: true });
    expect(formatDifference(report)).toBe(`~ organisation kela
    name_fi: Kela -> Kansaneläkelaitos
    name_sv: Fpa -> (none)
    sample: (none) -> true
~ service kela.fi@palvelu.example
    hours: (none) -> 1-5 09:00-15:00
+ service uusi@palvelu.example
- membership kela.fi@palvelu.example backup kela-asiantuntija-1
- membership kela.fi@palvelu.example main ex90-1@seinajoki.kela.example
1 added, 2 changed, 2 removed, 0 unchanged`);
    expect(await everything()).toEqual(before);
    expect(await directory.revision()).toBe(revision);
  });

  it('has the same faults as the import', async () => {
    expect(await faultsOf(load({ sites: [site()] }, { dryRun: true }))).toEqual([expect.objectContaining({ reason: 'there is no organisation kela' })]);
  });
});

describe('passwords', () => {
  const withPassword = 'devices:\n  - address: ex90-1@seinajoki.kela.example\n    site: kela-seinajoki\n    kind: room\n    password: "salainen sana"\n';
  beforeEach(() => load({ organisations: [organisation()], sites: [site()] }));

  it('become HA1 values of the configured realm and are never told', async () => {
    const report = await importDirectory(store, put('a.yaml', withPassword), { realm: 'palvelu.example' });
    expect((await directory.list('device'))[0]?.credentials).toEqual(hashPassword('ex90-1', 'palvelu.example', 'salainen sana'));
    // printf 'ex90-1:palvelu.example:salainen sana' | openssl md5
    expect((await directory.list('device'))[0]?.credentials?.ha1Md5).toBe('e71adad4b770821ab89c42bdade3e69f');
    expect(JSON.stringify(report)).not.toContain('salainen');
    const again = await importDirectory(store, put('a.yaml', withPassword.replace('salainen sana', 'toinen')), { realm: 'palvelu.example' });
    expect(formatDifference(again)).toBe('~ device ex90-1@seinajoki.kela.example\n    password: (old) -> (new)\n0 added, 1 changed, 0 removed, 0 unchanged');
  });

  it('use the address\'s domain as the realm by default, and user name and realm given beside them', async () => {
    await importDirectory(store, put('a.yaml', withPassword));
    expect((await directory.list('device'))[0]?.credentials?.realm).toBe('seinajoki.kela.example');
    await importDirectory(store, put('devices.csv', 'address,username,realm,password\nex90-1@seinajoki.kela.example,huone,muu.example,x\n'));
    expect((await directory.list('device'))[0]?.credentials).toEqual(hashPassword('huone', 'muu.example', 'x'));
  });

  it('that are wrong are refused without being told', async () => {
    const faults = await faultsOf(importDirectory(store, put('a.yaml', withPassword.replace('"salainen sana"', '[salainen]'))));
    expect(faults).toEqual([{ file: 'a.yaml', line: 5, record: 'device ex90-1@seinajoki.kela.example', field: 'password', reason: 'is no text of 1 to 256 characters' }]);
  });

  it('are kept where an import does not mention them, and removed where it empties them', async () => {
    await importDirectory(store, put('a.yaml', withPassword));
    await importDirectory(store, put('devices.csv', 'address,model\nex90-1@seinajoki.kela.example,EX90\n'), { mode: 'merge' });
    expect(await directory.list('device')).toMatchObject([{ model: 'EX90', credentials: { username: 'ex90-1' } }]);
    await importDirectory(store, put('b.yaml', 'devices:\n  - address: ex90-1@seinajoki.kela.example\n    credentials:\n'));
    expect((await directory.list('device'))[0]).not.toHaveProperty('credentials');
  });
});

describe('faults', () => {
  it('are all told, with file, line, field and reason, and nothing is changed', async () => {
    mkdirSync(join(folder, 'all'));
    put('all/a.yaml', `organisations:
  - key: kela
    type: state
    names: { fi: Kela }
    domain: kela.example
  - key: vero
    businessId: 0245458-4
    type: valtio
    names: { fi: Vero, qq: X }
  - nothing
sites:
  - key: piste
    organisation: kela
    names: {}
`);
    put('all/devices.csv', 'address,site,kind,e164\nex90-1@piste.kela.example,piste,room,12\nex90-2@piste.kela.example,toinen,fax,1a2\nno address,piste,room,\n');
    put('all/services.csv', 'address,organisation,name_fi,plan,hours\nkela@palvelu.example,kela,Kela,main all,\nvero@palvelu.example,vero,Vero,main all 30,1-5 9-15\n');
    const faults = await faultsOf(importDirectory(store, join(folder, 'all')));
    expect(faults.map(({ file, line, record, field, reason }) => `${file.replace('all/', '')}:${line} ${record ?? ''}|${field}|${reason}`)).toEqual([
      'a.yaml:6 organisation vero|domain|is missing',
      'a.yaml:7 organisation vero|businessId|"0245458-4" has a wrong check digit, 3 is right',
      'a.yaml:8 organisation vero|type|"valtio" is not one of state, municipality, region, wellbeing, company, association, other',
      'a.yaml:9 organisation vero|names|"qq" is no ISO 639 language code',
      'a.yaml:10 |organisations[2]|is no mapping of fields',
      'a.yaml:14 site piste|names|is missing',
      'devices.csv:3 device ex90-2@piste.kela.example|kind|"fax" is not one of room, desk, software, browser, phone, mcu, gateway, simulated',
      'devices.csv:3 device ex90-2@piste.kela.example|e164|"1a2" is not 1 to 30 of 0-9, * and #',
      expect.stringMatching(/^devices.csv:4 device\|address\|"no address"/),
      'services.csv:2 service kela@palvelu.example|plan.stages[0]|"main all" is not GROUP STRATEGY SECONDS[/TARGET-SECONDS]',
      expect.stringMatching(/^services.csv:3 service vero@palvelu.example\|hours\|"1-5 9-15" is neither DAYS HH:mm-HH:mm/),
    ]);
    expect(await everything()).toEqual([[], [], [], [], [], []]);
    expect(await directory.revision()).toBe(0);
  });

  it('stop at a hundred', async () => {
    const faults = await faultsOf(importDirectory(store, put('sites.csv', `key,organisation,name_fi\n${'x,nobody,X\n'.repeat(5000)}`)));
    expect(faults).toHaveLength(100);
  });

  it.each([
    ['a record given twice', { organisations: [organisation(), organisation()] }, 'organisation kela', '', 'is there twice, first at'],
    ['two owners of one address', { services: [service(), service({ address: 'b@palvelu.example', aliases: ['kela.fi@palvelu.example'] })] }, 'service b@palvelu.example', 'aliases', 'kela.fi@palvelu.example belongs to service kela.fi@palvelu.example'],
    ['a device\'s number that is a service\'s', { services: [service({ numericAlias: '9890101' })], devices: [device({ e164: '9890101' })] }, 'service kela.fi@palvelu.example', 'numericAlias', '9890101 belongs to device'],
    ['organisations that are each other\'s parents', { organisations: [organisation({ key: 'a', parent: 'b' }), organisation({ key: 'b', parent: 'a' })] }, 'organisation a', 'parent', 'its own ancestor'],
    ['an unknown field', { sites: [{ ...site(), colour: 'blue' }] }, 'site kela-seinajoki', 'colour', 'unknown; known are key, organisation'],
    ['an unknown service', { memberships: [membership({ service: 'ei@palvelu.example' })] }, 'membership ei@palvelu.example main ex90-1@seinajoki.kela.example', 'service', 'there is no service ei@palvelu.example'],
  ])('tell %s', async (_, content, record, field, reason) => {
    const base = smallDirectory();
    const faults = await faultsOf(load({ ...base, persons: [], memberships: [], ...content }));
    expect(faults).toContainEqual(expect.objectContaining({ record, field, reason: expect.stringContaining(reason) }));
  });

  it.each([
    ['a folder without files', '', null, 'has no file of .yaml, .yml, .csv'],
    ['a file that is not there', 'none.yaml', null, 'cannot be read (ENOENT'],
    ['another kind of file', 'a.txt', 'x', 'is none of .yaml, .yml, .csv'],
    ['a CSV file of unknown kind', 'things.csv', 'key\n', 'does not begin with one of organisations'],
    ['an unknown list', 'a.yaml', 'phones:\n  - 1\n', 'unknown list; known are organisations'],
    ['a list that is none', 'a.yaml', 'sites: x\n', 'is no list'],
    ['a YAML file that holds no lists', 'a.yaml', '- 1\n', 'holds no lists'],
    ['a fault of YAML', 'a.yaml', 'sites:\n  - key: [\n', 'Flow sequence'],
    ['a key given twice', 'a.yaml', 'sites:\n  - key: a\n    key: b\n', 'Map keys must be unique'],
    ['two YAML documents', 'a.yaml', 'sites: []\n---\nsites: []\n', 'multiple documents'],
    ['YAML that is not UTF-8', 'a.yaml', Buffer.from('sites: # \xe4', 'latin1'), 'is not UTF-8'],
    ['an unknown alias', 'a.yaml', 'sites: *none\n', 'nresolved alias'],
    ['brackets nested deep', 'a.yaml', `sites:\n  ${'['.repeat(100_000)}`, 'is nested more than 100 deep'],
    ['dashes nested deep', 'a.yaml', `sites:\n  ${'- '.repeat(100_000)}x`, 'is nested more than 100 deep'],
    ['an alias bomb', 'a.yaml', `sites:\n  - &a0 [x]\n${Array.from({ length: 30 }, (__, i) => `  - &a${i + 1} [${Array.from({ length: 9 }, () => `*a${i}`).join(', ')}]\n`).join('')}`, 'aliases that expand to too much'],
    ['an empty CSV file', 'sites.csv', '', 'has no header row'],
    ['an unknown column', 'sites.csv', 'key,organisation,colour\n', 'unknown column; known are key, organisation, name_fi'],
    ['a header with tabs', 'sites.csv', 'key\torganisation\n', 'cells are separated by "," or ";", not by tabs'],
    ['a column given twice', 'sites.csv', 'key,key\n', 'column is there twice'],
    ['a row with too few cells', 'sites.csv', 'key,organisation\na\n', 'has 1 cells where the header has 2'],
    ['a quote that is not closed', 'sites.csv', 'key,organisation\n"a,b\n', 'a quote is not closed'],
    ['a quote inside a cell', 'sites.csv', 'key,organisation\na"b"c,d\n', 'cell 1 has a quote inside'],
    ['text after a closing quote', 'sites.csv', 'key,organisation\n"a"b,d\n', 'cell 1 goes on after its closing quote'],
    ['CSV that is not UTF-8', 'sites.csv', Buffer.from('key,organisation\na,b\nc,\xe4\n', 'latin1'), 'is not UTF-8; save the file as "CSV UTF-8"'],
    ['a row without end', 'sites.csv', `key,organisation\n${'x'.repeat(1_000_000)}`, 'a row is longer than'],
  ])('of files: %s', async (_, name, content, reason) => {
    if (name === '') mkdirSync(join(folder, 'empty'));
    const path = name === '' ? join(folder, 'empty') : content === null ? join(folder, name) : put(name, content);
    const faults = await faultsOf(importDirectory(store, path));
    expect(faults[0]?.reason).toContain(reason);
  });

  it('of a list\'s form are told with their lines', async () => {
    const faults = await faultsOf(importDirectory(store, put('sites.csv', 'key,organisation,name_fi\n"a\nb",x,"two\nlines"\n\nc,d\ne"f,g,h\nlast,nobody,X\n')));
    expect(faults.map(({ line, reason }) => `${line} ${reason}`)).toEqual([
      expect.stringMatching(/^2 .* is not a key/), '6 has 2 cells where the header has 3', expect.stringMatching(/^7 cell 1 has a quote/), '8 there is no organisation nobody',
    ]);
  });

  it('of one row among a hundred thousand are told alone, and nothing of the others is kept', async () => {
    const rows = Array.from({ length: 100_000 }, (_, i) => `s${i},kela,Site ${i}\n`);
    rows[77_777] = 's77777,kela\n';
    await load({ organisations: [organisation()] });
    const faults = await faultsOf(importDirectory(store, put('sites.csv', `key,organisation,name_fi\n${rows.join('')}`)));
    expect(faults).toEqual([expect.objectContaining({ line: 77_779, reason: 'has 2 cells where the header has 3' })]);
    expect(await directory.list('site')).toEqual([]);
  });

  it('of an encoding are told with the line, also where a piece of the file ends inside a character', async () => {
    const good = `x,${'ä'.repeat(50)}\n`;
    const rows = Math.ceil((512 * 1024) / Buffer.byteLength(good));
    const faults = await faultsOf(importDirectory(store, put('sites.csv', Buffer.concat([Buffer.from(`key,organisation\n${good.repeat(rows)}`), Buffer.from('y,\xe4\n', 'latin1'), Buffer.from(good)]))));
    expect(faults.at(-1)).toMatchObject(faults.length < 100 ? { line: rows + 2, reason: expect.stringContaining('not UTF-8') } : {});
  });
});

describe('CSV dialects', () => {
  const expected = [site({ key: 'a', names: { fi: 'Nimi, jossa "lainaus"' }, address: 'Katu 1;\nrappu B' })];
  beforeEach(() => load({ organisations: [organisation()] }));

  it.each([
    ['commas and LF', 'key,organisation,municipality,name_fi,address\na,kela,743,"Nimi, jossa ""lainaus""","Katu 1;\nrappu B"\n'],
    ['semicolons and CRLF', 'key;organisation;municipality;name_fi;address\r\na;kela;743;"Nimi, jossa ""lainaus""";"Katu 1;\nrappu B"\r\n'],
    ['a byte order mark', '\ufeffkey,organisation,municipality,name_fi,address\na,kela,743,"Nimi, jossa ""lainaus""","Katu 1;\nrappu B"\n'],
    ['no line end at the end', 'key,organisation,municipality,name_fi,address\na,kela,743,"Nimi, jossa ""lainaus""","Katu 1;\nrappu B"'],
    ['quoted header, blanks around and empty rows', '"Key" , "organisation",municipality,name_fi,address\n\n,,,,\na , kela,743,"Nimi, jossa ""lainaus""","Katu 1;\nrappu B"\n,,,,\n'.replace('"Key" , "organisation"', 'Key , organisation')],
  ])('with %s', async (_, text) => {
    await importDirectory(store, put('sites.csv', text));
    expect(await directory.list('site')).toEqual(expected);
  });

  it('read lists, plans and hours in their notations', async () => {
    await importDirectory(store, put('services.csv', `address,organisation,languages,name_fi,plan,hours,aliases,enabled
kela@palvelu.example,kela,fi; SV ;fse,Kela,main all 30 > backup order 60/20 > muu@palvelu.example [direct],"1-5 9:00-12:00,13:00-15:00; 6,7 10:00-14:00; 2026-12-24 closed (fi ""Aatto; juhla"" sv ""Afton""); 2026-12-31 09:00-12:00; Europe/Stockholm",eka@palvelu.example;toka@palvelu.example,no
`));
    expect(await directory.list('service')).toEqual([{
      address: 'kela@palvelu.example', organisation: 'kela', languages: ['fi', 'sv', 'fse'], names: { fi: 'Kela' }, aliases: ['eka@palvelu.example', 'toka@palvelu.example'], enabled: false,
      plan: {
        stages: [{ group: 'main', strategy: 'all', ringSeconds: 30 }, { group: 'backup', strategy: 'order', ringSeconds: 60, targetSeconds: 20 }],
        media: 'direct', overflow: 'muu@palvelu.example',
      },
      hours: {
        timezone: 'Europe/Stockholm',
        weekly: [{ days: [1, 2, 3, 4, 5], open: '09:00', close: '12:00' }, { days: [1, 2, 3, 4, 5], open: '13:00', close: '15:00' }, { days: [6, 7], open: '10:00', close: '14:00' }],
        exceptions: [{ date: '2026-12-24', reason: { fi: 'Aatto; juhla', sv: 'Afton' } }, { date: '2026-12-31', hours: [{ open: '09:00', close: '12:00' }] }],
      },
    }]);
  });
});

describe('an import and the rest of the world', () => {
  const child = (...args: string[]): ReturnType<typeof fork> =>
    fork(join(__dirname, 'import-process.ts'), args, { execArgv: ['-r', join(__dirname, '../support/typescript.js')], stdio: 'inherit' });

  it('killed in the middle leaves the old state, and the next one works', async () => {
    const dataDir = join(folder, 'data');
    const rows = Array.from({ length: 50_000 }, (_, i) => `piste-${i},kela,Piste ${i}`).join('\n');
    const file = put('sites.csv', `key,organisation,name_fi\n${rows}\n`);
    const before = await openDirectoryStore(dataDir);
    await importDirectory(before, put('first.yaml', JSON.stringify({ organisations: [organisation()], sites: [site()] })));
    await before.close();
    const importing = child(dataDir, file);
    await once(importing, 'message');
    importing.kill('SIGKILL');
    await once(importing, 'exit');
    const after = await openDirectoryStore(dataDir);
    const records = new DirectoryRepository(after);
    expect(await records.list('site')).toEqual([site()]);
    expect(await records.revision()).toBe(2);
    expect((await importDirectory(after, file)).total).toMatchObject({ added: 50_000 });
    await after.close();
  }, 60_000);

  it('two processes at once import one after the other, and both are kept', async () => {
    const dataDir = join(folder, 'data');
    const before = await openDirectoryStore(dataDir);
    await importDirectory(before, put('first.yaml', JSON.stringify({ organisations: [organisation()] })));
    const files = ['a', 'b'].map((name) => put(`sites-${name}.csv`, `key,organisation,name_fi\n${Array.from({ length: 3000 }, (_, i) => `${name}-${i},kela,X`).join('\n')}\n`));
    const codes = await Promise.all(files.map(async (file) => (await once(child(dataDir, file), 'exit'))[0] as number));
    expect(codes).toEqual([0, 0]);
    const { count } = await before.db.selectFrom('sites').select((eb) => eb.fn.countAll().as('count')).executeTakeFirstOrThrow();
    expect(count).toBe(6000);
    await before.close();
  }, 60_000);

  it('other users of the store wait for it instead of falling into it', async () => {
    await load({ organisations: [organisation()] });
    const importing = importDirectory(store, put('sites.csv', `key,organisation,name_fi\n${Array.from({ length: 5000 }, (_, i) => `s-${i},kela,X`).join('\n')}\nlast,nobody,X\n`));
    const writing = directory.put('organisation', organisation({ municipality: '091' }));
    await expect(importing).rejects.toThrow('there is no organisation nobody');
    expect(await writing).toBe('changed');
    expect((await directory.list('site')).length).toBe(0);
    expect(await directory.get('organisation', 'kela')).toMatchObject({ municipality: '091' });
  });
});
