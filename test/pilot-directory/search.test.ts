import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryRepository, openDirectoryStore, type DirectoryStore } from '../../src/directory';
import { importDirectory } from '../../src/directory/exchange';
import { openLiveDirectory, type LiveDirectory, type LiveSearchOptions } from '../../src/directory/live';

let folder: string;
let store: DirectoryStore;
let live: LiveDirectory;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etasilta-search-'));
  store = await openDirectoryStore(folder);
  await importDirectory(store, join(__dirname, '../../directory-data/pilot'));
  live = await openLiveDirectory(store);
  await live.warm();
});

afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const keys = async (text: string, options?: LiveSearchOptions): Promise<string[]> => (await live.search(text, options)).map(({ key }) => key);

describe('search in the pilot directory', () => {
  it.each([
    ['a word of the name', 'arabia', 'tulkki.ar@palvelu.example'],
    ['a beginning', 'oikeusa', 'oikeusapu.fi@palvelu.example'],
    ['any order', 'suomeksi kela', 'kela.fi@palvelu.example'],
    ['capitals', 'KELA SUOMEKSI', 'kela.fi@palvelu.example'],
    ['letters without dots', 'yhteispalvelu ahtari', 'yhteispalvelu.fi.ahtari@palvelu.example'],
    ['letters with dots', 'Yhteispalvelu Ähtäri', 'yhteispalvelu.fi.ahtari@palvelu.example'],
    ['the Swedish name', 'samservice etseri', 'yhteispalvelu.fi.ahtari@palvelu.example'],
    ['the English name', 'legal aid swedish', 'oikeusapu.sv@palvelu.example'],
    ['the organisation', 'kansaneläkelaitos ruots', 'kela.sv@palvelu.example'],
    ['an alias', 'viittomakieli@palvelu.example', 'tulkki.fse@palvelu.example'],
    ['the address', 'kela.sv@palvelu.example', 'kela.sv@palvelu.example'],
    ['the number', '00001011', 'kela.fi@palvelu.example'],
    ['the beginning of a number and a name', '09120 dari', 'tulkki.prs@palvelu.example'],
    ['a municipality\'s code', '989 yhteispalvelu', 'yhteispalvelu.fi.ahtari@palvelu.example'],
    ['a device by site', 'fasadi ex90', 'ex90-1@fasadi.alavus.etela-pohjanmaa.example'],
    ['a device by its number', '9899011', 'ex90-1@ahtari.etela-pohjanmaa.example'],
    ['a person by role and place', 'palveluneuvoja soini', 'soini-palveluneuvoja-1'],
    ['a person by the title in Swedish', 'servicerådgivare multia', 'multia-palveluneuvoja-1'],
  ])('finds by %s: "%s"', async (_, text, first) => {
    expect((await live.search(text))[0]).toMatchObject({ key: first, typo: false });
  });

  it.each([
    ['a letter too many', 'kelaa suomeksi', 'kela.fi@palvelu.example'],
    ['a letter missing', 'mastraatti ruotsiksi', 'maistraatti.sv@palvelu.example'],
    ['a wrong letter', 'oikeusaou suomeksi', 'oikeusapu.fi@palvelu.example'],
    ['two letters swapped', 'yhtiespalvelu ähtäri', 'yhteispalvelu.fi.ahtari@palvelu.example'],
    ['a typo in the beginning of a word', 'yhtiesp ähtäri', 'yhteispalvelu.fi.ahtari@palvelu.example'],
    ['a typo in each word', 'yhtiespalvelu ähtärj', 'yhteispalvelu.fi.ahtari@palvelu.example'],
  ])('tolerates %s where nothing else matches: "%s"', async (_, text, first) => {
    expect((await live.search(text))[0]).toMatchObject({ key: first, typo: true });
  });

  it.each([
    ['every word has to be met', 'kela ähtäri'], ['two typos in a word', 'keskuusteluapua'], ['a typo in a number', '00001911'], ['nothing like it', 'xyzzy'],
    ['the middle of a word', 'neläkelaitos'], ['a typo in a short word', 'qq'],
  ])('finds nothing: %s: "%s"', async (_, text) => {
    expect(await live.search(text)).toEqual([]);
  });

  it('puts the whole word before its beginning, and the name before the organisation', async () => {
    const found = await keys('kela', { limit: 100, kinds: ['service', 'device'] });
    expect(found.slice(0, 2)).toEqual(['kela.fi@palvelu.example', 'kela.sv@palvelu.example']);
    const services = await keys('tulkki', { limit: 3 });
    expect(services).toEqual(['tulkki.ar@palvelu.example', 'tulkki.bg@palvelu.example', 'tulkki.bs@palvelu.example']);
  });

  it('puts services before devices before persons, each by key', async () => {
    const found = await live.search('jyväskylä', { limit: 200 });
    const order = { service: 0, device: 1, person: 2 };
    const named = found.filter(({ name }) => /jyväskylä/i.test(name));
    expect(named.map(({ kind, key }) => `${order[kind]} ${key}`)).toEqual(named.map(({ kind, key }) => `${order[kind]} ${key}`).sort());
    expect(new Set(named.map(({ kind }) => kind)).size).toBe(3);
  });

  it('answers with names in the reader\'s language and with the record', async () => {
    expect(await live.search('kela suomeksi', { language: 'sv', limit: 1 })).toMatchObject([{ kind: 'service', name: 'FPA, på finska', organisation: 'kela', entry: { kind: 'service' } }]);
    expect(await live.search('palveluneuvoja soini', { limit: 1 })).toEqual([
      { kind: 'person', key: 'soini-palveluneuvoja-1', name: 'Palveluneuvoja 1, Soini', organisation: 'soini', site: 'soini', typo: false },
    ]);
  });

  it('keeps to the kinds and the limit asked for', async () => {
    expect(new Set((await live.search('jyväskylä', { kinds: ['device'], limit: 50 })).map(({ kind }) => kind))).toEqual(new Set(['device']));
    expect(await live.search('e', { limit: 3 })).toHaveLength(3);
    expect(await live.search('', { limit: 2 })).toHaveLength(2);
    expect(await live.search('kela', { kinds: [] })).toEqual([]);
  });

  it('shows hidden and disabled entries only on request', async () => {
    expect(await keys('itsetesti', { kinds: ['service'] })).toEqual([]);
    expect(await keys('itsetesti', { kinds: ['service'], hidden: true })).toEqual(['itsetesti.fi@palvelu.example']);
    const repository = new DirectoryRepository(store);
    await repository.update('service', 'vero.sv@palvelu.example', (service) => ({ ...service, enabled: false }));
    expect(await keys('vero svenska')).toEqual([]);
    expect(await keys('vero svenska', { hidden: true })).toEqual(['vero.sv@palvelu.example']);
  });

  it.each([['very long', 'a'.repeat(100_000)], ['many words', 'a b c d e f g h i j k l m n o p'.repeat(50)], ['not words', '%_*"\'; --\0'], ['other scripts', 'كيلا 日本 ру'], ['names of methods', 'constructor __proto__']])(
    'takes anything for a query: %s', async (_, text) => {
      expect(Array.isArray(await live.search(text))).toBe(true);
    });
});
