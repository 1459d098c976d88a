import { createServer, type Server } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryRepository, downloadPtv, formatDifference, importPtv, type DirectoryStore, openDirectoryStore, renameService, type PtvOptions } from '../../src/directory';
import { organisation, service } from './sample';

const NOW = Date.UTC(2026, 10, 22);
const DAY = 86_400_000;
const KELA = '0246246-0';
const guid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const names = (field: string, texts: Record<string, string>, type = 'Name') => Object.entries(texts).map(([language, value]) => ({ language, type, value, field }));

/** Objects of the shapes that the API's version 11 answers. */
const ptvOrganisation = (changes: object = {}) => ({
  id: guid(1), oid: '1.2.246.10.2462460', organizationType: 'State', businessCode: KELA, publishingStatus: 'Published',
  organizationNames: [...names('', { fi: 'Kansaneläkelaitos', sv: 'Folkpensionsanstalten', en: 'Social Insurance Institution' }), { language: 'fi', type: 'AlternativeName', value: 'Kela' }], ...changes,
});
const ptvService = (n: number, texts: Record<string, string>, changes: object = {}) => ({
  id: guid(100 + n), serviceNames: names('', texts), serviceDescriptions: [{ language: 'fi', type: 'Summary', value: `Palvelun\n${n} tiivistelmä` }, { language: 'fi', type: 'Description', value: 'pitkä' }],
  organizations: [{ roleType: 'Producer', organization: { id: guid(9) } }, { roleType: 'Responsible', organization: { id: guid(1) } }],
  languages: ['fi', 'sv'], publishingStatus: 'Published', serviceChannels: [{ serviceChannel: { id: guid(200), name: 'Verkkoasiointi' } }], ...changes,
});
const weekly = (from: string, to: string, dayFrom = 'Monday', dayTo: string | null = 'Friday') =>
  ({ serviceHourType: 'DaysOfTheWeek', validFrom: null, validTo: null, isClosed: false, validForNow: true, openingHour: [{ dayFrom, dayTo, from, to }] });
const ptvChannel = (serviceHours: object[]) => ({ id: guid(200), serviceChannelType: 'Phone', serviceChannelNames: [{ language: 'fi', type: 'Name', value: 'Puhelin' }], serviceHours, publishingStatus: 'Published' });

let folder: string;
let store: DirectoryStore;
let directory: DirectoryRepository;
const write = (name: string, content: unknown): void => writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
const options = (changes: Partial<PtvOptions> = {}): PtvOptions => ({ domain: 'palvelu.example', departures: { removeAfterDays: 14, maxLostShare: 0.5 }, now: NOW, ...changes });
const run = (changes: Partial<PtvOptions> = {}) => importPtv(store, folder, options(changes));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ptv-'));
  store = await openDirectoryStore(':memory:');
  directory = new DirectoryRepository(store);
  await directory.put('organisation', organisation({ key: 'kela', businessId: KELA, names: { fi: 'Kela', se: 'Álbmotealáhatlágádus' } }));
  await directory.put('service', service({ address: 'kela.fi@palvelu.example', names: { fi: 'Yleinen  Neuvonta' } }));
  write('organisation.json', ptvOrganisation());
  write('services.json', { pageNumber: 1, pageSize: 1000, pageCount: 1, itemList: [ptvService(1, { fi: 'Yleinen neuvonta', sv: 'Allmän rådgivning', en: 'General advice' })] });
  write('channels.json', [ptvChannel([weekly('09:00:00', '15:00:00')])]);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

describe('the service catalogue', () => {
  it('gives names in three languages and hours to the organisation of a Y-tunnus and its service of a name', async () => {
    const report = await run();
    expect(report.total).toMatchObject({ added: 0, changed: 2, removed: 0 });
    expect(await directory.get('organisation', 'kela')).toMatchObject({
      names: { fi: 'Kansaneläkelaitos', sv: 'Folkpensionsanstalten', en: 'Social Insurance Institution', se: 'Álbmotealáhatlágádus' }, domain: 'kela.example', type: 'state',
    });
    expect(await directory.get('service', 'kela.fi@palvelu.example')).toMatchObject({
      names: { fi: 'Yleinen neuvonta', sv: 'Allmän rådgivning', en: 'General advice' }, description: { fi: 'Palvelun 1 tiivistelmä' },
      hours: { weekly: [{ days: [1, 2, 3, 4, 5], open: '09:00', close: '15:00' }] }, enabled: true, plan: { stages: [{ group: 'main' }] }, languages: ['fi'],
    });
    expect((await run()).total).toMatchObject({ added: 0, changed: 0, removed: 0, unchanged: 2 });
  });

  it('changes nothing in a dry run, and tells what it would', async () => {
    const report = await run({ dryRun: true });
    expect(formatDifference(report)).toContain('~ service kela.fi@palvelu.example\n    name_fi: Yleinen  Neuvonta -> Yleinen neuvonta');
    expect((await directory.get('organisation', 'kela'))?.names.fi).toBe('Kela');
  });

  it('knows a service by its identifier once it has seen it, whatever becomes of its name and address', async () => {
    await run();
    await renameService(store, 'kela.fi@palvelu.example', 'neuvonta.fi.kela@palvelu.example', { until: '2027-12-31' });
    write('services.json', [ptvService(1, { fi: 'Uusi nimi' })]);
    await run();
    expect((await directory.get('service', 'neuvonta.fi.kela@palvelu.example'))?.names).toMatchObject({ fi: 'Uusi nimi', sv: 'Allmän rådgivning' });
  });

  it('adds organisations, and services only where that is asked for: disabled, without a plan', async () => {
    write('organisation.json', [ptvOrganisation(), ptvOrganisation({ id: guid(2), businessCode: '0204819-8', organizationType: 'Municipality', municipality: { code: '853' }, organizationNames: names('', { fi: 'Turku', sv: 'Åbo' }) })]);
    write('services.json', [ptvService(2, { fi: 'Rakennuslupa & valvonta' }, { organizations: [{ roleType: 'Responsible', organization: { id: guid(2) } }] })]);
    expect((await run()).total).toMatchObject({ added: 1 });
    expect(await directory.get('organisation', 'turku')).toMatchObject({ businessId: '0204819-8', type: 'municipality', municipality: '853', domain: 'turku.palvelu.example' });
    expect((await run({ addServices: true })).total).toMatchObject({ added: 1 });
    expect(await directory.get('service', 'rakennuslupa-valvonta.turku@palvelu.example')).toMatchObject({
      organisation: 'turku', enabled: false, plan: { stages: [] }, languages: ['fi', 'sv'], names: { fi: 'Rakennuslupa & valvonta' },
    });
  });

  it('marks what is gone, and removes after the delay what it had added, but never what was there before it', async () => {
    write('services.json', [ptvService(1, { fi: 'Yleinen neuvonta' }), ptvService(2, { fi: 'Toinen' })]);
    await run({ addServices: true });
    write('services.json', [ptvService(2, { fi: 'Toinen' }, { publishingStatus: 'Deleted' })]);
    const gone = await run({ addServices: true, now: NOW + DAY });
    expect(formatDifference(gone)).toContain('? service toinen.kela@palvelu.example: missing in the source since 2026-11-23, removed after 2026-12-07');
    expect(formatDifference(gone)).toContain('? service kela.fi@palvelu.example: missing in the source since 2026-11-23, kept');
    expect((await run({ now: NOW + 14 * DAY })).total.removed).toBe(0);
    const last = await run({ now: NOW + 15 * DAY });
    expect(last.differences).toEqual([{ change: 'removed', kind: 'service', key: 'toinen.kela@palvelu.example' }]);
    expect(await directory.get('service', 'toinen.kela@palvelu.example')).toBeUndefined();
    expect(await directory.get('service', 'kela.fi@palvelu.example')).toBeDefined();
    expect((await run({ now: NOW + 16 * DAY })).missing).toEqual([]);
  });

  it('loses its mark when it comes back', async () => {
    await run();
    write('services.json', []);
    expect((await run({ now: NOW + DAY })).missing).toHaveLength(1);
    write('services.json', [ptvService(3, { fi: 'Muu' })]);
    expect((await run({ now: NOW + 2 * DAY })).missing).toHaveLength(1);
    write('services.json', [ptvService(1, { fi: 'Yleinen neuvonta' })]);
    expect((await run({ now: NOW + 30 * DAY })).missing).toHaveLength(0);
  });

  it('that suddenly has lost much is refused as a whole', async () => {
    write('services.json', Array.from({ length: 20 }, (_, i) => ptvService(i, { fi: `Palvelu ${i}` })));
    await run({ addServices: true });
    write('services.json', Array.from({ length: 9 }, (_, i) => ptvService(i, { fi: `Uusi ${i}` })));
    await expect(run({ addServices: true })).rejects.toMatchObject({ code: 'import-sudden-loss', lost: 11, known: 20 });
    expect((await directory.get('service', 'palvelu-0.kela@palvelu.example'))?.names.fi).toBe('Palvelu 0');
    await expect(run({ addServices: true, departures: { removeAfterDays: 14, maxLostShare: 0.6 } })).resolves.toBeDefined();
  });

  it('that comes empty is refused, too; but one organisation\'s files say nothing of another\'s services', async () => {
    write('services.json', Array.from({ length: 20 }, (_, i) => ptvService(i, { fi: `Palvelu ${i}` })));
    await run({ addServices: true });
    write('services.json', []);
    await expect(run()).rejects.toMatchObject({ code: 'import-sudden-loss', lost: 20 });
    write('organisation.json', ptvOrganisation({ id: guid(2), businessCode: '0204819-8', organizationType: 'Municipality', organizationNames: names('', { fi: 'Turku' }) }));
    expect((await run()).missing).toEqual([]);
  });

  it('with faults changes nothing and names file, path and field of each', async () => {
    write('services.json', { itemList: [
      ptvService(1, { fi: 'Hyvä' }), ptvService(2, {}), ptvService(3, { xx: 'Kieletön', fi: 'A' }), ptvService(4, { fi: 'B' }, { organizations: [{ organization: { id: guid(77) } }] }),
      ptvService(5, { fi: 'C' }, { serviceChannels: [{ serviceChannel: { id: guid(200) }, serviceHours: [weekly('9', '15:00:00'), { serviceHourType: 'Sometimes' }] }] }), 7, { something: 'else' },
    ] });
    write('organisation.json', ptvOrganisation({ organizationType: 'Club' }));
    write('broken.json', '{"itemList": [');
    const error = await run({ addServices: true }).then(() => new Error('imported'), (failure: Error) => failure);
    const lines = error.message.replaceAll(`${folder}/`, '').split('\n');
    expect(lines).toEqual(expect.arrayContaining([
      'services.json: itemList[1]: serviceNames: has no Name', 'services.json: itemList[2]: serviceNames[0].language: "xx" is no ISO 639 language code',
      'services.json: itemList[3]: organizations: names no organisation that is in the directory or in these files',
      'organisation.json: $: organizationType: "Club" is none of State, Municipality, RegionalOrganization, Region, SotePublic, SotePrivate, Company, Organization',
      'services.json: itemList[5]: is no object', 'services.json: itemList[6]: is no organisation, service or service channel of the service catalogue',
    ]));
    expect(lines.find((line) => line.startsWith('broken.json'))).toMatch(/is no JSON/);
    expect((await directory.get('organisation', 'kela'))?.names.fi).toBe('Kela');
  });

  it('with a record that breaks a rule of the directory names file, path and field too', async () => {
    write('organisation.json', [ptvOrganisation(), ptvOrganisation({ id: guid(3), businessCode: '1234567-0', organizationNames: names('', { fi: 'Väärä' }) })]);
    await expect(run()).rejects.toThrow('organisation.json: [1]: organisation vaara: businessId:');
  });
});

describe('opening hours of the catalogue', () => {
  const hoursOf = async (...serviceHours: object[]) => {
    write('channels.json', [ptvChannel(serviceHours)]);
    await run();
    return (await directory.get('service', 'kela.fi@palvelu.example'))?.hours;
  };

  it('are weekly ones, of one day or several, of the season that holds', async () => {
    expect(await hoursOf(weekly('08:00:00', '12:00:00', 'Saturday', null), weekly('09:00:00', '00:00:00'), { ...weekly('07:00:00', '08:00:00'), validTo: '2026-08-31T00:00:00' }, { ...weekly('07:00:00', '08:00:00'), validFrom: '2027-06-01T00:00:00' }))
      .toEqual({ weekly: [{ days: [6], open: '08:00', close: '12:00' }, { days: [1, 2, 3, 4, 5], open: '09:00', close: '24:00' }] });
  });

  it('are exceptions day by day, closed or with hours of their own; past ones are left out', async () => {
    expect(await hoursOf(weekly('09:00:00', '15:00:00'),
      { serviceHourType: 'Exceptional', validFrom: '2026-12-24T00:00:00', validTo: '2026-12-26T00:00:00', isClosed: true, openingHour: [] },
      { serviceHourType: 'Exceptional', validFrom: '2026-12-31T00:00:00', validTo: null, isClosed: false, openingHour: [{ from: '09:00:00', to: '12:00:00' }] },
      { serviceHourType: 'Exceptional', validFrom: '2026-05-01T00:00:00', validTo: null, isClosed: true })).toMatchObject({
      exceptions: [{ date: '2026-12-24' }, { date: '2026-12-25' }, { date: '2026-12-26' }, { date: '2026-12-31', hours: [{ open: '09:00', close: '12:00' }] }],
    });
  });

  it('over midnight are two, and of several days on end one long opening', async () => {
    const over = (dayFrom: string, dayTo: string | null, from: string, to: string) => ({ serviceHourType: 'OverMidnight', openingHour: [{ dayFrom, dayTo, from, to }] });
    expect(await hoursOf(over('Friday', null, '20:00:00', '02:00:00'))).toEqual({ weekly: [{ days: [5], open: '20:00', close: '24:00' }, { days: [6], open: '00:00', close: '02:00' }] });
    expect(await hoursOf(over('Friday', 'Monday', '20:00:00', '06:00:00'))).toEqual({
      weekly: [{ days: [5], open: '20:00', close: '24:00' }, { days: [6, 7], open: '00:00', close: '24:00' }, { days: [1], open: '00:00', close: '06:00' }],
    });
  });

  it('of the service\'s own connection come before those of the channel', async () => {
    write('services.json', [ptvService(1, { fi: 'Yleinen neuvonta' }, { serviceChannels: [{ serviceChannel: { id: guid(200) }, serviceHours: [weekly('10:00:00', '11:00:00')] }] })]);
    expect(await hoursOf(weekly('09:00:00', '15:00:00'))).toMatchObject({ weekly: [{ open: '10:00' }] });
  });
});

describe('a download', () => {
  let server: Server;
  let base: string;
  const asked: string[] = [];
  let answers: Record<string, unknown>;

  beforeEach(async () => {
    asked.length = 0;
    answers = {
      [`/Organization/businesscode/${KELA}`]: ptvOrganisation(),
      [`/Service/list/organization?organizationId=${guid(1)}&page=1`]: { pageNumber: 1, pageCount: 2, itemList: [{ id: guid(101) }] },
      [`/Service/list/organization?organizationId=${guid(1)}&page=2`]: { pageNumber: 2, pageCount: 2, itemList: [{ id: guid(102) }] },
      [`/Service/list?guids=${guid(101)},${guid(102)}`]: [ptvService(1, { fi: 'Yleinen neuvonta' }), ptvService(2, { fi: 'Toinen' })],
      [`/ServiceChannel/list?guids=${guid(200)}`]: [ptvChannel([weekly('09:00:00', '15:00:00')])],
    };
    server = createServer((req, res) => {
      asked.push(req.url ?? '');
      const answer = answers[decodeURIComponent(req.url ?? '')];
      if (typeof answer === 'string') res.writeHead(302, { Location: answer }).end();
      else res.writeHead(answer === undefined ? 404 : 200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer ?? {}));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    rmSync(folder, { recursive: true });
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  it('brings an organisation, its services page by page and their channels into files that are then imported', async () => {
    expect(await downloadPtv({ baseUrl: base, businessIds: [KELA], folder })).toHaveLength(3);
    expect((await run({ addServices: true })).total).toMatchObject({ added: 1, changed: 2 });
  });

  it('fails on an error, a redirection, a wrong Y-tunnus', async () => {
    const failure = (businessIds: string[]) => downloadPtv({ baseUrl: base, businessIds, folder }).then(() => 'done', (error: Error) => error.message.replace(base, ''));
    expect(await failure(['0204819-8'])).toBe('/Organization/businesscode/0204819-8: answered 404');
    answers[`/Organization/businesscode/${KELA}`] = 'http://127.0.0.1:1/';
    expect(await failure([KELA])).toMatch(/is not reached/);
    asked.length = 0;
    expect(await failure(['0246246-1'])).toMatch(/is no Y-tunnus/);
    expect(await failure(['../../x'])).toMatch(/is no Y-tunnus/);
    expect(asked).toEqual([]);
  });
});
