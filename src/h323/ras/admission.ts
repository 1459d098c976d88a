import type { h225 } from '../schemas';
import { toTransportAddress } from './addresses';
import type { Site, SiteBandwidth } from './bandwidth';
import type { Registrations, Registration } from './registrations';
import type { GatekeeperOptions, Route } from './types';

const MAX_CALLS = 20_000;
/** Seconds between the reports of a call, unless told otherwise. */
export const REPORT_SECONDS = 60;
/** A call whose endpoint is silent for so many of its reports is asked about once, then for one more it may still answer. */
const SILENT_REPORTS = 2;
/** 64 kbit/s: less than that carries no call. */
const LEAST_BANDWIDTH = 640;
/** No UUIEs are wanted in IRRs. */
const NO_UUIES: h225.UUIEsRequested = {
  setup: false, callProceeding: false, connect: false, alerting: false, information: false, releaseComplete: false, facility: false, progress: false,
  empty: false, status: false, statusInquiry: false, setupAcknowledge: false, notify: false,
};

/** A call at one endpoint; a call between two endpoints of the zone is two of these. */
export interface AdmittedCall {
  readonly endpointIdentifier: string;
  /** Endpoints of version 1 have none. */
  readonly callIdentifier?: Buffer;
  readonly conferenceID: Buffer;
  readonly callReferenceValue: number;
  readonly answered: boolean;
  readonly site?: Site;
  /** The endpoint did not ask for it; its bandwidth is what the call takes. */
  readonly preGranted?: true;
  /** In units of 100 bit/s. */
  bandWidth: number;
  /** When the endpoint said last that it has the call, milliseconds since 1970. */
  heardOf: number;
  /** The endpoint was asked whether it still has the call. */
  asked: boolean;
}

export interface AdmissionParts {
  options: GatekeeperOptions & { now(): number };
  registrations: Registrations;
  bandwidth: SiteBandwidth;
}

/** Admission of calls, and the bandwidth that they hold (H.225.0 sections 7.11 to 7.13). */
export class Admissions {
  private readonly calls = new Map<string, AdmittedCall>();
  private readonly reportSeconds: number;

  constructor(private readonly parts: AdmissionParts) {
    this.reportSeconds = parts.options.reportInterval ?? REPORT_SECONDS;
  }

  get size(): number {
    return this.calls.size;
  }

  [Symbol.iterator](): Iterator<AdmittedCall> {
    return this.calls.values();
  }

  /** The ends of a call that are admitted here. */
  ofCall(callIdentifier: Buffer): AdmittedCall[] {
    return [...this.calls.values()].filter((call) => call.callIdentifier?.equals(callIdentifier));
  }

  async admit(request: h225.AdmissionRequest, caller: Registration): Promise<h225.RasMessage> {
    const reject = (rejectReason: h225.AdmissionRejectReason): h225.RasMessage => ({ admissionReject: { requestSeqNum: request.requestSeqNum, rejectReason } });
    const { options } = this.parts;
    const key = keyOf(request);
    if (!this.calls.has(key) && this.calls.size >= (options.maxCalls ?? MAX_CALLS)) return reject({ resourceUnavailable: null });
    const route = request.answerCall ? this.answering(request, caller) : await this.routeOf(request, caller);
    if (!route) return reject({ calledPartyNotRegistered: null });
    if ('reject' in route) return reject(route.reject);
    this.release(key);
    const bandWidth = this.grant(request.bandWidth, caller.site);
    // "No bandwidth available", as the module says it.
    if (bandWidth === 0) return reject({ requestDenied: null });
    this.hold(key, {
      endpointIdentifier: caller.endpointIdentifier, callIdentifier: guidOf(request), conferenceID: request.conferenceID, callReferenceValue: request.callReferenceValue,
      answered: request.answerCall, bandWidth, site: caller.site, heardOf: options.now(), asked: false,
    });
    return { admissionConfirm: {
      requestSeqNum: request.requestSeqNum, bandWidth, destCallSignalAddress: toTransportAddress(route.address),
      callModel: route.model === 'direct' ? { direct: null } : { gatekeeperRouted: null },
      irrFrequency: this.reportSeconds, willRespondToIRR: true, uuiesRequested: NO_UUIES,
    } };
  }

  /** Counts a call that an endpoint has without having asked for it; nothing where it has asked, or too many calls are there. */
  begin(call: Pick<AdmittedCall, 'conferenceID' | 'callReferenceValue' | 'answered'> & { callIdentifier: Buffer }, { endpointIdentifier, site }: Registration): void {
    const { options } = this.parts;
    const key = keyOfCall({ ...call, endpointIdentifier });
    if (this.calls.has(key) || this.calls.size >= (options.maxCalls ?? MAX_CALLS)) return;
    this.hold(key, { ...call, endpointIdentifier, site, preGranted: true, bandWidth: 0, heardOf: options.now(), asked: false });
  }

  change(request: h225.BandwidthRequest): h225.RasMessage {
    const { requestSeqNum } = request;
    const key = keyOf(request);
    const call = this.calls.get(key);
    if (!call) return { bandwidthReject: { requestSeqNum, rejectReason: { invalidConferenceID: null }, allowedBandWidth: 0 } };
    this.release(key);
    const allowed = this.grant(request.bandWidth, call.site);
    const granted = allowed === request.bandWidth;
    this.hold(key, { ...call, bandWidth: granted ? allowed : call.bandWidth, heardOf: this.parts.options.now(), asked: false });
    return granted
      ? { bandwidthConfirm: { requestSeqNum, bandWidth: allowed } }
      : { bandwidthReject: { requestSeqNum, rejectReason: { insufficientResources: null }, allowedBandWidth: allowed } };
  }

  /** The call has another bandwidth: the endpoint has agreed to it, or had none to ask for. */
  changed(call: AdmittedCall, bandWidth: number): void {
    const key = keyOfCall(call);
    if (this.calls.get(key) !== call) return;
    this.release(key);
    this.hold(key, { ...call, bandWidth });
  }

  /** Ends a call; false when the endpoint has none of that identity. */
  disengage(request: h225.DisengageRequest): boolean {
    return this.release(keyOf(request));
  }

  /** Ends a call at one end. */
  end(call: AdmittedCall): void {
    this.release(keyOfCall(call));
  }

  /** Ends all calls of an endpoint that is gone. */
  releaseAll(endpointIdentifier: string): void {
    for (const [key, call] of this.calls) if (call.endpointIdentifier === endpointIdentifier) this.release(key);
  }

  /**
   * Takes what an endpoint tells of its calls. `about`: the call that it was asked about, which is over when the report does not
   * have it.
   */
  reported(registration: Registration, { perCallInfo = [] }: h225.InfoRequestResponse, about?: AdmittedCall): void {
    for (const info of perCallInfo) {
      const call = this.calls.get(keyOf({ ...info, endpointIdentifier: registration.endpointIdentifier }));
      if (!call) continue;
      call.heardOf = this.parts.options.now();
      call.asked = false;
    }
    if (about && this.calls.get(keyOfCall(about))?.asked) this.end(about);
  }

  /** Calls whose endpoints are silent and are to be asked now; those that stay silent are over. */
  overdue(): AdmittedCall[] {
    const now = this.parts.options.now();
    const silentFor = (call: AdmittedCall): number => (now - call.heardOf) / 1000 / this.reportSeconds;
    for (const call of this.calls.values()) if (call.asked && silentFor(call) > SILENT_REPORTS + 1) this.end(call);
    const ask = [...this.calls.values()].filter((call) => !call.asked && silentFor(call) > SILENT_REPORTS);
    for (const call of ask) call.asked = true;
    return ask;
  }

  private answering(request: h225.AdmissionRequest, caller: Registration): Route | { reject: h225.AdmissionRejectReason } {
    const reject = this.parts.options.answer?.({ caller, request });
    return reject ? { reject } : { address: caller.signalling[0] ?? this.parts.options.rasAddress, model: 'direct' };
  }

  private routeOf(request: h225.AdmissionRequest, caller: Registration): ReturnType<NonNullable<GatekeeperOptions['route']>> {
    const { options, registrations } = this.parts;
    if (options.route) return options.route({ caller, request });
    for (const alias of request.destinationInfo ?? []) {
      const address = registrations.withAlias(alias)?.signalling[0];
      if (address) return { address, model: 'direct' } satisfies Route;
    }
    return undefined;
  }

  /** What a call may have of what it asks for, 0: nothing. */
  private grant(asked: number, site: Site | undefined): number {
    const most = Math.min(this.parts.options.bandwidthOfCall ?? Infinity, this.parts.bandwidth.left(site));
    return most < Math.min(asked, LEAST_BANDWIDTH) ? 0 : Math.min(asked, most);
  }

  private hold(key: string, call: AdmittedCall): void {
    this.calls.set(key, call);
    this.parts.bandwidth.hold(call.site, call.bandWidth);
  }

  private release(key: string): boolean {
    const call = this.calls.get(key);
    if (!call) return false;
    this.calls.delete(key);
    this.parts.bandwidth.release(call.site, call.bandWidth);
    return true;
  }
}

type CallIdentity = Pick<AdmittedCall, 'endpointIdentifier' | 'callIdentifier' | 'conferenceID' | 'callReferenceValue'>;

/** A call at one endpoint: its identifier, and for endpoints of version 1 its conference and call reference. */
const keyOfCall = ({ endpointIdentifier, callIdentifier, conferenceID, callReferenceValue }: CallIdentity): string =>
  `${endpointIdentifier} ${callIdentifier ? callIdentifier.toString('hex') : `${conferenceID.toString('hex')} ${callReferenceValue}`}`;

const guidOf = ({ callIdentifier }: { callIdentifier?: h225.CallIdentifier }): Buffer | undefined => callIdentifier?.guid;

const keyOf = (request: Omit<CallIdentity, 'callIdentifier'> & { callIdentifier?: h225.CallIdentifier }): string => keyOfCall({ ...request, callIdentifier: guidOf(request) });
