import { DirectoryRepository, mergeOrganisations, openDirectoryStore, renameOrganisation, renameService, type DirectoryStore, type MoveOptions } from '../../src/directory';
import { openLiveDirectory } from '../../src/directory/live';
import { device, membership, organisation, person, service, site } from './sample';

let store: DirectoryStore;
let directory: DirectoryRepository;
const until: MoveOptions = { until: '2027-12-31' };
const AHTARI = 'yhteispalvelu.fi.ahtari@palvelu.example';
const ALAVUS = 'yhteispalvelu.fi.alavus@palvelu.example';

beforeEach(async () => {
  store = await openDirectoryStore(':memory:');
  directory = new DirectoryRepository(store);
  await directory.put('organisation', organisation({ key: 'maakunta', type: 'region', businessId: undefined, domain: 'maakunta.example' }));
  for (const [key, municipality] of [['ahtari', '989'], ['alavus', '010']] as const) {
    await directory.put('organisation', organisation({ key, type: 'municipality', municipality, businessId: undefined, domain: `${key}.example`, parent: 'maakunta' }));
    await directory.put('site', site({ key, organisation: key, municipality }));
    await directory.put('device', device({ address: `ex90-1@piste.${key}.example`, site: key }));
    await directory.put('person', person({ key: `neuvoja.${key}`, organisation: key, site: key, devices: [] }));
    await directory.put('service', service({
      address: `yhteispalvelu.fi.${key}@palvelu.example`, organisation: key, numericAlias: `${municipality}00011`, aliases: [`yhteispalvelu.${key}@palvelu.example`],
    }));
    await directory.put('membership', membership({ service: `yhteispalvelu.fi.${key}@palvelu.example`, device: `ex90-1@piste.${key}.example` }));
  }
  await directory.put('service', service({ address: 'neuvonta.fi@ahtari.example', organisation: 'ahtari', plan: { stages: [], overflow: AHTARI } }));
});
afterEach(() => store.close());

describe('a renamed service', () => {
  it('keeps its members, number and the overflows to it; its old address leads to it until a date', async () => {
    const report = await renameService(store, AHTARI, 'asiointi.fi.ahtari@palvelu.example', until);
    expect(report.services).toEqual([{ from: AHTARI, to: 'asiointi.fi.ahtari@palvelu.example' }]);
    expect(await directory.get('service', AHTARI)).toBeUndefined();
    expect(await directory.get('service', 'asiointi.fi.ahtari@palvelu.example')).toMatchObject({
      numericAlias: '98900011', aliases: ['yhteispalvelu.ahtari@palvelu.example'], formerAddresses: [{ address: AHTARI, until: '2027-12-31' }],
    });
    expect(await directory.membersOf(['asiointi.fi.ahtari@palvelu.example'])).toHaveLength(1);
    expect(await directory.get('service', 'neuvonta.fi@ahtari.example')).toMatchObject({ plan: { overflow: 'asiointi.fi.ahtari@palvelu.example' } });

    const view = await (await openLiveDirectory(store)).view();
    expect(view.find(AHTARI)).toMatchObject({ kind: 'service', alias: AHTARI, until: '2027-12-31', service: { address: 'asiointi.fi.ahtari@palvelu.example' } });
    expect(view.nearest('yhteispalvelu.fi.ahtari', 5)).not.toContain(AHTARI);
  });

  it('is found by search under its old address, and is seen by a view that was open before', async () => {
    const live = await openLiveDirectory(store);
    await live.search('yhteispalvelu');
    await renameService(store, AHTARI, 'asiointi.fi.ahtari@palvelu.example', until);
    expect((await live.search('yhteispalvelu fi ahtari')).map(({ key }) => key)).toEqual(['asiointi.fi.ahtari@palvelu.example']);
    expect((await live.view()).membersOf('asiointi.fi.ahtari@palvelu.example')).toHaveLength(1);
    expect((await live.view()).membersOf(AHTARI)).toEqual([]);
  });

  it('can have its old name back', async () => {
    await renameService(store, AHTARI, 'asiointi.fi.ahtari@palvelu.example', until);
    await renameService(store, 'asiointi.fi.ahtari@palvelu.example', AHTARI, until);
    expect((await directory.get('service', AHTARI))?.formerAddresses).toEqual([{ address: 'asiointi.fi.ahtari@palvelu.example', until: '2027-12-31' }]);
  });

  it('cannot take what belongs to another, nor a name that is none, nor a date that is none; then nothing is changed', async () => {
    const before = await directory.list('service');
    await expect(renameService(store, AHTARI, ALAVUS, until)).rejects.toMatchObject({ code: 'directory-conflict' });
    await expect(renameService(store, AHTARI, 'ex90-1@piste.alavus.example', until)).rejects.toMatchObject({ code: 'directory-conflict' });
    await expect(renameService(store, AHTARI, 'no address', until)).rejects.toMatchObject({ code: 'directory-invalid' });
    await expect(renameService(store, AHTARI, 'uusi.fi@palvelu.example', { until: 'soon' })).rejects.toMatchObject({ code: 'directory-invalid' });
    await expect(renameService(store, 'none@palvelu.example', 'uusi.fi@palvelu.example', until)).rejects.toMatchObject({ code: 'directory-unknown' });
    expect(await directory.list('service')).toEqual(before);
  });

  it('can have its old number back, which is then no former one', async () => {
    await renameService(store, AHTARI, AHTARI, { ...until, number: '98900021' });
    await renameService(store, AHTARI, AHTARI, { ...until, number: '98900011' });
    expect(await directory.get('service', AHTARI)).toMatchObject({ numericAlias: '98900011', formerNumbers: [{ number: '98900021' }] });
    await expect(renameService(store, AHTARI, AHTARI, { ...until, number: '01000011' })).rejects.toMatchObject({ code: 'directory-conflict' });
  });

  it('holds its old address: nobody else can have it', async () => {
    await renameService(store, AHTARI, 'asiointi.fi.ahtari@palvelu.example', until);
    await expect(directory.put('service', service({ address: AHTARI, organisation: 'alavus' }))).rejects.toMatchObject({ code: 'directory-conflict' });
    await directory.update('service', 'asiointi.fi.ahtari@palvelu.example', ({ formerAddresses: _, ...rest }) => rest);
    await expect(directory.put('service', service({ address: AHTARI, organisation: 'alavus' }))).resolves.toBe('added');
  });
});

describe('a renamed organisation', () => {
  const rename = (options: Partial<Parameters<typeof renameOrganisation>[3]> = {}) => renameOrganisation(store, 'ahtari',
    (before) => ({ ...before, names: { fi: 'Uusikunta' }, domain: 'uusikunta.example' }), { ...until, qualifier: { from: 'ahtari', to: 'uusikunta' }, ...options });

  it('takes the addresses of its services with it: qualifier, domain and aliases', async () => {
    const { services } = await rename();
    expect(services).toEqual(expect.arrayContaining([
      { from: AHTARI, to: 'yhteispalvelu.fi.uusikunta@palvelu.example' }, { from: 'neuvonta.fi@ahtari.example', to: 'neuvonta.fi@uusikunta.example' },
    ]));
    expect(await directory.get('service', 'yhteispalvelu.fi.uusikunta@palvelu.example')).toMatchObject({
      aliases: ['yhteispalvelu.uusikunta@palvelu.example'],
      formerAddresses: [{ address: AHTARI, until: '2027-12-31' }, { address: 'yhteispalvelu.ahtari@palvelu.example', until: '2027-12-31' }],
    });
    expect(await directory.get('service', 'neuvonta.fi@uusikunta.example')).toMatchObject({ plan: { overflow: 'yhteispalvelu.fi.uusikunta@palvelu.example' } });
    expect(await directory.get('organisation', 'ahtari')).toMatchObject({ names: { fi: 'Uusikunta' }, domain: 'uusikunta.example' });
    expect(await directory.get('service', ALAVUS)).toBeDefined();
  });

  it('takes their numbers with it where the code of its municipality changes; the old ones lead there until the same date', async () => {
    const { services } = await renameOrganisation(store, 'ahtari', (before) => ({ ...before, municipality: '005' }), until);
    expect(services).toEqual([{ from: AHTARI, to: AHTARI, number: { from: '98900011', to: '00500011' } }]);
    expect(await directory.get('service', AHTARI)).toMatchObject({ numericAlias: '00500011', formerNumbers: [{ number: '98900011', until: '2027-12-31' }] });
    expect((await directory.get('service', AHTARI))?.formerAddresses).toBeUndefined();
    expect(await directory.get('site', 'ahtari')).toMatchObject({ municipality: '005' });
    const live = await openLiveDirectory(store);
    expect((await live.view()).findByNumber('98900011')).toEqual([expect.objectContaining({ alias: '98900011', until: '2027-12-31', service: expect.objectContaining({ address: AHTARI }) as object })]);
    expect((await live.view()).findByNumber('00500011')).toEqual([expect.not.objectContaining({ until: expect.anything() as string })]);
    expect((await live.search('98900011')).map(({ key }) => key)).toEqual([AHTARI]);
    await expect(directory.put('service', service({ address: 'muu.fi@palvelu.example', organisation: 'alavus', numericAlias: '98900011' }))).rejects.toMatchObject({ code: 'directory-conflict' });
  });

  it('changes nothing in a dry run, which tells the same', async () => {
    const before = [await directory.list('service'), await directory.list('organisation'), await directory.list('membership')];
    const tried = await rename({ dryRun: true });
    expect([await directory.list('service'), await directory.list('organisation'), await directory.list('membership')]).toEqual(before);
    expect(await rename()).toEqual(tried);
  });
});

describe('merged organisations', () => {
  it('are one: sites, persons and services belong to the other, and old addresses lead to them', async () => {
    const report = await mergeOrganisations(store, 'ahtari', 'alavus', { ...until, qualifier: { from: 'ahtari', to: 'ahtari-alavus' } });
    expect(report).toMatchObject({ services: [{ from: AHTARI, to: 'yhteispalvelu.fi.ahtari-alavus@palvelu.example' }], absorbed: [], moved: { sites: 1, persons: 1, organisations: 0 } });
    expect(await directory.get('organisation', 'ahtari')).toBeUndefined();
    expect((await directory.list('service', { where: { organisation: 'alavus' } })).map(({ address }) => address).sort()).toEqual(
      ['neuvonta.fi@ahtari.example', ALAVUS, 'yhteispalvelu.fi.ahtari-alavus@palvelu.example'].sort());
    expect(await directory.get('site', 'ahtari')).toMatchObject({ organisation: 'alavus', municipality: '010' });
    expect(await directory.get('person', 'neuvoja.ahtari')).toMatchObject({ organisation: 'alavus' });
  });

  it('whose services would have one address are refused, or one service takes over', async () => {
    const options = { ...until, qualifier: { from: 'ahtari', to: 'alavus' } };
    await expect(mergeOrganisations(store, 'ahtari', 'alavus', options)).rejects.toMatchObject({ code: 'directory-conflict' });
    const report = await mergeOrganisations(store, 'ahtari', 'alavus', { ...options, absorb: true });
    expect(report.absorbed).toEqual([{ from: AHTARI, to: ALAVUS }]);
    expect(await directory.get('service', ALAVUS)).toMatchObject({
      numericAlias: '01000011', formerNumbers: [{ number: '98900011', until: '2027-12-31' }], formerAddresses: [{ address: AHTARI, until: '2027-12-31' }, { address: 'yhteispalvelu.ahtari@palvelu.example', until: '2027-12-31' }],
    });
    expect(await directory.membersOf([ALAVUS])).toHaveLength(1);
    expect(await directory.get('service', 'neuvonta.fi@ahtari.example')).toMatchObject({ plan: { overflow: ALAVUS } });
  });

  it('may have the numbers of the other municipality; one that is taken refuses the merge', async () => {
    const options = { ...until, numbers: { from: '989', to: '010' } };
    await expect(mergeOrganisations(store, 'ahtari', 'alavus', options)).rejects.toMatchObject({ code: 'directory-conflict', message: expect.stringContaining('01000011') as string });
    await renameService(store, AHTARI, AHTARI, { ...until, number: '98900021' });
    const { services } = await mergeOrganisations(store, 'ahtari', 'alavus', options);
    expect(services).toEqual([{ from: AHTARI, to: AHTARI, number: { from: '98900021', to: '01000021' } }]);
    expect(await directory.get('service', AHTARI)).toMatchObject({
      organisation: 'alavus', numericAlias: '01000021', formerNumbers: [{ number: '98900011', until: '2027-12-31' }, { number: '98900021', until: '2027-12-31' }],
    });
  });

  it('cannot be one organisation and a part of it', async () => {
    await expect(mergeOrganisations(store, 'maakunta', 'ahtari', until)).rejects.toMatchObject({ code: 'directory-conflict' });
    await expect(mergeOrganisations(store, 'ahtari', 'ahtari', until)).rejects.toMatchObject({ code: 'directory-conflict' });
  });
});
