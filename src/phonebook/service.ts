import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { plainAddress, type Access } from './access';
import type { Book } from './book';
import type { Phonebook } from './phonebook';
import type { Reader } from './reader';

export interface ServiceParts {
  phonebook: Phonebook;
  access: Access;
}

/** A request from somebody who may read. */
export interface Admitted {
  reader: Reader;
  /** Opens the reader's book in the language of the URL. Throws Refused where there is none any more. */
  open(identities?: readonly string[]): Promise<Book>;
  /** Path of the reader's folder of URLs, `/phonebook/SECRET/LANGUAGE`: for links in answers, never for logs. */
  base: string;
}

/** Where every reader's URLs begin. */
export const READER_PATH = '/phonebook/:secret/:language';

/** A request is answered with this status and nothing else. */
export class Refused extends Error {
  constructor(readonly status: number) {
    super(`refused with ${status}`);
  }
}

/** Lets a request in by the secret in its path. An unknown secret looks like a path that does not exist. Throws Refused. */
export function admit({ phonebook, access }: ServiceParts, req: FastifyRequest): Admitted {
  const { secret = '', language = '' } = req.params as { secret?: string; language?: string };
  const admission = access.admit(secret, remoteAddress(req));
  if ('refused' in admission) throw new Refused(admission.refused === 'unknown' ? 404 : 429);
  const { reader } = admission;
  return {
    reader, base: `/phonebook/${encodeURIComponent(secret)}/${encodeURIComponent(language)}`,
    open: (identities) => openBook(phonebook, reader, language, identities),
  };
}

export async function openBook(phonebook: Phonebook, reader: Reader, language?: string, identities?: readonly string[]): Promise<Book> {
  const book = await phonebook.open(reader, language, identities);
  if (book === undefined) throw new Refused(404);
  return book;
}

/** Of the connection: what headers claim is nobody's word. */
export const remoteAddress = (req: FastifyRequest): string => plainAddress(req.socket.remoteAddress ?? '');

/** Bodies come as bytes whatever they are said to be; what is in them is decided by whoever reads them. */
export function takeBytes(app: FastifyInstance, limit: number): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: limit }, (_req, body, done) => done(null, body));
}

export const bodyOf = (req: FastifyRequest): Uint8Array => (Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0));

/** Answers with an entity tag, or with 304 where the client has this very answer (RFC 9110 section 13.1.2). */
export function sendTagged(req: FastifyRequest, reply: FastifyReply, type: string, body: string): FastifyReply {
  const octets = Buffer.from(body);
  const tag = entityTag(octets);
  void reply.header('ETag', tag).header('Cache-Control', 'no-cache');
  const known = (req.headers['if-none-match'] ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''));
  if (known.includes(tag) || known.includes('*')) return reply.code(304).send();
  return reply.type(type).send(octets);
}

export const entityTag = (body: string | Uint8Array): string => `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
