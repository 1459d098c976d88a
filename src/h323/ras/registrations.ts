import type { h225 } from '../schemas';
import { aliasKey, type HostPort } from './addresses';
import type { Site } from './bandwidth';

export type EndpointKind = 'terminal' | 'gateway' | 'mcu' | 'gatekeeper' | 'unknown';

/** An endpoint that is registered. */
export interface Registration {
  readonly endpointIdentifier: string;
  /** Where its RAS messages come from; nobody else speaks for it. */
  readonly source: HostPort;
  /** Where its call signalling is reached, best first; of one that traverses a firewall there may be none. Behind a router that translates addresses, the router's. */
  signalling: readonly HostPort[];
  readonly kind: EndpointKind;
  /** Product and version, as it says them. */
  readonly vendor?: string;
  aliases: readonly h225.AliasAddress[];
  /** The name by which the directory knows it. */
  readonly name: string;
  password?: string;
  /** It signs its messages by H.235.1, and expects that of the gatekeeper's. */
  readonly signs: boolean;
  /** The addresses that it says are not those that it has here. */
  readonly behindNat: boolean;
  /** It connects to the gatekeeper for its incoming calls, too (H.460.18). */
  readonly traversal: boolean;
  site?: Site;
  /** A gateway that has no room for further calls (RAI). */
  almostOutOfResources?: boolean;
  /** Seconds between its registrations. */
  timeToLive: number;
  /** Milliseconds since 1970. */
  readonly registeredAt: number;
  expires: number;
}

/** The endpoints that are registered, by identifier, alias and name. */
export class Registrations {
  private readonly byIdentifier = new Map<string, Registration>();
  private readonly byAlias = new Map<string, Registration>();
  private readonly byName = new Map<string, readonly Registration[]>();

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

  /** All of one name of the directory: an endpoint that registers its aliases from several addresses has several. */
  named(name: string): readonly Registration[] {
    return this.byName.get(name) ?? [];
  }

  add(registration: Registration): void {
    this.byIdentifier.set(registration.endpointIdentifier, registration);
    this.byName.set(registration.name, [...this.named(registration.name), registration]);
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
    const others = this.named(registration.name).filter((other) => other !== registration);
    if (others.length > 0) this.byName.set(registration.name, others);
    else this.byName.delete(registration.name);
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
