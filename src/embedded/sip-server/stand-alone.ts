import { isIP } from 'node:net';
import type { SipServerOptions } from './options';
import { SipServerError } from './server-error';
import { parseContact } from './transport/contact';

/** What stands in every drachtio manual, and so with everybody who tries. */
const PUBLISHED_SECRET = 'cymru';

/** What whoever runs the server by itself says; texts as they were typed. */
export interface StandAloneSettings {
  /** `HOST:PORT`, IPv6 in brackets. */
  admin: string;
  secret: string;
  contacts: string[];
  /** PEM texts. */
  tls?: { cert: string; key: string };
  dnsServers?: string[];
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

/**
 * The options for a server that runs by itself, such as a development stand-in for drachtio-server.
 * Throws SipServerError: `admin-invalid`, `secret-missing`, `secret-published`, `contact-invalid`.
 */
export function standAloneOptions(settings: StandAloneSettings): SipServerOptions {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s]+)):(\d{1,5})$/.exec(settings.admin);
  const host = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3]);
  if (match === null || port > 65_535 || (match[1] !== undefined && isIP(host) !== 6)) {
    throw new SipServerError('admin-invalid', `"${settings.admin}" is not HOST:PORT`, { hint: 'Write it like 127.0.0.1:9022.' });
  }
  if (settings.secret === '') {
    throw new SipServerError('secret-missing', 'Applications need a secret to connect with', { hint: 'Give --secret-file, or set ETASILTA_SIP_SERVER_SECRET.' });
  }
  if (settings.secret === PUBLISHED_SECRET && !isLoopback(host)) {
    throw new SipServerError('secret-published', `drachtio's published default secret would let anybody who reaches ${host} place calls`, {
      hint: 'Choose another secret, or listen for applications on loopback.',
    });
  }
  settings.contacts.forEach(parseContact);
  const { secret, contacts, tls, dnsServers } = settings;
  return { admin: { host, port }, secret, contacts, ...(tls ? { tls } : {}), ...(dnsServers?.length ? { dnsServers } : {}) };
}
