import { fold } from '../../addressing';
import type { Device, LocalizedText, Membership, OpeningHours, Organisation, Person, Service, Site } from '../model';
import { PLACE_BEGINNINGS, PLACE_ENDINGS, ROLES, SERVICES, SITES, type Terms } from './vocabulary';

export interface SampleSize {
  /** At most 999: a municipality code has three digits. */
  municipalities: number;
  services: number;
  devices: number;
  persons: number;
  /** Equal seeds and sizes give equal directories. */
  seed: number;
}

/** A made-up country of the given size; each list comes record by record and can be read again from its beginning. */
export interface SampleDirectory {
  organisations: Iterable<Organisation>;
  sites: Iterable<Site>;
  devices: Iterable<Device>;
  services: Iterable<Service>;
  persons: Iterable<Person>;
  memberships: Iterable<Membership>;
}

const LANGUAGES = ['fi', 'sv', 'en'] as const;
const DEVICES_A_SITE = 8;
const DEVICE_TYPES = [
  { label: 'ex90', model: 'Cisco TelePresence EX90', kind: 'desk' },
  { label: 'jabber', model: 'Cisco Jabber Video', kind: 'software' },
  { label: 'huone', model: 'Cisco TelePresence SX20', kind: 'room' },
] as const;
const HOURS: OpeningHours[] = [['09:00', '15:00'], ['08:00', '16:00'], ['08:15', '15:30'], ['10:00', '14:00']].map(([open = '', close = '']) => ({
  weekly: [{ days: [1, 2, 3, 4, 5], open, close }],
  exceptions: [{ date: '2026-12-24', reason: { fi: 'Jouluaatto', sv: 'Julafton', en: 'Christmas Eve' } }],
}));

/**
 * Makes a directory with the names, the proportions and the repetition of a real one: municipalities with service points, their
 * services by language, devices by site, persons by role and number. Deterministic.
 */
export function sampleDirectory(size: SampleSize): SampleDirectory {
  if (size.municipalities < 1 || size.municipalities > 999) throw new RangeError(`municipalities: ${size.municipalities} is not from 1 to 999`);
  const towns = placeNames(size.municipalities, size.seed).map((name, i) => ({ name, key: fold(name), code: String(i + 1).padStart(3, '0') }));
  const townAt = (i: number): Town => towns[i % towns.length] as Town;
  const sitesATown = Math.max(1, Math.ceil(size.devices / DEVICES_A_SITE / towns.length));
  const siteCount = sitesATown * towns.length;

  const siteKey = (i: number): string => `${townAt(i).key}-${at(SITES, Math.floor(i / towns.length))[0]}${suffix(i, towns.length * SITES.length)}`;
  const deviceAt = (i: number): Device => {
    const site = i % siteCount;
    const number = Math.floor(i / siteCount) + 1;
    const { label, model, kind } = at(DEVICE_TYPES, number - 1);
    const town = townAt(site);
    return {
      address: `${label}-${number}@${siteKey(site).slice(town.key.length + 1)}.${town.key}.example`, site: siteKey(site),
      names: localized(SITES, Math.floor(site / towns.length), (name) => `${town.name} ${name}, ${label.toUpperCase()} ${number}`),
      kind, model, e164: `${town.code}9${String(Math.floor(i / towns.length)).padStart(5, '0')}`, enabled: i % 97 !== 96,
    };
  };
  const personKey = (i: number): string => `${townAt(i).key}-${at(ROLES, Math.floor(i / towns.length))[0]}-${Math.floor(i / towns.length / ROLES.length) + 1}`;
  const serviceAt = (i: number): Service => {
    const town = townAt(i);
    const nth = Math.floor(i / towns.length);
    const language = at(LANGUAGES, Math.floor(nth / SERVICES.length));
    const point = Math.floor(nth / SERVICES.length / LANGUAGES.length);
    return {
      address: `${at(SERVICES, nth)[0]}.${language}.${town.key}${point === 0 ? '' : `-${point + 1}`}@palvelu.example`,
      organisation: town.key, languages: [language],
      names: localized(SERVICES, nth, (name) => `${name}, ${town.name}${point === 0 ? '' : ` ${point + 1}`}`),
      kind: 'advice', numericAlias: `${town.code}${String(nth).padStart(4, '0')}`,
      plan: { stages: [{ group: 'main', strategy: 'longest-idle', ringSeconds: 60 }] },
      hours: at(HOURS, i), enabled: i % 101 !== 100,
    };
  };

  /** Town by town, as the files of a country's towns would come. */
  const each = <T>(count: number, make: (i: number) => T): Iterable<T> => ({
    *[Symbol.iterator]() {
      for (let town = 0; town < towns.length; town++) for (let i = town; i < count; i += towns.length) yield make(i);
    },
  });

  return {
    organisations: each(towns.length, (i) => {
      const { name, key, code } = townAt(i);
      return {
        key, businessId: sampleBusinessId(i), type: 'municipality', names: { fi: `${name}, kunta`, sv: `${name}, kommun`, en: `Municipality of ${name}` },
        domain: `${key}.example`, municipality: code, sample: true,
      };
    }),
    sites: each(siteCount, (i) => ({
      key: siteKey(i), organisation: townAt(i).key, municipality: townAt(i).code,
      names: localized(SITES, Math.floor(i / towns.length), (name) => `${name} ${townAt(i).name}`),
    })),
    devices: each(size.devices, deviceAt),
    services: each(size.services, serviceAt),
    persons: each(size.persons, (i) => {
      const town = townAt(i);
      const role = at(ROLES, Math.floor(i / towns.length));
      return {
        key: personKey(i), organisation: town.key, site: siteKey(i % siteCount), name: `${role[1]} ${Math.floor(i / towns.length / ROLES.length) + 1}, ${town.name}`,
        title: { fi: role[1], sv: role[2], en: role[3] }, roles: ['expert'], languages: i % 9 === 0 ? ['fi', 'sv'] : ['fi'], skills: [role[0]],
        devices: i < size.devices ? [deviceAt(i).address] : [], enabled: true,
      };
    }),
    memberships: {
      *[Symbol.iterator]() {
        for (const i of each(size.services, (n) => n)) {
          const service = serviceAt(i).address;
          // A town's n-th device is the device of its n-th person: a service has one of these and the two next of those.
          const inTown = (step: number, count: number): number | undefined => {
            const ofTown = Math.floor(count / towns.length);
            return ofTown > step ? (i % towns.length) + ((Math.floor(i / towns.length) + step) % ofTown) * towns.length : undefined;
          };
          const device = inTown(0, size.devices);
          if (device !== undefined) yield { service, device: deviceAt(device).address, group: 'main', position: 0 };
          for (const step of [1, 2]) {
            const person = inTown(step, Math.min(size.devices, size.persons));
            if (person !== undefined) yield { service, person: personKey(person), group: 'main', position: step };
          }
        }
      },
    },
  };
}

interface Town { name: string; key: string; code: string }


function at<T>(list: readonly T[], i: number): T {
  return list[i % list.length] as T;
}

const localized = (terms: readonly Terms[], i: number, format: (name: string) => string): LocalizedText => {
  const [, fi, sv, en] = at(terms, i);
  return { fi: format(fi), sv: format(sv), en: format(en) };
};

/** "-2" for the second time round, nothing for the first. */
const suffix = (i: number, round: number): string => (i < round ? '' : `-${Math.floor(i / round) + 1}`);

function placeNames(count: number, seed: number): string[] {
  const names = PLACE_BEGINNINGS.flatMap((beginning) => PLACE_ENDINGS.map((ending) => beginning + ending));
  const random = randomFrom(seed);
  for (let i = names.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [names[i], names[j]] = [names[j] as string, names[i] as string];
  }
  return names.slice(0, count);
}

/** Numbers from 0 to 1 that depend on the seed alone (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Valid in form, and from a range that is not given out: the n-th number from 9100000 on that has a check digit. */
function sampleBusinessId(n: number): string {
  // One number in eleven has no check digit, so the n-th valid one is at most a tenth further on.
  for (let number = 9_100_000, found = 0; ; number++) {
    const rest = [...String(number)].reduce((sum, digit, i) => sum + Number(digit) * (WEIGHTS[i] ?? 0), 0) % 11;
    if (rest !== 1 && found++ === n) return `${number}-${rest === 0 ? 0 : 11 - rest}`;
  }
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2];
