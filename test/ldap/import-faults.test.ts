import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { DirectoryRepository, openDirectoryStore } from '../../src/directory';
import { importLdap, type LdapImportReport, readMapping } from '../../src/ldap';
import { importTarget } from './support/import-target';

const MAPPING = `source: koe
maxLostShare: 0.5
kinds:
  person:
    filter: (objectClass=inetOrgPerson)
    columns: { key: "kunta-{uid}", organisation: kunta, name: "{cn}" }
`;
const people = (count: number, name = 'Neuvoja'): string =>
  Array.from({ length: count }, (_, i) => `dn: uid=p${i},dc=kunta\nobjectClass: inetOrgPerson\nuid: p${i}\ncn: ${name} ${i}\n\n`).join('');

describe('an import of LDIF that is disturbed', () => {
  const target = importTarget();
  let ldif: string;
  let mapping: string;
  beforeEach(() => {
    [ldif, mapping] = [path.join(target.folder, 'data.ldif'), path.join(target.folder, 'map.yaml')];
    fs.writeFileSync(mapping, MAPPING);
  });

  const run = async (options: Parameters<typeof importLdap>[3] = {}): Promise<LdapImportReport> => importLdap(target.store, ldif, await readMapping(mapping), options);
  const child = (): ReturnType<typeof fork> =>
    fork(path.join(__dirname, 'support/import-process.ts'), [target.folder, ldif, mapping], { execArgv: ['-r', path.join(__dirname, '../support/typescript.js')], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const count = async (table: 'persons' | 'imported_records'): Promise<number> =>
    Number((await target.store.db.selectFrom(table).select((eb) => eb.fn.countAll().as('count')).executeTakeFirstOrThrow()).count);

  test('killed in the middle leaves records and memory of the source as they were, and the next one works', async () => {
    fs.writeFileSync(ldif, people(10));
    await run();
    const before = await target.directory.revision();
    fs.writeFileSync(ldif, people(40_000, 'Asiantuntija'));
    const importing = child();
    await once(importing, 'message');
    importing.kill('SIGKILL');
    await once(importing, 'exit');
    expect([await count('persons'), await count('imported_records'), await target.directory.revision()]).toEqual([10, 10, before]);
    expect(await target.directory.get('person', 'kunta-p3')).toMatchObject({ name: 'Neuvoja 3' });
    expect((await run()).differences.total).toMatchObject({ added: 39_990, changed: 10 });
    expect(await count('imported_records')).toBe(40_000);
  }, 120_000);

  test('two processes at once import one after the other: nothing comes twice', async () => {
    fs.writeFileSync(ldif, people(5_000));
    const codes = await Promise.all([child(), child()].map(async (one) => (await once(one, 'exit'))[0] as number));
    expect(codes).toEqual([0, 0]);
    expect([await count('persons'), await count('imported_records')]).toEqual([5_000, 5_000]);
    expect((await run()).differences.total).toMatchObject({ added: 0, changed: 0, unchanged: 5_000 });
  }, 120_000);

  test('while another process writes for too long, it is told so and changes nothing', async () => {
    fs.writeFileSync(ldif, people(10));
    const other = await openDirectoryStore(target.folder);
    await sql`pragma busy_timeout = 50`.execute(target.store.db);
    await other.transaction(async () => {
      await expect(run()).rejects.toMatchObject({ code: 'store-busy', hint: expect.stringMatching(/Try again/) as string });
    });
    await other.close();
    expect((await run()).differences.total).toMatchObject({ added: 10 });
  });

  test('a disk that gets full is told, nothing of the import is kept, and with room it works', async () => {
    fs.writeFileSync(ldif, people(10));
    await run();
    const { rows: [size] } = await sql<{ page_count: number }>`pragma page_count`.execute(target.store.db);
    await sql`pragma max_page_count = ${sql.lit((size?.page_count ?? 0) + 20)}`.execute(target.store.db);
    fs.writeFileSync(ldif, people(20_000));
    await expect(run()).rejects.toMatchObject({ code: 'store-full', hint: expect.stringMatching(/nothing of this change was kept/) as string });
    expect([await count('persons'), await count('imported_records')]).toEqual([10, 10]);
    await sql`pragma max_page_count = 1000000`.execute(target.store.db);
    expect((await run()).differences.total).toMatchObject({ added: 19_990, unchanged: 10 });
  }, 60_000);

  test('a file that changes while it is read is refused, and nothing is changed', async () => {
    fs.writeFileSync(ldif, people(20_000));
    const shortened = run({ onProgress: () => fs.truncateSync(ldif, 1_000) });
    await expect(shortened).rejects.toMatchObject({ message: expect.stringContaining(`${ldif}: has changed while it was read`) as string });
    expect(await count('persons')).toBe(0);
  });

  test('what another process removed or renamed between two runs comes again as the source has it', async () => {
    fs.writeFileSync(ldif, people(10));
    await run();
    const other = await openDirectoryStore(target.folder);
    const records = new DirectoryRepository(other);
    await records.remove('person', 'kunta-p1');
    await records.update('person', 'kunta-p2', (record) => ({ ...record, name: 'Toinen' }));
    await other.close();
    expect((await run()).differences.total).toMatchObject({ added: 1, changed: 1, unchanged: 8 });
    expect(await target.directory.get('person', 'kunta-p2')).toMatchObject({ name: 'Neuvoja 2' });
    expect(await count('imported_records')).toBe(10);
  });
});
