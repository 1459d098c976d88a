import fs from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import Fastify, { type FastifyInstance } from 'fastify';
import { EtasiltaError } from '../errors';
import type { Logger } from '../log';
import { Access, type Grant } from './access';
import { MAX_PAGE } from './book';
import { ROOT } from './folders';
import { Phonebook, type PhonebookParts } from './phonebook';
import { normalized, type Reader } from './reader';
import { MAX_REQUEST_BYTES, registerPhonebook } from './routes';
import type { UdsGrant } from './uds';

/** The settings of `phonebook` in the configuration; paths are absolute. */
export interface PhonebookSettings {
  listen: string[];
  tls?: { certFile: string; keyFile: string };
  readers: (Omit<Reader, 'identities'> & { secret?: string; secretFile?: string; networks: string[]; identities: Record<string, string> })[];
  uds?: { reader: string; networks: string[] };
  requestsPerSecond: number;
}

export interface PhonebookDeps extends PhonebookParts {
  log: Pick<Logger, 'error'>;
}

export interface PhonebookServer {
  /** `http://127.0.0.1:8081`, with the ports that were given. */
  urls: string[];
  /** Makes each reader's first folders and that of its organisation ready now; otherwise the first who reads them waits for it. */
  warm(): Promise<void>;
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 2_000;
/** A request's head and body are here by then, whoever sends them a byte a second. */
const REQUEST_MS = 10_000;
/** A connection on which nothing moves is closed: also that of somebody who does not read the answer. */
const IDLE_MS = 20_000;
const CHECK_MS = 2_000;
/** Items of a folder that are made ready: the first pages. */
const WARM_ENTRIES = 100;

/** Serves phone books as configured. Throws EtasiltaError: `phonebook-secret`, `phonebook-tls`, `phonebook-uds`, `phonebook-listen`. */
export async function createPhonebookServer(deps: PhonebookDeps, settings: PhonebookSettings): Promise<PhonebookServer> {
  const grants = grantsOf(settings);
  const uds = udsGrant(settings, grants);
  const phonebook = new Phonebook(deps);
  const parts = { phonebook, access: new Access(grants, settings, deps.now), log: deps.log, ...(uds && { uds }) };
  const apps: FastifyInstance[] = [];
  const close = async (): Promise<void> => void await Promise.all(apps.map((app) => app.close()));
  try {
    const urls: string[] = [];
    for (const where of settings.listen) {
      const { protocol, hostname, port } = new URL(where);
      const app = newServer(protocol === 'https:' ? certificate(settings) : undefined);
      apps.push(app);
      await registerPhonebook(app, parts);
      urls.push(await app.listen({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (protocol === 'https:' ? 443 : 80)) }).catch((cause: Error) => {
        throw new EtasiltaError('phonebook-listen', `phone books cannot be served at ${where}: ${cause.message}`, { cause, hint: 'Choose a free address with phonebook.listen.' });
      }));
    }
    return { urls, warm: () => warm(phonebook, grants), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Calls are never held up for more than one folder. */
async function warm(phonebook: Phonebook, grants: readonly Grant[]): Promise<void> {
  for (const { reader } of grants) {
    const book = await phonebook.open(reader);
    if (book === undefined) continue;
    for (const id of [...book.list(ROOT, { limit: MAX_PAGE }).folders.map((folder) => folder.id), `o_${reader.organisation}`]) {
      await setImmediate();
      book.list(id, { limit: WARM_ENTRIES });
    }
  }
}

/** A server that slow and silent clients cannot hold. */
function newServer(https: { cert: Buffer; key: Buffer } | undefined): FastifyInstance {
  const options = {
    bodyLimit: MAX_REQUEST_BYTES, connectionTimeout: IDLE_MS, requestTimeout: REQUEST_MS, keepAliveTimeout: IDLE_MS, forceCloseConnections: true,
    http: { connectionsCheckingInterval: CHECK_MS, headersTimeout: REQUEST_MS, maxHeaderSize: 8192 },
  };
  const app = (https === undefined ? Fastify(options) : Fastify({ ...options, https })) as unknown as FastifyInstance;
  app.server.maxConnections = MAX_CONNECTIONS;
  return app;
}

function certificate({ tls }: PhonebookSettings): { cert: Buffer; key: Buffer } {
  if (tls === undefined) throw new EtasiltaError('phonebook-tls', 'phonebook.listen has an https URL, but there is no certificate', { hint: 'Set phonebook.tls.certFile and phonebook.tls.keyFile.' });
  return { cert: fileOf(tls.certFile, 'phonebook-tls'), key: fileOf(tls.keyFile, 'phonebook-tls') };
}

const grantsOf = ({ readers }: PhonebookSettings): Grant[] => readers.map(({ secret, secretFile, networks, identities, ...reader }) => ({
  reader: { ...reader, identities: Object.fromEntries(Object.entries(identities).map(([identity, address]) => [normalized(identity), address])) },
  secret: secret ?? secretIn(secretFile ?? '', reader.name), networks,
}));

function udsGrant({ uds }: PhonebookSettings, grants: readonly Grant[]): UdsGrant | undefined {
  if (uds === undefined) return undefined;
  const grant = grants.find(({ reader }) => reader.name === uds.reader);
  if (grant === undefined) throw new EtasiltaError('phonebook-uds', `phonebook.uds.reader: there is no reader ${uds.reader}`, { hint: 'Name one of phonebook.readers.' });
  return { reader: grant.reader, networks: uds.networks };
}

function secretIn(file: string, reader: string): string {
  const secret = fileOf(file, 'phonebook-secret').toString('utf8').trim();
  if (!/^[A-Za-z0-9_-]{16,100}$/.test(secret)) {
    throw new EtasiltaError('phonebook-secret', `${file}: the secret of phone-book reader ${reader} is not 16 to 100 of A-Z, a-z, 0-9, "-" and "_"`, { hint: 'Make one: openssl rand -hex 16.' });
  }
  return secret;
}

function fileOf(file: string, code: string): Buffer {
  try {
    return fs.readFileSync(file);
  } catch (cause) {
    throw new EtasiltaError(code, `${file} cannot be read: ${(cause as Error).message}`, { cause, hint: 'See whether the file is there and readable for the gateway.' });
  }
}
