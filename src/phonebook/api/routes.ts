import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Entry } from '../entry';
import { ROOT } from '../folders';
import { textQuery, wholeNumber } from '../query';
import { admit, READER_PATH, Refused, sendTagged, type ServiceParts } from '../service';
import { OPENAPI } from './openapi';

const JSON_TYPE = 'application/json; charset=utf-8';
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
const MAX_OFFSET = 100_000;

/** The phone book as JSON, described by `GET /phonebook/openapi.json`. */
export function registerApi(app: FastifyInstance, parts: ServiceParts): void {
  app.get('/phonebook/openapi.json', async (req, reply): Promise<FastifyReply> => sendTagged(req, reply, JSON_TYPE, JSON.stringify(OPENAPI)));

  const get = (name: string, answer: (book: Awaited<ReturnType<ReturnType<typeof admit>['open']>>, query: Record<string, string>) => Promise<object> | object): void => {
    app.get(`${READER_PATH}/api/${name}`, async (req, reply): Promise<FastifyReply> => {
      const { open } = admit(parts, req);
      return sendTagged(req, reply, JSON_TYPE, JSON.stringify(await answer(await open(), textQuery(req))));
    });
  };
  get('folder', (book, { id = ROOT, offset, limit }) => {
    const folder = book.folder(id);
    if (folder === undefined) throw new Refused(404);
    const { folders, entries, isLast } = book.list(id, piece(offset, limit));
    return { folder, folders, entries: entries.map(described), last: isLast };
  });
  get('search', async (book, { q = '', folder = ROOT, offset, limit }) => {
    if (q.trim() === '') throw new Refused(400);
    if (book.folder(folder) === undefined) throw new Refused(404);
    const { entries, isLast } = await book.search(q, { folder, ...piece(offset, limit) });
    return { entries: entries.map(described), last: isLast };
  });
  get('entry', async (book, { id = '' }) => {
    const entry = await book.entry(id);
    if (entry === undefined) throw new Refused(404);
    return described(entry);
  });
}

const piece = (offset: string | undefined, limit: string | undefined) =>
  ({ offset: wholeNumber(offset, 0, MAX_OFFSET), limit: Math.max(1, wholeNumber(limit, DEFAULT_LIMIT, MAX_LIMIT)) });

function described({ id, kind, name, label, description, state, organisation, methods, number, email, model, hours }: Entry): object {
  return {
    id, kind, name, label, description, state, organisation, methods, number, email, model,
    open: hours?.open, opensAt: hours?.opensAt?.toISOString(), closesAt: hours?.until?.toISOString(),
  };
}
