import type { DirectoryStore } from '../../directory';
import type { TreeSource } from '../tree';
import type { Accounts, Identity } from './identity';
import type { LdapLimits, LdapServerOptions } from './options';
import type { PasswordChecker } from './password';

/** What is told of noteworthy events; no values that a client sent go into it. */
export interface LdapLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What the connections of one server share. */
export interface ServerContext {
  options: LdapServerOptions;
  limits: LdapLimits;
  store: DirectoryStore;
  source: TreeSource;
  accounts: Accounts;
  passwords: PasswordChecker;
  anonymous: Identity;
  version: string;
  log: LdapLog;
}

/** One operation under way. */
export interface Operation {
  messageId: number;
  /** Set by abandon, unbind and the end of the connection. */
  abandoned: boolean;
}
