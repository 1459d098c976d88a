import fs from 'node:fs';
import path from 'node:path';
import type { Kysely } from 'kysely';
import { importLdap, type LdapImportReport, readMapping } from '../../src/ldap';
import { openStore } from '../../src/store';
import { importTarget } from './support/import-target';

const DAY_MS = 86_400_000;
const MAPPING = `source: koe
removeAfterDays: 10
maxLostShare: 0.5
kinds:
  site:
    filter: (objectClass=locality)
    columns: { key: "{l}", organisation: kunta, name_fi: "{l}" }
  person:
    filter: (objectClass=inetOrgPerson)
    columns: { key: "kunta-{uid}", organisation: kunta, name: "{cn}" }
`;
const person = (uid: string): string => `dn: uid=${uid},dc=kunta\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: Neuvoja ${uid}\n\n`;
const site = (name: string): string => `dn: l=${name},dc=kunta\nobjectClass: locality\nl: ${name}\n\n`;

describe('what an import remembers of its source', () => {
  const target = importTarget();

  const run = async (ldif: string, now: number, dryRun = false): Promise<LdapImportReport> => {
    fs.writeFileSync(path.join(target.folder, 'data.ldif'), ldif);
    fs.writeFileSync(path.join(target.folder, 'map.yaml'), MAPPING);
    return importLdap(target.store, path.join(target.folder, 'data.ldif'), await readMapping(path.join(target.folder, 'map.yaml')), { now: () => now, dryRun });
  };

  test('a record that others refer to stays after the delay and is told each time, until it can go', async () => {
    await run(site('talo') + site('halli'), 0);
    await target.directory.put('device', { address: 'ex90@kunta.example', site: 'talo', kind: 'room', enabled: true });
    expect(await run(site('halli'), DAY_MS)).toMatchObject({ missing: ['site talo'] });
    expect(await run(site('halli'), 12 * DAY_MS)).toMatchObject({ missing: [], removed: [], kept: ['site talo'] });
    await target.directory.remove('device', 'ex90@kunta.example');
    expect(await run(site('halli'), 13 * DAY_MS)).toMatchObject({ removed: ['site talo'], kept: [] });
    expect(await target.directory.list('site')).toMatchObject([{ key: 'halli' }]);
  });

  test('a person who goes takes along what it answered for', async () => {
    await run(person('a') + person('b'), 0);
    await target.directory.put('service', { address: 'neuvonta@palvelu.example', organisation: 'kunta', languages: ['fi'], names: { fi: 'Neuvonta' }, plan: { stages: [] }, enabled: true });
    await target.directory.put('membership', { service: 'neuvonta@palvelu.example', person: 'kunta-b', group: 'main', position: 0 });
    await run(person('a'), DAY_MS);
    expect(await run(person('a'), 12 * DAY_MS)).toMatchObject({ removed: ['person kunta-b'] });
    expect(await target.directory.list('membership')).toEqual([]);
  });

  test('a dry run tells what would be removed, and keeps it and its mark', async () => {
    await run(person('a') + person('b'), 0);
    await run(person('a'), DAY_MS);
    for (let i = 0; i < 2; i++) expect(await run(person('a'), 12 * DAY_MS, true)).toMatchObject({ removed: ['person kunta-b'] });
    expect(await target.directory.get('person', 'kunta-b')).toBeDefined();
    expect(await run(person('a'), 12 * DAY_MS)).toMatchObject({ removed: ['person kunta-b'] });
  });

  test('a record that was there before its source becomes the source\'s to remove', async () => {
    await target.directory.put('person', { key: 'kunta-a', organisation: 'kunta', name: 'Oma', roles: [], languages: [], skills: [], devices: [], enabled: true });
    await run(person('a') + person('b'), 0);
    await run(person('b'), DAY_MS);
    expect(await run(person('b'), 12 * DAY_MS)).toMatchObject({ removed: ['person kunta-a'] });
  });

  /** The file in which earlier versions kept this, as they made it. */
  const formerState = async (rows: { key: string; missing: number | null }[]): Promise<string> => {
    const file = path.join(target.folder, 'ldap-imports.sqlite');
    const former = await openStore<Record<string, Record<string, unknown>>>(file, [{
      id: 1, name: 'imports',
      async up({ schema }: Kysely<unknown>) {
        await schema.createTable('imported').addColumn('id', 'text', (c) => c.primaryKey()).addColumn('source', 'text', (c) => c.notNull()).addColumn('kind', 'text', (c) => c.notNull())
          .addColumn('key', 'text', (c) => c.notNull()).addColumn('identity', 'text', (c) => c.notNull()).addColumn('missing_since', 'integer').execute();
        await schema.createTable('sources').addColumn('source', 'text', (c) => c.primaryKey()).addColumn('server', 'text').addColumn('cursor', 'text').execute();
      },
    }]);
    for (const { key, missing } of rows) {
      await former.db.insertInto('imported').values({ id: `koe person ${key}`, source: 'koe', kind: 'person', key, identity: `uid=${key}`, missing_since: missing }).execute();
    }
    await former.db.insertInto('sources').values({ source: 'koe', server: 'ldap://kunta.example', cursor: '20261101000000Z' }).execute();
    await former.close();
    return file;
  };

  test('what earlier versions kept in a file of its own is taken over: marks keep their time, and the file goes', async () => {
    for (const key of ['kunta-a', 'kunta-b']) await target.directory.put('person', { key, organisation: 'kunta', name: 'Neuvoja', roles: [], languages: [], skills: [], devices: [], enabled: true });
    const file = await formerState([{ key: 'kunta-a', missing: null }, { key: 'kunta-b', missing: DAY_MS }]);
    expect(await run(person('a'), 5 * DAY_MS)).toMatchObject({ missing: [], removed: [] });
    expect(fs.existsSync(file)).toBe(false);
    expect(await run(person('a'), 11 * DAY_MS)).toMatchObject({ removed: ['person kunta-b'] });
    expect(await target.directory.get('person', 'kunta-b')).toBeUndefined();
  });

  test('of a source that was imported since, nothing is taken from that file', async () => {
    await run(person('a') + person('b'), 0);
    await formerState([{ key: 'kunta-b', missing: 0 }]);
    expect(await run(person('a'), 20 * DAY_MS)).toMatchObject({ missing: ['person kunta-b'], removed: [] });
  });
});
