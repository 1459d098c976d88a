import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DirectoryRepository, type DirectoryStore, openDirectoryStore } from '../../../src/directory';
import { importLdap, type LdapImportReport, readMapping } from '../../../src/ldap';
import { LdapSource } from '../../../src/ldap/import';
import { describePeer, SAMBA_MODULES, SAMBA_SETUP } from '../harness';
import { Samba } from './samba';

const SHIPPED = path.resolve(__dirname, '../../../directory-data/ldap/import-active-directory.yaml');
const PEOPLE = 'ou=Henkilosto,dc=kunta,dc=example';
const dnOf = (name: string): string => `cn=${name},${PEOPLE}`;
const user = (name: string): string => `dn: ${dnOf(name)}\nchangetype: add\nobjectClass: user\nsAMAccountName: ${name}\ndisplayName: Neuvoja ${name}\nmail: ${name}@Kunta.example\nuserAccountControl: 544\n\n`;
const NORMAL = 544;
const DISABLED = 546;
const setControl = (name: string, control: number): string => `dn: ${dnOf(name)}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: ${control}\n\n`;

const NAME = 'import from an Active Directory (Samba)';
// Only the superuser may listen at LDAP's port, and Samba has no other.
(process.getuid?.() === 0 ? (suite: () => void) => describePeer(['samba', SAMBA_SETUP, SAMBA_MODULES, 'ldapmodify', 'ldapsearch'], NAME, suite) : (suite: () => void) => describe.skip(`${NAME} (not the superuser)`, suite))(() => {
  let samba: Samba;
  let folder: string;
  let store: DirectoryStore;
  let directory: DirectoryRepository;
  const names = Array.from({ length: 60 }, (_, i) => `neuvoja${i}`);

  beforeAll(async () => {
    samba = await Samba.start();
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-import-'));
    await samba.modify(`dn: ${PEOPLE}\nchangetype: add\nobjectClass: organizationalUnit\nou: Henkilosto\n\n${names.map(user).join('')}`);
    fs.writeFileSync(path.join(folder, 'password'), samba.password);
    // The mapping that comes with the program, for this server and its account.
    fs.writeFileSync(path.join(folder, 'map.yaml'), fs.readFileSync(SHIPPED, 'utf8')
      .replace(/^bind: .*$/m, `bind: ${samba.bindName}`).replace(/^passwordFile: .*$/m, `passwordFile: ${path.join(folder, 'password')}\npageSize: 25`)
      .replace(/^removeAfterDays: .*$/m, 'removeAfterDays: 0'));
    store = await openDirectoryStore(':memory:');
    directory = new DirectoryRepository(store);
    await directory.put('organisation', { key: 'kunta', type: 'municipality', names: { fi: 'Kunta' }, domain: 'kunta.example' });
  }, 180_000);
  afterAll(async () => {
    await samba?.stop();
    await store?.close();
    if (folder !== undefined) fs.rmSync(folder, { recursive: true, force: true });
  });

  const importNow = async (): Promise<LdapImportReport> => importLdap(store, samba.url, await readMapping(path.join(folder, 'map.yaml')));

  test('users come page by page, computers and disabled accounts do not', async () => {
    await samba.modify(setControl('neuvoja7', DISABLED));
    expect(await importNow()).toMatchObject({ incremental: false, skippedCount: 0 });
    expect((await directory.list('person')).length).toBe(59);
    expect(await directory.get('person', 'kunta-neuvoja3')).toMatchObject({ name: 'Neuvoja neuvoja3', email: 'neuvoja3@kunta.example' });
    expect(await directory.get('person', 'kunta-neuvoja7')).toBeUndefined();
  }, 60_000);

  test('the next run reads what has a higher uSNChanged only', async () => {
    await samba.modify(`dn: ${dnOf('neuvoja3')}\nchangetype: modify\nreplace: mail\nmail: uusi@kunta.example\n\n${user('uusi')}${setControl('neuvoja7', NORMAL)}`);
    const report = await importNow();
    expect(report.incremental).toBe(true);
    expect(report.differences.total).toMatchObject({ added: 2, changed: 1, unchanged: 0 });
    expect(await directory.get('person', 'kunta-neuvoja3')).toMatchObject({ email: 'uusi@kunta.example' });
    expect((await importNow()).differences.total).toMatchObject({ added: 0, changed: 0 });
  }, 60_000);

  test('who was deleted, disabled or moved away there is marked here, and then removed; who was renamed stays', async () => {
    await samba.modify(`dn: ${dnOf('neuvoja1')}\nchangetype: delete\n\n${setControl('neuvoja2', DISABLED)}`
      + `dn: ${dnOf('neuvoja4')}\nchangetype: modrdn\nnewrdn: cn=neuvoja4\ndeleteoldrdn: 1\nnewsuperior: cn=Users,${samba.base}\n\n`
      + `dn: ${dnOf('neuvoja5')}\nchangetype: modrdn\nnewrdn: cn=Uusi nimi\ndeleteoldrdn: 1\n`);
    const gone = ['person kunta-neuvoja1', 'person kunta-neuvoja2', 'person kunta-neuvoja4'];
    const first = await importNow();
    expect(first).toMatchObject({ incremental: true, removed: [] });
    expect(first.missing.sort()).toEqual(gone);
    const second = await importNow();
    expect(second.missing).toEqual([]);
    expect(second.removed.sort()).toEqual(gone);
    expect(await directory.get('person', 'kunta-neuvoja5')).toBeDefined();
  }, 60_000);

  test('an attribute that comes in pieces is put together', async () => {
    const members = names.slice(10).map((name) => `member: ${dnOf(name)}\n`).join('');
    await samba.modify(`dn: cn=Neuvojat,${PEOPLE}\nchangetype: add\nobjectClass: group\nsAMAccountName: neuvojat\n${members}`);
    const source = await LdapSource.connect(samba.url, { bind: samba.bindName, passwordFile: path.join(folder, 'password'), startTls: false });
    try {
      for await (const [group] of source.search(PEOPLE, '(objectClass=group)', ['member;range=0-9'], 10)) {
        expect(group?.attributes.get('member')?.map((dn) => dn.toLowerCase()).sort()).toEqual(names.slice(10).map((name) => dnOf(name).toLowerCase()).sort());
      }
      expect.assertions(1);
    } finally {
      await source.close();
    }
  }, 60_000);
});
