import { AdminServer } from './admin/admin-server';
import type { AdminClient } from './admin/client';
import { Routes } from './admin/routes';
import { systemClock } from './clock';
import { Engine } from './core/engine';
import { systemResolver } from './dns';
import { SipServerError } from './server-error';
import { randomIds } from './ids';
import { DEFAULT_LIMITS, type LocalSipServer, type SipServerOptions } from './options';
import { bracketed, parseContact } from './transport/contact';
import { ConnectionTable } from './transport/connection-table';
import { FacingAddresses } from './transport/local-address';
import type { TransportContext } from './transport/receiver';
import { Transports } from './transport/transports';

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
  const connections = new ConnectionTable(limits);
  const routes = new Routes<AdminClient>();
  const ways: { transports?: Transports } = {};
  const engine = new Engine({
    clock: systemClock, ids: randomIds, resolver: options.resolver ?? systemResolver(options.dnsServers), applications: routes, limits, log,
    ways: {
      get points() {
        return ways.transports?.points ?? [];
      },
      get protocols() {
        return ways.transports?.protocols ?? new Set();
      },
      flowTo: (target) => ways.transports?.flowTo(target),
    },
  });
  const context: TransportContext = {
    receiver: engine.transactions, timers: engine.timers, connections, facing: new FacingAddresses(() => systemClock.now()), limits,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
  };
  const transports = (ways.transports = new Transports(context));
  const contacts = (): string[] =>
    transports.points.map((point) => `${point.protocol}/${bracketed(point.boundHost)}:${point.port}`);
  const admin = new AdminServer({
    secret: options.secret, engine, routes, ids: randomIds, limits, log,
    hostPorts: () => contacts().join(','),
  }, engine.timers);
  const close = async (): Promise<void> => {
    await admin.close();
    engine.close();
    await transports.close();
  };
  try {
    await transports.open(points);
    const adminPort = await admin.listen(options.admin.host, options.admin.port);
    log('info', 'listening', { admin: `${options.admin.host}:${adminPort}`, contacts: contacts() });
    return {
      adminPort, contacts: contacts(), close,
      stats: () => ({ ...engine.stats(), connections: connections.size, adminClients: admin.clientCount }),
    };
  } catch (error) {
    await close();
    throw error;
  }
}
