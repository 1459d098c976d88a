import { decode, encode, PerError } from '../per';
import type { MessageType } from '../q931';
import type { HostPort } from '../ras';
import { h450, type h225 } from '../schemas';
import { causeElement, Q850, q850Of, reasonOf } from './cause';
import type { CallInChannel, CallLink } from './channel';
import { ControlCarrier } from './control-carrier';
import { ControlConnection } from './control-connection';
import { fieldsOf, PROTOCOL_IDENTIFIER, type CommonFields, type Elements, type FaultyMessage, type SignallingMessage } from './message';
import { mayBeReached } from './reachable';
import { systemClock, Timer, type Clock } from '../clock';
import { DEFAULT_TIMERS, type SignallingTimers } from './timing';
import type { CallEvents, CallRelease, Digits, FacilityContent, LocalEndpoint, ReleaseRequest, SignallingCall } from './types';

/** Call states (Q.931 section 4.5.7), those of the caller first. */
export const STATE = {
  null: 0, initiated: 1, overlapSending: 2, outgoingProceeding: 3, delivered: 4, present: 6, received: 7, incomingProceeding: 9, active: 10, overlapReceiving: 25,
} as const;
export type State = (typeof STATE)[keyof typeof STATE];

export type Body = h225.H323UUPDU['h323-message-body'];

/** How H.245 starts: what the tunnel is at first, and whether fast connect is offered. */
interface ControlStart {
  tunnel: 'offered' | 'open' | 'none';
  fastConnect: boolean;
}

/** What both roles of a call have in common. */
export abstract class Call<Events extends CallEvents> implements SignallingCall, CallInChannel {
  abstract readonly callId: Buffer;
  abstract readonly conferenceId: Buffer;
  readonly control: ControlCarrier;
  protected readonly connection: ControlConnection;
  protected readonly timers: SignallingTimers;
  protected readonly clock: Clock;
  protected state: State = STATE.null;
  protected events: Events | undefined;
  protected link: CallLink | undefined;
  protected ended = false;
  /** Where H.245 may come from, besides the peer's own address. */
  protected readonly peerHosts = new Set<string>();
  private lostSignalling = false;
  private untold: CallRelease | undefined;
  private readonly t322: Timer;
  private probes: ((alive: boolean) => void)[] = [];

  constructor(protected readonly endpoint: LocalEndpoint, { tunnel, fastConnect }: ControlStart) {
    this.timers = { ...DEFAULT_TIMERS, ...endpoint.timers };
    this.clock = endpoint.clock ?? systemClock;
    this.t322 = new Timer(this.clock);
    this.connection = new ControlConnection({
      host: () => this.link?.local.host ?? '', ports: endpoint.h245Ports, clock: this.clock, packetMs: this.timers.packet, connectMs: this.timers.connect,
      accepts: (host) => host === this.remote.host || this.peerHosts.has(host),
    }, {
      up: () => this.control.connectionUp(), received: (octets) => this.control.received(octets), down: () => this.control.connectionDown(),
      unreachable: () => this.control.connectionUnreachable(),
    });
    this.control = new ControlCarrier(this.connection, {
      sendTunnelled: () => this.send('facility', { empty: null }),
      sendStartH245: (h245Address) => this.facility({ reason: { startH245: null }, h245Address }),
      mayConnect: (address) => mayBeReached(address, this.remote),
      fault: (error) => this.endpoint.onFault?.(error),
      closed: () => this.controlClosed(),
    }, tunnel, fastConnect);
  }

  get remote(): HostPort {
    return this.link?.remote ?? { host: '', port: 0 };
  }

  release({ q850, reason }: ReleaseRequest = {}): void {
    if (this.ended) return;
    const cause = q850 ?? q850Of(undefined, reason ?? { destinationRejection: null });
    this.send('releaseComplete', { releaseComplete: { ...this.identity, reason: reason ?? reasonOf(cause) } }, { cause: causeElement(cause) });
    this.end();
  }

  facility(content: FacilityContent): void {
    this.send('facility', { facility: { ...this.identity, multipleCalls: false, maintainConnection: false, ...content } }, { facility: Buffer.alloc(0) });
  }

  sendServices(services: readonly h450.H4501SupplementaryService[]): void {
    this.send('facility', { empty: null }, { facility: Buffer.alloc(0) }, services);
  }

  sendDigits({ kind, digits }: Digits): void {
    this.send('information', { information: this.identity }, kind === 'keypad' ? { keypad: digits } : { calledPartyNumber: { type: 0, plan: 1, digits } });
  }

  notify(notificationIndicator: number): void {
    this.send('notify', { notify: this.identity }, { notificationIndicator });
  }

  probe(): Promise<boolean> {
    if (this.ended || !this.link) return Promise.resolve(false);
    // What is left of the call is H.245, which watches the peer by itself.
    if (this.lostSignalling) return Promise.resolve(true);
    if (this.probes.length === 0) {
      this.send('statusInquiry', { statusInquiry: this.identity });
      this.t322.set(this.timers.t322, () => this.answerProbes(false));
    }
    return new Promise((resolve) => this.probes.push(resolve));
  }

  received(message: SignallingMessage | FaultyMessage): void {
    if (this.ended) return;
    if ('fault' in message) return this.receivedFaulty(message);
    const { type, pdu, elements } = message;
    const body = pdu['h323-message-body'];
    const fields = fieldsOf(body);
    if (type !== 'releaseComplete') this.control.signalled(pdu, fields.h245Address, message.fromDestination && type !== 'status' && type !== 'statusInquiry');
    this.receivedServices(pdu.h4501SupplementaryService);
    if (type === 'releaseComplete') {
      this.control.tunnelled(pdu.h245Control ?? []);
      this.releasedByPeer(elements, 'releaseComplete' in body ? body.releaseComplete.reason : undefined);
      return;
    }
    if (!this.receivedCommon(type, body, elements) && !this.receivedInRole(type, body, fields, elements)) this.sendStatus(Q850.wrongState);
    this.control.tunnelled(pdu.h245Control ?? []);
  }

  /**
   * The connection of call signalling is gone. A call that is connected and has H.245 in a connection of its own goes on without (the
   * gatekeeper that routed the call may have left it); it ends with that.
   */
  lost(fault: Error | undefined): void {
    if (this.ended) return;
    this.lostSignalling = true;
    if (this.state === STATE.active && this.connection.up) return;
    this.finish({ q850: this.state === STATE.active ? Q850.outOfOrder : Q850.temporaryFailure, by: 'network', fault });
  }

  /** Answers of the called side, and what else only one role takes; whether it fitted. */
  protected abstract receivedInRole(type: MessageType, body: Body, fields: CommonFields, elements: Elements): boolean;

  /** Stops what is under way; the call is over. */
  protected abstract stopTimers(): void;

  protected get identity(): { protocolIdentifier: string; callIdentifier: h225.CallIdentifier } {
    return { protocolIdentifier: PROTOCOL_IDENTIFIER, callIdentifier: { guid: this.callId } };
  }

  protected send(type: MessageType, body: Body, elements: Elements = {}, services?: readonly h450.H4501SupplementaryService[]): void {
    if (this.ended) return;
    const h4501SupplementaryService = services?.map((service) => encode(h450.H4501SupplementaryService, service));
    this.link?.send(type, this.control.withTunnelled({ 'h323-message-body': body, ...(h4501SupplementaryService && { h4501SupplementaryService }) }), elements);
  }

  /** Ends the call and tells its owner. */
  protected finish(release: CallRelease): void {
    if (this.ended) return;
    this.end();
    if (this.events) this.events.released(release);
    else this.untold = release;
  }

  /** Gives up: tells the peer and the owner. */
  protected giveUp(q850: number, by: CallRelease['by'] = 'timer', fault?: Error): void {
    if (this.ended) return;
    this.send('releaseComplete', { releaseComplete: { ...this.identity, reason: reasonOf(q850) } }, { cause: causeElement(q850) });
    this.finish({ q850, by, ...(fault && { fault }) });
  }

  protected take(events: Events): void {
    this.events = events;
    if (this.untold) events.released(this.untold);
    this.untold = undefined;
  }

  private controlClosed(): void {
    // H.245 was what was left of the call.
    if (!this.ended && this.lostSignalling) this.finish({ q850: Q850.normalClearing, by: 'network' });
  }

  private end(): void {
    this.ended = true;
    this.state = STATE.null;
    this.stopTimers();
    this.answerProbes(false);
    this.control.close();
    this.link?.leave();
  }

  private receivedCommon(type: MessageType, body: Body, elements: Elements): boolean {
    switch (type) {
      case 'facility':
        if ('facility' in body) this.receivedFacility(body.facility);
        return true;
      case 'information':
        this.receivedDigits(elements);
        return true;
      case 'notify':
        if ('notify' in body) this.events?.notified?.({ indicator: elements.notificationIndicator, body: body.notify });
        return true;
      case 'statusInquiry':
        this.sendStatus(Q850.statusResponse);
        return true;
      case 'status':
        this.receivedStatus(elements);
        return true;
      // Not of H.225.0; those who send them want the call to end.
      case 'disconnect': case 'release':
        this.giveUpAsAsked(elements);
        return true;
      case 'userInformation': case 'connectAcknowledge':
        return true;
      default:
        return false;
    }
  }

  protected receivedFacility(facility: h225.FacilityUUIE): void {
    if ('startH245' in facility.reason) this.control.startH245(facility.h245Address);
    else if ('noH245' in facility.reason) this.control.close();
    // What is transported is told on its own: tunnelled H.245, supplementary services.
    else if (!('transportedInformation' in facility.reason)) this.events?.facility?.(facility);
  }

  protected receivedDigits({ keypad, calledPartyNumber }: Elements): void {
    if (keypad) this.events?.digits?.({ kind: 'keypad', digits: keypad });
    if (calledPartyNumber?.digits) this.events?.digits?.({ kind: 'dialled', digits: calledPartyNumber.digits });
  }

  protected receivedServices(encoded: readonly Buffer[] | undefined): void {
    if (!encoded) return;
    const services = encoded.flatMap((octets) => {
      try {
        return [decode(h450.H4501SupplementaryService, octets)];
      } catch (error) {
        if (error instanceof PerError) return [];
        throw error;
      }
    });
    if (services.length > 0) this.events?.services?.(services);
  }

  private receivedStatus({ callState }: Elements): void {
    this.answerProbes(callState !== STATE.null);
    // The peer does not have the call (Q.931 section 5.8.11).
    if (callState === STATE.null) this.giveUp(Q850.incompatibleState, 'peer');
  }

  private receivedFaulty({ type, fault, elements }: FaultyMessage): void {
    if (type === 'releaseComplete') this.releasedByPeer(elements, undefined);
    else if (type === 'information') this.receivedDigits(elements);
    else if (type === 'status') this.receivedStatus(elements);
    else this.sendStatus(fault);
  }

  private releasedByPeer({ cause }: Elements, reason: h225.ReleaseCompleteReason | undefined): void {
    this.finish({ q850: q850Of(cause, reason), by: 'peer', reason, cause });
  }

  private giveUpAsAsked({ cause }: Elements): void {
    this.send('releaseComplete', { releaseComplete: this.identity }, { cause: cause ?? causeElement(Q850.normalClearing) });
    this.releasedByPeer({ cause }, undefined);
  }

  private sendStatus(q850: number): void {
    this.send('status', { status: this.identity }, { cause: causeElement(q850), callState: this.state });
  }

  private answerProbes(alive: boolean): void {
    this.t322.reset();
    for (const resolve of this.probes.splice(0)) resolve(alive);
  }
}
