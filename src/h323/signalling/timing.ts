/** Timers of call signalling in milliseconds (Q.931 section 9.5, H.225.0 section 7.5). */
export interface SignallingTimers {
  /** Setting up a TCP connection. */
  connect: number;
  /** From the announcement of a call to an endpoint behind a firewall to its connection. */
  announced: number;
  /** T303: from Setup to any answer. */
  t303: number;
  /** T310: from Call Proceeding to Alerting or Connect. */
  t310: number;
  /** T301: from Alerting to Connect. */
  t301: number;
  /** T304: from a digit sent in overlap to any answer. */
  t304: number;
  /** T302: waiting for further digits. */
  t302: number;
  /** T322: from Status Inquiry to Status. */
  t322: number;
  /** An accepted connection without a call. */
  idle: number;
  /** A TPKT packet from its first octet to its last, and a connection from its end on this side to its end on the other. */
  packet: number;
}

export const DEFAULT_TIMERS: SignallingTimers = {
  connect: 10_000, announced: 8_000, t303: 10_000, t310: 120_000, t301: 240_000, t304: 30_000, t302: 12_000, t322: 4_000, idle: 15_000, packet: 10_000,
};
