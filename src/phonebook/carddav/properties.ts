import { element, type Xml } from '../xml';

const DAV = 'DAV:';
const CARDDAV = 'urn:ietf:params:xml:ns:carddav';
const CALENDARSERVER = 'http://calendarserver.org/ns/';

/** Prefixes of the namespaces in every answer. */
export const NAMESPACES = { 'xmlns:D': DAV, 'xmlns:C': CARDDAV, 'xmlns:CS': CALENDARSERVER };

/** A resource with the properties that it has, by name without prefix; names are unique among the namespaces in use. */
export interface Resource {
  href: string;
  properties: Record<string, Xml>;
}

const href = (url: string): Xml => element('D:href', url);
const privileges = element('D:current-user-privilege-set', element('D:privilege', element('D:read')));

/** The reader itself, at the beginning of everything (RFC 5397, RFC 6352 section 7.1.1). */
export const principal = (url: string, name: string, home: string): Resource => ({
  href: url,
  properties: {
    'resourcetype': element('D:resourcetype', [element('D:collection'), element('D:principal')]), 'displayname': element('D:displayname', name),
    'current-user-principal': element('D:current-user-principal', href(url)), 'principal-URL': element('D:principal-URL', href(url)),
    'addressbook-home-set': element('C:addressbook-home-set', href(home)), 'current-user-privilege-set': privileges,
  },
});

/** The collection of address books. */
export const home = (url: string, name: string, owner: string): Resource => ({
  href: url,
  properties: {
    'resourcetype': element('D:resourcetype', element('D:collection')), 'displayname': element('D:displayname', name),
    'current-user-principal': element('D:current-user-principal', href(owner)), 'current-user-privilege-set': privileges,
  },
});

/** An address book (RFC 6352 section 5.2). Its tokens change with every change of the directory. */
export const addressbook = (url: string, name: string, owner: string, token: string): Resource => ({
  href: url,
  properties: {
    'resourcetype': element('D:resourcetype', [element('D:collection'), element('C:addressbook')]), 'displayname': element('D:displayname', name),
    'current-user-principal': element('D:current-user-principal', href(owner)), 'current-user-privilege-set': privileges,
    'supported-address-data': element('C:supported-address-data', element('C:address-data-type', undefined, { 'content-type': 'text/vcard', 'version': '4.0' })),
    'supported-report-set': element('D:supported-report-set', ['C:addressbook-query', 'C:addressbook-multiget', 'D:sync-collection']
      .map((report) => element('D:supported-report', element('D:report', element(report))))),
    'getctag': element('CS:getctag', token), 'sync-token': element('D:sync-token', token),
  },
});

/** One card. */
export const card = (url: string, tag: string, data: string): Resource => ({
  href: url,
  properties: {
    'resourcetype': element('D:resourcetype'), 'getetag': element('D:getetag', tag), 'getcontenttype': element('D:getcontenttype', 'text/vcard; charset=utf-8'),
    'getcontentlength': element('D:getcontentlength', Buffer.byteLength(data)), 'address-data': element('C:address-data', data),
  },
});

/** A response about one resource (RFC 4918 section 9.1): what it has of the wanted properties, and what not. */
export function propertiesOf({ href: url, properties }: Resource, wanted: readonly string[] | 'all'): Xml {
  // Cards are sent to those who ask for them by name (RFC 6352 section 10.4).
  const names = wanted === 'all' ? Object.keys(properties).filter((name) => name !== 'address-data') : wanted;
  const has = names.flatMap((name) => (Object.hasOwn(properties, name) ? properties[name] ?? [] : []));
  // Under which namespace a property was asked for that nothing here has is not kept.
  const lacks = names.filter((name) => !Object.hasOwn(properties, name) && /^[A-Za-z_][\w.-]{0,63}$/.test(name));
  return element('D:response', [
    href(url),
    (has.length > 0 || lacks.length === 0) && propstat(has, '200 OK'),
    lacks.length > 0 && propstat(lacks.map((name) => element(`D:${name}`)), '404 Not Found'),
  ].filter((part) => part !== false));
}

/** A response about a resource that is not there. */
export const missing = (url: string): Xml => element('D:response', [href(url), element('D:status', 'HTTP/1.1 404 Not Found')]);

const propstat = (properties: Xml[], status: string): Xml =>
  element('D:propstat', [element('D:prop', properties), element('D:status', `HTTP/1.1 ${status}`)]);
