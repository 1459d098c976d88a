import { AdminServer } from './admin/admin-server';
import type { AdminClient } from './admin/client';
import { Routes } from './admin/routes';
import { SipServerError } from './server-error';
import { randomIds } from './ids';
import { DEFAULT_LIMITS, type LocalSipServer, type SipServerOptions } from './options';
import { composeSipSide } from './sip-side';
import { parseContact } from './transport/contact';

const silent = (): void => undefined;

/**
 * Starts a SIP server that drachtio applications use as they use drachtio-server.
 * Throws SipServerError: `contact-invalid`, `certificate-missing`, `secret-missing`, `bind-failed`.
 */
export async function startSipServer(options: SipServerOptions): Promise<LocalSipServer> {
  if (options.secret === '') throw new SipServerError('secret-missing', 'The secret for applications is empty');
  const points = options.contacts.flatMap(parseContact);
  if (points.length === 0) throw new SipServerError('contact-invalid', 'There is no contact to listen on');
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const log = options.log ?? silent;
  const routes = new Routes<AdminClient>();
  const { tls, resolver, dnsServers } = options;
  const side = composeSipSide({
    points, applications: routes, limits, log, ...(tls ? { tls } : {}), ...(resolver ? { resolver } : {}), ...(dnsServers ? { dnsServers } : {}),
  });
  const { engine } = side;
  const admin = new AdminServer({
    secret: options.secret, engine, routes, ids: randomIds, limits, log,
    hostPorts: () => side.contacts.join(','),
  }, engine.timers);
  const close = async (): Promise<void> => {
    await admin.close();
    await side.close();
  };
  try {
    await side.open();
    const adminPort = await admin.listen(options.admin.host, options.admin.port);
    log('info', 'listening', { admin: `${options.admin.host}:${adminPort}`, contacts: side.contacts });
    return {
      adminPort, contacts: side.contacts, close,
      stats: () => ({ ...engine.stats(), connections: side.connections, adminClients: admin.clientCount }),
    };
  } catch (error) {
    await close();
    throw error;
  }
}
