import { alternative, encode } from '../per';
import { h225 } from '../schemas';
import { aliasKey, aliasText, sameHost, toHostPort, toTransportAddress, type HostPort } from './addresses';
import { catToken, gatekeeperPasswordHash } from './authentication';
import { signed, type Identities, type Received, type Reply } from './identities';
import type { Neighbours, NeighbourState } from './neighbours';
import type { Registration, Registrations } from './registrations';
import type { Patience, Requests } from './requests';
import type { GatekeeperOptions, Neighbour } from './types';

/** Zones that a request may pass through. */
const HOPS = 6;
const PATIENCE: Patience = { timeoutMs: 1_500, retries: 2 };
const MAX_ALIASES = 16;
const MAX_UNDER_WAY = 2_000;
/** How long after its location a call may come. */
const EXPECTED_MS = 60_000;

/** What neighbours are asked for. */
export interface Wanted {
  aliases: readonly h225.AliasAddress[];
  callIdentifier?: h225.CallIdentifier;
  sourceInfo?: h225.AliasAddress[];
  /** Of a request that is passed on: what it says itself. */
  hopCount?: number;
}

/** Where a neighbour says that the destination is. */
export interface Located {
  address: HostPort;
  neighbour: Neighbour;
  confirm: h225.LocationConfirm;
}

export interface LocationParts {
  options: GatekeeperOptions & { now(): number; random(octets: number): Buffer };
  registrations: Registrations;
  identities: Identities;
  neighbours: Neighbours;
  requests: Requests;
}

/** Location of what is in other zones, and for other zones of what is here (H.225.0 section 7.14, H.323 section 8.1.6). */
export class Locations {
  /** Calls whose destination is being looked for: a request about one of them that comes in has gone round. */
  private readonly underWay = new Set<string>();

  /** Calls that neighbours were told of where they go, in the order of their asking. */
  private readonly expected = new Map<string, { neighbour: Neighbour; until: number }>();

  constructor(private readonly parts: LocationParts) {}

  /** Asks all neighbours that may have one of the aliases, at once. The first confirmation counts; undefined: nobody has it. */
  async find(wanted: Wanted, { except, only }: { except?: Neighbour; /** Name of the one neighbour to ask. */ only?: string } = {}): Promise<Located | undefined> {
    const one = only === undefined ? undefined : this.parts.neighbours.named(only);
    const asked = only === undefined ? this.parts.neighbours.for(wanted.aliases).filter(({ neighbour }) => neighbour !== except) : one ? [one] : [];
    const loop = loopKey(wanted);
    if (asked.length === 0 || (loop !== undefined && this.underWay.has(loop)) || this.underWay.size >= MAX_UNDER_WAY) return undefined;
    if (loop !== undefined) this.underWay.add(loop);
    try {
      return await firstOf(asked.map((state) => this.ask(state, wanted)));
    } finally {
      if (loop !== undefined) this.underWay.delete(loop);
    }
  }

  /** The neighbour that was told, a short time ago, that the destination of this call is here. */
  askedBy(callIdentifier: Buffer): Neighbour | undefined {
    const expected = this.expected.get(callIdentifier.toString('hex'));
    return expected && expected.until > this.parts.options.now() ? expected.neighbour : undefined;
  }

  /** Asks a neighbour for this gatekeeper itself, to see whether it answers. */
  async probe(state: NeighbourState): Promise<void> {
    await this.ask(state, { aliases: [{ 'h323-ID': this.parts.options.gatekeeperIdentifier }], hopCount: 1 });
  }

  /** Answers a neighbour or a registered endpoint. */
  async answer(request: h225.LocationRequest, received: Received): Promise<Reply> {
    const { identities, neighbours, options } = this.parts;
    const reject = (rejectReason: h225.LocationRejectReason): Reply => ({ message: { locationReject: { requestSeqNum: request.requestSeqNum, rejectReason } } });
    const registration = identities.registeredAt(request.endpointIdentifier, received);
    const state = registration ? undefined : neighbours.at(received.source);
    if (!registration && !state) {
      identities.refused(received, 'neighbour', request.destinationInfo.slice(0, MAX_ALIASES).map(aliasText).join(', '));
      return reject({ invalidPermission: null });
    }
    const proof = registration ? identities.proven(registration, request, received) : identities.prove(state!.neighbour.password, state!.neighbour.name, request, received);
    if (!proof) return reject({ securityDenial: null });
    if (state) neighbours.heard(state);
    const to = state && this.replyAddress(request, received);
    const { requestSeqNum } = request;
    const found = await this.here(request, registration ?? state!.neighbour) ?? await this.elsewhere(request, state?.neighbour);
    if (found === 'hops') return { ...reject({ hopCountExceeded: null }), to };
    if (!found) return { ...reject({ requestDenied: null }), to };
    if (state && request.callIdentifier) this.expect(request.callIdentifier, state.neighbour);
    const confirm: h225.RasMessage = { locationConfirm: 'confirm' in found ? { ...passedOn(found.confirm), requestSeqNum }
      : { requestSeqNum, callSignalAddress: toTransportAddress(found), rasAddress: toTransportAddress(options.rasAddress) } };
    return registration ? signed(confirm, proof, registration) : { message: confirm, to };
  }

  private expect({ guid }: h225.CallIdentifier, neighbour: Neighbour): void {
    const now = this.parts.options.now();
    for (const [oldest, { until }] of this.expected) {
      if (until > now && this.expected.size < MAX_UNDER_WAY) break;
      this.expected.delete(oldest);
    }
    this.expected.delete(guid.toString('hex'));
    this.expected.set(guid.toString('hex'), { neighbour, until: now + EXPECTED_MS });
  }

  private async here(request: h225.LocationRequest, from: Neighbour | Registration): Promise<HostPort | undefined> {
    const { options, registrations } = this.parts;
    if (options.locate) return options.locate({ request, from });
    return request.destinationInfo.slice(0, MAX_ALIASES).map((alias) => registrations.withAlias(alias)?.signalling[0]).find((address) => address !== undefined);
  }

  /** Passes the request on to other neighbours, one hop less. */
  private async elsewhere({ destinationInfo, callIdentifier, sourceInfo, hopCount = HOPS }: h225.LocationRequest, from: Neighbour | undefined): Promise<Located | 'hops' | undefined> {
    const aliases = destinationInfo.slice(0, MAX_ALIASES);
    if (this.parts.neighbours.for(aliases).every(({ neighbour }) => neighbour === from)) return undefined;
    if (hopCount <= 1) return 'hops';
    return this.find({ aliases, callIdentifier, sourceInfo, hopCount: hopCount - 1 }, { except: from });
  }

  /**
   * Gatekeepers that pass requests on leave the first one's address in them, so that it gets the answer without them. Only neighbours
   * are answered elsewhere than where they asked.
   */
  private replyAddress({ replyAddress }: h225.LocationRequest, { source }: Received): HostPort | undefined {
    const stated = toHostPort(replyAddress);
    return stated && (sameHost(stated.host, source.host) || this.parts.neighbours.at(stated)) ? stated : undefined;
  }

  private async ask(state: NeighbourState, { aliases, callIdentifier, sourceInfo, hopCount = HOPS }: Wanted): Promise<Located | undefined> {
    const { requests, neighbours, options } = this.parts;
    const { address, password, gatekeeperIdentifier } = state.neighbour;
    neighbours.asked(state);
    const answer = await requests.ask(address, ['locationConfirm', 'locationReject'], (requestSeqNum) => encode(h225.RasMessage, { locationRequest: {
      requestSeqNum, destinationInfo: [...aliases], replyAddress: toTransportAddress(options.rasAddress), canMapAlias: true, canMapSrcAlias: false, hopCount,
      ...(sourceInfo && { sourceInfo }), ...(callIdentifier && { callIdentifier }), ...(gatekeeperIdentifier !== undefined && { gatekeeperIdentifier }),
      ...(password !== undefined && this.tokens(password)),
    } }), PATIENCE);
    if (!answer) {
      neighbours.silent(state);
      return undefined;
    }
    const confirm = alternative(answer, 'locationConfirm');
    neighbours.answered(state, confirm ? 'confirmed' : 'rejected');
    const found = confirm && toHostPort(confirm.callSignalAddress);
    return confirm && found && { address: found, neighbour: state.neighbour, confirm };
  }

  /** Proofs of the password in both ways that gatekeepers check. */
  private tokens(password: string): Pick<h225.LocationRequest, 'tokens' | 'cryptoTokens'> {
    const { gatekeeperIdentifier, now, random } = this.parts.options;
    const second = Math.floor(now() / 1000);
    return { tokens: [catToken(gatekeeperIdentifier, password, second, random(1)[0]!)], cryptoTokens: [gatekeeperPasswordHash(gatekeeperIdentifier, password, second)] };
  }
}

/** What of a confirmation is for who asked: tokens are between neighbours. */
function passedOn({ tokens: _tokens, cryptoTokens: _cryptoTokens, integrityCheckValue: _integrity, ...confirm }: h225.LocationConfirm): h225.LocationConfirm {
  return confirm;
}

const loopKey = ({ aliases, callIdentifier }: Wanted): string | undefined => callIdentifier && `${callIdentifier.guid.toString('hex')} ${aliases.map(aliasKey).join(' ')}`;

/** The first that is found; undefined once all have ended without. */
function firstOf(searches: Promise<Located | undefined>[]): Promise<Located | undefined> {
  return new Promise((resolve, reject) => {
    for (const search of searches) search.then((found) => found && resolve(found), reject);
    Promise.all(searches).then(() => resolve(undefined), reject);
  });
}
