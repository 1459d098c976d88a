import fs from 'node:fs';
import path from 'node:path';
import { parseFilter } from 'ldapjs';
import { type DirectoryDatabase, DirectoryRepository, type DirectoryStore, importDirectory, openDirectoryStore } from '../../src/directory';
import { randomFrom, sampleDirectory } from '../../src/directory/sample';
import { ReadableTree, SCHEMA_FILES, schemaFile, schemaLdif, treeSource } from '../../src/ldap';
import { parseDn } from '../../src/ldap/dn';
import { evaluate, typedFilter } from '../../src/ldap/matching';
import type { Filter } from '../../src/ldap/protocol';
import { ATTRIBUTE_TYPES, attributeType, MATCHING_RULES, OBJECT_CLASSES, objectClass } from '../../src/ldap/schema';
import type { Entry, TreeSource } from '../../src/ldap/tree';
import { SUFFIX } from './support/ldap-server';

const PILOT = path.resolve(__dirname, '../../directory-data/pilot');
const SCHEMAS = path.resolve(__dirname, '../../directory-data/ldap');
const everything = { levelOf: () => 'everything' as const };
const ROOT = { kind: 'root' as const, key: '' };

/** That parser gives parts of patterns as it would write them. */
const octets = (text: string): Buffer => Buffer.from(Buffer.from(text).toString('latin1').replace(/\\([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))), 'latin1');

/** A filter as text, by the parser of another project. */
function filterOf(text: string): Filter {
  const convert = (one: ReturnType<typeof parseFilter>): Filter => {
    const { type, attribute, filters, filter, value, initial, any, final } = one as unknown as { type: string; attribute: string; filters: ReturnType<typeof parseFilter>[]; filter: ReturnType<typeof parseFilter>; value: string; initial?: string; any: string[]; final?: string };
    switch (type) {
      case 'AndFilter': return { type: 'and', filters: filters.map(convert) };
      case 'OrFilter': return { type: 'or', filters: filters.map(convert) };
      case 'NotFilter': return { type: 'not', filter: convert(filter) };
      case 'PresenceFilter': return { type: 'present', attribute };
      case 'SubstringFilter': return { type: 'substrings', attribute, initial: initial ? octets(initial) : undefined, any: any.map(octets), final: final ? octets(final) : undefined };
      case 'GreaterThanEqualsFilter': return { type: 'greaterOrEqual', attribute, value: Buffer.from(value) };
      case 'ApproximateFilter': return { type: 'approx', attribute, value: Buffer.from(value) };
      default: return { type: 'equality', attribute, value: Buffer.from(value) };
    }
  };
  return convert(parseFilter(text));
}

describe('the directory as a tree', () => {
  let store: DirectoryStore;
  let directory: DirectoryRepository;
  let source: TreeSource;
  beforeEach(async () => {
    store = await openDirectoryStore(':memory:');
    await importDirectory(store, PILOT);
    directory = new DirectoryRepository(store);
    source = treeSource(store, { suffix: SUFFIX, domain: 'palvelu.example' });
  });
  afterEach(() => store.close());

  const readable = async (): Promise<ReadableTree> => new ReadableTree(await source.current(), everything);
  const entriesOf = (tree: ReadableTree, filter: string): Entry[] => [...tree.search({ base: ROOT, scope: 'sub', filter: typedFilter(filterOf(filter)) })].filter((entry) => entry !== undefined);
  const found = async (filter: string): Promise<string[]> => entriesOf(await readable(), filter).map(({ dn }) => dn).sort();

  test('a change by anybody is seen by the next search, by every way of finding it', async () => {
    const dn = `commUniqueId=kela.fi@palvelu.example,ou=services,o=kela,${SUFFIX}`;
    expect(await found('(cn=Kansaneläkelaitos uusi)')).toEqual([]);
    await directory.update('service', 'kela.fi@palvelu.example', (service) => ({ ...service, names: { fi: 'Kansaneläkelaitos uusi' }, aliases: ['kela-uusi@palvelu.example'] }));
    for (const filter of ['(cn=KANSANELÄKELAITOS uusi)', '(cn=*eläkelaitos u*)', '(etasiltaAlias=kela-uusi@palvelu.example)', '(etasiltaAlias=*kela-uu*)']) expect(await found(filter)).toEqual([dn]);
    await directory.update('service', 'kela.fi@palvelu.example', (service) => ({ ...service, names: { fi: 'Toinen nimi' } }));
    expect(await found('(cn=*eläkelaitos u*)')).toEqual([]);
    expect(await found('(cn=toinen nimi)')).toEqual([dn]);
  });

  test('a site that moves to another organisation takes its devices along', async () => {
    await directory.update('site', 'ahtari', (site) => ({ ...site, organisation: 'kela' }));
    expect(await found('(commUniqueId=ex90-1@ahtari.etela-pohjanmaa.example)')).toEqual([`commUniqueId=ex90-1@ahtari.etela-pohjanmaa.example,l=ahtari,o=kela,${SUFFIX}`]);
    const tree = await readable();
    expect(tree.resolve(parseDn(`commUniqueId=ex90-1@ahtari.etela-pohjanmaa.example,l=ahtari,o=ahtari,${SUFFIX}`) ?? [])).toEqual({ matchedDn: `o=ahtari,${SUFFIX}` });
    const below = [...tree.search({ base: { kind: 'organisation', key: 'kela' }, scope: 'sub', filter: typedFilter(filterOf('(commUniqueId=ex90-1@ahtari*)')) })].filter(Boolean);
    expect(below).toHaveLength(1);
  });

  test('an organisation that is renamed is shown so by those who belong to it', async () => {
    await directory.put('person', { key: 'kela-x', organisation: 'kela', name: 'Neuvoja 1', roles: [], languages: [], skills: [], devices: [], enabled: true });
    await directory.update('organisation', 'kela', (organisation) => ({ ...organisation, names: { fi: 'Uusi Kela' } }));
    expect(await found('(&(uid=kela-x)(o=uusi kela))')).toHaveLength(1);
  });

  test('a search goes on over the state in which it began', async () => {
    const search = (await readable()).search({ base: ROOT, scope: 'sub', filter: typedFilter(filterOf('(objectClass=etasiltaService)')) });
    const first = search.next().value as Entry;
    await directory.update('service', 'vero.fi@palvelu.example', (service) => ({ ...service, names: { fi: 'Toinen' } }));
    await source.current();
    const rest = [...search].filter((entry) => entry !== undefined).map(({ dn }) => dn);
    expect(new Set([first.dn, ...rest]).size).toBe((await directory.list('service')).length);
  });

  test('indexes find what looking at every entry finds, through thousands of changes', async () => {
    const random = randomFrom(3);
    const sample = sampleDirectory({ municipalities: 6, services: 120, devices: 150, persons: 900, seed: 2 });
    for (const organisation of sample.organisations) await directory.put('organisation', organisation);
    for (const site of sample.sites) await directory.put('site', site);
    const persons = [...sample.persons].map((person) => ({ ...person, devices: [], email: `${person.key}@${person.organisation}.example` }));
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const part = (text: string): string => text.slice(Math.floor(random() * text.length * 0.6)).slice(0, 1 + Math.floor(random() * 8)).trim() || 'a';
    const escape = (text: string): string => text.replace(/[\\*()]/g, (char) => `\\${char.charCodeAt(0).toString(16)}`);
    const randomItem = (): string => {
      const person = pick(persons);
      const [attribute, value] = pick([['cn', person.name], ['sn', person.name], ['mail', person.email], ['uid', person.key], ['title', person.title?.fi ?? ''], ['telephoneNumber', '9899011']] as const);
      return pick([
        `(${attribute}=${escape(value)})`, `(${attribute}=*${escape(part(value))}*)`, `(${attribute}=${escape(value.slice(0, 4))}*)`, `(${attribute}=*${escape(value.slice(-4))})`,
        `(${attribute}=${escape(value.slice(0, 3))}*${escape(part(value))}*)`, `(objectClass=${pick(['inetOrgPerson', 'commObject', 'locality'])})`,
      ]);
    };
    const randomFilter = (): string => pick([randomItem, () => `(&${randomItem()}${randomItem()})`, () => `(|${randomItem()}${randomItem()})`, () => `(&${randomItem()}(!${randomItem()}))`])();

    for (let round = 0, next = 0; round < 8; round++) {
      for (let i = 0; i < 180 && next < persons.length; i++, next++) await directory.put('person', pick([persons[next]]) as never);
      for (let i = 0; i < 20; i++) {
        const { key } = pick(persons.slice(0, next));
        if (random() < 0.3) await directory.remove('person', key).catch(() => undefined);
        else await directory.put('person', { ...(persons.find((one) => one.key === key) as never as object), name: `Uusi ${pick(persons).name}` } as never);
      }
      const tree = await readable();
      const all = entriesOf(tree, '(objectClass=*)');
      expect(all.filter(({ kind }) => kind === 'person')).toHaveLength((await directory.list('person')).length);
      for (let i = 0; i < 60; i++) {
        const filter = randomFilter();
        const typed = typedFilter(filterOf(filter));
        const expected = all.filter((entry) => evaluate(typed, entry) === true).map(({ dn }) => dn).sort();
        expect({ filter, dns: entriesOf(tree, filter).map(({ dn }) => dn).sort() }).toEqual({ filter, dns: expected });
      }
    }
  }, 60_000);

  test('passwords and their digests are nowhere in the tree', async () => {
    await store.db.updateTable('devices').set({ credentials: JSON.stringify({ username: 'ex90-1', realm: 'r', ha1Md5: 'a'.repeat(32) }) } satisfies Partial<DirectoryDatabase['devices']>).execute();
    const tree = treeSource(store, { suffix: SUFFIX, domain: 'palvelu.example' });
    for (const { layers } of [await tree.current()]) {
      for (const { segment } of layers) for (let entry = 0; entry < segment.size; entry++) expect(segment.parts.records.at(entry)).not.toContain('aaaaaaaa');
    }
  });
});

describe('filters are three-valued', () => {
  const entry = { some: (type: unknown, visit: (value: string, options: readonly string[]) => boolean) => type === attributeType('cn') && visit('Kela', []), types: () => [], parsedDn: [] };
  const value = (text: string): boolean | undefined => evaluate(typedFilter(filterOf(text)), entry);

  test.each([
    ['(cn=kela)', true], ['(cn=x)', false], ['(noSuch=x)', undefined], ['(!(noSuch=x))', undefined], ['(noSuch=*)', undefined], ['(etasiltaEnabled=maybe)', undefined],
    ['(&(cn=kela)(noSuch=x))', undefined], ['(&(cn=x)(noSuch=x))', false], ['(|(cn=kela)(noSuch=x))', true], ['(|(cn=x)(noSuch=x))', undefined], ['(cn>=a)', undefined], ['(!(mail=x))', true],
  ])('%s is %s', (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  test('nothing in an and is true, nothing in an or is false', () => {
    expect(evaluate(typedFilter({ type: 'and', filters: [] }), entry)).toBe(true);
    expect(evaluate(typedFilter({ type: 'or', filters: [] }), entry)).toBe(false);
  });
});

describe('names', () => {
  test.each([
    ['uid=a,ou=people,o=kela', [['uid', 'a'], ['ou', 'people'], ['o', 'kela']]],
    [' UID = a ; OU=b ', [['UID', 'a'], ['OU', 'b']]],
    ['cn=a\\,b\\20,o=\\C3\\A4', [['cn', 'a,b '], ['o', 'ä']]],
    ['cn="a,b",o=x', [['cn', 'a,b'], ['o', 'x']]],
    ['2.5.4.3=#04024869', [['2.5.4.3', 'Hi']]],
    ['', []],
  ])('%s', (text, expected) => {
    expect(parseDn(text)?.map(([ava]) => [ava?.typeName, ava?.value])).toEqual(expected);
  });

  test.each(['nonsense', 'cn=a,', '=x', 'cn=a\\', 'cn=a\\zz', 'cn=<', `${'o=a,'.repeat(100)}o=b`, 'cn=\\ff'])('%s is none', (text) => {
    expect(parseDn(text)).toBeUndefined();
  });
});

describe('the schema', () => {
  test('the files for other servers are those of the program', () => {
    for (const [name, file] of Object.entries(SCHEMA_FILES)) {
      expect(fs.readFileSync(path.join(SCHEMAS, `${name}.schema`), 'utf8')).toBe(schemaFile(file));
      expect(fs.readFileSync(path.join(SCHEMAS, `${name}.ldif`), 'utf8')).toBe(schemaLdif(name, file));
    }
  });

  test('names are there once and refer to what there is', () => {
    const names = [...ATTRIBUTE_TYPES, ...OBJECT_CLASSES].flatMap(({ oid, names: own }) => [oid, ...own.map((name) => name.toLowerCase())]);
    expect(new Set(names).size).toBe(names.length);
    for (const { must = [], may = [], superior } of OBJECT_CLASSES) {
      for (const name of [...must, ...may]) expect([name, attributeType(name)]).not.toContain(undefined);
      if (superior !== '') expect(objectClass(superior)).toBeDefined();
    }
    const rules = MATCHING_RULES.map(({ name }) => name);
    for (const { equality, ordering, substrings } of ATTRIBUTE_TYPES) for (const rule of [equality, ordering, substrings]) if (rule !== undefined) expect(rules).toContain(rule);
  });
});
