import { renameService } from '../../src/directory';
import { reader, serve, type Served } from './support';
import { TmsClient } from './tms-client';

let served: Served;
let tms: TmsClient;

beforeAll(async () => {
  served = await serve([
    reader(), reader({ name: 'h323', protocols: ['h323'] }), reader({ name: 'both', protocols: ['h323', 'sip'], openState: 'suffix' }),
    reader({ name: 'device', organisation: undefined, device: 'ex90-1@ahtari.etela-pohjanmaa.example' }),
    reader({ name: 'hinted', identities: { A1AZ00A00000: 'ex90-1@ahtari.etela-pohjanmaa.example', FF00: 'ex90-1@soini.etela-pohjanmaa.example' } }),
    reader({ name: 'gone', organisation: 'nobody' }),
  ]);
  tms = new TmsClient(served.url('tms'));
});
afterAll(() => served.close());

describe('folders', () => {
  it('lead from the root to every municipality, service point and authority', async () => {
    expect((await tms.search({})).catalogs.map(({ name }) => name))
      .toEqual(['Viranomaiset', 'Tulkit', 'Palvelut aiheittain', 'Etelä-Pohjanmaan maakunta', 'Keski-Suomen maakunta']);
    expect((await tms.search({ path: 'o_etela-pohjanmaa' })).catalogs.map(({ name }) => name)).toContain('Ähtärin kaupunki');
    expect((await tms.search({ path: 'o_ahtari' })).entries.map(({ name }) => name)).toEqual(['Yhteispalvelu, Ähtäri', 'Ähtäri, EX90']);
    expect((await tms.search({ path: 'c_authorities' })).catalogs.map(({ id }) => id)).toContain('o_kela');
  });

  it('come in the order of the reader\'s language', async () => {
    const names = (await tms.search({ path: 'o_etela-pohjanmaa', limit: 50 })).catalogs.map(({ name }) => name);
    // In Finnish Ä comes after V.
    expect(names).toEqual([...names].sort(new Intl.Collator('fi').compare));
    expect(names.at(-1)).toBe('Ähtärin kaupunki');
  });

  it('are in the language of the URL, or in the reader\'s own where that is none', async () => {
    expect((await new TmsClient(served.url('tms', 'ahtari', 'sv')).search({})).catalogs.map(({ name }) => name))
      .toEqual(['Myndigheter', 'Tolkar', 'Tjänster efter ämne', 'Södra Österbotten', 'Mellersta Finland']);
    expect((await new TmsClient(served.url('tms', 'ahtari', 'en')).search({ path: 'o_kela' })).entries.map(({ name }) => name)).toEqual(['Kela, in Finnish', 'Kela, in Swedish']);
    expect((await new TmsClient(served.url('tms', 'ahtari', 'default')).search({})).catalogs[0]?.name).toBe('Viranomaiset');
    // Skolt Sámi has no names in the pilot.
    expect((await new TmsClient(served.url('tms', 'ahtari', 'sms')).search({})).catalogs[0]?.name).toBe('Viranomaiset');
  });

  it('give an interpreter for every language, without a folder where a language has one only', async () => {
    const { catalogs, entries } = await tms.search({ path: 'c_interpreters', limit: 100 });
    expect(catalogs).toEqual([]);
    expect(entries.map(({ name }) => name)).toEqual(expect.arrayContaining(['Tulkki: arabia', 'Tulkki: suomalainen viittomakieli', 'Tulkki: ukraina']));
  });

  it('with one authority less are there in the next answer, and empty ones are left out', async () => {
    await served.directory.put('organisation', { key: 'museo', type: 'state', names: { fi: 'Museo' }, domain: 'museo.example' });
    const authorities = async (): Promise<string[]> => (await tms.search({ path: 'c_authorities' })).catalogs.map(({ id }) => id);
    expect(await authorities()).not.toContain('o_museo');
    const service = { address: 'museo.fi@palvelu.example', organisation: 'museo', languages: ['fi'], names: { fi: 'Museo, opastus' }, kind: 'advice', plan: { stages: [] }, enabled: true };
    await served.directory.put('service', { ...service, plan: { stages: [{ group: 'main', strategy: 'all', ringSeconds: 30 }] } });
    expect(await authorities()).toContain('o_museo');
    expect((await tms.search({ text: 'opastus' })).entries.map(({ id }) => id)).toEqual(['e_museo.fi@palvelu.example']);
    await served.directory.update('service', 'museo.fi@palvelu.example', (one) => ({ ...one, hidden: true }));
    expect(await authorities()).not.toContain('o_museo');
    expect((await tms.search({ text: 'opastus' })).entries).toEqual([]);
    await served.directory.remove('organisation', 'museo', { cascade: true });
  });

  it('that do not exist are said not to', async () => {
    expect(await tms.search({ path: 'o_nobody' })).toMatchObject({ folderExists: false, entries: [], catalogs: [], isLast: true });
    expect(await tms.search({ path: '../../etc/passwd' })).toMatchObject({ folderExists: false });
    expect(await tms.search({ path: '__proto__' })).toMatchObject({ folderExists: false });
  });
});

test('only the new name of a renamed service is shown, and its old address and identifier still lead to it', async () => {
  await renameService(served.store, 'tulkki.ar@palvelu.example', 'arabian-tulkki.ar@palvelu.example', { until: '2099-12-31' });
  const found = async (text: string) => (await tms.search({ text, limit: 100 })).entries.map(({ id, routes }) => [id, routes[0]?.dial]);
  const shown = [['e_arabian-tulkki.ar@palvelu.example', 'arabian-tulkki.ar@palvelu.example']];
  expect(await found('arabia')).toEqual(shown);
  expect(await found('tulkki.ar')).toEqual(shown);
  expect((await tms.search({ path: 'c_interpreters', limit: 100 })).entries.filter(({ id }) => id.endsWith('tulkki.ar@palvelu.example')).map(({ id }) => id)).toEqual([shown[0]?.[0]]);
  expect((await tms.post('<ResolveSystem><Address>tulkki.ar@palvelu.example</Address></ResolveSystem>')).body).toContain('<Id>e_arabian-tulkki.ar@palvelu.example</Id>');
  await renameService(served.store, 'arabian-tulkki.ar@palvelu.example', 'tulkki.ar@palvelu.example', { until: '2099-12-31' });
});

describe('a list in pieces', () => {
  it('has every item once when the last identifier is sent back until the end', async () => {
    const whole = (await tms.search({ path: 'c_interpreters', limit: 1000 })).entries.map(({ id }) => id);
    const ids: string[] = [];
    for (let from: string | undefined; ;) {
      const page = await tms.search({ path: 'c_interpreters', limit: 7, from });
      expect(page.entries.length).toBeLessThanOrEqual(7);
      ids.push(...page.entries.map(({ id }) => id));
      from = page.entries.at(-1)?.id;
      if (page.isLast) break;
      expect(ids.length).toBeLessThan(whole.length);
    }
    expect(ids).toEqual(whole);
    expect(whole.length).toBeGreaterThan(30);
  });

  it('of a search too', async () => {
    const whole = (await tms.search({ text: 'yhteispalvelu', limit: 1000 })).entries.map(({ id }) => id);
    const first = await tms.search({ text: 'yhteispalvelu', limit: 5 });
    const second = await tms.search({ text: 'yhteispalvelu', limit: 1000, from: first.entries.at(-1)?.id });
    expect([...first.entries, ...second.entries].map(({ id }) => id)).toEqual(whole);
    expect([first.isLast, second.isLast]).toEqual([false, true]);
  });

  it('is of twenty where the device names no number', async () => {
    expect((await tms.search({ path: 'c_interpreters' })).entries).toHaveLength(20);
  });

  it('begins with the identifier itself where the range is inclusive, and ends where it shall', async () => {
    const [first, second, third] = (await tms.search({ path: 'c_interpreters', limit: 3 })).entries.map(({ id }) => id);
    const range = async (inclusive: boolean) => (await tms.search({ path: 'c_interpreters', limit: 50, from: first, to: third, inclusive })).entries.map(({ id }) => id);
    expect(await range(true)).toEqual([first, second, third]);
    expect(await range(false)).toEqual([second]);
  });

  it('can be of names with one beginning', async () => {
    expect((await tms.search({ path: 'c_interpreters', startsWith: 'tulkki: A' })).entries.map(({ name }) => name)).toEqual(['Tulkki: albania', 'Tulkki: arabia']);
  });

  it('after an identifier that is no longer there is empty and the last', async () => {
    expect(await tms.search({ path: 'c_interpreters', from: 'e_gone@palvelu.example' })).toMatchObject({ entries: [], isLast: true });
  });
});

describe('search', () => {
  it('is by the beginnings of words, letters folded, in the folder and below', async () => {
    const found = async (text: string, path = '', scope = 'SubTree') => (await tms.search({ text, path, scope, limit: 100 })).entries.map(({ id }) => id);
    expect(await found('AHTARI')).toContain('e_yhteispalvelu.fi.ahtari@palvelu.example');
    expect(await found('yhteisp ähtä')).toEqual(['e_yhteispalvelu.fi.ahtari@palvelu.example', 'e_ex90-1@ahtari.etela-pohjanmaa.example']);
    expect((await found('yhteispalvelu', 'o_keski-suomi')).every((id) => !id.includes('ahtari'))).toBe(true);
    expect(await found('yhteispalvelu', 'o_keski-suomi')).not.toHaveLength(0);
    expect(await found('yhteispalvelu', 'o_keski-suomi', 'SingleLevel')).toEqual([]);
    expect(await found('ähtäri', 'o_ahtari', 'SingleLevel')).toHaveLength(2);
    expect(await found('arabia', 'c_interpreters')).toEqual(['e_tulkki.ar@palvelu.example']);
    expect(await found('kela', 'c_interpreters')).toEqual([]);
    expect(await found('vaasa', 's_kela-vaasa')).toEqual(['e_ex90-1@vaasa.kela.example']);
  });

  it('does not find software and hidden services, which nobody calls directly', async () => {
    expect((await tms.search({ text: 'tulkki-ar-1', limit: 100 })).entries).toEqual([]);
  });
});

describe('what a reader cannot dial is not shown to it', () => {
  it('routes are of the protocols that it has, in its order', async () => {
    const routes = async (name: string) => (await new TmsClient(served.url('tms', name)).search({ path: 'o_ahtari' })).entries[0]?.routes;
    expect(await routes('ahtari')).toEqual([{ protocol: 'SIP', dial: 'yhteispalvelu.fi.ahtari@palvelu.example' }]);
    expect(await routes('h323')).toEqual([{ protocol: 'H323', dial: '98900011' }]);
    expect(await routes('both')).toEqual([{ protocol: 'H323', dial: '98900011' }, { protocol: 'SIP', dial: 'yhteispalvelu.fi.ahtari@palvelu.example' }]);
  });

  it('a device is not in its own phone book', async () => {
    expect((await new TmsClient(served.url('tms', 'device')).search({ path: 'o_ahtari' })).entries.map(({ name }) => name)).toEqual(['Yhteispalvelu, Ähtäri']);
  });

  it('a device of the reader that says who it is loses itself; a stranger\'s name changes nothing', async () => {
    const seen = async (serial: string) => (await new TmsClient(served.url('tms', 'hinted')).search({ path: 'o_ahtari', serial })).entries.length;
    expect(await seen('a1az-00A00000')).toBe(1);
    expect(await seen('FF:00')).toBe(2);
    expect(await seen('unknown')).toBe(2);
  });

  it('there is no book for an organisation that is not in the directory', async () => {
    expect((await new TmsClient(served.url('tms', 'gone')).post('<Search></Search>')).status).toBe(404);
  });
});

test('a name tells whether the service is open and when it opens next', async () => {
  const name = async (now: number, language = 'fi') => {
    served.clock.now = now;
    return (await new TmsClient(served.url('tms', 'both', language)).search({ path: 'o_ahtari' })).entries[0]?.name;
  };
  expect(await name(Date.UTC(2026, 10, 23, 8))).toBe('Yhteispalvelu, Ähtäri (avoinna, sulkeutuu klo 15.00)');
  expect(await name(Date.UTC(2026, 10, 23, 5), 'sv')).toBe('Samservice, Etseri (stängt, öppnar kl. 9.00)');
  expect(await name(Date.UTC(2026, 10, 21, 8), 'en')).toBe('Joint customer service, Ähtäri (closed, opens Mon 23 Nov 2026 at 9:00)');
  served.clock.now = Date.UTC(2026, 10, 23, 8);
});

test('GetPhonebooks has the entries inside their folders', async () => {
  const { status, body } = await tms.post('<GetPhonebooks><SystemIdentifier><MACAddress>00:11</MACAddress></SystemIdentifier><Routing>None</Routing></GetPhonebooks>');
  expect(status).toBe(200);
  expect(body).toMatch(/<GetPhonebooksResult><Name\/><Id\/><Catalog><Name>Viranomaiset<\/Name><Id>c_authorities<\/Id><Entry><Name>/);
  expect(body).toMatch(/<DialString>yhteispalvelu\.fi\.ahtari@palvelu\.example<\/DialString>/);
  expect(body).toMatch(/<FolderExists>true<\/FolderExists><\/GetPhonebooksResult>/);
});

test('ResolveSystem finds who is reached by an address or a number', async () => {
  const resolved = async (text: string) => /<ResolveSystemResult><Name>(.*?)<\/Name>/.exec((await tms.post(`<ResolveSystem><Address>${text}</Address></ResolveSystem>`)).body)?.[1];
  expect(await resolved('98900011')).toBe('Yhteispalvelu, Ähtäri');
  expect(await resolved('KELA.fi@palvelu.example')).toBe('Kela, suomeksi');
  expect(await resolved('nobody@palvelu.example')).toBeUndefined();
});
