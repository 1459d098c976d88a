import { formatAddress, isFault, parseAddress, type ParsedAddress, type ServiceName } from '../addressing';
import type { DirectoryEntry, DirectoryView } from '../directory/view';

/** What the directory has under an alias. */
export type Lookup =
  | { kind: 'found'; entry: DirectoryEntry; how: string; language?: string }
  | { kind: 'ambiguous'; candidates: string[] }
  | { kind: 'language-not-served'; service: string; languages: string[] }
  | { kind: 'not-found' };

const NOT_FOUND: Lookup = { kind: 'not-found' };
/** Languages in which a service is looked for when none was dialled: those that Finnish authorities serve in. */
const SERVED_LANGUAGES = ['fi', 'sv', 'en', 'se', 'smn', 'sms'];
const MAX_CANDIDATES = 10;

export const addressOf = (entry: DirectoryEntry): string => (entry.kind === 'service' ? entry.service.address : entry.device.address);
const isEnabled = (entry: DirectoryEntry): boolean => (entry.kind === 'service' ? entry.service.enabled : entry.device.enabled);

/** Looks an alias up: a full address, digits, an H.323 ID, or a name, first at this system's domain. */
export function lookUp(view: DirectoryView, alias: string, domain: string): Lookup {
  const parsed = parseAddress(alias, { h323: true });
  if (isFault(parsed)) return NOT_FOUND;
  switch (parsed.kind) {
    case 'address': return lookUpAddress(view, parsed);
    case 'number': return byNumber(view, parsed.digits);
    case 'name': return lookUpName(view, parsed.name, domain);
    case 'h323-id': return byH323Id(view, parsed.id);
    case 'ip': return NOT_FOUND;
  }
}

function lookUpAddress(view: DirectoryView, parsed: ParsedAddress & { kind: 'address' }): Lookup {
  const address = formatAddress(parsed);
  const entry = view.find(address);
  if (entry !== undefined) {
    const how = entry.kind === 'device' ? 'device address' : entry.alias === undefined ? 'service address' : entry.until === undefined ? 'alias' : `former address, until ${entry.until}`;
    return { kind: 'found', entry, how, ...(parsed.service?.language && { language: parsed.service.language }) };
  }
  const byId = byH323Id(view, address);
  return byId.kind === 'found' || parsed.service === undefined ? byId : otherLanguages(view, parsed.service, parsed.domain);
}

/** The service without the dialled language when it serves in it; without a language the one variant that exists. */
function otherLanguages(view: DirectoryView, name: ServiceName, domain: string): Lookup {
  const address = (language?: string) => [name.service, language, name.qualifier].filter((part) => part !== undefined).join('.') + `@${domain}`;
  if (name.language !== undefined) {
    const entry = view.find(address());
    if (entry?.kind !== 'service') return NOT_FOUND;
    const { languages } = entry.service;
    return languages.includes(name.language)
      ? { kind: 'found', entry, how: 'service of several languages', language: name.language }
      : { kind: 'language-not-served', service: entry.service.address, languages };
  }
  // Interpreters are called by the language that they interpret; none of them is the service in another language.
  const variants = SERVED_LANGUAGES.map((language) => view.find(address(language)))
    .filter((entry) => entry !== undefined && !(entry.kind === 'service' && entry.service.joins)) as DirectoryEntry[];
  return oneOf(variants, 'only language');
}

function byNumber(view: DirectoryView, digits: string): Lookup {
  const entries = view.findByNumber(digits);
  const [first] = entries;
  return oneOf(entries, first?.kind === 'service' && first.until !== undefined ? `former number, until ${first.until}` : 'number');
}

function lookUpName(view: DirectoryView, name: string, domain: string): Lookup {
  const byId = byH323Id(view, name);
  if (byId.kind === 'found') return byId;
  const own = view.find(`${name}@${domain}`);
  if (own !== undefined) return { kind: 'found', entry: own, how: 'name at the own domain' };
  return oneOf(view.findByLocalPart(name), 'only owner of the name');
}

function byH323Id(view: DirectoryView, id: string): Lookup {
  const device = view.findByH323Id(id);
  return device === undefined ? NOT_FOUND : { kind: 'found', entry: { kind: 'device', device }, how: 'H.323 ID' };
}

/** Disabled entries count only when there is nothing else. */
function oneOf(entries: DirectoryEntry[], how: string): Lookup {
  const enabled = entries.filter(isEnabled);
  const [first, ...others] = enabled.length > 0 ? enabled : entries.slice(0, 1);
  if (first === undefined) return NOT_FOUND;
  const candidates = [...new Set([first, ...others].map(addressOf))];
  return candidates.length === 1
    ? { kind: 'found', entry: first, how }
    : { kind: 'ambiguous', candidates: candidates.slice(0, MAX_CANDIDATES) };
}

/**
 * True when digits begin a known number: one or two more are tried, then the numbers of the nearest addresses.
 * @param nearest addresses that the directory takes for near
 */
export function beginsNumber(view: DirectoryView, digits: string, nearest: readonly string[]): boolean {
  for (let next = 0; next < 10; next++) if (view.findByNumber(`${digits}${next}`).length > 0) return true;
  for (let next = 0; next < 100; next++) {
    if (view.findByNumber(digits + String(next).padStart(2, '0')).length > 0) return true;
  }
  return nearest.some((address) => {
    const entry = view.find(address);
    const number = entry?.kind === 'service' ? entry.service.numericAlias : entry?.device.e164;
    return number !== undefined && number !== digits && number.startsWith(digits);
  });
}
