/** Receives what an operator may want to know; never called with passwords, keys or whole messages. */
export type MediaServerLog = (level: 'debug' | 'info' | 'warn', event: string, detail: Record<string, unknown>) => void;

export interface MediaServerOptions {
  /** Where applications connect with the event socket; port 0 for any free one. */
  esl: { host: string; port: number };
  /** What applications authenticate with. */
  password: string;
  /** Where INVITEs come, UDP and TCP; port 0 for any free one. */
  sip: { host: string; port: number };
  /**
   * UDP ports of media, both ends included; 0 and 0 for any free ones. `address` is what is bound, default that of SIP;
   * `advertisedAddress` is what parties are told of it where that is another than of SIP.
   */
  rtp: { min: number; max: number; address?: string; advertisedAddress?: string };
  /** Address that SIP and SDP show instead of the bound one; needed behind address translation, and with several addresses. */
  advertisedAddress?: string;
  /** Calls at one time; default 500. */
  maxSessions?: number;
  /** Addresses and networks beside loopback that may use the event socket, place calls, and be connected to for them. */
  allow?: readonly string[];
  /** Where sound files and recordings are whose names are not absolute; default the current folder. */
  folder?: string;
  /** A leg that has sent nothing for this long is ended; default 0: never. */
  mediaTimeoutSeconds?: number;
  log?: MediaServerLog;
}

export interface MediaServerStats {
  sessions: number;
  maxSessions: number;
  sessionsSinceStart: number;
  conferences: number;
  /** Connections of applications, inbound. */
  applications: number;
  ports: { used: number; total: number };
  /** Of the process that the server runs in. */
  memory: { rssBytes: number; heapBytes: number };
  /** How late the 20 ms ticks of media ran, milliseconds. */
  tickLateness: { p50: number; p99: number; maximum: number; ticks: number; skipped: number };
}

export interface MediaServer {
  readonly eslPort: number;
  readonly sipPort: number;
  stats(): MediaServerStats | Promise<MediaServerStats>;
  /** Ends all calls and closes everything. */
  close(): Promise<void>;
}

/** A server in the caller's own thread. */
export interface LocalMediaServer extends MediaServer {
  stats(): MediaServerStats;
}
