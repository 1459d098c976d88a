import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import type Srf from 'drachtio-srf';
import type { MediaPool } from './calls';
import type { Config } from './config';
import { startMediaServerInWorker, type MediaServerStats } from './embedded/media-server';
import { EtasiltaError } from './errors';
import type { Logger } from './log';
import { createMediaPool, type SipStack } from './media';

/** The media servers that the gateway uses, whichever they are. */
export interface MediaEngine {
  kind: Config['media']['engine'];
  pool: MediaPool;
  /** Only of the embedded server. */
  stats?(): Promise<MediaServerStats>;
  close(): Promise<void>;
}

const DEFAULT_PASSWORD = 'ClueCon';
/** The same place seen from src and from dist. */
const PROMPTS = path.resolve(__dirname, '../dialplans/prompts');

/** Media servers cannot be had. */
export class MediaEngineError extends EtasiltaError {}

/**
 * Starts the embedded media server, or uses the configured ones, and connects to them through the SIP server. A media server
 * that cannot be reached is no fault of the start: it is tried again, and calls are refused with 503 until then.
 */
export async function startMediaEngine(config: Config, srf: Srf, log: Logger): Promise<MediaEngine> {
  const { media } = config;
  const embedded = media.engine === 'embedded' ? await startEmbedded(config, log) : undefined;
  const pool = createMediaPool(srf as unknown as SipStack, {
    servers: embedded ? [embedded.server] : media.servers.map((server) => ({ ...server, password: passwordOf(server) })),
    promptsDir: PROMPTS, ...(media.prompts && { ownPromptsDir: media.prompts }), eslListen: media.eventListen,
    owner: ownerOf(config), log,
  });
  const close = async (): Promise<void> => {
    await pool.close();
    await embedded?.close();
  };
  try {
    await pool.start();
    return { kind: media.engine, pool, ...(embedded && { stats: embedded.stats }), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The same for every run of this installation, so that the channels of a run that was killed are known and ended. */
const ownerOf = ({ dataDir }: Config): string => createHash('sha256').update(`${hostname()} ${dataDir}`).digest('hex').slice(0, 16);

interface Embedded {
  server: { name: string; host: string; port: number; password: string };
  stats(): Promise<MediaServerStats>;
  close(): Promise<void>;
}

/** Where the embedded media server receives media: the address that the SIP server listens on serves for them too. */
export const mediaAddress = ({ media, sip }: Pick<Config, 'media' | 'sip'>): string => media.address ?? addressOf(sip.listen[0]);

async function startEmbedded(config: Config, log: Logger): Promise<Embedded> {
  const { media, dataDir } = config;
  // Nobody but this process has any business on the embedded server's event socket.
  const password = randomBytes(24).toString('hex');
  const server = await startMediaServerInWorker({
    esl: { host: '127.0.0.1', port: 0 }, password, sip: { host: '127.0.0.1', port: 0 },
    rtp: { ...media.rtpPorts, address: mediaAddress(config), ...(media.advertisedAddress && { advertisedAddress: media.advertisedAddress }) },
    maxSessions: media.maxSessions, folder: dataDir,
    log: (level, event, detail) => log[level]({ ...detail, event }, 'media server'),
  }).catch((error: Error) => {
    throw new MediaEngineError('media-listen', `The media server cannot start: ${error.message}`, {
      cause: error, hint: 'Check media.address and media.rtpPorts, or run `etasilta doctor`.',
    });
  });
  return { server: { name: 'embedded', host: '127.0.0.1', port: server.eslPort, password }, stats: async () => server.stats(), close: () => server.close() };
}

function addressOf(listen: string | undefined): string {
  const host = /^sips?:(?:\[([^\]]+)\]|([^:;]+))/.exec(listen ?? '');
  return host?.[1] ?? host?.[2] ?? '127.0.0.1';
}

function passwordOf({ host, password, passwordFile }: Config['media']['servers'][number]): string {
  const secret = passwordFile === undefined ? (password ?? DEFAULT_PASSWORD) : readFile(passwordFile).trim();
  if (secret === DEFAULT_PASSWORD && !/^(127\.|::1$|localhost$)/.test(host)) {
    throw new MediaEngineError('media-password', `The media server at ${host} is asked for with FreeSWITCH's published default password.`, {
      hint: 'Set another password in event_socket.conf.xml and name it in media.servers[].passwordFile.',
    });
  }
  return secret;
}

function readFile(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new MediaEngineError('file', `${file} cannot be read: ${(error as Error).message}`, { cause: error, hint: 'Check the path and its permissions.' });
  }
}
