import type { Protocol } from './contact';

/** A bound socket: what we say our address is in Via, Contact and Record-Route. */
export interface LocalPoint {
  readonly protocol: Protocol;
  /** The bound address; `0.0.0.0` or `::` when it is bound to all. */
  readonly boundHost: string;
  readonly port: number;
  /** Our address as a peer at `remoteAddress` can reach it, IPv6 without brackets. */
  hostTowards(remoteAddress: string): string;
}

/**
 * A way to one remote address: a connection, or for UDP the pair of our socket and the address (the flow of RFC 5626
 * section 3.2, for every transport).
 */
export interface Flow {
  readonly protocol: Protocol;
  /** Retransmission is the transport's work (RFC 3261 section 17). */
  readonly reliable: boolean;
  readonly local: LocalPoint;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly open: boolean;
  /** False when the flow is closed or its peer is too far behind; the bytes are then dropped. */
  send(bytes: Buffer | string): boolean;
  /** Calls `lost` once when a connection closes, or when a datagram cannot leave; returns what takes that back. */
  onLost(lost: () => void): () => void;
}

/** Where a request goes: one of the results of RFC 3263. */
export interface Target {
  protocol: Protocol;
  address: string;
  port: number;
  /** The name that the certificate must carry (RFC 5922 section 7.1), where a name led here. */
  serverName?: string;
  /** Our socket to leave from, where several would do: the one that the peer knows. */
  from?: LocalPoint;
}
