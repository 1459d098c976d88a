import { foldLetters } from '../../addressing';
import { MAX_PAGE, type Book, type Page } from '../book';
import { ROOT } from '../folders';
import { readTmsRequest, type TmsRequest, type TmsSearch } from './request';
import { phonebooksResponse, resolveSystemResponse, searchResponse } from './response';

/** Entries of each folder in an answer to GetPhonebooks. */
const ENTRIES_A_BOOK = 100;

/**
 * The phone book service of Cisco TMS as EX90 (TC) and CE endpoints ask it.
 * @param open opens the book for the device that the request names
 * @throws XmlError
 */
export async function answerTms(bytes: Uint8Array, open: (identities: readonly string[]) => Promise<Book>): Promise<string> {
  const request = readTmsRequest(bytes);
  const book = await open(request.identities);
  switch (request.operation) {
    case 'Search': return searchResponse({ ...await search(book, request), folder: book.folder(request.path) });
    case 'GetPhonebooks': return phonebooksResponse(await Promise.all(book.list(ROOT, { limit: MAX_PAGE }).folders
      .map(async (folder) => ({ folder, entries: await book.allBelow(folder.id, ENTRIES_A_BOOK) }))));
    case 'ResolveSystem': return resolveSystemResponse(await resolve(book, request));
  }
}

/** Without a text the folder itself is listed whatever the scope: folders below it can only be opened when they are shown. */
async function search(book: Book, { path, text, recursive, limit, startFromId, endAtId, inclusive, startsWith }: TmsSearch): Promise<Page> {
  if (book.folder(path) === undefined) return { folders: [], entries: [], isFirst: true, isLast: true };
  const options = { ...(startFromId !== undefined && { after: startFromId }), inclusive, limit: startsWith === undefined ? limit : MAX_PAGE };
  const page = text === '' ? book.list(path, options) : await book.search(text, { ...options, folder: path, recursive });
  return cut(page, { endAtId, inclusive, startsWith, limit });
}

/** The part of a page up to an identifier, of names that begin with a text. */
function cut(page: Page, { endAtId, inclusive, startsWith, limit }: Pick<TmsSearch, 'endAtId' | 'inclusive' | 'startsWith' | 'limit'>): Page {
  if (endAtId === undefined && startsWith === undefined) return page;
  const beginning = foldLetters(startsWith ?? '');
  const all = [...page.folders, ...page.entries];
  const end = all.findIndex(({ id }) => id === endAtId);
  const matching = (end < 0 ? all : all.slice(0, inclusive ? end + 1 : end)).filter(({ name }) => foldLetters(name).startsWith(beginning));
  const kept = new Set<object>(matching.slice(0, limit));
  return {
    ...page, folders: page.folders.filter((folder) => kept.has(folder)), entries: page.entries.filter((entry) => kept.has(entry)),
    isLast: matching.length <= limit && (end >= 0 || page.isLast),
  };
}

async function resolve(book: Book, { texts }: Extract<TmsRequest, { operation: 'ResolveSystem' }>) {
  for (const text of texts) {
    const entry = book.reachedBy(text);
    if (entry !== undefined) return entry;
  }
  return undefined;
}
