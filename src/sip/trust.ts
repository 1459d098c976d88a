import { aorOf, type OwnNames } from './aor';
import type { DigestAuthenticator, Identity } from './digest';
import { parseNameAddr, parseSipUri } from './grammar';
import { networks } from './guard';
import type { Location } from './location';
import { type Answer, flowOf, isStream, sourceAddress, type SipRequest, type Transport } from './request';

/** Another system whose calls are taken without credentials. */
export interface TrustedPeer {
  name: string;
  /** Addresses and networks (CIDR) that its requests come from. Over UDP an address can be forged; prefer `tls`. */
  addresses: readonly string[];
  /** Taken over these only. The names in a peer's certificate are checked by the SIP server, which does not tell them. */
  transports?: readonly Transport[];
  /** Domains that its callers may be of; by default any. */
  domains?: readonly string[];
  /** Whether its P-Asserted-Identity is believed (RFC 3325 section 5). */
  assertsIdentity?: boolean;
}

/** Who a request comes from, once that is certain. */
export type Caller =
  | { kind: 'endpoint'; aor: string; how: 'digest' | 'flow' }
  | { kind: 'peer'; peer: TrustedPeer };

export type Decision =
  | { kind: 'accepted'; caller: Caller; identity?: Identity }
  /** To be answered with `answer`; `failure` is what it counts as, if anything. */
  | { kind: 'refused'; answer: Answer; failure?: 'challenged' | 'credentials' };

export interface TrustOptions {
  digest: DigestAuthenticator;
  location: Location;
  names: OwnNames;
  peers?: readonly TrustedPeer[];
  /** Whether an address belongs to this system, so that only its own credentials may speak for it; by default its domain's. */
  ownsAddress?(address: string): Promise<boolean>;
  /**
   * `flow`: a request over the very connection that a live registration of the same AOR authenticated on is not challenged
   * again; nobody else can send there. `always`: every request is challenged. UDP has no connection and is challenged always.
   */
  challenge?: 'flow' | 'always';
}

/**
 * Decides who a request comes from. Nothing about the request-URI is looked at: until its sender is known, every address,
 * whether there is such a one or not, gets the same answer.
 */
export class Trust {
  private readonly peers: { peer: TrustedPeer; includes(address: string): boolean }[];

  /** Throws RangeError where a peer's address is none. */
  constructor(private readonly options: TrustOptions) {
    this.peers = (options.peers ?? []).map((peer) => ({ peer, includes: networks(peer.addresses) }));
  }

  async decide(req: SipRequest): Promise<Decision> {
    const peer = this.peerOf(req);
    // A peer speaks for its own callers, never for ours: those show credentials wherever they come from.
    if (peer && !(await this.isOurs(req))) return mayCallFrom(peer, req) ? { kind: 'accepted', caller: { kind: 'peer', peer } } : FORBIDDEN;
    const aor = aorOf(req.get(req.method === 'REGISTER' ? 'to' : 'from'), this.options.names) ?? '';
    if (req.method !== 'REGISTER' && this.ownsFlow(req, aor)) return { kind: 'accepted', caller: { kind: 'endpoint', aor, how: 'flow' } };

    const outcome = await this.options.digest.verify(req, aor);
    switch (outcome.kind) {
      case 'authenticated':
        // Known users may speak for themselves only; for REGISTER the registrar says the same.
        if (req.method !== 'REGISTER' && outcome.identity.aor !== aor) return FORBIDDEN;
        return { kind: 'accepted', caller: { kind: 'endpoint', aor: outcome.identity.aor, how: 'digest' }, identity: outcome.identity };
      case 'missing':
        return this.challenge('challenged');
      case 'wrong':
        return this.challenge('credentials');
      case 'stale':
        return { kind: 'refused', answer: { status: 401, headers: this.options.digest.challenge(true) } };
    }
  }

  private challenge(failure: 'challenged' | 'credentials'): Decision {
    return { kind: 'refused', answer: { status: 401, headers: this.options.digest.challenge() }, failure };
  }

  private peerOf(req: SipRequest): TrustedPeer | undefined {
    if (req.method === 'REGISTER') return undefined;
    const flow = flowOf(req);
    const address = sourceAddress(req);
    return this.peers.find(({ peer, includes }) => includes(address) && (!peer.transports || (flow && peer.transports.includes(flow.transport))))?.peer;
  }

  private async isOurs(req: SipRequest): Promise<boolean> {
    const address = aorOf(req.get('from'), this.options.names);
    if (address === undefined) return false;
    return this.options.ownsAddress ? this.options.ownsAddress(address) : address.endsWith(`@${this.options.names.domain}`);
  }

  private ownsFlow(req: SipRequest, aor: string): boolean {
    const flow = flowOf(req);
    if (this.options.challenge === 'always' || !flow || !isStream(flow.transport)) return false;
    return this.options.location.bindingsOn(flow).some((binding) => binding.aor === aor && binding.path.length === 0);
  }
}

function mayCallFrom({ domains }: TrustedPeer, req: SipRequest): boolean {
  const host = parseSipUri(parseNameAddr(req.get('from') ?? '')?.uri ?? '')?.host;
  return !domains || (host !== undefined && domains.includes(host));
}

const FORBIDDEN: Decision = { kind: 'refused', answer: { status: 403 } };
