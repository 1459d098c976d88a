/**
 * The seam between the message layer (bytes to structure and back) and the engine (transports, transactions, dialogs).
 * Sources: RFC 3261 sections 7, 19, 20, 25; RFC 4475; RFC 5118.
 */

/** One header field as received; `name` is canonical ("Via", "Call-ID"), compact forms expanded (RFC 3261 section 7.3.3). */
export interface HeaderField {
  name: string;
  value: string;
}

export interface SipUri {
  /** Lower case: `sip`, `sips`, `tel`, or another. */
  scheme: string;
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
  params: Map<string, string>;
}

export interface Via {
  /** Upper case: UDP, TCP, TLS, WS, WSS. */
  transport: string;
  host: string;
  port?: number;
  branch?: string;
  params: Map<string, string>;
}

export interface CSeq {
  seq: number;
  method: string;
}

/** A message that cannot be taken as it is; `status` is what a request's sender is told, where it can be told at all. */
export interface SipFault {
  /** 400, 413, 414, 416, 420, 483, 505, 513 ... (RFC 3261 section 21.4). */
  status: number;
  /** Reason phrase and Warning text: which field, what was wrong. */
  reason: string;
}
