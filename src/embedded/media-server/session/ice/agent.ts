import { randomBytes } from 'node:crypto';
import type { SessionClock } from '../clock';
import { hasIntegrity, parseStun, writeError, writeRequest, writeSuccess, type StunMessage } from '../stun/message';
import type { Peer } from '../transport/latch';
import { candidatePriority, sameFamily, type Candidate } from './candidate';
import type { IceCredentials } from './credentials';

/** Pairs to check; more candidates than this are not looked at. */
const MAX_PAIRS = 48;
/** RFC 8445 section 14.2: Ta. */
const PACE_MS = 50;
/** RFC 8445 section 14.3, doubled with each attempt. */
const RETRANSMIT_MS = 500;
const MAX_ATTEMPTS = 7;
/** A better pair may still succeed for this long after the first one did. */
const NOMINATE_AFTER_MS = 150;
/** As long as a telephone may ring, until the other side's first check; then as long as finding a pair may take. */
const PATIENCE_MS = 180_000;
const GIVE_UP_MS = 30_000;
/** Between looks for what is due while nothing is urgent. */
const IDLE_MS = 250;
/** RFC 7675 section 5.1. */
const CONSENT_INTERVAL_MS = 5_000;
const CONSENT_EXPIRES_MS = 30_000;

/** One remote candidate with our only local one. */
interface Pair extends Peer {
  remotePriority: number;
  state: 'waiting' | 'in-progress' | 'succeeded' | 'failed';
  /** The other side sent a check from there that we authenticated. */
  heard: boolean;
  nominatedByRemote: boolean;
  transaction: { id: Buffer; bytes: Buffer; nominates: boolean; attempts: number; nextAt: number } | undefined;
}

export interface IceAgentOptions {
  component: number;
  clock: SessionClock;
  send(bytes: Buffer, host: string, port: number): void;
  /** A pair was selected, or another one. */
  onSelected(): void;
  onFailed(reason: string): void;
}

/**
 * A full ICE agent for one component with one host candidate (RFC 8445), in either role, with regular nomination and
 * consent freshness (RFC 7675). It works on the transport's socket beside the media; agents of libraries bring sockets of
 * their own. Checks without the right MESSAGE-INTEGRITY get no answer, so nobody is told what listens
 * here and nobody's address can be flooded through us.
 */
export class IceAgent {
  selected: Peer | undefined;
  private local: IceCredentials;
  private remote: IceCredentials | undefined;
  private controlling = false;
  private pairs: Pair[] = [];
  private readonly tieBreaker = randomBytes(8);
  private cancelPace: (() => void) | undefined;
  private cancelConsent: (() => void) | undefined;
  private giveUpAt = 0;
  private heard = false;
  private firstSuccessAt: number | undefined;
  private consentedAt = 0;
  /** A pair was selected since the last (re)start. */
  private settled = false;
  private closed = false;

  constructor(local: IceCredentials, private readonly options: IceAgentOptions) {
    this.local = local;
  }

  /** Where to send: the selected pair, before that any that works (RFC 8445 section 12.1). */
  get target(): Peer | undefined {
    return this.selected ?? this.pairs.find((pair) => pair.state === 'succeeded');
  }

  /** Begins checks with the other side's parameters; candidates that come again or later are added. */
  start(remote: IceCredentials, candidates: readonly Candidate[], controlling: boolean, localHost: string): void {
    this.remote = remote;
    this.controlling = controlling;
    this.giveUpAt = this.options.clock.now() + (this.heard ? GIVE_UP_MS : PATIENCE_MS);
    this.addCandidates(candidates, localHost);
    this.pace();
  }

  addCandidates(candidates: readonly Candidate[], localHost: string): void {
    for (const { component, host, port, priority } of candidates) {
      if (component === this.options.component && sameFamily(host, localHost)) this.pairWith(host, port, priority);
    }
    this.pace();
  }

  /** New credentials of ours after the other side's restart (RFC 8445 section 9); media stays on the pair it has meanwhile. */
  restart(local: IceCredentials): void {
    this.local = local;
    this.closed = false;
    this.remote = undefined;
    this.pairs = [];
    this.firstSuccessAt = undefined;
    this.settled = false;
    this.heard = false;
    this.cancelConsent?.();
    this.cancelConsent = undefined;
  }

  /** Whether media and DTLS from there come from the party: a check from there or to there was authenticated. */
  admits(host: string, port: number): boolean {
    const { selected } = this;
    if (selected !== undefined && selected.port === port && selected.host === host) return true;
    return this.pairs.some((pair) => pair.port === port && pair.host === host && (pair.heard || pair.state === 'succeeded'));
  }

  /** Takes a STUN message; false where it was dropped. */
  receive(bytes: Buffer, host: string, port: number): boolean {
    const message = parseStun(bytes);
    if (message === undefined || this.closed) return false;
    if (message.class === 'request') return this.receiveRequest(bytes, message, host, port);
    if (message.class === 'indication') return true;
    return this.receiveResponse(bytes, message, host, port);
  }

  close(): void {
    this.closed = true;
    this.cancelPace?.();
    this.cancelConsent?.();
  }

  private receiveRequest(bytes: Buffer, message: StunMessage, host: string, port: number): boolean {
    const { local, options } = this;
    if (message.fingerprintFits !== true || message.username?.split(':')[0] !== local.ufrag || !hasIntegrity(bytes, message, local.pwd)) return false;
    if (this.roleConflict(message)) {
      options.send(writeError(message.transactionId, 487, 'Role Conflict', local.pwd), host, port);
      return true;
    }
    options.send(writeSuccess(message.transactionId, host, port, local.pwd), host, port);
    const pair = this.pairWith(host, port, message.priority ?? candidatePriority('prflx', options.component));
    if (pair === undefined) return true;
    this.hear();
    pair.heard = true;
    if (message.useCandidate && !this.controlling) pair.nominatedByRemote = true;
    if (pair.state === 'succeeded') {
      if (pair.nominatedByRemote) this.select(pair);
    } else if (pair.transaction === undefined) {
      this.check(pair, false); // A triggered check (RFC 8445 section 7.3.1.4).
    } else {
      pair.transaction.nextAt = Math.min(pair.transaction.nextAt, options.clock.now());
      this.retransmit(pair, options.clock.now());
    }
    this.pace();
    return true;
  }

  /** The other side has begun: it has our description. Answers prove nothing of that, its own checks do. */
  private hear(): void {
    if (!this.heard) this.giveUpAt = this.options.clock.now() + GIVE_UP_MS;
    this.heard = true;
  }

  /** RFC 8445 section 7.3.1.1: true where the other side has to change its role; else ours is changed where needed. */
  private roleConflict(message: StunMessage): boolean {
    const theirs = this.controlling ? message.controlling : message.controlled;
    if (theirs === undefined) return false;
    const weStayControlling = this.tieBreaker.compare(theirs) >= 0;
    if (this.controlling === weStayControlling) return true;
    this.controlling = weStayControlling;
    return false;
  }

  private receiveResponse(bytes: Buffer, message: StunMessage, host: string, port: number): boolean {
    const pair = this.pairs.find(({ transaction }) => transaction?.id.equals(message.transactionId) === true);
    if (pair?.transaction === undefined || this.remote === undefined || !hasIntegrity(bytes, message, this.remote.pwd)) return false;
    const { nominates } = pair.transaction;
    pair.transaction = undefined;
    if (message.class === 'error') {
      if (message.errorCode === 487) this.controlling = !this.controlling;
      pair.state = message.errorCode === 487 ? 'waiting' : 'failed';
      this.pace();
      return true;
    }
    if (pair.host !== host || pair.port !== port) { // RFC 8445 section 7.2.5.2.1: not symmetric.
      pair.state = 'failed';
      return true;
    }
    pair.state = 'succeeded';
    const now = this.options.clock.now();
    this.firstSuccessAt ??= now;
    if (this.selected?.host === host && this.selected.port === port) this.consentedAt = now;
    if (nominates || (!this.controlling && pair.nominatedByRemote)) this.select(pair);
    this.nominate(now);
    this.pace();
    return true;
  }

  private pairWith(host: string, port: number, remotePriority: number): Pair | undefined {
    const known = this.pairs.find((pair) => pair.host === host && pair.port === port);
    if (known !== undefined || this.pairs.length >= MAX_PAIRS) return known;
    const pair: Pair = { host, port, remotePriority, state: 'waiting', heard: false, nominatedByRemote: false, transaction: undefined };
    this.pairs.push(pair);
    // With one local candidate the order of pairs is that of the remote priorities (RFC 8445 section 6.1.2.3).
    this.pairs.sort((a, b) => b.remotePriority - a.remotePriority);
    return pair;
  }

  private check(pair: Pair, nominates: boolean): void {
    if (this.remote === undefined) return;
    const id = randomBytes(12);
    const bytes = writeRequest({ transactionId: id, username: `${this.remote.ufrag}:${this.local.ufrag}`,
      priority: candidatePriority('prflx', this.options.component), useCandidate: nominates,
      role: this.controlling ? 'controlling' : 'controlled', tieBreaker: this.tieBreaker }, this.remote.pwd);
    if (pair.state !== 'succeeded') pair.state = 'in-progress';
    pair.transaction = { id, bytes, nominates, attempts: 1, nextAt: this.options.clock.now() + RETRANSMIT_MS };
    this.options.send(bytes, pair.host, pair.port);
  }

  private pace(): void {
    if (this.closed || this.cancelPace !== undefined || this.remote === undefined || !this.hasWork()) return;
    const isUrgent = this.firstSuccessAt !== undefined || this.pairs.some((pair) => pair.state === 'waiting');
    this.cancelPace = this.options.clock.wakeAfter(isUrgent ? PACE_MS : IDLE_MS, () => {
      this.cancelPace = undefined;
      this.step();
      this.pace();
    });
  }

  private hasWork(): boolean {
    return !this.settled || this.pairs.some((pair) => pair.state === 'waiting' || pair.transaction !== undefined);
  }

  private step(): void {
    const now = this.options.clock.now();
    if (!this.settled && now >= this.giveUpAt) {
      this.fail('no candidate pair answered the connectivity checks');
      return;
    }
    this.nominate(now);
    const waiting = this.pairs.find((pair) => pair.state === 'waiting');
    if (waiting !== undefined) {
      this.check(waiting, false);
      return;
    }
    for (const pair of this.pairs) this.retransmit(pair, now);
  }

  private nominate(now: number): void {
    const best = this.pairs.find((pair) => pair.state === 'succeeded');
    if (!this.controlling || this.settled || best === undefined || best.transaction !== undefined) return;
    const isBestPossible = this.pairs.find((pair) => pair.state !== 'failed') === best;
    if (isBestPossible || now - this.firstSuccessAt! >= NOMINATE_AFTER_MS) this.check(best, true);
  }

  private retransmit(pair: Pair, now: number): void {
    const { transaction } = pair;
    if (transaction === undefined || now < transaction.nextAt) return;
    if (transaction.attempts >= MAX_ATTEMPTS) {
      pair.transaction = undefined;
      if (pair !== this.selected) pair.state = 'failed';
      return;
    }
    transaction.nextAt = now + RETRANSMIT_MS * 2 ** transaction.attempts;
    transaction.attempts++;
    this.options.send(transaction.bytes, pair.host, pair.port);
  }

  private select(pair: Pair): void {
    if (this.selected === pair) return;
    this.selected = pair;
    this.settled = true;
    this.consentedAt = this.options.clock.now();
    this.cancelConsent?.();
    this.keepConsent(pair);
    this.options.onSelected();
  }

  private keepConsent(pair: Pair): void {
    const { clock } = this.options;
    this.cancelConsent = clock.wakeAfter(CONSENT_INTERVAL_MS * (0.8 + 0.4 * Math.random()), () => {
      if (clock.now() - this.consentedAt >= CONSENT_EXPIRES_MS) {
        this.fail('the other side no longer consents to receive (RFC 7675)');
        return;
      }
      this.check(pair, false);
      // Consent is asked once each interval; what is lost is asked next time.
      if (pair.transaction !== undefined) pair.transaction.nextAt = Infinity;
      this.keepConsent(pair);
    });
  }

  private fail(reason: string): void {
    this.selected = undefined;
    this.pairs = [];
    this.close();
    this.options.onFailed(reason);
  }
}
