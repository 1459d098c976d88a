import type { h225 } from '../schemas';
import { aliasText, sameAddress, sameHost, type HostPort } from './addresses';
import type { Neighbour } from './types';

/** A neighbour counts as gone when it has not answered so many requests in a row. */
const UNANSWERED = 2;

/** What is known of a neighbour's health. */
export interface NeighbourState {
  readonly neighbour: Neighbour;
  /** `unknown` until the first request has been answered, or has not. */
  state: 'unknown' | 'reachable' | 'unreachable';
  /** Milliseconds since 1970, of the last request to it, answer of it, request of it. */
  lastAsked?: number;
  lastAnswer?: number;
  lastHeard?: number;
  unanswered: number;
  /** Since start: requests to it that were confirmed, rejected, not answered, and its requests here. */
  readonly counters: { confirmed: number; rejected: number; unanswered: number; received: number };
}

/** The gatekeepers of other zones, what their zones have, and whether they answer. */
export class Neighbours {
  readonly states: readonly NeighbourState[];

  constructor(neighbours: readonly Neighbour[], private readonly now: () => number) {
    this.states = neighbours.map((neighbour) => ({ neighbour, state: 'unknown', unanswered: 0, counters: { confirmed: 0, rejected: 0, unanswered: 0, received: 0 } }));
  }

  named(name: string): NeighbourState | undefined {
    return this.states.find(({ neighbour }) => neighbour.name === name);
  }

  /** The neighbour that sends from there; gatekeepers may send location requests from another port than that of RAS. */
  at(source: HostPort): NeighbourState | undefined {
    return this.states.find(({ neighbour }) => sameAddress(neighbour.address, source)) ?? this.states.find(({ neighbour }) => sameHost(neighbour.address.host, source.host));
  }

  /** Who may have these aliases: the neighbours with the longest prefix or the domain of one of them, otherwise those without any. */
  for(aliases: readonly h225.AliasAddress[]): NeighbourState[] {
    const texts = aliases.map(aliasText).filter((text) => text !== undefined);
    const fits = this.states.map((state) => ({ state, fit: Math.max(0, ...texts.map((text) => fitOf(state.neighbour, text))) }));
    const best = Math.max(0, ...fits.map(({ fit }) => fit));
    return best > 0 ? fits.filter(({ fit }) => fit === best).map(({ state }) => state)
      : this.states.filter(({ neighbour: { prefixes, domains } }) => prefixes.length === 0 && domains.length === 0);
  }

  asked(state: NeighbourState): void {
    state.lastAsked = this.now();
  }

  heard(state: NeighbourState): void {
    state.lastHeard = this.now();
    state.counters.received++;
  }

  answered(state: NeighbourState, how: 'confirmed' | 'rejected'): void {
    state.lastAnswer = this.now();
    state.state = 'reachable';
    state.unanswered = 0;
    state.counters[how]++;
  }

  silent(state: NeighbourState): void {
    state.counters.unanswered++;
    state.unanswered++;
    if (state.unanswered >= UNANSWERED || state.lastAnswer === undefined) state.state = 'unreachable';
  }
}

/** How much of a number or name belongs to the neighbour's zone, in characters; 0: it is not its. */
function fitOf({ prefixes, domains }: Neighbour, text: string): number {
  const digits = /^\+?([\d*#]+)$/.exec(text)?.[1];
  if (digits !== undefined) return Math.max(0, ...prefixes.filter((prefix) => digits.startsWith(prefix)).map(({ length }) => length));
  const domain = /@([^@:;]+)/.exec(text)?.[1]?.toLowerCase();
  return domain === undefined ? 0 : Math.max(0, ...domains.filter((own) => domain === own || domain.endsWith(`.${own}`)).map(({ length }) => length));
}
