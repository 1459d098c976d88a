/**
 * The seam between the message layer (bytes to structure and back) and the engine (transports, transactions, dialogs).
 * Sources: RFC 3261 sections 7, 19, 20, 25; RFC 4475; RFC 5118; RFC 5626 section 3.5.1.
 */
import type { SipMessage } from './sip-message';

/** One header field as received; `name` is canonical ("Via", "Call-ID"), compact forms expanded (RFC 3261 section 7.3.3). */
export interface HeaderField {
  readonly name: string;
  /** The same for every spelling of the name. */
  readonly key: string;
  /** Unfolded, without surrounding white space. */
  readonly value: string;
}

export interface SipUri {
  /** Lower case: `sip`, `sips`, `tel`, or another. */
  scheme: string;
  /** As written (escapes kept); for schemes other than sip and sips the whole opaque part is in `host`. */
  user?: string;
  password?: string;
  /** Without brackets for IPv6. */
  host: string;
  port?: number;
  /** Names lower case; flag parameters have the value ''. */
  params: Map<string, string>;
  headers?: string;
}

export interface NameAddr {
  displayName?: string;
  /** The URI's text, unbracketed. */
  uri: string;
  /** The header's parameters (`tag`, `expires`, `q`), names lower case; flag parameters have the value ''. */
  params: Map<string, string>;
}

export interface Via {
  /** Upper case: UDP, TCP, TLS, WS, WSS. */
  transport: string;
  /** Without brackets for IPv6. */
  host: string;
  port?: number;
  branch?: string;
  /** All parameters, `branch` too; names lower case, `received` without brackets, a flag such as `rport` has the value ''. */
  params: Map<string, string>;
}

export interface CSeq {
  seq: number;
  method: string;
}

/** A message that cannot be taken as it is; `status` is what a request's sender is told, where it can be told at all. */
export interface SipFault {
  /** 400, 413, 416, 505, 513 (RFC 3261 section 21.4, 21.5). */
  status: number;
  /** Reason phrase and Warning text: which field, what was wrong. */
  reason: string;
}

/**
 * What became of received bytes. Exactly one of these:
 * - `message` alone: well-formed, hand it on;
 * - `fault` with `message`: a request to be answered with `fault.status` and otherwise left alone (`SipMessage.responseTo`
 *   builds that answer); `topVia` is always defined: of a malformed Via it is what could be read;
 * - `drop`: nothing may be answered (a malformed response, a malformed ACK, no usable Via, or not SIP at all);
 * - `keepAlive`: CRLFCRLF (`ping`, to be answered with CRLF) or CRLF (`pong`).
 */
export type ParsedMessage =
  | { message: SipMessage; fault?: undefined; drop?: undefined; keepAlive?: undefined }
  | { message: SipMessage; fault: SipFault; drop?: undefined; keepAlive?: undefined }
  | { message?: undefined; fault?: undefined; drop: string; keepAlive?: undefined }
  | { message?: undefined; fault?: undefined; drop?: undefined; keepAlive: 'ping' | 'pong' };

/** Bounds on one message; what exceeds them is refused with 513 (head) or 413 (body). */
export interface MessageLimits {
  /** Octets of start line and header fields together. */
  maxHeadBytes: number;
  maxHeaderFields: number;
  maxBodyBytes: number;
}

export const DEFAULT_LIMITS: Readonly<MessageLimits> = {
  maxHeadBytes: 32_768,
  maxHeaderFields: 256,
  maxBodyBytes: 262_144,
};
