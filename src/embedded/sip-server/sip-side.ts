import { systemClock } from './clock';
import type { Applications } from './core/application';
import { Engine } from './core/engine';
import { systemResolver, type Resolver } from './dns';
import { randomIds } from './ids';
import type { SipServerLimits, SipServerLog } from './options';
import { bracketed, type ListenPoint } from './transport/contact';
import { ConnectionTable } from './transport/connection-table';
import { FacingAddresses } from './transport/local-address';
import type { TransportContext } from './transport/receiver';
import { Transports } from './transport/transports';

export interface SipSideParts {
  points: readonly ListenPoint[];
  applications: Applications;
  limits: SipServerLimits;
  log: SipServerLog;
  tls?: { cert: string; key: string; ca?: string };
  resolver?: Resolver;
  dnsServers?: string[];
}

/** The engine with its sockets, whoever its applications are. */
export interface SipSide {
  readonly engine: Engine;
  /** The addresses bound, such as `udp/127.0.0.1:5060`. */
  readonly contacts: string[];
  readonly connections: number;
  /** Binds the points. Throws SipServerError `bind-failed`, `certificate-missing`. */
  open(): Promise<void>;
  close(): Promise<void>;
}

/** Puts engine and transports together; nothing is bound yet. */
export function composeSipSide(parts: SipSideParts): SipSide {
  const { limits } = parts;
  const ways: { transports?: Transports } = {};
  const engine = new Engine({
    clock: systemClock, ids: randomIds, resolver: parts.resolver ?? systemResolver(parts.dnsServers), applications: parts.applications, limits,
    log: parts.log,
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
  const connections = new ConnectionTable(limits);
  const context: TransportContext = {
    receiver: engine.transactions, timers: engine.timers, connections, facing: new FacingAddresses(() => systemClock.now()), limits,
    ...(parts.tls === undefined ? {} : { tls: parts.tls }),
  };
  const transports = (ways.transports = new Transports(context));
  return {
    engine,
    get contacts() {
      return transports.points.map((point) => `${point.protocol}/${bracketed(point.boundHost)}:${point.port}`);
    },
    get connections() {
      return connections.size;
    },
    open: () => transports.open(parts.points),
    async close() {
      engine.close();
      await transports.close();
    },
  };
}
