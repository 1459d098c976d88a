import { isIP } from 'node:net';
import { isLoopback, parseHostPort } from '../host-port';
import { MediaServerError } from './media-server-error';
import type { MediaServerOptions } from './options';

/** What stands in every FreeSWITCH manual, and so with everybody who tries. */
const PUBLISHED_PASSWORD = 'ClueCon';

/** What whoever runs the server by itself says; texts as they were typed. */
export interface StandAloneSettings {
  /** `HOST:PORT`, IPv6 in brackets. */
  esl: string;
  password: string;
  sip: string;
  /** `FROM-TO`. */
  rtp: string;
  /** What SIP and SDP show instead of the bound address. */
  address?: string;
  maxSessions?: string;
  allow: readonly string[];
  folder?: string;
}

function point(name: string, text: string): { host: string; port: number } {
  const parsed = parseHostPort(text);
  if (parsed === undefined) throw new MediaServerError(`${name}-invalid`, `"${text}" is not HOST:PORT`, 'Write it like 127.0.0.1:8021.');
  return parsed;
}

function range(text: string): { min: number; max: number } {
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(text.trim());
  const [min, max] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || min < 1_024 || max > 65_535 || max - min < 1) {
    throw new MediaServerError('ports-invalid', `"${text}" is no range of ports`, 'Write it like 20000-20999; each leg takes two ports for each of its m-lines.');
  }
  return { min, max };
}

/**
 * The options for a server that runs by itself, on a machine of its own or as a development stand-in for FreeSWITCH.
 * Throws MediaServerError: `esl-invalid`, `sip-invalid`, `ports-invalid`, `address-invalid`, `sessions-invalid`,
 * `password-missing`, `password-published`.
 */
export function standAloneOptions(settings: StandAloneSettings): MediaServerOptions {
  const esl = point('esl', settings.esl);
  const sip = point('sip', settings.sip);
  const rtp = range(settings.rtp);
  const { password, address, allow, folder } = settings;
  if (password === '') throw new MediaServerError('password-missing', 'Applications need a password to connect with', 'Give --password-file, or set ETASILTA_MEDIA_SERVER_PASSWORD.');
  if (password === PUBLISHED_PASSWORD && !isLoopback(esl.host)) {
    throw new MediaServerError('password-published', `FreeSWITCH's published default password would let anybody who reaches ${esl.host} use this server`,
      'Choose another password, or listen for applications on loopback.');
  }
  if (address !== undefined && isIP(address) === 0) throw new MediaServerError('address-invalid', `"${address}" is no IP address`);
  const maxSessions = settings.maxSessions === undefined ? undefined : Number(settings.maxSessions);
  if (maxSessions !== undefined && (!Number.isInteger(maxSessions) || maxSessions < 1 || maxSessions > 100_000)) {
    throw new MediaServerError('sessions-invalid', `"${settings.maxSessions}" is no number of sessions`, 'Give a whole number from 1.');
  }
  return {
    esl, sip, rtp, password, allow, ...(address === undefined ? {} : { advertisedAddress: address }), ...(maxSessions === undefined ? {} : { maxSessions }),
    ...(folder === undefined ? {} : { folder }),
  };
}
