import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { account, accountDn, PASSWORD, startTestLdap, SUFFIX, type TestLdap } from '../../ldap/support/ldap-server';
import { envelope, present, RawLdap, searchRequest, tlv } from '../../ldap/support/raw-ldap';
import { describePeer, makeCertificate } from '../harness';
import { asUser, ldapsearch, runLdapUtil as run, type LdapUser, type Outcome } from './ldap-utils';

describePeer(['ldapsearch', 'ldapmodify', 'openssl'], 'OpenLDAP\'s programs', () => {
  let ldap: TestLdap;
  let folder: string;
  let certificate: { certFile: string; keyFile: string };

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-ldap-'));
    certificate = makeCertificate(folder);
    ldap = await startTestLdap({
      listen: ['ldap://127.0.0.1:0', 'ldaps://127.0.0.1:0'], tls: certificate, socket: path.join(folder, 'ldap.sock'),
      accounts: [
        await account('phonebook', { others: 'phonebook' }),
        await account('kela', { organisations: ['kela'], others: 'services' }),
        await account('region', { organisations: ['etela-pohjanmaa'] }),
        await account('registrar', { organisations: ['ahtari'], credentials: true }),
      ],
    });
  });
  afterAll(async () => {
    await ldap?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const user = (name: string): LdapUser => ({ url: ldap.url, dn: accountDn(name), password: PASSWORD });
  const as = (name: string): string[] => asUser(user(name));
  const dns = ({ output }: Outcome): string[] => output.split('\n').filter((line) => line.startsWith('dn: ')).map((line) => line.slice(4));
  const searchAs = (name: string, ...args: string[]): Promise<Outcome> => ldapsearch(user(name), '-b', SUFFIX, ...args);

  test('the documented command finds services and persons', async () => {
    const readme = fs.readFileSync(path.resolve(__dirname, '../../../directory-data/ldap/README.md'), 'utf8');
    const [, command = ''] = /\*\*ldapsearch\*\* — `ldapsearch ([^`]+)`/.exec(readme) ?? [];
    const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain = '']) => quoted ?? plain)
      .map((word) => word.replace('ldap://HOST:1389', ldap.url).replace('cn=addressbook,', 'cn=phonebook,'));
    // The password is asked for at a terminal.
    const { code, output } = await run('ldapsearch', words.flatMap((word) => (word === '-W' ? ['-w', PASSWORD] : [word])), { env: { LDAPTLS_CACERT: certificate.certFile } });
    expect(code).toBe(0);
    expect(output).toContain('etasiltaSIPURI: sip:kela.fi@palvelu.example');
  });

  describe('who is it', () => {
    test('ldapwhoami tells the account', async () => {
      expect(await run('ldapwhoami', as('kela'))).toMatchObject({ code: 0, output: `dn:${accountDn('kela')}\n` });
    });

    test('a wrong password, a name that there is not, and a name without a password are refused', async () => {
      expect(await run('ldapwhoami', ['-x', '-H', ldap.url, '-D', accountDn('kela'), '-w', 'wrong'])).toMatchObject({ code: 49 });
      expect(await run('ldapwhoami', ['-x', '-H', ldap.url, '-D', accountDn('nobody'), '-w', PASSWORD])).toMatchObject({ code: 49 });
      expect(await run('ldapwhoami', ['-x', '-H', ldap.url, '-D', accountDn('kela'), '-w', ''])).toMatchObject({ code: 53 });
    });

    test('over StartTLS and over ldaps', async () => {
      const env = { LDAPTLS_CACERT: certificate.certFile };
      expect(await run('ldapwhoami', ['-ZZ', ...as('kela')], { env })).toMatchObject({ code: 0, output: expect.stringContaining('cn=kela') as string });
      const ldaps = ldap.server.addresses.find((address) => address.startsWith('ldaps:')) as string;
      expect(await run('ldapwhoami', ['-x', '-H', ldaps, '-D', accountDn('kela'), '-w', PASSWORD], { env })).toMatchObject({ code: 0 });
    });

    test('octets in clear behind StartTLS are not read as if they had come over TLS', async () => {
      const client = await RawLdap.connect(ldap.port);
      client.send(envelope(1, tlv(0x77, tlv(0x80, '1.3.6.1.4.1.1466.20037'))), envelope(2, searchRequest(present(), { base: '', scope: 0 })));
      expect((await client.result(1)).code).toBe(0);
      await client.ended();
      expect(client.messages.some(({ id }) => id === 2)).toBe(false);
    });

    test('whoever can open the unix socket is the administrator, by SASL EXTERNAL', async () => {
      const socket = ldap.server.addresses.find((address) => address.startsWith('ldapi:')) as string;
      expect(await run('ldapwhoami', ['-Y', 'EXTERNAL', '-Q', '-H', socket])).toMatchObject({ code: 0, output: `dn:${accountDn('local')}\n` });
      expect(fs.statSync(path.join(folder, 'ldap.sock')).mode & 0o777).toBe(0o600);
      // Over TCP the mechanism is not offered, so that the client does not try.
      expect((await run('ldapwhoami', ['-Y', 'EXTERNAL', '-Q', '-H', ldap.url])).code).not.toBe(0);
    });
  });

  describe('what is seen', () => {
    test('without a bind nothing but the server itself and its schema', async () => {
      expect(await run('ldapsearch', ['-x', '-H', ldap.url, '-b', SUFFIX])).toMatchObject({ code: 8 });
      const rootDse = await run('ldapsearch', ['-x', '-LLL', '-H', ldap.url, '-s', 'base', '-b', '', '+']);
      expect(rootDse.output).toContain(`namingContexts: ${SUFFIX}`);
      expect(rootDse.output).toContain('supportedExtension: 1.3.6.1.4.1.1466.20037');
      const schema = await run('ldapsearch', ['-x', '-LLL', '-H', ldap.url, '-s', 'base', '-b', 'cn=subschema', '-o', 'ldif-wrap=no', 'attributeTypes', 'objectClasses']);
      expect(schema.output).toContain("NAME 'SIPIdentitySIPURI'");
      expect(schema.output).toContain("NAME 'etasiltaService'");
    });

    test('an account with the phone book sees what is shown of everybody, and no internals', async () => {
      await ldap.directory.update('device', 'ex90-1@ahtari.etela-pohjanmaa.example', (device) => ({ ...device, enabled: false }));
      const device = '(SIPIdentitySIPURI=sip:ex90-1@ahtari.etela-pohjanmaa.example)';
      expect(dns(await searchAs('phonebook', device))).toEqual([]);
      expect(dns(await searchAs('admin', device))).toEqual([`commUniqueId=ex90-1@ahtari.etela-pohjanmaa.example,l=ahtari,o=ahtari,${SUFFIX}`]);
      await ldap.directory.update('device', 'ex90-1@ahtari.etela-pohjanmaa.example', (one) => ({ ...one, enabled: true }));
      expect(dns(await searchAs('phonebook', device))).toHaveLength(1);
      expect((await searchAs('phonebook', '(etasiltaPlan=*)')).output).toBe('');
      expect((await searchAs('phonebook', '(commUniqueId=kela.fi@palvelu.example)')).output).not.toContain('etasiltaPlan');
    });

    test('an organisation sees all of its own, and of others the services', async () => {
      const people = dns(await searchAs('kela', '(objectClass=inetOrgPerson)'));
      expect(people.length).toBeGreaterThan(0);
      expect(people.every((dn) => dn.endsWith(`,ou=people,o=kela,${SUFFIX}`))).toBe(true);
      expect(dns(await searchAs('kela', '(objectClass=etasiltaService)')).length).toBeGreaterThan(20);
      expect((await searchAs('kela', '(etasiltaPlan=*)')).output).toContain('etasiltaPlan: ');
      expect(dns(await searchAs('kela', '(etasiltaPlan=*)')).every((dn) => dn.includes('o=kela,'))).toBe(true);
    });

    test('a region sees its municipalities and nobody else', async () => {
      const seen = dns(await searchAs('region', '(objectClass=organization)'));
      expect(seen).toContain(`o=ahtari,${SUFFIX}`);
      expect(seen.some((dn) => dn.startsWith('o=kela,'))).toBe(false);
      expect(await run('ldapsearch', [...as('region'), '-b', `o=kela,${SUFFIX}`])).toMatchObject({ code: 32, output: expect.stringContaining(SUFFIX) as string });
    });

    test('a digest is read by the account that may, of its own devices', async () => {
      const input = [`dn: commUniqueId=ex90-1@ahtari.etela-pohjanmaa.example,l=ahtari,o=ahtari,${SUFFIX}`, 'changetype: modify', 'replace: SIPIdentityPassword', 'SIPIdentityPassword: salasana-1', ''].join('\n');
      expect(await run('ldapmodify', as('admin'), { input })).toMatchObject({ code: 0 });
      const device = '(commUniqueId=ex90-1@ahtari.etela-pohjanmaa.example)';
      // HA1 of ex90-1:palvelu.example:salasana-1
      expect((await searchAs('registrar', device, 'SIPIdentityPassword')).output).toMatch(/SIPIdentityPassword: [0-9a-f]{32}\n/);
      expect((await searchAs('registrar', device, 'cn')).output).not.toContain('SIPIdentityPassword');
      for (const name of ['admin', 'kela', 'phonebook']) expect((await searchAs(name, device, '*', 'SIPIdentityPassword')).output).not.toContain('SIPIdentityPassword');
      expect((await searchAs('registrar', '(SIPIdentityPassword=*)')).output).toBe('');
    });
  });

  describe('searches', () => {
    test('a size limit gives that many entries and says so', async () => {
      const limited = await searchAs('admin', '-z', '3', '(objectClass=commObject)', '1.1');
      expect(limited.code).toBe(4);
      expect(dns(limited)).toHaveLength(3);
    });

    test('paged by control, every entry comes once', async () => {
      const all = dns(await searchAs('admin', '(objectClass=*)', '1.1'));
      const paged = dns(await searchAs('admin', '-E', 'pr=50/noprompt', '(objectClass=*)', '1.1'));
      expect(paged).toEqual(all);
      expect(new Set(paged).size).toBe(paged.length);
    });

    test('a control that is not known and critical is refused', async () => {
      expect(await searchAs('admin', '-E', '!1.2.3.4', '(objectClass=*)')).toMatchObject({ code: 12 });
      expect((await searchAs('admin', '-E', '1.2.3.4', '-s', 'base', '(objectClass=*)')).code).toBe(0);
    });

    test('an attribute in one language, and types only', async () => {
      expect((await searchAs('admin', '(commUniqueId=kela.fi@palvelu.example)', 'cn;lang-sv')).output).toMatch(/^cn;lang-sv:/m);
      expect((await searchAs('admin', '-A', '(commUniqueId=kela.fi@palvelu.example)', 'commUniqueId')).output).toMatch(/^commUniqueId:$/m);
    });

    test('ldapcompare', async () => {
      const dn = `commUniqueId=kela.fi@palvelu.example,ou=services,o=kela,${SUFFIX}`;
      expect((await run('ldapcompare', [...as('admin'), dn, 'SIPIdentitySIPURI:sip:kela.fi@palvelu.example'])).code).toBe(6);
      expect((await run('ldapcompare', [...as('admin'), dn, 'SIPIdentitySIPURI:sip:other@palvelu.example'])).code).toBe(5);
      expect((await run('ldapcompare', [...as('admin'), dn, 'mail:x'])).code).toBe(16);
      expect((await run('ldapcompare', [...as('phonebook'), dn, 'etasiltaPlan:x'])).code).toBe(16);
    });
  });

  describe('changes', () => {
    const modify = (...lines: string[]): Promise<Outcome> => run('ldapmodify', as('admin'), { input: `${lines.join('\n')}\n` });
    const person = `uid=kela-uusi-1,ou=people,o=kela,${SUFFIX}`;
    const newPerson = [`dn: ${person}`, 'changetype: add', 'objectClass: inetOrgPerson', 'objectClass: etasiltaPerson', 'uid: kela-uusi-1', 'cn: Etuusneuvoja 1', 'sn: Etuusneuvoja 1', 'mail: neuvoja-1@kela.example', 'title;lang-fi: Neuvoja', 'etasiltaLanguage: fi'];

    test('a person is added, seen at once, changed, moved and deleted', async () => {
      expect(await modify(...newPerson)).toMatchObject({ code: 0 });
      expect(dns(await searchAs('admin', '(mail=NEUVOJA-1@kela.example)'))).toEqual([person]);
      expect(await modify(...newPerson)).toMatchObject({ code: 68 });
      expect(await modify(`dn: ${person}`, 'changetype: modify', 'replace: mail', 'mail: toinen@kela.example', '-', 'add: etasiltaLanguage', 'etasiltaLanguage: sv', '-', 'add: title;lang-sv', 'title;lang-sv: Rådgivare')).toMatchObject({ code: 0 });
      expect(await ldap.directory.get('person', 'kela-uusi-1')).toMatchObject({ email: 'toinen@kela.example', languages: ['fi', 'sv'], title: { fi: 'Neuvoja', sv: 'Rådgivare' } });
      expect(dns(await searchAs('admin', '(mail=neuvoja-1@kela.example)'))).toEqual([]);
      expect(await run('ldapmodrdn', [...as('admin'), '-s', `ou=people,o=ahtari,${SUFFIX}`, person, 'uid=kela-uusi-1'])).toMatchObject({ code: 0 });
      expect(dns(await searchAs('admin', '(uid=kela-uusi-1)'))).toEqual([`uid=kela-uusi-1,ou=people,o=ahtari,${SUFFIX}`]);
      expect(await run('ldapdelete', [...as('admin'), person])).toMatchObject({ code: 32 });
      expect(await run('ldapdelete', [...as('admin'), `uid=kela-uusi-1,ou=people,o=ahtari,${SUFFIX}`])).toMatchObject({ code: 0 });
      expect(await ldap.directory.get('person', 'kela-uusi-1')).toBeUndefined();
    });

    test('an organisation with a site, a device and a service', async () => {
      expect(await modify(
        `dn: o=koe,${SUFFIX}`, 'changetype: add', 'objectClass: organization', 'objectClass: etasiltaOrganization', 'objectClass: domainRelatedObject', 'o: koe', 'cn: Koekunta', 'cn;lang-sv: Provkommun',
        'associatedDomain: koe.example', 'etasiltaOrganizationType: municipality', `etasiltaParent: o=etela-pohjanmaa,${SUFFIX}`, '',
        `dn: l=koe-talo,o=koe,${SUFFIX}`, 'changetype: add', 'objectClass: locality', 'objectClass: etasiltaServicePoint', 'cn;lang-fi: Kunnantalo', '',
        `dn: commUniqueId=ex90-1@talo.koe.example,l=koe-talo,o=koe,${SUFFIX}`, 'changetype: add', 'objectClass: commObject', 'objectClass: SIPIdentity', 'objectClass: etasiltaEndpoint', 'commUniqueId: ex90-1@talo.koe.example',
        'etasiltaDeviceKind: desk', 'SIPIdentitySIPURI: sip:ex90-1@talo.koe.example', 'SIPIdentityPassword: salasana-2', 'h323IdentitydialedDigits: 9990001', '',
        `dn: commUniqueId=neuvonta.fi.koe@palvelu.example,ou=services,o=koe,${SUFFIX}`, 'changetype: add', 'objectClass: etasiltaService', 'cn: Neuvonta', 'etasiltaPlan: main all 30', 'etasiltaHours: 1-5 09:00-15:00', 'etasiltaLanguage: fi', '',
      )).toMatchObject({ code: 0 });
      expect(await ldap.directory.get('organisation', 'koe')).toMatchObject({ names: { fi: 'Koekunta', sv: 'Provkommun' }, parent: 'etela-pohjanmaa' });
      const device = await ldap.directory.get('device', 'ex90-1@talo.koe.example');
      expect(device).toMatchObject({ site: 'koe-talo', kind: 'desk', e164: '9990001', credentials: { username: 'ex90-1', realm: 'palvelu.example' } });
      expect(JSON.stringify(device)).not.toContain('salasana');
      expect(await ldap.directory.get('service', 'neuvonta.fi.koe@palvelu.example')).toMatchObject({ organisation: 'koe', plan: { stages: [{ group: 'main', strategy: 'all', ringSeconds: 30 }] } });
      expect(await run('ldapdelete', [...as('admin'), `o=koe,${SUFFIX}`])).toMatchObject({ code: 66 });
      expect(await run('ldapdelete', [...as('admin'), `commUniqueId=neuvonta.fi.koe@palvelu.example,ou=services,o=koe,${SUFFIX}`, `commUniqueId=ex90-1@talo.koe.example,l=koe-talo,o=koe,${SUFFIX}`, `l=koe-talo,o=koe,${SUFFIX}`, `o=koe,${SUFFIX}`])).toMatchObject({ code: 0 });
    });

    test('the name without a language and the one of the main language are one', async () => {
      const dn = `commUniqueId=kela.sv@palvelu.example,ou=services,o=kela,${SUFFIX}`;
      const before = await ldap.directory.get('service', 'kela.sv@palvelu.example');
      expect(await modify(`dn: ${dn}`, 'changetype: modify', 'replace: cn', 'cn: Kela ruotsiksi')).toMatchObject({ code: 0 });
      expect((await ldap.directory.get('service', 'kela.sv@palvelu.example'))?.names).toEqual({ ...before?.names, fi: 'Kela ruotsiksi' });
      expect(await modify(`dn: ${dn}`, 'changetype: modify', 'replace: cn;lang-fi', 'cn;lang-fi: Kela', '-', 'replace: cn', 'cn: Toinen')).toMatchObject({ code: 19 });
    });

    test.each([
      ['an attribute that there is not', 17, ['changetype: modify', 'add: noSuch', 'noSuch: x']],
      ['an attribute that such an entry does not have', 65, ['changetype: modify', 'add: street', 'street: x']],
      ['a value that follows from others', 19, ['changetype: modify', 'replace: SIPIdentitySIPURI', 'SIPIdentitySIPURI: sip:other@x.example']],
      ['a second value of a single one', 19, ['changetype: modify', 'add: etasiltaServiceKind', 'etasiltaServiceKind: other']],
      ['a value that is there', 20, ['changetype: modify', 'add: etasiltaLanguage', 'etasiltaLanguage: fi']],
      ['taking away what is not there', 16, ['changetype: modify', 'delete: etasiltaHidden']],
      ['a value against its syntax', 21, ['changetype: modify', 'replace: etasiltaEnabled', 'etasiltaEnabled: maybe']],
      ['a value against the directory\'s rules', 19, ['changetype: modify', 'replace: etasiltaPlan', 'etasiltaPlan: nonsense']],
      ['a number that is somebody else\'s', 19, ['changetype: modify', 'replace: h323IdentitydialedDigits', 'h323IdentitydialedDigits: 00001012']],
      ['another name', 67, ['changetype: modify', 'replace: commUniqueId', 'commUniqueId: x@palvelu.example']],
      ['other classes', 69, ['changetype: modify', 'add: objectClass', 'objectClass: person']],
      ['an operational attribute', 19, ['changetype: modify', 'replace: entryUUID', 'entryUUID: 0dedb26b-080c-435e-b61b-c26873cd9abd']],
      ['a rename', 53, ['changetype: modrdn', 'newrdn: commUniqueId=other.fi@palvelu.example', 'deleteoldrdn: 1']],
      ['a move to where such entries do not stand', 64, ['changetype: modrdn', 'newrdn: commUniqueId=kela.fi@palvelu.example', 'deleteoldrdn: 1', `newsuperior: ou=people,o=kela,${SUFFIX}`]],
    ])('%s is refused', async (_, code, lines) => {
      const before = await ldap.directory.get('service', 'kela.fi@palvelu.example');
      expect(await modify(`dn: commUniqueId=kela.fi@palvelu.example,ou=services,o=kela,${SUFFIX}`, ...lines)).toMatchObject({ code });
      expect(await ldap.directory.get('service', 'kela.fi@palvelu.example')).toEqual(before);
    });

    test('nobody but administrators changes anything', async () => {
      for (const name of ['kela', 'registrar']) {
        expect(await run('ldapmodify', as(name), { input: `${newPerson.join('\n')}\n` })).toMatchObject({ code: 50 });
        expect(await run('ldapdelete', [...as(name), `o=kela,${SUFFIX}`])).toMatchObject({ code: 50 });
      }
    });
  });
});
