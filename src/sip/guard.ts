import { BlockList, isIPv6 } from 'node:net';
import { ScoreTable } from './score-table';

/**
 * `challenged`: had no credentials to show yet, as every honest endpoint once in a while, and hundreds behind one address at
 * once after a power cut. `call-challenged`: the same with an INVITE. `credentials`: wrong ones. `invalid`: a request that
 * breaks the rules of SIP.
 */
export type Failure = 'challenged' | 'call-challenged' | 'credentials' | 'invalid';

/** `delay`: answer, but only after `ms`. `ignore`: do not answer at all, until the source has been quiet or time has passed. */
export type Verdict = { kind: 'answer' } | { kind: 'delay'; ms: number } | { kind: 'ignore' };

export interface GuardOptions {
  /** Addresses and networks (CIDR) that are never slowed or ignored. */
  allowed?: readonly string[];
  /** Points that each failure costs. */
  cost?: Record<Failure, number>;
  /** Points that are forgiven each second. */
  decayPerSecond?: number;
  /** Points above which answers to a source are delayed. */
  slowAt?: number;
  /** Points at which a source is ignored. */
  ignoreAt?: number;
  /** How long a source is ignored the first time; each time doubles it up to the maximum. */
  ignoreSeconds?: number;
  maxIgnoreSeconds?: number;
  /** The same where somebody authenticates beside the one who fails. */
  maxIgnoreSharedSeconds?: number;
  /** Points of one user at one source at which that pair is ignored, however well others do there. */
  pairIgnoreAt?: number;
  /** How long a user who authenticated from a source is let through while the rest of that source is ignored. */
  provenSeconds?: number;
  maxDelayMs?: number;
  /** Sources, and pairs of source and user, that are remembered. */
  capacity?: number;
}

export interface GuardCounters {
  answered: number;
  delayed: number;
  ignored: number;
  failures: Record<Failure, number>;
  succeeded: number;
  /** Times that a source began to be ignored. */
  bans: number;
  sources: number;
  /** Sources that are being ignored now. */
  banned: number;
}

const DEFAULTS: Required<GuardOptions> = {
  allowed: [], cost: { 'challenged': 0.1, 'call-challenged': 0.5, 'credentials': 2, 'invalid': 1 }, decayPerSecond: 0.1, slowAt: 10, ignoreAt: 40,
  ignoreSeconds: 60, maxIgnoreSeconds: 3600, maxIgnoreSharedSeconds: 120, pairIgnoreAt: 10, provenSeconds: 86_400, maxDelayMs: 4000, capacity: 20_000,
};
const FIRST_DELAY_MS = 200;
const SUCCESS_CREDIT = 1;

/** The network that one sender can be expected to own: an IPv4 address, or the /64 of an IPv6 address (RFC 6177). */
export function sourceOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%')[0]!.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = !tail ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => '0');
  return `${[...before, ...zeros, ...after].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

/** Addresses whose networks are remembered: the list takes longer to ask than all else that is done about a source. */
const KNOWN_ADDRESSES = 4096;

/** Networks as a list that addresses are looked up in. Throws RangeError naming the entry that is none. */
export function networks(entries: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    try {
      if (prefix === undefined) list.addAddress(address, family);
      else if (/^\d{1,3}$/.test(prefix)) list.addSubnet(address, Number(prefix), family);
      else throw new RangeError();
    } catch {
      throw new RangeError(`"${entry}" is no address or network; write for example 192.0.2.10 or 2001:db8::/32`);
    }
  }
  const known = new Map<string, boolean>();
  return (address) => {
    let found = known.get(address);
    if (found === undefined) {
      found = list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
      if (known.size >= KNOWN_ADDRESSES) known.clear();
      known.set(address, found);
    }
    return found;
  };
}

/**
 * Slows and then ignores sources that keep failing. Failures count against the source and against the user named there, and
 * fade with time. A user who has authenticated from a source is let through while that source is ignored, so many devices
 * behind one address do not suffer for one among them; guessing at that user's password ends the favour.
 *
 * Over UDP a source can be forged: for the same reason nobody can cut off endpoints that are registered by failing in their
 * name. Not answering is all that can be done over TCP too, because neither SIP server lets an application close a
 * connection; the server's own idle limit does.
 */
export class Guard {
  private readonly options: Required<GuardOptions>;
  private readonly sources: ScoreTable;
  private readonly pairs: ScoreTable;
  private readonly isAllowed: (address: string) => boolean;
  private readonly counts = { answered: 0, delayed: 0, ignored: 0, succeeded: 0, bans: 0 };
  private readonly failures: Record<Failure, number> = { 'challenged': 0, 'call-challenged': 0, 'credentials': 0, 'invalid': 0 };

  constructor(options: GuardOptions = {}) {
    this.options = { ...DEFAULTS, ...options };
    this.isAllowed = networks(this.options.allowed);
    this.sources = new ScoreTable(this.options);
    this.pairs = new ScoreTable(this.options);
  }

  /**
   * What to do with a request. All times are milliseconds.
   * @param user whom the request claims to come from, if it says; proves nothing.
   */
  admit(address: string, user: string | undefined, now: number): Verdict {
    const verdict = this.isAllowed(address) ? ANSWER : this.judge(sourceOf(address), user, now);
    this.counts[verdict.kind === 'answer' ? 'answered' : verdict.kind === 'delay' ? 'delayed' : 'ignored']++;
    return verdict;
  }

  failed(address: string, user: string | undefined, failure: Failure, now: number): void {
    this.failures[failure]++;
    if (this.isAllowed(address)) return;
    const source = sourceOf(address);
    const cost = this.options.cost[failure];
    const { ignoreAt, ignoreSeconds, maxIgnoreSeconds, maxIgnoreSharedSeconds, pairIgnoreAt } = this.options;
    // What was under way when a ban began does not count towards the next one.
    if (!this.sources.isBanned(source, now) && this.sources.add(source, cost, now) >= ignoreAt) {
      const longest = this.sources.provenWithin(source, this.options.provenSeconds, now) ? maxIgnoreSharedSeconds : maxIgnoreSeconds;
      this.ban(this.sources, source, ignoreSeconds, longest, now);
    }
    if (user === undefined || failure !== 'credentials') return;
    const pair = pairOf(source, user);
    if (!this.pairs.isBanned(pair, now) && this.pairs.add(pair, cost, now) >= pairIgnoreAt) this.ban(this.pairs, pair, ignoreSeconds, maxIgnoreSeconds, now);
  }

  /** A user proved who they are. Gives the source a little credit, so that many who succeed outweigh a few who err. */
  succeeded(address: string, user: string, now: number): void {
    this.counts.succeeded++;
    this.trust(address, user, now);
  }

  /** Counts a user as proven, for example one whose registration was restored after a restart. */
  trust(address: string, user: string, now: number): void {
    if (this.isAllowed(address)) return;
    const source = sourceOf(address);
    this.sources.prove(source, SUCCESS_CREDIT, now);
    this.pairs.prove(pairOf(source, user), Infinity, now);
  }

  /** Forgets what a source, and the users named there, have done; for the operator. */
  forgive(address: string, users: readonly string[] = []): boolean {
    const source = sourceOf(address);
    const forgotten = users.map((user) => this.pairs.forget(pairOf(source, user)));
    return this.sources.forget(source) || forgotten.includes(true);
  }

  counters(now: number): GuardCounters {
    return { ...this.counts, failures: { ...this.failures }, sources: this.sources.size, banned: this.sources.banned(now) };
  }

  private judge(source: string, user: string | undefined, now: number): Verdict {
    const pair = user === undefined ? undefined : pairOf(source, user);
    if (pair !== undefined && this.pairs.isBanned(pair, now)) return IGNORE;
    const { slowAt, maxDelayMs, provenSeconds } = this.options;
    const score = this.sources.score(source, now);
    const banned = this.sources.isBanned(source, now);
    if (!banned && score < slowAt) return ANSWER;
    if (pair !== undefined && this.pairs.provenWithin(pair, provenSeconds, now)) return ANSWER;
    if (banned) return IGNORE;
    return { kind: 'delay', ms: Math.min(maxDelayMs, FIRST_DELAY_MS * 2 ** Math.floor((score - slowAt) / 5)) };
  }

  private ban(table: ScoreTable, key: string, seconds: number, longest: number, now: number): void {
    if (table.ban(key, seconds, longest, now)) this.counts.bans++;
  }
}

const ANSWER: Verdict = { kind: 'answer' };
const IGNORE: Verdict = { kind: 'ignore' };
const pairOf = (source: string, user: string): string => `${source} ${user.slice(0, 128)}`;
