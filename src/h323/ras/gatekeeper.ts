import { alternative, chosen, decode, encode, PerError } from '../per';
import { randomOctets } from '../random';
import { h225, h460 } from '../schemas';
import { toTransportAddress, type HostPort } from './addresses';
import { Admissions, type AdmittedCall } from './admission';
import { Authenticator } from './authentication';
import { SiteBandwidth } from './bandwidth';
import { Identities, signed, type Received, type Reply } from './identities';
import { Locations } from './location';
import { Neighbours } from './neighbours';
import { PROTOCOL_IDENTIFIER, Registrar } from './registrar';
import { Registrations, type Registration } from './registrations';
import { Requests } from './requests';
import { Retransmissions } from './retransmissions';
import type { GatekeeperOptions, Outgoing, UnregistrationCause } from './types';

const MAX_REGISTRATIONS = 20_000;
/** A neighbour that was not asked for anything for so long is asked whether it is there. */
const PROBE_MS = 60_000;
/** Calls whose endpoints are asked in one tick. */
const MAX_ASKED = 200;

/** How long a sender shall wait after a RIP, milliseconds. */
const IN_PROGRESS_DELAY_MS = 5_000;

/**
 * A gatekeeper (H.323 section 6.4): answers the RAS messages of endpoints and neighbours, and asks them. It holds no sockets and no
 * timers: messages are handed in with their source, `attach` takes what sends, and `tick` lets time pass.
 */
export class Gatekeeper {
  readonly registrations: Registrations;
  readonly admissions: Admissions;
  readonly neighbours: Neighbours;
  readonly locations: Locations;
  readonly bandwidth: SiteBandwidth;
  private readonly options: GatekeeperOptions & { now(): number; random(octets: number): Buffer };
  private readonly registrar: Registrar;
  private readonly identities: Identities;
  private readonly requests: Requests;
  private readonly retransmissions: Retransmissions;
  private send: (message: Outgoing) => void = () => undefined;

  constructor(given: GatekeeperOptions) {
    const options = { now: Date.now, random: randomOctets, ...given };
    this.options = options;
    this.bandwidth = options.bandwidth ?? new SiteBandwidth();
    const registrations = this.registrations = new Registrations(options.maxRegistrations ?? MAX_REGISTRATIONS);
    const identities = this.identities = new Identities(options, registrations, new Authenticator(options.now));
    const requests = this.requests = new Requests(options.now, options.random(2).readUInt16BE(), (octets, to) => this.send({ octets, to }));
    const neighbours = this.neighbours = new Neighbours(options.neighbours ?? [], options.now);
    this.admissions = new Admissions({ options, registrations, bandwidth: this.bandwidth });
    this.registrar = new Registrar({ options, registrations, identities, gone: (registration, why) => this.gone(registration, why) });
    this.locations = new Locations({ options, registrations, identities, neighbours, requests });
    this.retransmissions = new Retransmissions(options.now);
  }

  /** What sends the gatekeeper's own messages; without it they are lost. */
  attach(send: (message: Outgoing) => void): void {
    this.send = send;
  }

  /** The answer to what arrived, undefined when there is none to give: to answers, and to what is no RAS message. */
  async handle(octets: Buffer, source: HostPort): Promise<Outgoing | undefined> {
    const message = readMessage(octets);
    if (!message) return undefined;
    const name = chosen(message);
    if (!/Request|Indicat|Response|nonStandardMessage/.test(name)) {
      this.requests.answered(message, source);
      return undefined;
    }
    const sequence = (Object.values(message)[0] as { requestSeqNum?: number }).requestSeqNum;
    return this.retransmissions.answer(`${source.host} ${source.port} ${name} ${sequence}`, octets, async () => {
      const reply = await this.answer(message, { octets, source, name });
      return reply && { octets: this.identities.encode(reply), to: reply.to ?? source };
    });
  }

  /** The message that asks a sender to wait, for a request that takes its time (RIP, H.225.0 section 7.20); undefined for other messages. */
  inProgress(request: Buffer): Buffer | undefined {
    const message = readMessage(request);
    const waits = message && (alternative(message, 'registrationRequest') ?? alternative(message, 'admissionRequest') ?? alternative(message, 'locationRequest'));
    return waits && encode(h225.RasMessage, { requestInProgress: { requestSeqNum: waits.requestSeqNum, delay: IN_PROGRESS_DELAY_MS } });
  }

  /** Takes registrations of an earlier run; those that have ended meanwhile are left out. */
  restore(registrations: Iterable<Registration>): void {
    for (const registration of registrations) {
      if (registration.expires > this.options.now() && !this.registrations.full) this.registrations.add(registration);
    }
  }

  /** Ends a registration from this side and tells the endpoint (URQ, H.225.0 section 7.10.1). False when there is none. */
  expel(endpointIdentifier: string, reason: h225.UnregRequestReason): boolean {
    const registration = this.registrations.get(endpointIdentifier);
    if (!registration) return false;
    this.registrar.remove(registration, 'gatekeeper');
    void this.ask(registration, ['unregistrationConfirm', 'unregistrationReject'], (requestSeqNum) => ({ unregistrationRequest: {
      requestSeqNum, callSignalAddress: registration.signalling.map(toTransportAddress), endpointIdentifier, endpointAlias: [...registration.aliases],
      gatekeeperIdentifier: this.options.gatekeeperIdentifier, reason,
    } }));
    return true;
  }

  /** Asks an endpoint for all its calls, or for one (IRQ, H.225.0 section 7.15.1); undefined when it does not answer. */
  async askStatus(endpointIdentifier: string, about?: AdmittedCall): Promise<h225.InfoRequestResponse | undefined> {
    const registration = this.registrations.get(endpointIdentifier);
    const answer = registration && await this.ask(registration, ['infoRequestResponse'], (requestSeqNum) => ({ infoRequest: {
      requestSeqNum, callReferenceValue: about?.callReferenceValue ?? 0, callIdentifier: { guid: about?.callIdentifier ?? Buffer.alloc(16) },
      replyAddress: toTransportAddress(this.options.rasAddress),
    } }));
    const report = answer && alternative(answer, 'infoRequestResponse');
    if (registration && report) this.admissions.reported(registration, report, about);
    return report;
  }

  /** Asks an endpoint to change the bandwidth of its call (BRQ, H.225.0 section 7.12), in units of 100 bit/s; whether it does. */
  async changeBandwidth(call: AdmittedCall, bandWidth: number): Promise<boolean> {
    const registration = this.registrations.get(call.endpointIdentifier);
    const answer = registration && await this.ask(registration, ['bandwidthConfirm', 'bandwidthReject'], (requestSeqNum) => ({ bandwidthRequest: {
      ...identityOf(call), requestSeqNum, bandWidth, answeredCall: call.answered, gatekeeperIdentifier: this.options.gatekeeperIdentifier,
    } }));
    const confirmed = answer && alternative(answer, 'bandwidthConfirm');
    if (confirmed) this.admissions.changed(call, confirmed.bandWidth);
    return confirmed !== undefined;
  }

  /** Ends a call at one endpoint (DRQ, H.225.0 section 7.13); whether the endpoint says that it does. Its bandwidth is free at once. */
  async drop(call: AdmittedCall): Promise<boolean> {
    const registration = this.registrations.get(call.endpointIdentifier);
    this.admissions.end(call);
    const answer = registration && await this.ask(registration, ['disengageConfirm', 'disengageReject'], (requestSeqNum) => ({ disengageRequest: {
      ...identityOf(call), requestSeqNum, disengageReason: { forcedDrop: null }, answeredCall: call.answered, gatekeeperIdentifier: this.options.gatekeeperIdentifier,
    } }));
    return answer !== undefined && alternative(answer, 'disengageConfirm') !== undefined;
  }

  /**
   * Asks an endpoint behind a firewall to connect for an incoming call (SCI, H.460.18 section 7.3); whether it says that it does.
   * @param signalling where it shall connect
   */
  async announceCall(registration: Registration, callIdentifier: Buffer, signalling: HostPort): Promise<boolean> {
    const { standard, incomingCallIndication } = h460.SIGNALLING_TRAVERSAL;
    const raw = encode(h460.IncomingCallIndication, { callSignallingAddress: toTransportAddress(signalling), callID: { guid: callIdentifier } });
    const answer = await this.ask(registration, ['serviceControlResponse'], (requestSeqNum) => ({ serviceControlIndication: {
      // The standard asks for no session; endpoints of the time expect one.
      requestSeqNum, serviceControl: [{ sessionId: 0, reason: { open: null } }], endpointIdentifier: registration.endpointIdentifier,
      genericData: [{ id: { standard }, parameters: [{ id: { standard: incomingCallIndication }, content: { raw } }] }],
    } }));
    const result = answer && alternative(answer, 'serviceControlResponse')?.result;
    return answer !== undefined && (result === undefined || 'started' in result);
  }

  /** Ends what has run out, repeats what was not answered, asks the endpoints of silent calls and neighbours that were not heard of. */
  tick(): void {
    this.registrar.expire();
    this.requests.tick();
    for (const call of this.admissions.overdue().slice(0, MAX_ASKED)) void this.askStatus(call.endpointIdentifier, call);
    for (const state of this.neighbours.states) {
      if (this.options.now() - Math.max(state.lastAsked ?? 0, state.lastAnswer ?? 0) >= PROBE_MS) void this.locations.probe(state);
    }
  }

  /** Nothing that was asked is waited for any longer. */
  close(): void {
    this.requests.close();
  }

  private ask(registration: Registration, answers: string[], message: (requestSeqNum: number) => h225.RasMessage): Promise<h225.RasMessage | undefined> {
    return this.requests.ask(registration.source, answers, (sequence) => this.identities.encodeFor(registration, message(sequence)));
  }

  private async answer(message: h225.RasMessage, received: Received): Promise<Reply | undefined> {
    if ('gatekeeperRequest' in message) return this.registrar.discover(message.gatekeeperRequest, received);
    if ('registrationRequest' in message) return this.registrar.register(message.registrationRequest, received);
    if ('unregistrationRequest' in message) return this.registrar.unregister(message.unregistrationRequest, received);
    if ('locationRequest' in message) return this.locations.answer(message.locationRequest, received);
    if ('infoRequestResponse' in message) return this.acknowledge(message.infoRequestResponse, message, received);
    if ('resourcesAvailableIndicate' in message) return this.noteResources(message.resourcesAvailableIndicate, received);
    if ('serviceControlResponse' in message || 'unknownMessageResponse' in message) return void this.requests.answered(message, received.source);
    if ('serviceControlIndication' in message) return this.serviceControl(message.serviceControlIndication, received);
    if ('nonStandardMessage' in message) {
      return { message: { unknownMessageResponse: { requestSeqNum: message.nonStandardMessage.requestSeqNum, messageNotUnderstood: received.octets } } };
    }
    return this.answerCall(message, received);
  }

  private async answerCall(message: h225.RasMessage, received: Received): Promise<Reply | undefined> {
    const request = alternative(message, 'admissionRequest') ?? alternative(message, 'bandwidthRequest') ?? alternative(message, 'disengageRequest');
    if (!request) return undefined;
    const { requestSeqNum } = request;
    const registration = this.identities.registeredAt(request.endpointIdentifier, received);
    const proven = registration && this.identities.proven(registration, request, received);
    if ('admissionRequest' in message) {
      if (!registration) return { message: { admissionReject: { requestSeqNum, rejectReason: { callerNotRegistered: null } } } };
      if (!proven) return { message: { admissionReject: { requestSeqNum, rejectReason: { securityDenial: null } } } };
      return signed(await this.admissions.admit(message.admissionRequest, registration), proven, registration);
    }
    if ('bandwidthRequest' in message) {
      if (!registration) return { message: { bandwidthReject: { requestSeqNum, rejectReason: { notBound: null }, allowedBandWidth: 0 } } };
      if (!proven) return { message: { bandwidthReject: { requestSeqNum, rejectReason: { securityDenial: null }, allowedBandWidth: 0 } } };
      return signed(this.admissions.change(message.bandwidthRequest), proven, registration);
    }
    if (!('disengageRequest' in message)) return undefined;
    if (!registration) return { message: { disengageReject: { requestSeqNum, rejectReason: { notRegistered: null } } } };
    if (!proven) return { message: { disengageReject: { requestSeqNum, rejectReason: { securityDenial: null } } } };
    const ended = this.admissions.disengage(message.disengageRequest);
    return signed(ended ? { disengageConfirm: { requestSeqNum } } : { disengageReject: { requestSeqNum, rejectReason: { requestToDropOther: null } } }, proven, registration);
  }

  private acknowledge(report: h225.InfoRequestResponse, message: h225.RasMessage, received: Received): Reply | undefined {
    if (this.requests.answered(message, received.source)) return undefined;
    const { requestSeqNum, needResponse } = report;
    const registration = this.identities.registeredAt(report.endpointIdentifier, received);
    const proven = registration && this.identities.proven(registration, report, received);
    if (registration && proven) {
      this.admissions.reported(registration, report);
      this.options.observer?.reported?.(registration, report);
    }
    if (!needResponse) return undefined;
    if (!registration) return { message: { infoRequestNak: { requestSeqNum, nakReason: { notRegistered: null } } } };
    return proven ? signed({ infoRequestAck: { requestSeqNum } }, proven, registration) : { message: { infoRequestNak: { requestSeqNum, nakReason: { securityDenial: null } } } };
  }

  private noteResources({ requestSeqNum, endpointIdentifier, almostOutOfResources, ...rest }: h225.ResourcesAvailableIndicate, received: Received): Reply | undefined {
    const registration = this.identities.registeredAt(endpointIdentifier, received);
    const proven = registration && this.identities.proven(registration, rest, received);
    if (!registration || !proven) return undefined;
    registration.almostOutOfResources = almostOutOfResources;
    return signed({ resourcesAvailableConfirm: { requestSeqNum, protocolIdentifier: PROTOCOL_IDENTIFIER } }, proven, registration);
  }

  /** Endpoints and neighbours behind firewalls keep their way open by it; no service is controlled here. */
  private serviceControl({ requestSeqNum, endpointIdentifier }: h225.ServiceControlIndication, received: Received): Reply | undefined {
    const registration = this.identities.registeredAt(endpointIdentifier, received);
    if (!registration && !this.neighbours.at(received.source)) return undefined;
    return { message: { serviceControlResponse: { requestSeqNum, result: { notAvailable: null } } } };
  }

  private gone(registration: Registration, why: UnregistrationCause): void {
    this.admissions.releaseAll(registration.endpointIdentifier);
    this.options.observer?.unregistered?.(registration, why);
  }
}

function readMessage(octets: Buffer): h225.RasMessage | undefined {
  try {
    return decode(h225.RasMessage, octets);
  } catch (error) {
    if (error instanceof PerError) return undefined;
    throw error;
  }
}

const identityOf = ({ endpointIdentifier, callIdentifier, conferenceID, callReferenceValue }: AdmittedCall): Pick<h225.BandwidthRequest, 'endpointIdentifier' | 'callIdentifier' | 'conferenceID' | 'callReferenceValue'> =>
  ({ endpointIdentifier, conferenceID, callReferenceValue, callIdentifier: { guid: callIdentifier ?? Buffer.alloc(16) } });
