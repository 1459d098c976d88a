import type { SessionFactory, SessionOptions } from '../contracts';
import { systemClock } from './clock';
import { selfSignedCertificate, type DtlsCertificate } from './dtls/certificate';
import { Session } from './media-session';
import type { SessionContext, SessionFactoryOptions } from './options';
import { PortPool } from './transport/port-pool';

/** Makes media sessions on one address; throws MediaError for a port range that is none. */
export function createSessionFactory(options: SessionFactoryOptions): SessionFactory {
  const ports = new PortPool(options.address, options.portMin, options.portMax);
  const clock = options.clock ?? systemClock;
  let certificate: DtlsCertificate | undefined;
  const context: SessionContext = {
    address: options.address,
    advertisedAddress: options.advertisedAddress ?? options.address,
    mediaTimeoutMs: (options.mediaTimeoutSeconds ?? 0) * 1_000,
    clock,
    log: options.log ?? (() => undefined),
    certificate: () => (certificate ??= selfSignedCertificate(clock.wallNow())),
  };
  const sessions = new Set<Session>();
  return {
    create(sessionOptions: SessionOptions): Session {
      const session: Session = new Session(sessionOptions, ports, context, () => sessions.delete(session));
      sessions.add(session);
      return session;
    },
    get ports() {
      return { used: ports.used, total: ports.total };
    },
    close() {
      for (const session of sessions) session.close();
    },
  };
}
