import type { h225 } from '../schemas';
import { aliasKey, type HostPort } from './addresses';

/** An endpoint that is registered. */
export interface Registration {
  readonly endpointIdentifier: string;
  /** Where its RAS messages come from; nobody else speaks for it. */
  readonly source: HostPort;
  readonly rasAddress: h225.TransportAddress;
  readonly callSignalAddress: readonly h225.TransportAddress[];
  readonly terminalType: h225.EndpointType;
  aliases: readonly h225.AliasAddress[];
  /** The name by which the directory knows it. */
  readonly name: string;
  readonly password?: string;
  /** It signs its messages by H.235.1, and expects that of the gatekeeper's. */
  readonly signs: boolean;
  /** Seconds between its registrations. */
  timeToLive: number;
  /** Milliseconds since 1970. */
  expires: number;
}

/** The endpoints that are registered, by identifier and by alias. */
export class Registrations {
  private readonly byIdentifier = new Map<string, Registration>();
  private readonly byAlias = new Map<string, Registration>();

  constructor(readonly limit: number) {}

  get size(): number {
    return this.byIdentifier.size;
  }

  get full(): boolean {
    return this.byIdentifier.size >= this.limit;
  }

  [Symbol.iterator](): Iterator<Registration> {
    return this.byIdentifier.values();
  }

  get(endpointIdentifier: string | undefined): Registration | undefined {
    return endpointIdentifier === undefined ? undefined : this.byIdentifier.get(endpointIdentifier);
  }

  withAlias(alias: h225.AliasAddress): Registration | undefined {
    const key = aliasKey(alias);
    return key === undefined ? undefined : this.byAlias.get(key);
  }

  add(registration: Registration): void {
    this.byIdentifier.set(registration.endpointIdentifier, registration);
    this.index(registration);
  }

  /** Gives a registration other aliases. */
  rename(registration: Registration, aliases: readonly h225.AliasAddress[]): void {
    this.unindex(registration);
    registration.aliases = aliases;
    this.index(registration);
  }

  remove(registration: Registration): void {
    this.unindex(registration);
    this.byIdentifier.delete(registration.endpointIdentifier);
  }

  /** Takes out and returns those whose time to live has run out. */
  expire(now: number): Registration[] {
    const expired = [...this.byIdentifier.values()].filter(({ expires }) => expires <= now);
    expired.forEach((registration) => this.remove(registration));
    return expired;
  }

  private index(registration: Registration): void {
    for (const key of keysOf(registration)) this.byAlias.set(key, registration);
  }

  private unindex(registration: Registration): void {
    for (const key of keysOf(registration)) if (this.byAlias.get(key) === registration) this.byAlias.delete(key);
  }
}

const keysOf = ({ aliases }: Registration): string[] => aliases.map(aliasKey).filter((key): key is string => key !== undefined);
