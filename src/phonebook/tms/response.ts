import type { Folder, Page } from '../book';
import type { Entry } from '../entry';
import { ROOT } from '../folders';
import { document, element, madeOnce, type Xml } from '../xml';

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
const NAMESPACE = 'http://www.tandberg.net/2004/06/PhoneBookSearch/';
const PROTOCOLS = { sip: { name: 'SIP', shown: 'SIP' }, h323: { name: 'H323', shown: 'H.323' } };

/** A piece of a folder or of a search's hits, and whether the folder that was asked for exists. */
export interface SearchAnswer extends Page {
  folder?: Folder;
}

export function searchResponse({ folder, folders, entries, isFirst, isLast }: SearchAnswer): string {
  const last = folders.length + entries.length - 1;
  const begins = (at: number): boolean => isFirst && at === 0;
  const ends = (at: number): boolean => isLast && at === last;
  return operation('Search', [
    // The root has no name, as it has no identifier.
    element('Name', folder?.id === ROOT ? undefined : folder?.name), element('Id', folder?.id),
    folders.map((one, i) => catalogElement(one, [], begins(i), ends(i))),
    entries.map((one, i) => entryElement(one, begins(folders.length + i), ends(folders.length + i))),
    ending(isFirst, isLast, last + 1, folder !== undefined),
  ]);
}

/** Every folder with entries inside it. */
export function phonebooksResponse(books: readonly { folder: Folder; entries: readonly Entry[] }[]): string {
  return operation('GetPhonebooks', [
    element('Name'), element('Id'),
    books.map(({ folder, entries }, i) => catalogElement(
      folder, entries.map((one, at) => entryElement(one, at === 0, at === entries.length - 1)), i === 0, i === books.length - 1,
    )),
    ending(true, true, books.reduce((sum, { entries }) => sum + entries.length, 0), true),
  ]);
}

/** The answer's form is unverified: an entry as in a search, or nothing. */
export function resolveSystemResponse(entry: Entry | undefined): string {
  return operation('ResolveSystem', [element('Name', entry?.label), element('Id', entry?.id), entry && entryElement(entry, true, true)]);
}

/** SOAP 1.1 section 4.4. */
export function faultResponse(code: 'Client' | 'Server', reason: string): string {
  return envelope(element('env:Fault', [element('faultcode', `env:${code}`), element('faultstring', reason)]));
}

/** What ends a result. TMS has it here, others at the beginning; endpoints take both. */
const ending = (isFirst: boolean, isLast: boolean, count: number, folderExists: boolean): Xml[] =>
  [element('IsFirst', isFirst), element('IsLast', isLast), element('NoOfEntries', count), element('FolderExists', folderExists)];

const catalogElement = ({ id, name }: Folder, entries: readonly Xml[], isFirst: boolean, isLast: boolean): Xml =>
  element('Catalog', [element('Name', name), element('Id', id), entries, element('IsFirst', isFirst), element('IsLast', isLast)]);

/** Entries of persons are of one answer alone. */
const entryElement = (entry: Entry, isFirst: boolean, isLast: boolean): Xml =>
  (isFirst || isLast || entry.kind === 'person' ? makeEntry(entry, isFirst, isLast) : entryBetween(entry));

const makeEntry = ({ id, label, methods, state, model }: Entry, isFirst: boolean, isLast: boolean): Xml => element('Entry', [
  element('Name', label), element('Id', id),
  methods.map(({ protocol, dial }) => element('Route', [
    // The device's own default rate.
    element('CallType', 'Auto'), element('Protocol', PROTOCOLS[protocol].name), element('Restrict', 'Norestrict'), element('DialString', dial),
    element('Description', [dial, state && `, ${state}`, ` (${PROTOCOLS[protocol].shown})`]), element('SystemType', model),
  ])),
  element('IsLast', isLast), element('IsFirst', isFirst), element('BaseDN'), element('SystemType', model),
]);

/** Most entries of an answer are neither its first nor its last, and the same in every answer. */
const entryBetween = madeOnce((entry: Entry): Xml => makeEntry(entry, false, false));

const operation = (name: string, result: Parameters<typeof element>[1]): string =>
  envelope(element(`${name}Response`, element(`${name}Result`, result), { xmlns: NAMESPACE }));

const envelope = (content: Xml): string => document(element('env:Envelope', element('env:Body', content), { 'xmlns:env': SOAP }));
