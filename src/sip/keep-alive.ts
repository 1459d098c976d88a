import { ExpiryWheel } from './expiry-wheel';
import type { Binding, Location } from './location';
import { isStream, type Headers } from './request';
import { routeFor } from './route-for';
import { steadyNow } from './steady-clock';

/** The part of drachtio-srf's `Srf` that sends a request outside a dialog. */
export interface RequestSender {
  request(
    uri: string,
    options: { method: string; proxy?: string; headers: Headers },
    callback: (error: unknown, request?: { once(event: 'response', listener: (response: { status: number; source_address?: string }) => void): unknown }) => void,
  ): unknown;
}

interface Intervals {
  natUdp: number;
  udp: number;
  stream: number;
  lost: number;
}

export interface KeepAliveOptions {
  /** Named in From. */
  domain: string;
  now?(): number;
  random?(): number;
  /** Seconds between pings of one contact. Behind NAT, UDP mappings are forgotten after half a minute (RFC 4787 section 4.3 asks for two). */
  intervals?: Partial<Intervals>;
  /** Seconds without an answer that count as a failure, and from a first failure to the second try. */
  timeout?: number;
  retry?: number;
  /** Pings under way at once. */
  maxConcurrent?: number;
}

interface Watch {
  binding: Binding;
  dueAt: number;
  failures: number;
}

const FAILURES_TO_LOSE = 2;
/** A ping's share of the interval that is left to chance, so that a thousand contacts of one moment drift apart. */
const JITTER = 0.2;

/**
 * Finds out which contacts still answer, by OPTIONS over their flows, because neither SIP server tells when a connection is
 * gone. Any final answer means alive; no answer, 408 or 503 twice in a row means that the flow is lost, and the contact is
 * not offered to calls until it answers or registers again. An answer without a source is the SIP server's own:
 * drachtio-server says 410 for a connection that is gone.
 */
export class KeepAlive {
  private readonly watched = new Map<string, Watch>();
  private readonly wheel: ExpiryWheel<Watch>;
  private readonly ready = new Set<Watch>();
  private readonly options: Required<KeepAliveOptions> & { intervals: Intervals };
  private running = 0;

  constructor(private readonly sender: RequestSender, private readonly location: Location, options: KeepAliveOptions) {
    this.options = {
      now: steadyNow, random: Math.random, timeout: 8, retry: 4, maxConcurrent: 200, ...options,
      intervals: { natUdp: 25, udp: 120, stream: 90, lost: 300, ...options.intervals },
    };
    this.wheel = new ExpiryWheel(this.options.now, (watch) => {
      this.ready.add(watch);
      this.pump();
    });
  }

  /** Watches what is registered now and later. Restored contacts are asked within one interval, those in doubt first. */
  start(): void {
    for (const binding of this.location.all()) this.watch(binding, binding.state === 'needs-refresh' ? this.options.random() * this.options.retry : undefined);
    this.location.on('registered', this.renewed).on('refreshed', this.renewed).on('unregistered', this.gone).on('expired', this.gone);
  }

  /** Stops; answers that are still to come change nothing. */
  close(): void {
    this.location.off('registered', this.renewed).off('refreshed', this.renewed).off('unregistered', this.gone).off('expired', this.gone);
    this.wheel.close();
    this.ready.clear();
    this.watched.clear();
  }

  /** Asks a contact now. Resolves to whether it answered. */
  ping(binding: Binding): Promise<boolean> {
    const { uri, proxy, headers } = routeFor(binding);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), this.options.timeout * 1000);
      const answer = (alive: boolean) => {
        clearTimeout(timer);
        resolve(alive);
      };
      const from = `<sip:${this.options.domain}>`;
      try {
        this.sender.request(uri, { method: 'OPTIONS', proxy, headers: { From: from, To: `<sip:${binding.aor}>`, Accept: 'application/sdp', ...headers } }, (error, request) => {
          if (error || !request) answer(false);
          else request.once('response', ({ status, source_address: from }) => answer(Boolean(from) && status !== 408 && status !== 503));
        });
      } catch {
        // drachtio-srf throws when it is not connected to its server.
        answer(false);
      }
    });
  }

  private readonly renewed = (binding: Binding): void => this.watch(binding);
  private readonly gone = (binding: Binding): void => this.forget(idOf(binding));

  /** Registering is a sign of life itself, so the next ping is a whole interval away. */
  private watch(binding: Binding, seconds?: number): void {
    this.forget(idOf(binding));
    const watch = { binding, dueAt: 0, failures: 0 };
    this.watched.set(idOf(binding), watch);
    this.schedule(watch, seconds ?? this.intervalOf(binding));
  }

  private forget(id: string): void {
    const watch = this.watched.get(id);
    if (!watch) return;
    this.watched.delete(id);
    this.ready.delete(watch);
    this.wheel.remove(watch, watch.dueAt);
  }

  private schedule(watch: Watch, seconds: number): void {
    watch.dueAt = this.options.now() + seconds * 1000 * (1 - JITTER * this.options.random());
    this.wheel.add(watch, watch.dueAt);
  }

  private intervalOf(binding: Binding): number {
    const { natUdp, udp, stream, lost } = this.options.intervals;
    if (binding.state === 'unreachable') return lost;
    if (isStream(binding.flow.transport)) return stream;
    return routeFor(binding).proxy === undefined ? udp : natUdp;
  }

  private pump(): void {
    for (const watch of this.ready) {
      if (this.running >= this.options.maxConcurrent) return;
      this.ready.delete(watch);
      this.running++;
      void this.check(watch).finally(() => {
        this.running--;
        this.pump();
      });
    }
  }

  private async check(watch: Watch): Promise<void> {
    const alive = await this.ping(watch.binding);
    const flowLost = isStream(watch.binding.flow.transport) && routeFor(watch.binding).proxy === undefined;
    // Registered anew, gone, or closed while the answer was awaited.
    if (this.watched.get(idOf(watch.binding)) !== watch) return;
    watch.failures = alive ? 0 : watch.failures + 1;
    const lost = watch.failures >= FAILURES_TO_LOSE;
    if (alive || lost) watch.binding = this.location.mark(watch.binding, alive ? 'reachable' : 'unreachable', flowLost) ?? watch.binding;
    if (this.watched.get(idOf(watch.binding)) === watch) this.schedule(watch, alive || lost ? this.intervalOf(watch.binding) : this.options.retry);
  }
}

const idOf = ({ aor, key }: Binding): string => `${aor} ${key}`;
