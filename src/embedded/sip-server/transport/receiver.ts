import type { TimerQueue } from '../clock';
import type { SipServerLimits } from '../options';
import type { ParsedMessage } from '../message';
import type { ConnectionBounds } from './connection';
import type { ConnectionTable } from './connection-table';
import type { Flow } from './flow';
import type { FacingAddresses } from './local-address';

/** Takes what the sockets read. */
export interface Receiver {
  /** One message or keep-alive, or what is left of an attempt at one. */
  receive(parsed: ParsedMessage, flow: Flow, bytes: number): void;
}

/** What every listener and dialler works with. */
export interface TransportContext {
  receiver: Receiver;
  timers: TimerQueue;
  connections: ConnectionTable;
  facing: FacingAddresses;
  limits: SipServerLimits;
  tls?: { cert: string; key: string; ca?: string };
}

export const boundsOf = (limits: SipServerLimits): ConnectionBounds => ({
  queueBytes: limits.connectionQueueBytes,
  idleMs: limits.connectionIdleSeconds * 1000,
  messageMs: limits.messageSeconds * 1000,
});
