import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { DirectoryRepository, type DirectoryStore, openDirectoryStore } from '../../../src/directory';
import { importLdap, type LdapImportReport, readMapping } from '../../../src/ldap';
import { describePeer } from '../harness';
import { Slapd } from './slapd';

const BASE = 'dc=kunta,dc=example';
const PASSWORD = 'kissakala-42';
const run = promisify(execFile);

describePeer(['slapd', 'slapadd', 'ldapmodify'], 'import from an OpenLDAP server', () => {
  let slapd: Slapd;
  let folder: string;
  let store: DirectoryStore;
  let directory: DirectoryRepository;

  const uids = Array.from({ length: 250 }, (_, i) => `p${String(i).padStart(3, '0')}`);
  const dnOf = (uid: string): string => `uid=${uid},ou=people,${BASE}`;
  const person = (uid: string): string => `dn: ${dnOf(uid)}\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: Palveluneuvoja ${uid}\nsn: ${uid}\nmail: ${uid}@kunta.example\npreferredLanguage: fi\n\n`;

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-import-'));
    slapd = await Slapd.start({
      suffix: BASE, password: PASSWORD, database: ['index entryUUID,objectClass eq', 'lastmod on'],
      ldif: `dn: ${BASE}\nobjectClass: domain\ndc: kunta\n\ndn: ou=people,${BASE}\nobjectClass: organizationalUnit\nou: people\n\n${uids.map(person).join('')}`,
    });
    fs.writeFileSync(path.join(folder, 'password'), `${PASSWORD}\n`);
    fs.writeFileSync(path.join(folder, 'map.yaml'), [
      'source: kunta', `base: ou=people,${BASE}`, `bind: ${slapd.rootDn}`, `passwordFile: ${path.join(folder, 'password')}`, 'changes: modifyTimestamp', 'pageSize: 60',
      'removeAfterDays: 0', 'kinds:', '  person:', '    filter: (objectClass=inetOrgPerson)',
      '    columns: { key: "kunta-{uid}", organisation: kunta, name: "{cn}", email: "{mail|lower}", languages: "{preferredLanguage}" }', '',
    ].join('\n'));
    store = await openDirectoryStore(':memory:');
    directory = new DirectoryRepository(store);
    await directory.put('organisation', { key: 'kunta', type: 'municipality', names: { fi: 'Kunta' }, domain: 'kunta.example' });
  }, 30_000);
  afterAll(async () => {
    await slapd?.stop();
    await store?.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const importNow = async (options: Parameters<typeof importLdap>[3] = {}): Promise<LdapImportReport> =>
    importLdap(store, slapd.url, await readMapping(path.join(folder, 'map.yaml')), options);
  const modify = async (ldif: string): Promise<void> => {
    const file = path.join(folder, 'change.ldif');
    fs.writeFileSync(file, ldif);
    await run('ldapmodify', ['-x', '-H', slapd.url, '-D', slapd.rootDn, '-w', PASSWORD, '-f', file]);
  };

  test('everybody comes page by page; the next run reads changes only', async () => {
    expect((await importNow({ dryRun: true })).differences.total).toMatchObject({ added: 250 });
    expect(await importNow()).toMatchObject({ incremental: false, skippedCount: 0 });
    expect(await directory.get('person', 'kunta-p007')).toMatchObject({ name: 'Palveluneuvoja p007', email: 'p007@kunta.example', languages: ['fi'] });
    expect((await directory.list('person')).length).toBe(250);

    await modify(`dn: ${dnOf('p007')}\nchangetype: modify\nreplace: mail\nmail: Uusi@kunta.example\n\n${person('p999').replace('\nobjectClass', '\nchangetype: add\nobjectClass')}`);
    const second = await importNow();
    expect(second.incremental).toBe(true);
    expect(second.differences.total).toMatchObject({ added: 1, changed: 1 });
    expect(second).toMatchObject({ missing: [] });
    expect(await directory.get('person', 'kunta-p007')).toMatchObject({ email: 'uusi@kunta.example' });
  }, 30_000);

  test('what was deleted there is marked, then removed here', async () => {
    await modify(`dn: ${dnOf('p001')}\nchangetype: delete\n`);
    expect(await importNow()).toMatchObject({ incremental: true, missing: ['person kunta-p001'], removed: [] });
    expect(await importNow()).toMatchObject({ missing: [], removed: ['person kunta-p001'] });
    expect(await directory.get('person', 'kunta-p001')).toBeUndefined();
  });

  test('a base that suddenly has hardly anybody is refused', async () => {
    await modify(uids.slice(10, 200).map((uid) => `dn: ${dnOf(uid)}\nchangetype: delete\n`).join('\n'));
    await expect(importNow()).rejects.toMatchObject({ code: 'import-sudden-loss' });
    expect(await directory.get('person', 'kunta-p010')).toBeDefined();
  });

  test('a wrong password and a server that is not there are told', async () => {
    fs.writeFileSync(path.join(folder, 'password'), 'wrong\n');
    await expect(importNow()).rejects.toThrow(/Invalid Credentials/i);
    await expect(importLdap(store, 'ldap://127.0.0.1:1', await readMapping(path.join(folder, 'map.yaml')))).rejects.toThrow(/127\.0\.0\.1:1/);
  });
});
