import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reader, serve, type Served } from './support';

let served: Served;
const tree = new XMLParser({ ignoreAttributes: false, parseTagValue: false, parseAttributeValue: false, isArray: (name) => ['user', 'MenuItem', 'DirectoryEntry', 'SoftKeyItem'].includes(name) });

beforeAll(async () => {
  served = await serve([
    reader({ openState: 'suffix' }), reader({ name: 'staff', persons: 'all' }), reader({ name: 'own', persons: 'organisation' }),
  ], { uds: { reader: 'staff', networks: ['127.0.0.0/8'] } });
});
afterAll(() => served.close());

async function get(url: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string; type: string | null; tag: string | null }> {
  const response = await fetch(url, { headers });
  return { status: response.status, body: await response.text(), type: response.headers.get('content-type'), tag: response.headers.get('etag') };
}
async function xml<T>(url: string): Promise<T> {
  const { status, body } = await get(url);
  expect(status).toBe(200);
  expect(XMLValidator.validate(body)).toBe(true);
  return tree.parse(body) as T;
}

describe('UDS', () => {
  interface Users { users: { '@_returnedCount': string; '@_totalCount': string; '@_start': string; user?: Record<string, string>[] } }
  const users = async (query: string, name = 'staff') => (await xml<Users>(`${served.url('cucm-uds/users', name)}?${query}`)).users;

  it('tells its version and server, and asks for no log-in', async () => {
    const { versionInformation } = await xml<{ versionInformation: Record<string, unknown> }>(`${served.origin}/cucm-uds/version`);
    expect(versionInformation).toMatchObject({ '@_uri': `${served.origin}/cucm-uds/version`, 'capabilities': { usersResourceAuthEnabled: 'false' } });
    expect(await xml(`${served.origin}/cucm-uds/servers`)).toMatchObject({ servers: { server: '127.0.0.1' } });
  });

  it('finds services, devices and persons as users', async () => {
    const { user = [] } = await users('name=kela+suom');
    expect(user[0]).toMatchObject({ displayName: 'Kela, suomeksi', directoryUri: 'kela.fi@palvelu.example', phoneNumber: '00001011', department: 'Kansaneläkelaitos (Kela)' });
    expect((await users('last=palveluneuvoja+1+ähtäri')).user).toEqual([expect.objectContaining({
      userName: 'ahtari-palveluneuvoja-1', title: 'Palveluneuvoja', directoryUri: 'ex90-1@ahtari.etela-pohjanmaa.example',
    })]);
    expect((await users('uri=sip:kela.sv@palvelu.example')).user?.[0]).toMatchObject({ displayName: 'Kela, ruotsiksi' });
  });

  it('finds persons for those only who may see them', async () => {
    const found = async (name: string, text: string) => ((await users(`name=${text}`, name)).user ?? []).map(({ userName }) => userName);
    expect(await found('staff', 'etuusasiantuntija')).not.toHaveLength(0);
    expect(await found('own', 'etuusasiantuntija')).toEqual([]);
    expect(await found('own', 'palveluneuvoja')).toEqual(['ahtari-palveluneuvoja-1']);
    expect(await found('ahtari', 'palveluneuvoja')).toEqual([]);
  });

  it('gives pieces of at most a hundred', async () => {
    const first = await users('name=yhteispalvelu&max=2');
    const second = await users('name=yhteispalvelu&max=2&start=2');
    expect([first['@_returnedCount'], first['@_start'], second['@_start']]).toEqual(['2', '0', '2']);
    expect(Number(first['@_totalCount'])).toBeGreaterThan(2);
    expect(second.user?.[0]?.id).not.toBe(first.user?.[0]?.id);
    expect((await users('name=yhteispalvelu&max=9999'))).toMatchObject({ '@_requestedCount': '100' });
  });

  it('wants three letters', async () => {
    for (const query of ['name=ke', 'name=', '', 'name=%20%20k', 'name=abc&name=def', 'name=a.b.c', 'first=*']) expect((await get(`${served.url('cucm-uds/users', 'staff')}?${query}`)).status).toBe(400);
  });

  it('says where a user is at home', async () => {
    expect((await get(`${served.origin}/cucm-uds/clusterUser?username=ahtari-palveluneuvoja-1`)).body).toContain('found="true"');
    expect((await get(`${served.origin}/cucm-uds/clusterUser?username=nobody-at-all`)).body).toContain('found="false"');
    expect((await get(`${served.origin}/cucm-uds/clusterUser?username=ab`)).status).toBe(400);
  });

  it('at the fixed path is for the configured networks only', async () => {
    const other = await serve([reader()], { uds: { reader: 'ahtari', networks: ['192.0.2.0/24'] } });
    expect((await get(`${other.origin}/cucm-uds/version`)).status).toBe(404);
    expect((await get(`${other.origin}/cucm-uds/users?name=kela`)).status).toBe(404);
    await other.close();
  });
});

describe('phones of', () => {
  const packed = (body: string): string => body.replace(/>\s+</g, '><').trim();
  const golden = (name: string): string => packed(readFileSync(join(__dirname, 'fixtures/vendors', name), 'utf8'));
  const vendors = ['cisco', 'fanvil', 'polycom', 'snom', 'yealink'];

  test.each(vendors)('%s get folders, entries and hits in their own form', async (vendor) => {
    const page = async (query: string) => packed((await get(`${served.url(vendor)}?${query}`)).body).replaceAll(served.origin, 'http://phonebook.example');
    expect(await page('')).toBe(golden(`${vendor}.menu.xml`));
    expect(await page('folder=o_ahtari')).toBe(golden(`${vendor}.entries.xml`));
    expect(await page('q=kela+suom')).toBe(golden(`${vendor}.search.xml`));
  });

  test.each(vendors)('%s can walk through all pieces of a long list', async (vendor) => {
    const names = new Set<string>();
    for (let url: string | undefined = `${served.url(vendor)}?folder=c_interpreters`, pieces = 0; url !== undefined && pieces < 5; pieces++) {
      const { body } = await get(url);
      expect(XMLValidator.validate(body)).toBe(true);
      for (const [, name] of body.matchAll(/(?:<Name>|name="|">)(Tulkki: [^<"]+?)(?: \(|<|")/g)) names.add(name as string);
      url = /(http:[^<"]*offset=\d+[^<"]*)/.exec(body)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(names.size).toBeGreaterThan(33);
  });

  test('snom, cisco and polycom ask for the text to search', async () => {
    for (const vendor of ['snom', 'cisco', 'polycom']) {
      expect(packed((await get(`${served.url(vendor)}?form=1`)).body)).toBe(golden(`${vendor}.form.xml`).replaceAll('http://phonebook.example', served.origin));
    }
  });
});

describe('vCard export', () => {
  const cards = async (query: string): Promise<string[]> => (await get(`${served.url('contacts.vcf')}?${query}`)).body.split(/(?<=END:VCARD\r\n)/);

  it('has one card for each entry of a folder and below, without what changes by the hour', async () => {
    const all = await cards('folder=o_ahtari');
    expect(all).toHaveLength(2);
    expect(all[0]).toBe([
      'BEGIN:VCARD', 'VERSION:4.0', 'UID;VALUE=text:e_yhteispalvelu.fi.ahtari@palvelu.example', 'KIND:org', 'FN:Yhteispalvelu\\, Ähtäri', 'ORG:Ähtärin kaupunki',
      'IMPP:sip:yhteispalvelu.fi.ahtari@palvelu.example', 'TEL:98900011', 'NOTE:Palveluneuvoja auttaa asioinnissa ja avaa etäyhteyden viranomaiseen.', 'END:VCARD', '',
    ].join('\r\n'));
    expect(await cards('folder=c_authorities')).not.toHaveLength(0);
  });

  it('has lines of at most 75 octets, cut between characters', async () => {
    const lines = (await cards('folder=o_etela-pohjanmaa')).join('').split('\r\n');
    expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75);
    expect(lines.join('\n')).not.toContain('\ufffd');
  });
});

describe('an entity tag', () => {
  it.each(['cucm-uds/users?name=kela', 'yealink?folder=o_ahtari', 'contacts.vcf?folder=o_ahtari', 'api/folder?id=o_ahtari', 'api/search?q=kela'])('of %s holds until the answer changes', async (path) => {
    const first = await get(served.url(path));
    const again = await get(served.url(path), { 'If-None-Match': first.tag ?? '' });
    expect([first.status, again.status, again.body]).toEqual([200, 304, '']);
    expect((await get(served.url(path), { 'If-None-Match': '"another", W/"one"' })).status).toBe(200);
  });

  it('is another one after a change of the directory', async () => {
    const { tag } = await get(served.url('api/folder?id=o_ahtari'));
    await served.directory.update('service', 'yhteispalvelu.fi.ahtari@palvelu.example', (one) => ({ ...one, names: { ...one.names, fi: 'Yhteispalvelu Ähtärissä' } }));
    const changed = await get(served.url('api/folder?id=o_ahtari'), { 'If-None-Match': tag ?? '' });
    expect([changed.status, changed.body.includes('Yhteispalvelu Ähtärissä')]).toEqual([200, true]);
    await served.directory.update('service', 'yhteispalvelu.fi.ahtari@palvelu.example', (one) => ({ ...one, names: { ...one.names, fi: 'Yhteispalvelu, Ähtäri' } }));
  });
});
