import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Book } from '../book';
import type { Entry } from '../entry';
import { ROOT } from '../folders';
import { originOf, textQuery, wholeNumber } from '../query';
import { admit, READER_PATH, Refused, sendTagged, type ServiceParts } from '../service';
import { pageTexts } from '../texts';
import { ciscoPhone } from './cisco-phone';
import { fanvil } from './fanvil';
import { dialOf, type Link, type VendorFormat } from './format';
import { polycom } from './polycom';
import { snom } from './snom';
import { yealink } from './yealink';

const FORMATS: readonly VendorFormat[] = [ciscoPhone, fanvil, polycom, snom, yealink];
const MAX_OFFSET = 100_000;

/** `GET …/yealink`, `…/snom`, … with `folder`, `q` (search), `form` (ask for the text to search), `entries` and `offset`. */
export function registerVendors(app: FastifyInstance, parts: ServiceParts): void {
  for (const format of FORMATS) {
    app.get(`${READER_PATH}/${format.name}`, async (req, reply): Promise<FastifyReply> => {
      const { open, base } = admit(parts, req);
      const book = await open();
      const body = await render(format, book, `${originOf(req)}${base}/${format.name}`, textQuery(req));
      return sendTagged(req, reply, format.type, body);
    });
  }
}

async function render(format: VendorFormat, book: Book, url: string, { folder: id = ROOT, q, form, entries: only, offset: from }: Record<string, string>): Promise<string> {
  const texts = pageTexts(book.language);
  const to = (query: Record<string, string>): string => `${url}?${new URLSearchParams(query).toString()}`;
  const folder = book.folder(id);
  if (folder === undefined) throw new Refused(404);
  const search: Link = { name: texts.search, url: to({ form: '1' }) };
  if (form !== undefined && format.searchForm) return format.searchForm({ title: folder.name, prompt: texts.search, url: `${url}?q=` });

  const offset = wholeNumber(from, 0, MAX_OFFSET);
  const next = (query: Record<string, string>, isLast: boolean): { next?: Link } => (isLast ? {} : { next: { name: texts.next, url: to({ ...query, offset: String(offset + format.page) }) } });
  if (q !== undefined) {
    const found = await book.search(q, { offset, limit: format.page });
    return format.entries({ title: q, entries: found.entries.map(shown), search, ...next({ q }, found.isLast) });
  }
  const page = book.list(id, { offset, limit: format.page, ...(only !== undefined && { only: 'entries' as const }) });
  if (page.folders.length === 0) {
    return format.entries({ title: folder.name, entries: page.entries.map(shown), search, ...next({ folder: id, ...(only !== undefined && { entries: only }) }, page.isLast) });
  }
  // A menu has links only: the folder's own entries are behind one more.
  const own = page.entries.length === 0 ? [] : [{ name: folder.name, url: to({ folder: id, entries: '1' }) }];
  return format.menu({
    title: folder.name, links: [...page.folders.map((one) => ({ name: one.name, url: to({ folder: one.id }) })), ...own], search,
    ...next({ folder: id }, page.isLast || page.entries.length > 0),
  });
}

const shown = (entry: Entry) => {
  const description = entry.state ?? entry.description;
  return { name: entry.label, dial: dialOf(entry), ...(description && { description }) };
};
