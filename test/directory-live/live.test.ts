import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DirectoryRepository, openDirectoryStore, type Device, type DirectoryStore, type KindName, type Membership, type Person, type RecordOf, type Service } from '../../src/directory';
import { openLiveDirectory, type LiveDirectory } from '../../src/directory/live';

const ORGANISATION = { key: 'ahtari', type: 'municipality' as const, names: { fi: 'Ähtärin kaupunki', sv: 'Etseri stad' }, domain: 'ahtari.example', municipality: '989' };
const SITE = { key: 'ahtari', organisation: 'ahtari', names: { fi: 'Yhteispalvelupiste Ähtäri' } };
const DEVICE: Device = { address: 'ex90-1@ahtari.example', site: 'ahtari', kind: 'desk', e164: '9899011', h323Id: 'Ähtäri EX90', enabled: true };
const PERSON: Person = { key: 'neuvoja-1', organisation: 'ahtari', name: 'Palveluneuvoja 1', roles: [], languages: ['fi'], skills: [], devices: ['ex90-1@ahtari.example'], enabled: true };
const SERVICE: Service = {
  address: 'neuvonta.fi@palvelu.example', organisation: 'ahtari', languages: ['fi'], names: { fi: 'Neuvonta', sv: 'Rådgivning' }, numericAlias: '98900011',
  aliases: ['neuvonta@palvelu.example'], plan: { stages: [{ group: 'main', strategy: 'all', ringSeconds: 30 }] }, enabled: true,
};
const MEMBERSHIP: Membership = { service: SERVICE.address, person: PERSON.key, group: 'main', position: 0 };

let folder: string;
let store: DirectoryStore;
let repository: DirectoryRepository;
let live: LiveDirectory;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etasilta-live-'));
  store = await openDirectoryStore(folder);
  repository = new DirectoryRepository(store);
  await repository.put('organisation', ORGANISATION);
  await repository.put('site', SITE);
  await repository.put('device', DEVICE);
  await repository.put('person', PERSON);
  await repository.put('person', { ...PERSON, key: 'toimistosihteeri-1', name: 'Toimistosihteeri 1', devices: [] });
  await repository.put('service', SERVICE);
  await repository.put('membership', MEMBERSHIP);
  live = await openLiveDirectory(store);
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

describe('search', () => {
  it('leaves out hits that the caller has, and is content with the state of a view in use', async () => {
    const hits = await live.search('ahtari');
    expect(hits.length).toBeGreaterThan(2);
    expect(await live.search('ahtari', { skip: 1 })).toEqual(hits.slice(1));
    const { revision } = await live.view();
    await repository.put('service', { ...SERVICE, address: 'uusi.fi@palvelu.example', aliases: [], numericAlias: undefined });
    expect(await live.search('uusi', { revision })).toEqual([]);
    expect((await live.search('uusi', { revision: revision + 1 })).map(({ key }) => key)).toEqual(['uusi.fi@palvelu.example']);
  });
});

describe('a view of the directory', () => {
  it('finds a service by address, alias, number and bare name', async () => {
    const view = await live.view();
    expect(view.find('neuvonta.fi@palvelu.example')).toEqual({ kind: 'service', service: SERVICE });
    expect(view.find('neuvonta@palvelu.example')).toEqual({ kind: 'service', service: SERVICE, alias: 'neuvonta@palvelu.example' });
    expect(view.findByNumber('98900011')).toEqual([{ kind: 'service', service: SERVICE }]);
    expect(view.findByLocalPart('neuvonta.fi')).toEqual([{ kind: 'service', service: SERVICE }]);
    expect(view.findByLocalPart('neuvonta')).toEqual([{ kind: 'service', service: SERVICE, alias: 'neuvonta@palvelu.example' }]);
    expect(view.service(SERVICE.address)).toEqual(SERVICE);
  });

  it('lists organisations by parent, sites and services by organisation, devices by site', async () => {
    const before = await live.view();
    expect(before.childrenOf().map(({ key }) => key)).toEqual(['ahtari']);
    expect([before.sitesOf('ahtari'), before.devicesOf('ahtari'), before.servicesOf('ahtari')]).toEqual([[SITE], [DEVICE], [SERVICE]]);

    await repository.put('organisation', { key: 'maakunta', type: 'region', names: { fi: 'Maakunta' }, domain: 'maakunta.example' });
    await repository.put('organisation', { ...ORGANISATION, parent: 'maakunta' });
    await repository.put('site', { ...SITE, key: 'toinen' });
    await repository.put('device', { ...DEVICE, site: 'toinen' });
    await repository.remove('service', SERVICE.address, { cascade: true });
    const after = await live.view();
    expect(after.childrenOf().map(({ key }) => key)).toEqual(['maakunta']);
    expect(after.childrenOf('maakunta').map(({ key }) => key)).toEqual(['ahtari']);
    expect(after.sitesOf('ahtari').map(({ key }) => key)).toEqual(['ahtari', 'toinen']);
    expect([after.devicesOf('ahtari'), after.devicesOf('toinen').length, after.servicesOf('ahtari')]).toEqual([[], 1, []]);
    expect(before.servicesOf('ahtari')).toEqual([SERVICE]);
  });

  it('keeps the lists of those that did not change', async () => {
    const before = await live.view();
    await repository.put('service', { ...SERVICE, names: { fi: 'Toinen nimi' } });
    const after = await live.view();
    expect(after.servicesOf('ahtari')).not.toBe(before.servicesOf('ahtari'));
    expect(after.devicesOf('ahtari')).toBe(before.devicesOf('ahtari'));
  });

  it('finds a device by address, number, H.323 ID and bare name', async () => {
    const view = await live.view();
    expect(view.find('ex90-1@ahtari.example')).toEqual({ kind: 'device', device: DEVICE });
    expect(view.findByNumber('9899011')).toEqual([{ kind: 'device', device: DEVICE }]);
    expect(view.findByH323Id('ähtäri ex90')).toEqual(DEVICE);
    expect(view.findByLocalPart('ex90-1')).toEqual([{ kind: 'device', device: DEVICE }]);
  });

  it('has the members of a service by group and position, and those persons who are members', async () => {
    const second: Membership = { service: SERVICE.address, device: DEVICE.address, group: 'main', position: 1 };
    const backup: Membership = { service: SERVICE.address, device: DEVICE.address, group: 'backup', position: 9 };
    await repository.put('membership', second);
    await repository.put('membership', backup);
    const view = await live.view();
    expect(view.membersOf(SERVICE.address)).toEqual([backup, MEMBERSHIP, second]);
    expect(view.person('neuvoja-1')).toEqual(PERSON);
    expect(view.person('toimistosihteeri-1')).toBeUndefined();
    await expect(live.person('toimistosihteeri-1')).resolves.toMatchObject({ name: 'Toimistosihteeri 1' });
    await expect(live.person('nobody')).resolves.toBeUndefined();
  });

  it('knows nothing of what is not there', async () => {
    const view = await live.view();
    expect(view.find('kela.fi@palvelu.example')).toBeUndefined();
    expect(view.findByNumber('112')).toEqual([]);
    expect(view.findByLocalPart('constructor')).toEqual([]);
    expect(view.findByH323Id('__proto__')).toBeUndefined();
    expect(view.membersOf('kela.fi@palvelu.example')).toEqual([]);
  });

  it('names at most twenty entries of one bare name', async () => {
    for (let i = 0; i < 25; i++) await repository.put('device', { ...DEVICE, address: `huone-1@s${i}.ahtari.example`, e164: undefined, h323Id: undefined });
    expect((await live.view()).findByLocalPart('huone-1')).toHaveLength(20);
  });

  it('suggests what can be called: neither disabled nor hidden', async () => {
    expect((await live.view()).nearest('neuvonat.fi@palvelu.example', 5)).toEqual(['neuvonta.fi@palvelu.example']);
    await repository.put('service', { ...SERVICE, hidden: true });
    expect((await live.view()).nearest('neuvonat.fi@palvelu.example', 5)).toEqual([]);
  });

  it('suggests an address that was added a moment ago', async () => {
    (await live.view()).nearest('x', 1);
    await repository.put('service', { ...SERVICE, address: 'kirjasto.fi@palvelu.example', aliases: undefined, numericAlias: undefined });
    expect((await live.view()).nearest('kirjsato.fi@palvelu.example', 5)).toEqual(['kirjasto.fi@palvelu.example']);
  });

  it('stays as it was when the directory changes', async () => {
    const before = await live.view();
    await repository.put('service', { ...SERVICE, aliases: ['tieto@palvelu.example'], numericAlias: '98900012' });
    await repository.remove('membership', `${SERVICE.address} main ${PERSON.key}`);
    await repository.remove('device', DEVICE.address, { cascade: true });
    const after = await live.view();
    expect(before.find('neuvonta@palvelu.example')).toMatchObject({ kind: 'service' });
    expect(before.findByNumber('98900011')).toHaveLength(1);
    expect(before.membersOf(SERVICE.address)).toEqual([MEMBERSHIP]);
    expect(before.findByLocalPart('ex90-1')).toHaveLength(1);
    expect(after.find('neuvonta@palvelu.example')).toBeUndefined();
    expect(after.findByNumber('98900011')).toEqual([]);
    expect(after.findByNumber('98900012')).toHaveLength(1);
    expect(after.membersOf(SERVICE.address)).toEqual([]);
    expect(after.findByLocalPart('ex90-1')).toEqual([]);
    expect(after.findByH323Id('Ähtäri EX90')).toBeUndefined();
    expect(after.revision).toBeGreaterThan(before.revision);
  });

  it('is the same object as long as nothing changes', async () => {
    expect(await live.view()).toBe(await live.view());
  });

  it('follows an alias that goes from one service to another', async () => {
    const other = { ...SERVICE, address: 'asiointi.fi@palvelu.example', aliases: undefined, numericAlias: undefined };
    await repository.put('service', other);
    await repository.put('service', { ...SERVICE, aliases: undefined });
    await repository.put('service', { ...other, aliases: ['neuvonta@palvelu.example'] });
    const view = await live.view();
    expect(view.find('neuvonta@palvelu.example')).toMatchObject({ service: { address: 'asiointi.fi@palvelu.example' } });
    expect(view.findByLocalPart('neuvonta')).toHaveLength(1);
  });

  it('is searched in some places only, where wanted', async () => {
    await repository.put('organisation', { ...ORGANISATION, key: 'soini', municipality: '759', domain: 'soini.example' });
    await repository.put('service', { ...SERVICE, address: 'neuvonta.fi.soini@palvelu.example', organisation: 'soini', aliases: undefined, numericAlias: undefined });
    const found = async (organisation: string) => (await live.search('neuvonta', { kinds: ['service'], where: (place) => place === organisation })).map(({ key }) => key);
    expect(await found('soini')).toEqual(['neuvonta.fi.soini@palvelu.example']);
    expect(await found('ahtari')).toEqual([SERVICE.address]);
    await repository.put('service', { ...SERVICE, names: { fi: 'Neuvontapalvelu' } });
    expect([await found('soini'), await found('ahtari')]).toEqual([['neuvonta.fi.soini@palvelu.example'], [SERVICE.address]]);
  });

  it('is read whole where too many changes came to tell them apart', async () => {
    const before = await live.view();
    await store.transaction(async (trx) => {
      await trx.insertInto('sites').values({ key: 'uusi', organisation: 'ahtari', names: '{"fi":"Uusi"}', municipality: null, address: null, media: null }).execute();
      await trx.insertInto('changes').values({ kind: 'all', key: '' }).execute();
    });
    expect(before.site('uusi')).toBeUndefined();
    expect((await live.view()).site('uusi')).toEqual({ key: 'uusi', organisation: 'ahtari', names: { fi: 'Uusi' } });
    expect((await live.search('uusi neuvonta'))).toEqual([]);
  });

  it('is read whole where the changes that it missed are no longer kept', async () => {
    await store.transaction(async (trx) => {
      await trx.insertInto('sites').values({ key: 'uusi', organisation: 'ahtari', names: '{"fi":"Uusi"}', municipality: null, address: null, media: null }).execute();
      await trx.insertInto('changes').values([1, 2, 3].map((n) => ({ kind: 'site', key: `s${n}` }))).execute();
      await trx.deleteFrom('changes').where('key', '<>', 's3').execute();
    });
    expect((await live.view()).site('uusi')).toBeDefined();
  });
});

describe('changes by another process', () => {
  let writer: ChildProcessWithoutNullStreams;
  let answers: AsyncIterator<string>;

  beforeEach(() => {
    writer = spawn(process.execPath, ['-r', join(__dirname, '../support/typescript.js'), join(__dirname, 'writer-process.ts'), folder]);
    writer.stderr.pipe(process.stderr);
    answers = createInterface(writer.stdout)[Symbol.asyncIterator]();
  });

  afterEach(async () => {
    writer.stdin.end();
    if (writer.exitCode === null) await once(writer, 'exit');
  });

  const tell = async (command: object): Promise<void> => {
    writer.stdin.write(`${JSON.stringify(command)}\n`);
    expect(await answers.next()).toEqual({ done: false, value: 'done' });
  };
  const put = <K extends KindName>(kind: K, record: RecordOf[K]): Promise<void> => tell({ put: [kind, record] });

  it('are in the next view', async () => {
    await live.view();
    await put('service', { ...SERVICE, names: { fi: 'Asiakaspalvelu' } });
    expect((await live.view()).service(SERVICE.address)?.names).toEqual({ fi: 'Asiakaspalvelu' });
    await put('membership', { service: SERVICE.address, person: 'toimistosihteeri-1', group: 'main', position: 3 });
    expect((await live.view()).membersOf(SERVICE.address)).toHaveLength(2);
    expect((await live.view()).person('toimistosihteeri-1')).toMatchObject({ name: 'Toimistosihteeri 1' });
    await put('person', { ...PERSON, enabled: false });
    expect((await live.view()).person(PERSON.key)?.enabled).toBe(false);
    await tell({ remove: ['device', DEVICE.address] });
    const view = await live.view();
    expect(view.find(DEVICE.address)).toBeUndefined();
    expect(view.person(PERSON.key)?.devices).toEqual([]);
  });

  it('are in every answer asked for after they were committed, while many ask at once', async () => {
    for (let i = 1; i <= 30; i++) {
      const early = [live.view(), live.view()];
      await put('service', { ...SERVICE, names: { fi: `Nimi ${i}` } });
      const late = await Promise.all([live.view(), live.view(), live.search(`nimi ${i}`)]);
      expect(late[0].service(SERVICE.address)?.names.fi).toBe(`Nimi ${i}`);
      expect(late[1].service(SERVICE.address)?.names.fi).toBe(`Nimi ${i}`);
      expect(late[2]).toMatchObject([{ kind: 'service', key: SERVICE.address, name: `Nimi ${i}`, typo: false }]);
      await Promise.all(early);
    }
  });

  it('are found by search: persons, renamed organisations and sites with all that belongs to them', async () => {
    const found = async (text: string): Promise<string[]> => (await live.search(text)).filter(({ typo }) => !typo).map(({ key }) => key);
    expect(await found('etseri')).toEqual([SERVICE.address, DEVICE.address, 'neuvoja-1', 'toimistosihteeri-1']);
    await put('person', { ...PERSON, key: 'kirjastonhoitaja-1', name: 'Kirjastonhoitaja 1' });
    expect(await found('kirjastonhoitaja')).toEqual(['kirjastonhoitaja-1']);
    await put('organisation', { ...ORGANISATION, names: { fi: 'Uusikaupunki' } });
    expect(await found('etseri')).toEqual([]);
    expect(await found('uusik')).toEqual([SERVICE.address, DEVICE.address, 'kirjastonhoitaja-1', 'neuvoja-1', 'toimistosihteeri-1']);
    await put('site', { ...SITE, names: { fi: 'Fasadi' } });
    expect(await found('fasadi')).toEqual([DEVICE.address]);
    await tell({ remove: ['person', 'kirjastonhoitaja-1'] });
    expect(await found('kirjastonhoitaja')).toEqual([]);
  });
});
