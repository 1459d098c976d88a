import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { randomFrom } from '../../../src/directory/sample';
import { ReadableTree, treeSource, writeLdif } from '../../../src/ldap';
import { accountDn, PASSWORD, startTestLdap, SUFFIX, type TestLdap } from '../../ldap/support/ldap-server';
import { describePeer } from '../harness';
import { LdapClient, type Found, type FoundEntry } from './client';
import { ldapsearch, type Outcome } from './ldap-utils';
import { randomQuery } from './random-query';
import { Slapd } from './slapd';

const QUERIES = 400;
/** RFC 4511 appendix A.1. */
const INAPPROPRIATE_MATCHING = 18;

describePeer(['slapd', 'slapadd', 'ldapsearch'], 'the same LDIF in OpenLDAP gives the same answers', () => {
  let ours: TestLdap;
  let slapd: Slapd;
  let [us, them]: LdapClient[] = [];
  let entries: FoundEntry[];

  beforeAll(async () => {
    ours = await startTestLdap();
    // What the pilot has none of: mail, titles, skills, blanks and capitals in odd places, aliases, hours in two languages.
    for (const [i, kind] of ['Etuuskäsittelijä', 'Palveluneuvoja', 'Työnjohtaja', 'ÖRMALA  tulkki', 'Strasse Ekspert'].entries()) {
      await ours.directory.put('person', {
        key: `kela-testi.${i}`, organisation: 'kela', site: 'kela-vaasa', name: `${kind} ${i % 2 ? 'Vaasa' : `${i}, Kela`}`, email: `Testi.${i}@Kela.example`,
        title: { fi: kind, sv: `Handläggare ${i}` }, roles: ['asiantuntija'], languages: ['fi', 'sv'], skills: ['Etuudet', 'etuudet-2'], devices: [], enabled: i !== 3,
      });
    }
    await ours.directory.update('service', 'kela.fi@palvelu.example', (service) => ({ ...service, aliases: ['kansanelake@palvelu.example'], joins: true }));
    await ours.directory.update('device', 'ex90-1@ahtari.etela-pohjanmaa.example', (device) => ({ ...device, h323Id: 'Ähtäri EX90', enabled: false }));

    const tree = new ReadableTree(await treeSource(ours.store, { suffix: SUFFIX, domain: 'palvelu.example' }).current(), { levelOf: () => 'everything' });
    const output = new PassThrough();
    const ldif = text(output);
    await writeLdif(tree, output);
    output.end();
    slapd = await Slapd.start({ suffix: SUFFIX, ldif: await ldif, password: PASSWORD });
    us = await LdapClient.connect(ours.url, accountDn('admin'), PASSWORD);
    them = await LdapClient.connect(slapd.url, slapd.rootDn, PASSWORD);
    entries = (await them.search(SUFFIX, { scope: 'sub', filter: '(objectClass=*)' })).entries;
  }, 60_000);

  afterAll(async () => {
    await us?.close();
    await them?.close();
    await slapd?.stop();
    await ours?.stop();
  });

  const sorted = ({ code, entries: found }: Found): Found => ({
    code,
    entries: found.map(({ dn, attributes }) => ({ dn, attributes: Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))) })).sort((a, b) => (a.dn < b.dn ? -1 : 1)),
  });

  test('every entry with every attribute', async () => {
    const found = await us!.search(SUFFIX, { scope: 'sub', filter: '(objectClass=*)' });
    expect(found.entries.length).toBeGreaterThan(300);
    expect(sorted(found)).toEqual(sorted({ code: 0, entries }));
  });

  test(`${QUERIES} generated searches`, async () => {
    const random = randomFrom(20_261);
    const differing: object[] = [];
    let withEntries = 0;
    for (let i = 0; i < QUERIES; i++) {
      const query = randomQuery(random, entries);
      const options = { scope: query.scope, filter: query.filter, attributes: query.attributes };
      const [our, their] = [sorted(await us!.search(query.base, options)), sorted(await them!.search(query.base, options))];
      if (their.entries.length > 0) withEntries++;
      if (JSON.stringify(our) !== JSON.stringify(their)) differing.push({ query: `${query.base} ${query.scope} ${query.text} ${query.attributes.join()}`, ours: summary(our, their), slapd: summary(their, our) });
    }
    expect(differing).toEqual([]);
    // Queries that find nothing would prove little.
    expect(withEntries).toBeGreaterThan(QUERIES / 4);
  }, 120_000);

  /** Numbers of entries that both find. */
  const counts = async (filter: string): Promise<{ ours: number; slapd: number }> => ({
    ours: (await us!.search(SUFFIX, { scope: 'sub', filter })).entries.length, slapd: (await them!.search(SUFFIX, { scope: 'sub', filter })).entries.length,
  });

  test('sorted and paged searches give the same entries in the same order', async () => {
    const order = async (url: string, dn: string): Promise<string[]> => {
      const { code, said } = await ldapsearch({ url, dn, password: PASSWORD }, '-b', SUFFIX, '-E', '!sss=-displayName:2.5.13.3/commUniqueId:2.5.13.3', '-E', 'pr=37/noprompt', '(objectClass=commObject)', '1.1');
      expect(code).toBe(0);
      return said.split('\n').filter((line) => line.startsWith('dn:'));
    };
    const found = await order(ours.url, accountDn('admin'));
    expect(found.length).toBeGreaterThan(100);
    expect(found).toEqual(await order(slapd.url, slapd.rootDn));
  });

  describe('differences.md', () => {
    test('ß is the same as ss', async () => {
      await ours.directory.put('person', { key: 'kela-strasse', organisation: 'kela', name: 'Straße', roles: [], languages: [], skills: [], devices: [], enabled: true });
      expect((await us!.search(SUFFIX, { scope: 'sub', filter: '(cn=strasse)' })).entries).toHaveLength(1);
      await ours.directory.remove('person', 'kela-strasse');
    });

    test('a blank at the beginning of an inner part also stands for the beginning of the value', async () => {
      const { ours: found, slapd: others } = await counts('(displayName=* Kela Vaasa*)');
      expect(found).toBeGreaterThan(others);
    });

    test('approximate matching leaves marks out on both, but goes by sound on slapd only', async () => {
      expect(await counts('(cn~=Ahtarin KAUPUNKI)')).toEqual({ ours: 1, slapd: 1 });
      const { ours: found, slapd: others } = await counts('(cn~=Ahdarin kaupunki)');
      expect(found).toBeLessThan(others);
    });

    test('an attribute without an ordering rule can be sorted by here', async () => {
      const sortedBy = (url: string, dn: string): Promise<Outcome> => ldapsearch({ url, dn, password: PASSWORD }, '-b', SUFFIX, '-E', '!sss=o', '(objectClass=organization)', 'o');
      const { code, said } = await sortedBy(ours.url, accountDn('admin'));
      const keys = [...said.matchAll(/^dn: o=([^,]+)/gm)].map(([, key]) => key);
      expect([code, keys]).toEqual([0, [...keys].sort()]);
      expect(keys.length).toBeGreaterThan(10);
      expect((await sortedBy(slapd.url, slapd.rootDn)).code).toBe(INAPPROPRIATE_MATCHING);
    });

    test('hasSubordinates is shown but not searched', async () => {
      expect(await counts('(hasSubordinates=TRUE)')).toMatchObject({ ours: 0 });
    });
  });
});

/** What one found and the other did not. */
function summary(found: Found, other: Found): string {
  const others = new Set(other.entries.map((entry) => JSON.stringify(entry)));
  const only = found.entries.filter((entry) => !others.has(JSON.stringify(entry))).slice(0, 2);
  return `code ${found.code}, ${found.entries.length} entries, only here ${JSON.stringify(only)}`;
}
