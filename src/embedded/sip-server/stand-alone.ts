import { isLoopback, parseHostPort } from '../host-port';
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

/**
 * The options for a server that runs by itself, such as a development stand-in for drachtio-server.
 * Throws SipServerError: `admin-invalid`, `secret-missing`, `secret-published`, `contact-invalid`.
 */
export function standAloneOptions(settings: StandAloneSettings): SipServerOptions {
  const admin = parseHostPort(settings.admin);
  if (admin === undefined) {
    throw new SipServerError('admin-invalid', `"${settings.admin}" is not HOST:PORT`, { hint: 'Write it like 127.0.0.1:9022.' });
  }
  if (settings.secret === '') {
    throw new SipServerError('secret-missing', 'Applications need a secret to connect with', { hint: 'Give --secret-file, or set ETASILTA_SIP_SERVER_SECRET.' });
  }
  if (settings.secret === PUBLISHED_SECRET && !isLoopback(admin.host)) {
    throw new SipServerError('secret-published', `drachtio's published default secret would let anybody who reaches ${admin.host} place calls`, {
      hint: 'Choose another secret, or listen for applications on loopback.',
    });
  }
  settings.contacts.forEach(parseContact);
  const { secret, contacts, tls, dnsServers } = settings;
  return { admin, secret, contacts, ...(tls ? { tls } : {}), ...(dnsServers?.length ? { dnsServers } : {}) };
}
