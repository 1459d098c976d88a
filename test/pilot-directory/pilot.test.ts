import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseServiceAddress } from '../../src/addressing';
import { openDirectoryStore, type DirectoryDocument, type DirectoryStore } from '../../src/directory';
import { checkDirectory } from '../../src/directory/check';
import { importDirectory } from '../../src/directory/exchange';
import { openLiveDirectory, type LiveDirectory } from '../../src/directory/live';

const PILOT = join(__dirname, '../../directory-data/pilot');
const MUNICIPALITIES: Record<string, string> = {
  ahtari: '989', alajarvi: '005', alavus: '010', joutsa: '172', jyvaskyla: '179', kannonkoski: '216', karstula: '226', kauhava: '233', keuruu: '249', kinnula: '256',
  kivijarvi: '265', kurikka: '301', kyyjarvi: '312', multia: '495', petajavesi: '592', pihtipudas: '601', saarijarvi: '729', soini: '759', teuva: '846', vimpeli: '934',
};
const SERVICE_POINTS = [
  'ahtari', 'alajarvi-lehtimaki', 'alavus-fasadi', 'alavus-kaupungintalo', 'alavus-toysa-talo', 'joutsa', 'jyvaskyla-hannikainen', 'jyvaskyla-korpilahti', 'jyvaskyla-oiva',
  'jyvaskyla-saynatsalo', 'jyvaskyla-sosiaaliasema', 'kannonkoski', 'karstula', 'kauhava-alaharma', 'kauhava-kaupungintalo', 'keuruu', 'kinnula', 'kivijarvi', 'kurikka-jurva',
  'kyyjarvi', 'multia', 'petajavesi', 'pihtipudas', 'saarijarvi-pylkonmaki', 'soini', 'teuva', 'vimpeli',
];

let folder: string;
let store: DirectoryStore;
let live: LiveDirectory;
const pilot: DirectoryDocument = { organisations: [], sites: [], devices: [], services: [], persons: [], memberships: [] };

beforeAll(async () => {
  for (const file of await readdir(PILOT)) {
    const lists = parse(await readFile(join(PILOT, file), 'utf8')) as Partial<Record<keyof DirectoryDocument, object[]>>;
    for (const [name, records] of Object.entries(lists)) (pilot[name as keyof DirectoryDocument] as object[]).push(...records);
  }
  folder = await mkdtemp(join(tmpdir(), 'etasilta-pilot-'));
  store = await openDirectoryStore(folder);
  await importDirectory(store, PILOT);
  live = await openLiveDirectory(store);
});

afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

describe('the pilot directory', () => {
  it('can be dialled as it is: the check finds nothing but devices without passwords', async () => {
    const findings = await checkDirectory(store);
    expect(findings.filter(({ code }) => code !== 'no-credentials')).toEqual([]);
    expect(findings).toHaveLength(pilot.devices.length);
  });

  it('has the municipalities of the pilot by their real codes', () => {
    const towns = pilot.organisations.filter(({ type }) => type === 'municipality').map(({ key, municipality }) => [key, municipality]);
    expect(Object.fromEntries(towns)).toEqual(MUNICIPALITIES);
  });

  it('has one EX90 at each service point, two at those of Jyväskylä and Kauhava', () => {
    const points = pilot.sites.filter(({ organisation }) => organisation in MUNICIPALITIES);
    expect(points.map(({ key }) => key).sort()).toEqual(SERVICE_POINTS);
    for (const { key, organisation } of points) {
      const ex90s = pilot.devices.filter(({ site, model }) => site === key && model === 'Cisco TelePresence EX90');
      expect({ key, ex90s: ex90s.length }).toEqual({ key, ex90s: ['jyvaskyla', 'kauhava'].includes(organisation) ? 2 : 1 });
    }
  });

  it('has names in Finnish, Swedish and English for all that a citizen sees', () => {
    for (const { names } of [...pilot.organisations, ...pilot.sites, ...pilot.services, ...pilot.devices]) expect(Object.keys(names ?? {})).toEqual(['fi', 'sv', 'en']);
    for (const { description } of pilot.services) expect(Object.keys(description ?? {})).toEqual(['fi', 'sv', 'en']);
  });

  it('names nobody and nothing real: samples, reserved domains, persons by role and number, no credentials', () => {
    for (const { sample, domain } of pilot.organisations) expect({ sample, domain }).toEqual({ sample: true, domain: expect.stringMatching(/\.example$/) as string });
    for (const { name } of pilot.persons) expect(name).toMatch(/^[A-ZÄÖ][\p{L}\s-]+ \d, /u);
    for (const device of pilot.devices) expect(device).not.toHaveProperty('credentials');
  });

  it('rings all of the first of Kela\'s three offices, then the next', async () => {
    const view = await live.view();
    for (const address of ['kela.fi@palvelu.example', 'kela.sv@palvelu.example']) {
      const stages = view.service(address)?.plan.stages ?? [];
      expect(stages.map(({ strategy }) => strategy)).toEqual(['all', 'all', 'all']);
      expect(new Set(view.membersOf(address).map(({ group }) => group))).toEqual(new Set(stages.map(({ group }) => group)));
    }
    expect(view.find('kela.fi.etuudet@palvelu.example')).toMatchObject({ service: { address: 'kela.fi@palvelu.example' } });
  });

  it('closes offices on weekends and on the public holidays of 2026 and 2027', () => {
    for (const { address, hours } of pilot.services.filter((service) => service.hours !== undefined)) {
      expect({ address, days: hours?.weekly.map(({ days }) => days) }).toEqual({ address, days: [[1, 2, 3, 4, 5]] });
      expect(hours?.exceptions?.map(({ date }) => date)).toEqual([2026, 2027].flatMap(holidaysOnWeekdays));
    }
    expect(pilot.services.filter(({ hours }) => hours === undefined).map(({ address }) => address)).toEqual(['itsetesti.fi@palvelu.example', 'kokous.fi@palvelu.example']);
  });

  it('has at least thirty interpreting languages, sign languages among them, each joining a running call and answered by several', async () => {
    const view = await live.view();
    const interpreting = pilot.services.filter(({ kind }) => kind === 'interpreting');
    expect(interpreting.length).toBeGreaterThanOrEqual(30);
    for (const { address, joins } of interpreting) {
      expect({ address, joins }).toEqual({ address, joins: true });
      expect(view.membersOf(address).length).toBeGreaterThan(1);
    }
    expect(view.find('viittomakieli@palvelu.example')).toMatchObject({ service: { address: 'tulkki.fse@palvelu.example' } });
  });

  it('gives every service a number: municipality, service, language', () => {
    for (const { address, numericAlias = '', organisation, languages } of pilot.services) {
      const town = MUNICIPALITIES[organisation] ?? (organisation === 'tulkkikeskus' ? '091' : '000');
      const language = organisation === 'tulkkikeskus' ? '' : languages.length > 1 ? '9|1' : languages[0] === 'sv' ? '2' : '1';
      expect({ address, numericAlias }).toEqual({ address, numericAlias: expect.stringMatching(new RegExp(`^${town}\\d{4}(?:${language})$`)) as string });
      expect(parseServiceAddress(address)).not.toHaveProperty('reason');
    }
  });

  it('has a self-test that is answered by the second of two simulated devices at any hour', async () => {
    const view = await live.view();
    expect(pilot.devices.filter(({ kind }) => kind === 'simulated').map(({ address }) => address)).toEqual(['simulaattori-1@itsetesti.palvelu.example', 'simulaattori-2@itsetesti.palvelu.example']);
    expect(view.membersOf('itsetesti.fi@palvelu.example')).toMatchObject([{ device: 'simulaattori-2@itsetesti.palvelu.example' }]);
  });
});

/** Finland's public holidays, and the eves on which offices are closed, that are no Saturday or Sunday. */
function holidaysOnWeekdays(year: number): string[] {
  const date = (month: number, day: number): Date => new Date(Date.UTC(year, month - 1, day));
  const after = (from: Date, days: number): Date => new Date(from.getTime() + days * 86_400_000);
  const easter = easterSunday(year);
  const midsummerEve = Array.from({ length: 7 }, (_, i) => date(6, 19 + i)).find((day) => day.getUTCDay() === 5) ?? date(6, 19);
  return [date(1, 1), date(1, 6), after(easter, -2), after(easter, 1), date(5, 1), after(easter, 39), midsummerEve, date(12, 6), date(12, 24), date(12, 25), date(12, 26)]
    .filter((day) => day.getUTCDay() % 6 !== 0).map((day) => day.toISOString().slice(0, 10));
}

/** The Gregorian computus (Meeus, Jones, Butcher). */
function easterSunday(year: number): Date {
  const a = year % 19;
  const [b, c] = [Math.floor(year / 100), year % 100];
  const g = Math.floor((8 * b + 13) / 25);
  const h = (19 * a + b - Math.floor(b / 4) - g + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  return new Date(Date.UTC(year, Math.floor((h + l - 7 * m + 114) / 31) - 1, ((h + l - 7 * m + 114) % 31) + 1));
}
