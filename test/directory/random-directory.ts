import { businessIdCheckDigit } from '../../src/directory/fields';
import { hashPassword, type DirectoryDocument, type LocalizedText, type OpeningHours, type PlanStage } from '../../src/directory';

/** Small generator of equal numbers for an equal seed (mulberry32). */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Texts that tempt YAML and CSV: separators, quotes, comments, numbers, words of YAML, other scripts, line breaks. */
const TEXTS = [
  'Kela', 'null', '~', 'true', 'no', '007', '1e3', 'a, b; c', '"quoted" text', "it's", '# not a comment', '- dash', 'key: value', '*alias', '&anchor', '!tag',
  'Ähtäri – yhteispalvelu', 'مترجم', 'two\nlines', 'tab\there', '=1+1', '{fi: x}', '[1]', '%', '@', '`', '\\ back \\n slash', "''", '""', '😀', 'a > b [c]', '| pipe', '?', '-', '2026-12-24', '0x1F',
];

/** A directory in which every field occurs, with and without its value, and every reference leads somewhere. */
export function randomDirectory(seed: number, size = 12): DirectoryDocument {
  const below = randomNumbers(seed);
  const maybe = <T>(make: () => T): T | undefined => (below(2) === 0 ? make() : undefined);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  const some = <T>(items: readonly T[], max: number): T[] => [...new Set(Array.from({ length: below(max + 1) }, () => pick(items)))];
  const words = (): string => pick(TEXTS);
  const localized = (): LocalizedText => Object.fromEntries(['en', 'fi', 'se', 'sv'].filter((code) => code === 'fi' || below(2) === 0).map((code) => [code, words()]));
  const compact = <T extends object>(record: T): T => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
  const indices = Array.from({ length: size }, (_, i) => i);
  const businessId = (): string => {
    for (;;) {
      const digits = String(below(9_999_999)).padStart(7, '0');
      const check = businessIdCheckDigit(digits);
      if (check !== undefined) return `${digits}-${check}`;
    }
  };
  const span = (): { open: string; close: string } => {
    const open = below(23);
    return { open: `${String(open).padStart(2, '0')}:${pick(['00', '15', '59'])}`, close: pick([`${String(open + 1).padStart(2, '0')}:59`, '24:00']).replace('24:59', '24:00') };
  };
  const hours = (): OpeningHours => compact({
    timezone: maybe(() => pick(['Europe/Stockholm', 'Europe/Helsinki', 'UTC'])),
    weekly: indices.slice(0, below(4)).map(() => ({ days: [1, 2, 3, 4, 5, 6, 7].filter((day) => day === 3 || below(2) === 0), ...span() })),
    exceptions: maybe(() => indices.slice(0, 1 + below(3)).map((i) => compact({
      date: `2026-1${below(3)}-${String(i * 3 + below(3) + 1).padStart(2, '0')}`,
      hours: maybe(() => [span(), ...some([span()], 1)]), reason: maybe(localized),
    })).filter((one, i, all) => all.findIndex(({ date }) => date === one.date) === i)),
  });
  const stage = (): PlanStage => compact({
    group: pick(['main', 'backup', 'night-2']), strategy: pick(['all', 'order', 'longest-idle', 'round-robin', 'least-calls'] as const),
    ringSeconds: 20 + below(581), targetSeconds: maybe(() => 1 + below(20)),
  });

  const organisations = indices.map((i) => compact({
    key: `org-${i}`, businessId: maybe(businessId), oid: undefined, type: pick(['state', 'municipality', 'other'] as const), names: localized(), domain: `org${i}.example`,
    parent: i > 0 ? maybe(() => `org-${below(i)}`) : undefined, municipality: maybe(() => String(below(1000)).padStart(3, '0')), sample: maybe(() => true as const),
  }));
  const sites = indices.map((i) => compact({
    key: `site-${i}`, organisation: `org-${below(size)}`, names: localized(), municipality: maybe(() => '005'), address: maybe(words), media: maybe(() => pick(['anchored', 'direct'] as const)),
  }));
  const devices = indices.map((i) => compact({
    address: `ex90-${i}@site${i}.org.example`, site: `site-${below(size)}`, names: maybe(localized), kind: pick(['room', 'desk', 'software', 'phone'] as const), model: maybe(words),
    h323Id: maybe(() => `H.323 ${i} "äö", ;`), e164: maybe(() => `0${7000 + i}*#`), credentials: maybe(() => hashPassword(`user ${i}`, 'palvelu.example', `secret ${i}`)), enabled: below(3) > 0,
  }));
  const services = indices.map((i) => compact({
    address: `palvelu-${i}.fi@palvelu.example`, organisation: `org-${below(size)}`, languages: some(['fi', 'sv', 'ar', 'fse'], 3), names: localized(), description: maybe(localized), kind: maybe(() => 'advice'),
    numericAlias: maybe(() => String(1_000_000 + i)), aliases: maybe(() => [`alias-${i}@palvelu.example`, ...some([`toinen-${i}@org1.example`], 1)]),
    formerNumbers: maybe(() => [{ number: String(9_000_000 + i), until: '2027-12-31' }]),
    formerAddresses: maybe(() => [{ address: `entinen-${i}@palvelu.example`, until: '2027-12-31' }, { address: `vanha-${i}.fi@org1.example`, until: '2028-02-29' }]),
    plan: compact({ stages: indices.slice(0, below(4)).map(stage), media: maybe(() => pick(['anchored', 'direct'] as const)), overflow: maybe(() => `palvelu-${(i + 1) % size}.fi@palvelu.example`) }),
    hours: maybe(hours), joins: maybe(() => true as const), hidden: maybe(() => true as const), enabled: below(3) > 0,
  }));
  const persons = indices.map((i) => compact({
    key: `person.${i}`, organisation: `org-${below(size)}`, site: maybe(() => `site-${below(size)}`), name: words(), email: maybe(() => `p${i}@palvelu.example`), title: maybe(localized),
    roles: some(['agent', 'a, b', '"r"', "interpreter's"], 3), languages: some(['fi', 'so'], 2), skills: some(['benefits', 'null', '007'], 2),
    devices: some(devices.map(({ address }) => address), 2), enabled: below(3) > 0,
  }));
  const memberships = indices.flatMap((i) => [
    { service: `palvelu-${below(size)}.fi@palvelu.example`, device: devices[i]?.address, group: pick(['main', 'backup']), position: below(100) },
    { service: `palvelu-${below(size)}.fi@palvelu.example`, person: `person.${i}`, group: pick(['main', 'backup']), position: below(100) },
  ]);
  return { organisations, sites, devices, services, persons, memberships };
}
