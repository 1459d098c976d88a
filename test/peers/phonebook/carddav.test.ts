import { DAVClient } from 'tsdav';
import { serve, type Served } from '../../phonebook/support';

/** tsdav finds and reads the address books as an address-book program does, knowing one URL only. */
describe('a CardDAV client', () => {
  let served: Served;
  let client: DAVClient;

  beforeAll(async () => {
    served = await serve();
    client = new DAVClient({ serverUrl: served.url('carddav/'), credentials: {}, authMethod: 'Custom', authFunction: async () => ({}), defaultAccountType: 'carddav' });
    await client.login();
  });
  afterAll(() => served.close());

  const books = async () => new Map((await client.fetchAddressBooks()).map((book) => [book.displayName, book]));
  const book = async (name: string) => {
    const found = (await books()).get(name);
    if (found === undefined) throw new Error(`no address book ${name}`);
    return found;
  };

  it('finds an address book for the authorities, the interpreters and each region', async () => {
    expect([...(await books()).keys()]).toEqual(['Viranomaiset', 'Tulkit', 'Etelä-Pohjanmaan maakunta', 'Keski-Suomen maakunta']);
    expect((await book('Tulkit')).reports).toEqual(expect.arrayContaining(['addressbookQuery', 'addressbookMultiget', 'syncCollection']));
  });

  it('reads the cards of a book', async () => {
    const cards = await client.fetchVCards({ addressBook: await book('Etelä-Pohjanmaan maakunta') });
    const ahtari = cards.find(({ url }) => decodeURIComponent(url).endsWith('/e_yhteispalvelu.fi.ahtari@palvelu.example.vcf'));
    expect(ahtari?.data).toMatch(/^BEGIN:VCARD\r\nVERSION:4\.0\r\n/);
    expect(ahtari?.data).toMatch(/\r\nFN:Yhteispalvelu\\, Ähtäri\r\n/);
    expect(ahtari?.data).toMatch(/\r\nIMPP:sip:yhteispalvelu\.fi\.ahtari@palvelu\.example\r\n/);
    expect(ahtari?.etag).toMatch(/^"/);
    expect(cards.length).toBeGreaterThan(10);
  });

  it('searches by name and by number', async () => {
    const find = async (name: string, type: string, text: string) => (await client.addressBookQuery({
      url: (await book('Tulkit')).url, props: { 'd:getetag': {}, 'card:address-data': {} }, depth: '1',
      filters: { 'prop-filter': { _attributes: { name }, 'text-match': { _attributes: { 'match-type': type, collation: 'i;unicode-casemap' }, _text: text } } },
    })).filter(({ status }) => status === 207 || status === 200).map(({ href }) => decodeURIComponent(href ?? '').split('/').at(-1));
    expect(await find('FN', 'contains', 'ARABIA')).toEqual(['e_tulkki.ar@palvelu.example.vcf']);
    expect(await find('TEL', 'equals', '0912001')).toEqual(['e_tulkki.ar@palvelu.example.vcf']);
    expect(await find('FN', 'starts-with', 'arabia')).toEqual([]);
  });

  it('sees by the book\'s tag that something changed, and by a card\'s tag what', async () => {
    const addressBook = await book('Tulkit');
    expect((await client.isCollectionDirty({ collection: addressBook })).isDirty).toBe(false);
    const tags = async () => new Map((await client.fetchVCards({ addressBook: await book('Tulkit') })).map(({ url, etag }) => [url, etag]));
    const before = await tags();
    await served.directory.update('service', 'tulkki.ar@palvelu.example', (service) => ({ ...service, names: { fi: 'Tulkki: arabian kieli' } }));
    expect((await client.isCollectionDirty({ collection: addressBook })).isDirty).toBe(true);
    const changed = [...await tags()].filter(([url, etag]) => before.get(url) !== etag).map(([url]) => decodeURIComponent(url).split('/').at(-1));
    expect(changed).toEqual(['e_tulkki.ar@palvelu.example.vcf']);
  });

  it('synchronises by token: everything, then nothing, then again everything once the token is old', async () => {
    const addressBook = await book('Tulkit');
    const sync = (syncToken: string) => client.syncCollection({ url: addressBook.url, props: { 'd:getetag': {} }, syncLevel: 1, syncToken });
    const count = (responses: Awaited<ReturnType<typeof sync>>) => responses.filter(({ href }) => href?.endsWith('.vcf')).length;
    expect(count(await sync(''))).toBeGreaterThan(30);
    expect(count(await sync(addressBook.syncToken ?? ''))).toBe(0);
    expect((await sync('urn:etasilta:phonebook:fi:1'))[0]?.status).toBe(403);
  });

  it('cannot write', async () => {
    const response = await client.createVCard({ addressBook: await book('Tulkit'), filename: 'uusi.vcf', vCardString: 'BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Uusi\r\nEND:VCARD\r\n' });
    expect(response.status).toBe(405);
  });
});
