import type { Device, Membership, Organisation, Person, Service, Site } from './model';

/** What one address leads to. */
export type DirectoryEntry =
  | { kind: 'service'; service: Service; /** Set when an alias or a former number of the service was used. */ alias?: string; /** Set when it was a former address or number: the last day on which it is taken. */ until?: string }
  | { kind: 'device'; device: Device };

/**
 * The directory as routing and phone books read it: answered from memory, never by a scan. A view is a consistent state;
 * disabled entries are in it (their `enabled` says so), so that a refusal can tell "closed down" from "unknown".
 */
export interface DirectoryView {
  /** Grows with every change of the directory. */
  readonly revision: number;
  /** By full address `local@domain`, folded and lower case: service address, service alias, or device address. */
  find(address: string): DirectoryEntry | undefined;
  /** Every entry whose local part (before the `@`) is this, folded; for bare names. Bounded to 20. */
  findByLocalPart(local: string): DirectoryEntry[];
  /** By digits: numeric aliases of services and E.164 numbers of devices. */
  findByNumber(digits: string): DirectoryEntry[];
  /** By the H.323 ID of a device where that differs from its address. */
  findByH323Id(id: string): Device | undefined;
  organisation(key: string): Organisation | undefined;
  site(key: string): Site | undefined;
  device(address: string): Device | undefined;
  service(address: string): Service | undefined;
  /** Of persons only those who answer for a service: a country's others are read from the database where they are wanted. */
  person(key: string): Person | undefined;
  /** Members of a service, by group and position. */
  membersOf(service: string): readonly Membership[];
  /**
   * Organisations below one, or those without a parent. This list and the next three are in no order, and stay the same object
   * from view to view until one of their records changes.
   */
  childrenOf(organisation?: string): readonly Organisation[];
  sitesOf(organisation: string): readonly Site[];
  devicesOf(site: string): readonly Device[];
  servicesOf(organisation: string): readonly Service[];
  /** Addresses nearest to a mistyped one, best first. */
  nearest(text: string, limit: number): string[];
}

/** The door to the directory for everybody who reads it. */
export interface Directory {
  /**
   * The current view. It includes every change that any process committed before the call (SQLite `PRAGMA data_version`,
   * then only the changed records are read again).
   */
  view(): Promise<DirectoryView>;
}
