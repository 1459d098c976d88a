import type { Resolver } from './dns';

/** What the server carries before it says no; every table, queue and buffer has one of these. */
export interface SipServerLimits {
  /** Client and server transactions that are not terminated. */
  transactions: number;
  /** Established and early dialogs. */
  dialogs: number;
  /** New requests that no application has answered yet. */
  unanswered: number;
  /** The same from one address, or from one /64 of IPv6. */
  unansweredPerSource: number;
  /** Bytes waiting for one application; above it, its new requests are refused and, at four times this, it is disconnected. */
  adminQueueBytes: number;
  /** Bytes of one frame from an application. */
  adminFrameBytes: number;
  adminClients: number;
  /** Bytes of one SIP message. */
  messageBytes: number;
  connections: number;
  connectionsPerAddress: number;
  /** Bytes waiting for one connection's peer; above it the connection is closed. */
  connectionQueueBytes: number;
  /** A connection that has sent no complete message for this long is closed. */
  connectionIdleSeconds: number;
  /** The first message of a connection, and every message that has begun, must be complete within this. */
  messageSeconds: number;
  /** Delay of the event loop above which new requests are refused. */
  eventLoopLagMs: number;
  /** What Retry-After says with a refusal (RFC 3261 section 20.33). */
  retryAfterSeconds: number;
}

export const DEFAULT_LIMITS: Readonly<SipServerLimits> = Object.freeze({
  transactions: 200_000,
  dialogs: 50_000,
  unanswered: 4_000,
  unansweredPerSource: 1_000,
  adminQueueBytes: 4 * 1024 * 1024,
  adminFrameBytes: 1024 * 1024,
  adminClients: 64,
  messageBytes: 65_535,
  connections: 10_000,
  connectionsPerAddress: 500,
  connectionQueueBytes: 1024 * 1024,
  connectionIdleSeconds: 7_200,
  messageSeconds: 30,
  eventLoopLagMs: 300,
  retryAfterSeconds: 5,
});

/** Receives what an operator may want to know; never called with secrets or whole messages. */
export type SipServerLog = (level: 'debug' | 'info' | 'warn', event: string, detail: Record<string, unknown>) => void;

export interface SipServerOptions {
  /** Where applications connect; port 0 for any free one. */
  admin: { host: string; port: number };
  /** What applications authenticate with. */
  secret: string;
  /** Listen specifications such as `sip:127.0.0.1:5060;transport=udp,tcp`. */
  contacts: string[];
  /** PEM texts for `tls` and `wss` contacts; `ca` is what outgoing TLS trusts instead of the system's authorities. */
  tls?: { cert: string; key: string; ca?: string };
  limits?: Partial<SipServerLimits>;
  /** Addresses of DNS servers; by default the system's. */
  dnsServers?: string[];
  /** DNS by other means. */
  resolver?: Resolver;
  log?: SipServerLog;
}

export interface SipServerStats {
  serverTransactions: number;
  clientTransactions: number;
  dialogs: number;
  /** New requests that no application has answered yet. */
  unanswered: number;
  connections: number;
  adminClients: number;
  messagesIn: number;
  messagesOut: number;
  /** New requests refused with 503 because of a limit. */
  rejected: number;
  /** Bytes that were no message, or messages that may not be answered. */
  dropped: number;
  /** Invalid requests that were answered with their fault. */
  invalid: number;
  retransmissionsIn: number;
  retransmissionsOut: number;
}

export interface SipServer {
  readonly adminPort: number;
  /** The addresses bound, such as `udp/127.0.0.1:5060`. */
  readonly contacts: string[];
  stats(): SipServerStats | Promise<SipServerStats>;
  close(): Promise<void>;
}

/** A server in the caller's own thread. */
export interface LocalSipServer extends SipServer {
  stats(): SipServerStats;
}
