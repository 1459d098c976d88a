import fs from 'node:fs';
import path from 'node:path';
import { DirectoryRepository, importDirectory, openDirectoryStore } from '../../src/directory';
import { importLdap, type LdapImportReport, MappingError, ReadableTree, readMapping, treeSource, writeLdif } from '../../src/ldap';
import { importTarget } from './support/import-target';
import { SUFFIX } from './support/ldap-server';

const DATA = path.resolve(__dirname, '../../directory-data');
const OWN_MAPPING = path.join(DATA, 'ldap/import-etasilta.yaml');
const DAY_MS = 86_400_000;

describe('import of LDIF', () => {
  const target = importTarget();

  const file = (name: string, text: string): string => {
    fs.writeFileSync(path.join(target.folder, name), text);
    return path.join(target.folder, name);
  };
  const MAPPING = `source: koe
removeAfterDays: 10
maxLostShare: 0.5
kinds:
  person:
    filter: (objectClass=inetOrgPerson)
    columns: { key: "kunta-{uid|key}", organisation: kunta, name: "{cn}", email: "{mail|lower}", languages: "{preferredLanguage}", title_fi: "{title}" }
`;
  const person = (uid: string, more = ''): string => `dn: uid=${uid},dc=kunta\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: Neuvoja ${uid}\nmail: ${uid}@KUNTA.example\n${more}\n`;
  const run = async (ldif: string, options: Parameters<typeof importLdap>[3] = {}, mapping = MAPPING): Promise<LdapImportReport> =>
    importLdap(target.store, file('data.ldif', ldif), await readMapping(file('map.yaml', mapping)), options);

  test('what this program writes comes back equal', async () => {
    const pilot = await openDirectoryStore(':memory:');
    await importDirectory(pilot, path.join(DATA, 'pilot'));
    const tree = new ReadableTree(await treeSource(pilot, { suffix: SUFFIX, domain: 'palvelu.example' }).current(), { levelOf: () => 'everything' });
    const ldif = path.join(target.folder, 'pilot.ldif');
    const output = fs.createWriteStream(ldif);
    await writeLdif(tree, output);
    await new Promise((resolve) => output.end(resolve));

    const report = await importLdap(target.store, ldif, await readMapping(OWN_MAPPING));
    expect(report.skipped).toEqual([]);
    await target.directory.remove('organisation', 'kunta');
    const original = new DirectoryRepository(pilot);
    for (const kind of ['organisation', 'site', 'service', 'person'] as const) {
      expect(await target.directory.list(kind)).toEqual(await original.list(kind));
    }
    expect(await target.directory.list('device')).toHaveLength((await original.list('device')).length);
    expect((await importLdap(target.store, ldif, await readMapping(OWN_MAPPING))).differences.total).toMatchObject({ added: 0, changed: 0, removed: 0 });
    await pilot.close();
  }, 60_000);

  test('folded lines, base64, comments and a version line are read', async () => {
    await run(`version: 1\n# a comment\n  that goes on\ndn:: ${Buffer.from('uid=ä,dc=kunta').toString('base64')}\nobjectClass: inetOrgPerson\nuid: a1\ncn:: ${Buffer.from('Työn ohjaaja').toString('base64')}\nmail: a1@\n kunta.example\r\n\r\n${person('b2')}`);
    expect(await target.directory.get('person', 'kunta-a1')).toMatchObject({ name: 'Työn ohjaaja', email: 'a1@kunta.example' });
    expect(await target.directory.get('person', 'kunta-b2')).toMatchObject({ name: 'Neuvoja b2', email: 'b2@kunta.example' });
  });

  test('classes are told whatever the case of their names, in base64 and on two lines', async () => {
    const spelled = (uid: string, line: string): string => person(uid).replace('objectClass: inetOrgPerson', line);
    await run([
      spelled('a', 'OBJECTCLASS: INETORGPERSON'), spelled('b', `objectClass:: ${Buffer.from('inetOrgPerson').toString('base64')}`), spelled('c', 'objectClass: inetOrg\n Person'),
      spelled('d', 'objectClass: inetOrgPersonal'), spelled('e', 'myobjectClass: inetOrgPerson'),
    ].join(''));
    expect((await target.directory.list('person')).map(({ key }) => key)).toEqual(['kunta-a', 'kunta-b', 'kunta-c']);
  });

  test('the same again changes nothing; a changed entry changes its record, and what the mapping does not name stays', async () => {
    await run(person('a') + person('b'));
    await target.directory.update('person', 'kunta-a', (record) => ({ ...record, skills: ['etuudet'] }));
    expect((await run(person('a') + person('b'))).differences.total).toMatchObject({ added: 0, changed: 0, unchanged: 2 });
    await run(person('a', 'title: Esimies\n') + person('b'));
    expect(await target.directory.get('person', 'kunta-a')).toMatchObject({ title: { fi: 'Esimies' }, skills: ['etuudet'] });
    await run(person('a') + person('b'));
    expect((await target.directory.get('person', 'kunta-a'))?.title).toBeUndefined();
  });

  test('a dry run tells and changes nothing', async () => {
    expect((await run(person('a'), { dryRun: true })).differences.total).toMatchObject({ added: 1 });
    expect(await target.directory.get('person', 'kunta-a')).toBeUndefined();
    expect((await run(person('a'))).differences.total).toMatchObject({ added: 1 });
  });

  test('what the source no longer has is marked, and removed after the delay; what is there again stays', async () => {
    const everybody = ['a', 'b', 'c', 'd'].map((uid) => person(uid)).join('');
    await run(everybody, { now: () => 0 });
    const gone = await run(person('a') + person('b'), { now: () => DAY_MS });
    expect(gone).toMatchObject({ missing: ['person kunta-c', 'person kunta-d'], removed: [] });
    expect(await target.directory.get('person', 'kunta-c')).toBeDefined();
    expect(await run(person('a') + person('b') + person('d'), { now: () => 5 * DAY_MS })).toMatchObject({ returned: ['person kunta-d'], missing: [] });
    expect(await run(person('a') + person('b') + person('d'), { now: () => 12 * DAY_MS })).toMatchObject({ removed: ['person kunta-c'] });
    expect(await target.directory.get('person', 'kunta-c')).toBeUndefined();
    expect(await target.directory.get('person', 'kunta-d')).toBeDefined();
  });

  test('a source that lost too much at once is refused, and nothing of the run is kept', async () => {
    const many = Array.from({ length: 30 }, (_, i) => person(`p${i}`)).join('');
    await run(many);
    await expect(run(person('p1') + person('new'))).rejects.toMatchObject({ code: 'import-sudden-loss', lost: 29 });
    expect(await target.directory.get('person', 'kunta-new')).toBeUndefined();
    expect(await run(many)).toMatchObject({ missing: [], returned: [] });
  });

  test('records that came from elsewhere are never taken for the source\'s', async () => {
    await target.directory.put('person', { key: 'kunta-own', organisation: 'kunta', name: 'Oma', roles: [], languages: [], skills: [], devices: [], enabled: true });
    await run(person('a'), { now: () => 0 });
    await run(person('a'), { now: () => 100 * DAY_MS });
    expect(await target.directory.get('person', 'kunta-own')).toBeDefined();
  });

  test('an entry that makes no record is told and left out; many of them refuse the run', async () => {
    const report = await run(person('a') + person('b').replace('b@KUNTA.example', 'no address'));
    expect(report).toMatchObject({ skippedCount: 1, skipped: [{ dn: 'uid=b,dc=kunta', reason: expect.stringContaining('email') as string }] });
    const bad = Array.from({ length: 150 }, (_, i) => person(`x${i}`).replace('KUNTA.example', ' ')).join('');
    await expect(run(bad)).rejects.toThrow(/150 of 150 entries became no record/);
  });

  test('a file that is not there is named', async () => {
    const missing = path.join(target.folder, 'none.ldif');
    await expect(importLdap(target.store, missing, await readMapping(file('map.yaml', MAPPING)))).rejects.toMatchObject({ code: expect.stringMatching(/^ldap/) as string, message: expect.stringContaining(`${missing}: cannot be read`) as string });
  });

  test('entries far apart, with empty lines between them and with carriage returns, are all found', async () => {
    const other = `dn: ou=x,dc=kunta\r\nobjectClass: organizationalUnit\r\ndescription: ${'x'.repeat(3_000)}\r\n\r\n`;
    const people = Array.from({ length: 120 }, (_, i) => person(`p${i}`).replace(/\n/g, '\r\n') + '\r\n\r\n' + (i % 20 === 0 ? other.repeat(400) : ''));
    await run(people.join(''));
    expect(await target.directory.list('person')).toHaveLength(120);
    expect(await target.directory.get('person', 'kunta-p119')).toMatchObject({ name: 'Neuvoja p119', email: 'p119@kunta.example' });
  }, 60_000);

  test('octets that are no text are told in hexadecimal', async () => {
    await run(person('a', 'title:: /wABAg==\n'));
    expect(await target.directory.get('person', 'kunta-a')).toMatchObject({ title: { fi: 'ff000102' } });
  });

  test.each([
    ['an entry without a dn', 'objectClass: top\n', /:1: an entry that does not begin with its dn/],
    ['a line that is none', `${person('a')}dn: x=y\nnonsense\n`, /:8: a line without "name:"/],
    ['a change', 'dn: uid=a\nchangetype: delete\n', /changetype delete/],
    ['a value from elsewhere', 'dn: uid=a\nobjectClass: inetOrgPerson\ncn:< file:///etc/passwd\n', /from a URL/],
  ])('%s is refused with its line', async (_, ldif, reason) => {
    await expect(run(ldif, {}, MAPPING.replace('(objectClass=inetOrgPerson)', '(objectClass=*)'))).rejects.toThrow(reason);
  });

  test.each([
    ['an unknown column', 'columns: { nokey: "{uid}" }', /columns.nokey: unknown/],
    ['no key', 'columns: { name: "{cn}" }', /key is missing/],
    ['a change that there is not', 'columns: { key: "{uid|shout}" }', /no change "shout"/],
    ['a brace alone', 'columns: { key: "{uid" }', /brace without its other half/],
    ['passwords', 'columns: { key: x, password: "{userPassword}" }', /unknown|not imported/],
  ])('a mapping with %s is refused', async (_, columns, reason) => {
    const mapping = file('bad.yaml', `source: x\nkinds:\n  person:\n    ${columns}\n`);
    await expect(readMapping(mapping)).rejects.toThrow(MappingError);
    await expect(readMapping(mapping)).rejects.toThrow(reason);
  });

  test('a mapping may not take the name of the service catalogue for its source', async () => {
    await expect(readMapping(file('bad.yaml', MAPPING.replace('koe', 'ptv')))).rejects.toThrow(/source: is the name of the service catalogue/);
  });

  test('the mappings that come with the program can be used', async () => {
    for (const name of ['etasilta', 'active-directory', 'openldap']) await readMapping(path.join(DATA, `ldap/import-${name}.yaml`));
  });
});
