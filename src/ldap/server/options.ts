import type { Level } from '../tree';

/** Who may bind by name and password. */
export interface Account {
  /** Binds as `cn=NAME,ou=accounts,SUFFIX`. */
  name: string;
  /** As `hashAccountPassword` makes it. */
  passwordHash: string;
  /** Administrators see everything and may write. */
  role: 'reader' | 'administrator';
  /** Organisations of which the account sees everything, with those below them. */
  organisations: readonly string[];
  /** What it sees of the others. */
  others: Level;
  /** May read the digests of devices of its organisations as SIPIdentityPassword. */
  credentials: boolean;
}

export interface LdapLimits {
  /** Connections in all, and from one address. */
  connections: number;
  connectionsPerAddress: number;
  /** A connection on which nothing happens is closed after so long; seconds, before and after a bind. */
  idleSecondsBeforeBind: number;
  idleSeconds: number;
  /** A client that does not take what it asked for is cut off after so long. */
  stalledSeconds: number;
  /** Operations of one connection that are worked on at once, and that wait. */
  operations: number;
  waiting: number;
  /** Entries that one search gives at most, seconds that it may take, entries that it may look at. */
  sizeLimit: number;
  timeLimitSeconds: number;
  examined: number;
  /** Entries that are sorted at most. */
  sorted: number;
  /** Searches of one connection that wait for their next page. */
  pagedSearches: number;
  /** Wait before the answer to a wrong password, ms. */
  failureDelayMs: number;
}

export const DEFAULT_LIMITS: LdapLimits = {
  connections: 2_000, connectionsPerAddress: 500, idleSecondsBeforeBind: 30, idleSeconds: 900, stalledSeconds: 30, operations: 16, waiting: 64,
  sizeLimit: 1_000_000, timeLimitSeconds: 60, examined: 200_000, sorted: 10_000, pagedSearches: 4, failureDelayMs: 1_000,
};

export interface LdapServerOptions {
  /** `ldap://HOST:PORT`, `ldaps://HOST:PORT`; port 0 takes a free one. */
  listen: readonly string[];
  /** Path of a unix socket; whoever can open it (its owner only) may bind by SASL EXTERNAL as administrator. */
  socket?: string;
  /** Certificate and key, PEM, for ldaps and StartTLS. */
  tls?: { certFile: string; keyFile: string };
  /** DN of the topmost entry. */
  suffix: string;
  /** Domain of the system: registrar of its devices and digest realm of passwords that are set here. */
  domain: string;
  realm: string;
  /** What is seen without a bind. */
  anonymous: Level;
  /** Where passwords may come without TLS. */
  clearTextBind: 'loopback' | 'always';
  accounts: readonly Account[];
  limits?: Partial<LdapLimits>;
}
