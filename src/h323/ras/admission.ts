import type { h225 } from '../schemas';
import type { Registrations, Registration } from './registrations';
import type { GatekeeperOptions, KnownEndpoint, Route } from './types';

const MAX_CALLS = 20_000;
/** No UUIEs are wanted in IRRs. */
const NO_UUIES: h225.UUIEsRequested = {
  setup: false, callProceeding: false, connect: false, alerting: false, information: false, releaseComplete: false, facility: false, progress: false,
  empty: false, status: false, statusInquiry: false, setupAcknowledge: false, notify: false,
};

interface AdmittedCall {
  endpointIdentifier: string;
  bandWidth: number;
  site?: NonNullable<KnownEndpoint['site']>;
}

/** Admission of calls, and the bandwidth that they hold (H.225.0 sections 7.11 to 7.13). */
export class Admissions {
  private readonly calls = new Map<string, AdmittedCall>();
  private readonly used = new Map<string, number>();

  constructor(private readonly options: GatekeeperOptions, private readonly registrations: Registrations) {}

  get size(): number {
    return this.calls.size;
  }

  async admit(request: h225.AdmissionRequest, caller: Registration, site: KnownEndpoint['site']): Promise<h225.RasMessage> {
    const reject = (rejectReason: h225.AdmissionRejectReason): h225.RasMessage => ({ admissionReject: { requestSeqNum: request.requestSeqNum, rejectReason } });
    const key = keyOf(request);
    if (!this.calls.has(key) && this.calls.size >= (this.options.maxCalls ?? MAX_CALLS)) return reject({ resourceUnavailable: null });
    const route = request.answerCall ? this.toItself(caller) : await this.routeOf(request, caller);
    if (!route) return reject({ calledPartyNotRegistered: null });
    this.release(key);
    const bandWidth = this.grant(request.bandWidth, site);
    if (bandWidth === 0) return reject({ exceedsCallCapacity: null });
    this.hold(key, { endpointIdentifier: caller.endpointIdentifier, bandWidth, site });
    return { admissionConfirm: {
      requestSeqNum: request.requestSeqNum, bandWidth, destCallSignalAddress: route.address,
      callModel: route.model === 'direct' ? { direct: null } : { gatekeeperRouted: null },
      willRespondToIRR: true, uuiesRequested: NO_UUIES,
    } };
  }

  change(request: h225.BandwidthRequest, site: KnownEndpoint['site']): h225.RasMessage {
    const { requestSeqNum } = request;
    const key = keyOf(request);
    const call = this.calls.get(key);
    if (call?.endpointIdentifier !== request.endpointIdentifier) {
      return { bandwidthReject: { requestSeqNum, rejectReason: { invalidConferenceID: null }, allowedBandWidth: 0 } };
    }
    this.release(key);
    const allowed = this.grant(request.bandWidth, site);
    const granted = allowed === request.bandWidth;
    this.hold(key, { ...call, bandWidth: granted ? allowed : call.bandWidth });
    return granted
      ? { bandwidthConfirm: { requestSeqNum, bandWidth: allowed } }
      : { bandwidthReject: { requestSeqNum, rejectReason: { insufficientResources: null }, allowedBandWidth: allowed } };
  }

  /** Ends a call; false when the endpoint has none of that identity. */
  disengage(request: h225.DisengageRequest): boolean {
    const key = keyOf(request);
    if (this.calls.get(key)?.endpointIdentifier !== request.endpointIdentifier) return false;
    this.release(key);
    return true;
  }

  /** Ends all calls of an endpoint that is gone. */
  releaseAll(endpointIdentifier: string): void {
    for (const [key, call] of this.calls) if (call.endpointIdentifier === endpointIdentifier) this.release(key);
  }

  private toItself(callee: Registration): Route | undefined {
    const [address] = callee.callSignalAddress;
    return address && { address, model: 'direct' };
  }

  private routeOf(request: h225.AdmissionRequest, caller: Registration): Route | undefined | Promise<Route | undefined> {
    if (this.options.route) return this.options.route({ caller, request });
    for (const alias of request.destinationInfo ?? []) {
      const address = this.registrations.withAlias(alias)?.callSignalAddress[0];
      if (address) return { address, model: 'direct' };
    }
    return undefined;
  }

  private grant(asked: number, site: KnownEndpoint['site']): number {
    const left = site ? site.bandwidth - (this.used.get(site.name) ?? 0) : Infinity;
    return Math.max(0, Math.min(asked, this.options.bandwidthOfCall ?? Infinity, left));
  }

  private hold(key: string, call: AdmittedCall): void {
    this.calls.set(key, call);
    if (call.site) this.used.set(call.site.name, (this.used.get(call.site.name) ?? 0) + call.bandWidth);
  }

  private release(key: string): void {
    const call = this.calls.get(key);
    if (!call) return;
    this.calls.delete(key);
    if (!call.site) return;
    const left = (this.used.get(call.site.name) ?? 0) - call.bandWidth;
    if (left > 0) this.used.set(call.site.name, left);
    else this.used.delete(call.site.name);
  }
}

/** A call at one endpoint: its identifier, and for endpoints of version 1 its conference and call reference. */
function keyOf({ endpointIdentifier, callIdentifier, conferenceID, callReferenceValue }: Pick<h225.BandwidthRequest, 'endpointIdentifier' | 'callIdentifier' | 'conferenceID' | 'callReferenceValue'>): string {
  return `${endpointIdentifier} ${callIdentifier ? callIdentifier.guid.toString('hex') : `${conferenceID.toString('hex')} ${callReferenceValue}`}`;
}
