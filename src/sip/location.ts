import { EventEmitter } from 'node:events';
import { ExpiryWheel } from './expiry-wheel';
import { type Flow, flowKey, isStream } from './request';
import { steadyNow } from './steady-clock';

/**
 * `reachable`: calls are sent there. `needs-refresh`: loaded after a restart and its connection may be gone. `unreachable`:
 * keep-alives found no answer. The last two are not offered to calls until the endpoint answers or registers again.
 */
export type Reachability = 'reachable' | 'needs-refresh' | 'unreachable';

/** One contact of an AOR (RFC 3261 section 10, RFC 5626 section 6). Replaced as a whole, never changed. */
export interface Binding {
  readonly aor: string;
  /** What a later REGISTER replaces: instance and reg-id (RFC 5626), otherwise the contact URI. */
  readonly key: string;
  /** Contact URI as registered. */
  readonly contact: string;
  /** Contact parameters as registered, without `expires`. */
  readonly params: Readonly<Record<string, string>>;
  readonly q: number;
  /** Times are milliseconds since 1970. */
  readonly registeredAt: number;
  readonly refreshedAt: number;
  readonly expiresAt: number;
  readonly callId: string;
  readonly cseq: number;
  /** Path header values, nearest proxy first as received (RFC 3327). */
  readonly path: readonly string[];
  readonly userAgent?: string;
  readonly flow: Flow;
  readonly state: Reachability;
  /** The connection of `flow` is gone; the endpoint answers where its contact listens. */
  readonly flowLost?: boolean;
}

export interface LocationEvents {
  registered: [binding: Binding];
  refreshed: [binding: Binding, previous: Binding];
  unregistered: [binding: Binding];
  expired: [binding: Binding];
  'flow-lost': [binding: Binding];
  /** A contact that had been lost, or waited for a refresh, answers again. */
  'flow-found': [binding: Binding];
  /** A listener threw; the binding stands as it is. */
  'listener-error': [error: unknown];
}

export interface LocationOptions {
  now?(): number;
  /** Bindings in total. */
  capacity?: number;
}

/** Which contacts every AOR has now: the location service of RFC 3261 section 10, in memory. */
export class Location extends EventEmitter<LocationEvents> {
  private readonly byAor = new Map<string, Map<string, Binding>>();
  private readonly byFlow = new Map<string, Set<Binding>>();
  private readonly wheel: ExpiryWheel<Binding>;
  private readonly now: () => number;
  readonly capacity: number;
  private count = 0;

  constructor({ now = steadyNow, capacity = 200_000 }: LocationOptions = {}) {
    super();
    this.now = now;
    this.capacity = capacity;
    this.wheel = new ExpiryWheel(now, (binding) => this.remove(binding, 'expired'));
  }

  get size(): number {
    return this.count;
  }

  /** Number of AORs with a live binding. */
  get aors(): number {
    return this.byAor.size;
  }

  /** Every live binding of an AOR, most recently refreshed first; also those that calls may not use. */
  bindingsOf(aor: string): Binding[] {
    const now = this.now();
    return [...(this.byAor.get(aor)?.values() ?? [])].filter(({ expiresAt }) => expiresAt > now).sort((a, b) => b.refreshedAt - a.refreshedAt);
  }

  /** Where to ring an AOR: reachable contacts, highest q first, among equals the freshest (RFC 3261 section 16.6). */
  contactsFor(aor: string): Binding[] {
    return this.bindingsOf(aor).filter(({ state }) => state === 'reachable').sort((a, b) => b.q - a.q);
  }

  /** Reachable bindings that were registered over exactly this flow, which still stands. */
  bindingsOn(flow: Flow): Binding[] {
    const now = this.now();
    return [...(this.byFlow.get(flowKey(flow)) ?? [])].filter(({ state, flowLost, expiresAt }) => state === 'reachable' && !flowLost && expiresAt > now);
  }

  all(): Binding[] {
    return [...this.byAor.values()].flatMap((bindings) => [...bindings.values()]);
  }

  /** Adds a binding or puts it in the place of the one with the same key. */
  put(binding: Binding): void {
    const previous = this.insert(binding);
    if (!previous) this.announce('registered', binding);
    else this.announce('refreshed', binding, previous);
  }

  /** Takes bindings from an earlier run: UDP ones are usable at once, of the others the connection may be gone. */
  restore(bindings: Iterable<Binding>): void {
    const now = this.now();
    for (const binding of bindings) {
      if (binding.expiresAt <= now || this.count >= this.capacity) continue;
      this.insert({ ...binding, state: isStream(binding.flow.transport) ? 'needs-refresh' : 'reachable' });
    }
  }

  unregister(binding: Binding): void {
    this.remove(binding, 'unregistered');
  }

  /**
   * Notes what a keep-alive found; ignored when the endpoint has registered anew meanwhile. Returns the current binding.
   * @param flowLost it answered where its contact listens, without the connection that it registered over.
   */
  mark(binding: Binding, state: 'reachable' | 'unreachable', flowLost = binding.flowLost): Binding | undefined {
    const current = this.byAor.get(binding.aor)?.get(binding.key);
    if (current !== binding) return current;
    if (binding.state === state) return binding;
    const marked = { ...binding, state, flowLost };
    this.insert(marked);
    this.announce(state === 'reachable' ? 'flow-found' : 'flow-lost', marked);
    return marked;
  }

  /** Stops the expiry timer; the bindings stay readable. */
  close(): void {
    this.wheel.close();
  }

  /** A throwing listener harms neither the endpoint that registers nor the other listeners' view of the bindings. */
  private announce<E extends keyof LocationEvents>(event: E, ...args: LocationEvents[E]): void {
    try {
      (this as EventEmitter).emit(event, ...args);
    } catch (error) {
      (this as EventEmitter).emit('listener-error', error);
    }
  }

  private insert(binding: Binding): Binding | undefined {
    const bindings = this.byAor.get(binding.aor) ?? new Map<string, Binding>();
    const previous = bindings.get(binding.key);
    if (previous) this.forget(previous);
    this.byAor.set(binding.aor, bindings.set(binding.key, binding));
    const flow = flowKey(binding.flow);
    this.byFlow.set(flow, (this.byFlow.get(flow) ?? new Set()).add(binding));
    this.wheel.add(binding, binding.expiresAt);
    this.count++;
    return previous;
  }

  private remove(binding: Binding, why: 'expired' | 'unregistered'): void {
    const bindings = this.byAor.get(binding.aor);
    if (bindings?.get(binding.key) !== binding) return;
    this.forget(binding);
    bindings.delete(binding.key);
    if (bindings.size === 0) this.byAor.delete(binding.aor);
    this.announce(why, binding);
  }

  private forget(binding: Binding): void {
    const flow = this.byFlow.get(flowKey(binding.flow));
    flow?.delete(binding);
    if (flow?.size === 0) this.byFlow.delete(flowKey(binding.flow));
    this.wheel.remove(binding, binding.expiresAt);
    this.count--;
  }
}
