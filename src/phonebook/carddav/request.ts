import { childOf, parseXml, textOf, XmlError, type XmlTree } from '../xml';
import { readFilter, type Filter } from './filter';

export type Wanted = readonly string[] | 'all';

export type Report =
  | { kind: 'query'; wanted: Wanted; filter: Filter; limit?: number }
  | { kind: 'multiget'; wanted: Wanted; hrefs: string[] }
  | { kind: 'sync'; wanted: Wanted; token: string };

const MAX_PROPERTIES = 50;
const MAX_HREFS = 1_000;

/** The properties that a PROPFIND asks for (RFC 4918 section 9.1); no body asks for all. Throws XmlError. */
export function readPropfind(bytes: Uint8Array): Wanted {
  if (bytes.length === 0) return 'all';
  const tree = parseXml(bytes);
  if (!Object.hasOwn(tree, 'propfind')) throw new XmlError('it is no propfind');
  return wantedOf(childOf(tree, 'propfind'));
}

/** Throws XmlError. */
export function readReport(bytes: Uint8Array): Report {
  const tree = parseXml(bytes);
  const query = childOf(tree, 'addressbook-query');
  if (query !== undefined) {
    const limit = Number(textOf(childOf(query, 'limit'), 'nresults') ?? NaN);
    return { kind: 'query', wanted: wantedOf(query), filter: readFilter(childOf(query, 'filter')), ...(Number.isInteger(limit) && limit > 0 && { limit }) };
  }
  const multiget = childOf(tree, 'addressbook-multiget');
  if (multiget !== undefined) {
    const hrefs = [multiget.href].flat().filter((href) => typeof href === 'string');
    if (hrefs.length > MAX_HREFS) throw new XmlError(`it asks for more than ${MAX_HREFS} cards`);
    return { kind: 'multiget', wanted: wantedOf(multiget), hrefs };
  }
  const sync = childOf(tree, 'sync-collection');
  if (sync !== undefined) return { kind: 'sync', wanted: wantedOf(sync), token: textOf(sync, 'sync-token') ?? '' };
  throw new XmlError('its report is none of addressbook-query, addressbook-multiget, sync-collection');
}

function wantedOf(tree: XmlTree | undefined): Wanted {
  const prop = childOf(tree, 'prop');
  return prop === undefined ? 'all' : Object.keys(prop).filter((name) => !/^[@#]/.test(name)).slice(0, MAX_PROPERTIES);
}
