import { release, type MediaTransport, type MediaUsage, type Release } from '../calls';
import type { Logger } from '../log';
import { Conferences } from './conference';
import type { Health, ServerAddress } from './event-socket';
import { gone, noCapacity } from './media-error';
import { ReadyOffers } from './ready-offers';
import { ServerLink, type EslListen, type ExtraLines, type Placed, type SipSide } from './server-link';
import type { SessionEvents } from './sip-session';

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
/** A call has two parties, or will soon. */
const RESERVED = 2;
/** A busy FreeSWITCH counts a session for so long after its BYE. */
const CLEARING_MS = 5_000;
/** Offers kept ready for the next calls: most, and a share of the sessions that are free. */
const READY = 4;
const READY_OF_FREE = 1 / 10;

/** A call's place on a server. */
export interface Place {
  /** Endpoints that are there or being made. */
  endpoints: number;
  /** Tells the call, once. */
  lost(why: Release): void;
}

/**
 * One media server of the pool: connected, or trying to be. It counts what it carries itself, so that no call is let in
 * between two heartbeats for which there is no room; sessions of others are known as of the last heartbeat.
 */
export class MediaServer {
  readonly conferences = new Conferences();
  private link: ServerLink | undefined;
  private ready: ReadyOffers | undefined;
  private places = new Set<Place>();
  private health: Health = { sessions: 0, maxSessions: 0 };
  /** Calls' endpoints, until the server has surely cleared them away. */
  private endpoints = 0;
  private foreign = 0;
  private unaccounted = 0;
  private problem: string | undefined = 'not connected yet';
  private retry: NodeJS.Timeout | undefined;
  private retryMs = FIRST_RETRY_MS;
  private closed = false;

  constructor(
    readonly name: string, private readonly address: ServerAddress, private readonly listen: EslListen,
    private readonly sip: SipSide, private readonly log: Logger,
  ) {}

  get up(): boolean {
    return this.link !== undefined;
  }

  /** It carries slides in a line of their own. */
  get slides(): boolean {
    return this.link?.extra.slides ?? false;
  }

  get used(): number {
    let own = 0;
    for (const { endpoints } of this.places) own += Math.max(RESERVED, endpoints);
    return own + this.foreign;
  }

  get free(): number {
    return this.up ? Math.max(0, this.health.maxSessions - this.used) : 0;
  }

  get calls(): number {
    return this.places.size;
  }

  usage(): MediaUsage['servers'][number] {
    const { name, problem, health: { maxSessions, version } } = this;
    if (!this.up) return { name, state: 'down', sessions: 0, ready: 0, maxSessions: 0, problem };
    return { name, state: 'up', sessions: this.used, ready: this.ready?.sessions ?? 0, maxSessions, version };
  }

  /** One attempt to connect; the next ones follow by themselves. Resolves whatever comes of it. */
  async connect(): Promise<void> {
    const { name, log } = this;
    try {
      const link = await ServerLink.connect(this.address, this.listen, this.sip, {
        health: (health) => this.onHealth(health), lost: (problem) => this.onLost(problem),
      });
      if (this.closed) {
        link.close();
        return;
      }
      this.link = link;
      this.ready = new ReadyOffers((on) => link.offer('rtp', {}, on), () => Math.min(READY, Math.floor(this.free * READY_OF_FREE)));
      this.problem = undefined;
      this.retryMs = FIRST_RETRY_MS;
      log.info({ server: name, version: this.health.version, maxSessions: this.health.maxSessions }, 'media server is up');
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.problem) log.warn({ server: name, error: message }, 'media server cannot be used');
      this.problem = message;
      this.again();
    }
  }

  /** Room for a call. The caller has seen that there is some. */
  reserve(lost: (why: Release) => void): Place {
    let told = false;
    const place: Place = {
      endpoints: 0,
      lost: (why) => {
        if (!told) lost(why);
        told = true;
      },
    };
    this.places.add(place);
    this.ready?.adjust();
    return place;
  }

  giveBack(place: Place): void {
    this.places.delete(place);
    this.ready?.adjust();
  }

  /** An endpoint for a call that answers an offer; rejects when the server is gone or full. */
  answer(place: Place, offer: string, on: SessionEvents): Promise<Placed> {
    return this.place(place, on, (link, events) => link.answer(offer, events));
  }

  /** An endpoint for a call that makes an offer. */
  offer(place: Place, transport: MediaTransport, extra: ExtraLines, on: SessionEvents): Promise<Placed> {
    return this.place(place, on, async (link, events) => {
      const isPlain = transport === 'rtp' && link.canOffer(extra).length === 0;
      return (isPlain ? this.ready?.take(events) : undefined) ?? link.offer(transport, extra, events);
    });
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    this.ready?.close();
    this.ready = undefined;
    this.link?.close();
    this.link = undefined;
  }

  private async place(place: Place, on: SessionEvents, start: (link: ServerLink, events: SessionEvents) => Promise<Placed>): Promise<Placed> {
    if (!this.link || !this.places.has(place)) throw gone('the call');
    if (place.endpoints >= RESERVED && this.free < 1) throw noCapacity();
    place.endpoints++;
    this.endpoints++;
    let counted = true;
    const uncount = (): void => {
      if (!counted) return;
      counted = false;
      place.endpoints--;
      setTimeout(() => this.endpoints--, CLEARING_MS).unref();
    };
    return start(this.link, { ...on, over: (byServer, why) => { uncount(); on.over(byServer, why); } }).catch((error: unknown) => { uncount(); throw error; });
  }

  private onHealth(health: Health): void {
    this.health = { ...health, version: health.version ?? this.health.version };
    const unaccounted = Math.max(0, health.sessions - this.endpoints - (this.ready?.sessions ?? 0));
    // Once seen it may be what an earlier run has left and the server clears away; others' stay longer.
    this.foreign = Math.min(this.unaccounted, unaccounted);
    this.unaccounted = unaccounted;
    this.ready?.adjust();
  }

  private onLost(problem: string): void {
    const lost = this.places;
    this.link = undefined;
    this.ready?.close();
    this.ready = undefined;
    this.problem = problem;
    this.places = new Set();
    this.foreign = 0;
    this.unaccounted = 0;
    this.conferences.clear();
    this.log.error({ server: this.name, problem, calls: lost.size }, 'media server is lost');
    const why = release(503, 'the media server was lost', 'gateway', { q850: 41 });
    for (const place of lost) place.lost(why);
    this.again();
  }

  private again(): void {
    if (this.closed) return;
    this.retry = setTimeout(() => void this.connect(), this.retryMs).unref();
    this.retryMs = Math.min(this.retryMs * 2, LONGEST_RETRY_MS);
  }
}
