import fs from 'node:fs';
import path from 'node:path';
import { account, accountDn, PASSWORD, startTestLdap, SUFFIX, type TestLdap } from '../../ldap/support/ldap-server';
import { describePeer } from '../harness';
import { ldapsearch } from './ldap-utils';

const README = fs.readFileSync(path.resolve(__dirname, '../../../directory-data/ldap/README.md'), 'utf8');
/** The paragraph of a recipe, and the words in it that stand as code. */
const recipe = (title: string): { text: string; code: string[] } => {
  const text = README.split('\n\n').find((paragraph) => paragraph.startsWith(`**${title}`)) ?? '';
  return { text, code: [...text.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word) };
};

type Entry = Record<string, string[]>;

describePeer('ldapsearch', 'the documented recipes, asked by ldapsearch', () => {
  let ldap: TestLdap;
  beforeAll(async () => {
    ldap = await startTestLdap({ accounts: [await account('addressbook', { others: 'phonebook' })] });
    await ldap.directory.put('person', {
      key: 'kela-neuvoja-9', organisation: 'kela', site: 'kela-vaasa', name: 'Neuvoja 9, Kela', email: 'neuvoja-9@kela.example', title: { fi: 'Neuvoja' },
      roles: [], languages: ['fi'], skills: [], devices: ['etuusasiantuntija-1@vaasa.kela.example'], enabled: true,
    });
  });
  afterAll(() => ldap.stop());

  const search = async (...args: string[]): Promise<{ code: number; entries: Entry[] }> => {
    const { code, said } = await ldapsearch({ url: ldap.url, dn: accountDn('addressbook'), password: PASSWORD }, ...args);
    const entries = said.split('\n\n').filter((block) => block.startsWith('dn:')).map((block) => {
      const entry: Entry = {};
      for (const [, name = '', base64, value = ''] of block.matchAll(/^([^:\n]+):(:?) (.*)$/gm)) (entry[name] ??= []).push(base64 ? Buffer.from(value, 'base64').toString() : value);
      return entry;
    });
    return { code, entries };
  };

  test('an address book finds persons and services with a name and how to reach them', async () => {
    const [base = '', people = '', services = ''] = recipe('Address book').code;
    const persons = (await search('-b', base, people, 'cn', 'mail', 'etasiltaSIPURI')).entries;
    expect(persons.length).toBeGreaterThan(10);
    expect(persons.find(({ mail }) => mail?.[0] === 'neuvoja-9@kela.example')).toMatchObject({ cn: ['Neuvoja 9, Kela'], etasiltaSIPURI: ['sip:etuusasiantuntija-1@vaasa.kela.example'] });
    const found = (await search('-b', base, services, 'cn', 'telephoneNumber', 'etasiltaSIPURI')).entries;
    expect(found.length).toBeGreaterThan(20);
    for (const { cn, telephoneNumber, etasiltaSIPURI } of found) expect([cn?.length, telephoneNumber?.length, etasiltaSIPURI?.[0]]).toEqual([1, 1, expect.stringMatching(/^sip:[^A-Z]+$/) as string]);
  });

  test('Jabber\'s map names attributes that persons have, and what is typed finds them', async () => {
    const { code } = recipe('Jabber');
    const setting = (name: string): string => code[code.indexOf(name) + 1] ?? '';
    const filter = (typed: string): string => `(&${setting('BaseFilter')}(${setting('PredictiveSearchFilter')}=${typed}*))`;
    const [person] = (await search('-b', SUFFIX, filter('neuvoja 9'))).entries;
    for (const [name, value] of [
      ['UserAccountName', 'kela-neuvoja-9'], ['CommonName', 'Neuvoja 9, Kela'], ['DisplayName', 'Neuvoja 9, Kela'], ['Lastname', 'Neuvoja 9, Kela'], ['EmailAddress', 'neuvoja-9@kela.example'],
      ['SipUri', 'sip:etuusasiantuntija-1@vaasa.kela.example'],
    ] as const) expect([name, person?.[setting(name)]]).toEqual([name, [value]]);
  });

  test('a phone book source of H.350 finds devices and services by their identities', async () => {
    const [base = ''] = recipe('TMS phone book source').code;
    const h350 = ['commUniqueId', 'h323Identityh323-ID', 'h323IdentitydialedDigits', 'SIPIdentitySIPURI'];
    const { entries } = await search('-b', base, '(&(objectClass=commObject)(|(objectClass=h323Identity)(objectClass=SIPIdentity)))', ...h350);
    expect(entries.find(({ commUniqueId }) => commUniqueId?.[0] === 'kela.fi@palvelu.example')).toMatchObject({
      'h323Identityh323-ID': ['kela.fi@palvelu.example'], h323IdentitydialedDigits: ['00001011'], SIPIdentitySIPURI: ['sip:kela.fi@palvelu.example'],
    });
    expect(entries.find(({ commUniqueId }) => commUniqueId?.[0] === 'ex90-1@ahtari.etela-pohjanmaa.example')).toMatchObject({
      SIPIdentitySIPURI: ['sip:ex90-1@ahtari.etela-pohjanmaa.example'], h323IdentitydialedDigits: ['9899011'],
    });
  });

  test('what the root DSE says is supported is, as a critical control; nothing else is', async () => {
    const [dse] = (await search('-s', 'base', '-b', '', '+')).entries;
    const asked: Record<string, string[]> = {
      '1.2.840.113556.1.4.319': ['-E', '!pr=5/noprompt'], '1.2.840.113556.1.4.473': ['-E', '!sss=cn:2.5.13.3'], '2.16.840.1.113730.3.4.2': ['-MM'],
    };
    expect([...(dse?.supportedControl ?? [])].sort()).toEqual(Object.keys(asked).sort());
    for (const options of Object.values(asked)) expect(await search('-b', `o=kela,${SUFFIX}`, '-s', 'base', ...options)).toMatchObject({ code: 0, entries: [{ o: expect.arrayContaining(['kela']) as string[] }] });
    // Assertion (RFC 4528), domain scope and subentries (RFC 3672).
    for (const options of [['-e', '!assert=(cn=x)'], ['-E', '!domainScope'], ['-E', '!subentries=true']]) expect((await search('-b', SUFFIX, '-s', 'base', ...options)).code).toBe(12);
    // RFC 3673, RFC 4526 and RFC 3866.
    expect(dse?.supportedFeatures).toEqual(['1.3.6.1.4.1.4203.1.5.1', '1.3.6.1.4.1.4203.1.5.3', '1.3.6.1.4.1.4203.1.5.4']);
    expect((await search('-b', `o=kela,${SUFFIX}`, '-s', 'base', '(&)', '+', 'cn;lang-sv')).entries).toEqual([expect.objectContaining({ entryDN: [`o=kela,${SUFFIX}`], 'cn;lang-sv': [expect.any(String)] })]);
    expect(await search('-b', SUFFIX, '(|)')).toEqual({ code: 0, entries: [] });
  });
});
