import type { SessionClock } from './clock';
import type { DtlsCertificate } from './dtls/certificate';

/** Receives what an operator may want to know; never called with keys, passwords or whole descriptions. */
export type SessionLog = (level: 'debug' | 'info' | 'warn', event: string, detail: Record<string, unknown>) => void;

export interface SessionFactoryOptions {
  /** Address that media sockets bind. */
  address: string;
  /** UDP ports, both ends included, used in pairs of an even one for RTP and the next for RTCP; 0 and 0 for any free ones. */
  portMin: number;
  portMax: number;
  /** What descriptions say instead of `address`, behind address translation. */
  advertisedAddress?: string;
  /** Silence after which a session tells `timeout`; 0 for never. Default 0. */
  mediaTimeoutSeconds?: number;
  clock?: SessionClock;
  log?: SessionLog;
}

/** What a session and its parts work with. */
export interface SessionContext {
  readonly address: string;
  readonly advertisedAddress: string;
  readonly mediaTimeoutMs: number;
  readonly clock: SessionClock;
  readonly log: SessionLog;
  /** Made when it is first needed. */
  certificate(): DtlsCertificate;
}
