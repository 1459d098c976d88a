import net from 'node:net';
import type { MessageType } from '../q931';
import { randomOctets } from '../random';
import { toHostPort, toTransportAddress, type HostPort } from '../ras';
import type { h225 } from '../schemas';
import { Call, STATE, type Body } from './call';
import { Q850 } from './cause';
import { SignallingChannel, type CallLink } from './channel';
import { readFastStart, writeFastStart } from './fast-start';
import { displayOf, PROTOCOL_IDENTIFIER, textOf, versionOf, type CommonFields, type Elements } from './message';
import { Timer } from '../clock';
import { isOfNetwork, TpktConnection } from './tpkt-connection';
import type { Announcement, CallRequest, Digits, FastStartAnswer, Forwarding, LocalEndpoint, OutgoingCall, OutgoingEvents, ReceivedAnswer } from './types';

/** Messages of the called side that answer a Setup, with the state that they lead to. */
const ANSWERS = { callProceeding: STATE.outgoingProceeding, alerting: STATE.delivered, progress: undefined, connect: STATE.active } as const;
type AnswerType = keyof typeof ANSWERS;
const isAnswer = (type: MessageType): type is AnswerType => type in ANSWERS;

/** Places a call: connects, sends Setup and tells `events` what comes; nothing is told within this turn. */
export function placeCall(request: CallRequest, endpoint: LocalEndpoint, events: OutgoingEvents): OutgoingCall {
  return new CallingSide(request, endpoint, events);
}

/** The calling side of a call, with a connection of its own. */
class CallingSide extends Call<OutgoingEvents> {
  readonly callId: Buffer;
  readonly conferenceId: Buffer;
  /** Ends what would bring the connection. */
  private readonly stopConnecting: () => void;
  /** T303, T304, T310 and T301: one of them runs at a time. */
  private readonly waiting: Timer;
  private fastConnect: 'undecided' | 'decided';

  constructor(private readonly request: CallRequest, endpoint: LocalEndpoint, events: OutgoingEvents) {
    super(endpoint, { tunnel: endpoint.tunnelling === false ? 'none' : 'offered', fastConnect: request.fastStart !== undefined });
    this.callId = request.callId ?? randomOctets(16);
    this.conferenceId = request.conferenceId ?? randomOctets(16);
    this.fastConnect = request.fastStart ? 'undecided' : 'decided';
    this.take(events);
    this.waiting = new Timer(this.clock);
    if (request.announcement || request.behindFirewall) this.control.awaitPeer();
    this.stopConnecting = request.announcement ? this.awaitConnection(request.announcement) : this.connect();
  }

  override get remote(): HostPort {
    return this.link?.remote ?? this.request.address;
  }

  override sendDigits(digits: Digits): void {
    if (digits.kind === 'dialled' && this.state === STATE.overlapSending) this.wait(this.timers.t304, Q850.timerExpired);
    super.sendDigits(digits);
  }

  protected stopTimers(): void {
    this.waiting.reset();
    if (!this.link) this.stopConnecting();
  }

  protected receivedInRole(type: MessageType, body: Body, fields: CommonFields, elements: Elements): boolean {
    if (type === 'setupAcknowledge') {
      if (this.state !== STATE.initiated) return false;
      this.state = STATE.overlapSending;
      this.wait(this.timers.t304, Q850.timerExpired);
      this.events?.moreDigits?.();
      return true;
    }
    if (!isAnswer(type)) return false;
    if (this.state === STATE.active) return true;
    this.receivedAnswer(type, body, fields, elements);
    return true;
  }

  private receivedAnswer(type: AnswerType, body: Body, fields: CommonFields, elements: Elements): void {
    const state = ANSWERS[type];
    if (state !== undefined && state > this.state) this.state = state;
    if (type === 'callProceeding' && this.state === STATE.outgoingProceeding) this.wait(this.timers.t310, Q850.timerExpired);
    else if (type === 'alerting') this.wait(this.timers.t301, Q850.noAnswer);
    else if (type !== 'callProceeding') this.waiting.reset();
    const answer = this.answerOf(type, body, fields, elements);
    if (type === 'connect') {
      this.control.connected();
      this.events?.connected(answer);
    } else if (type === 'callProceeding') this.events?.proceeding?.(answer);
    else if (type === 'alerting') this.events?.alerting?.(answer);
    else this.events?.progress?.(answer);
  }

  protected override receivedFacility(facility: h225.FacilityUUIE): void {
    const { reason } = facility;
    const forwarded = (['callForwarded', 'routeCallToGatekeeper', 'routeCallToMC'] as const).find((name) => name in reason);
    if (forwarded) this.events?.forwarded?.(forwardingOf(forwarded, facility));
    else if (facility.fastStart || facility.fastConnectRefused !== undefined) {
      const fastStart = this.fastStartOf(facility);
      if (fastStart) this.events?.progress?.({ fastStart, version: versionOf(facility.protocolIdentifier) });
    } else super.receivedFacility(facility);
  }

  private connect(): () => void {
    const { address, from } = this.request;
    const socket = net.connect({ host: address.host, port: address.port, localAddress: from });
    this.wait(this.timers.connect, Q850.outOfOrder);
    const failed = (fault: Error): void => this.finish({ q850: Q850.outOfOrder, by: 'network', fault });
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      this.start(socket);
    });
    return () => socket.destroy();
  }

  private awaitConnection({ calls, announce }: Announcement): () => void {
    const forget = calls.expect(this.callId, this.request.address.host, this.takePlace);
    this.wait(this.timers.announced, Q850.noUserResponding);
    announce().then((told) => {
      if (!told && !this.link) this.giveUp(Q850.noUserResponding);
    }, (fault: Error) => this.giveUp(Q850.temporaryFailure, 'network', fault));
    return forget;
  }

  private readonly takePlace = (link: CallLink): this => {
    this.link = link;
    return this;
  };

  private start(socket: net.Socket): void {
    const connection: TpktConnection = new TpktConnection(socket, { clock: this.clock, packetMs: this.timers.packet }, {
      received: (octets) => channel.received(octets),
      closed: (fault) => {
        if (fault && !isOfNetwork(fault)) this.endpoint.onFault?.(fault);
        channel.lost(fault);
      },
    });
    // A connection of one call: this side said so in Setup.
    const channel = new SignallingChannel(connection, () => ({ q850: Q850.resourceUnavailable, reason: { newConnectionNeeded: null } }), () => connection.end());
    channel.originate(this.takePlace);
  }

  begin(): void {
    if (this.request.listenFromSetup && this.endpoint.tunnelling === false) {
      this.connection.listen().then(() => this.sendSetup(), (fault: Error) => this.giveUp(Q850.resourceUnavailable, 'network', fault));
    } else this.sendSetup();
  }

  private sendSetup(): void {
    if (this.ended) return;
    const { source, destination, bearer, services, controlInSetup } = this.request;
    this.state = STATE.initiated;
    this.wait(this.timers.t303, Q850.noUserResponding);
    try {
      if (controlInSetup) this.control.openInSetup();
      this.send('setup', { setup: this.setupBody(this.link!) }, {
        bearerCapability: bearer, ...(source.display && { display: displayOf(source.display) }), ...(source.number && { callingPartyNumber: source.number }),
        ...(destination.number && { calledPartyNumber: { type: 0, plan: 1, digits: destination.number } }),
      }, services);
    } catch (fault) {
      // What the owner gave does not fit a Setup.
      this.finish({ q850: Q850.invalidContents, by: 'network', fault: fault as Error });
    }
  }

  private setupBody({ local, remote }: CallLink): h225.SetupUUIE {
    const { source, destination, fastStart, canOverlapSend, more } = this.request;
    const h245Address = this.connection.address;
    const body: h225.SetupUUIE = {
      protocolIdentifier: PROTOCOL_IDENTIFIER, callIdentifier: { guid: this.callId }, sourceInfo: this.endpoint.endpointType, activeMC: false,
      conferenceID: this.conferenceId, conferenceGoal: { create: null }, callType: { pointToPoint: null }, destCallSignalAddress: toTransportAddress(remote),
      sourceCallSignalAddress: toTransportAddress(source.address ?? local), mediaWaitForConnect: false, canOverlapSend: canOverlapSend ?? false,
      multipleCalls: false, maintainConnection: false, sourceAddress: someOf(source.aliases), destinationAddress: someOf(destination.aliases),
      h245Address: h245Address && toTransportAddress(h245Address), fastStart: fastStart && writeFastStart(fastStart),
    };
    return Object.assign(body, more);
  }

  private wait(ms: number, q850: number): void {
    this.waiting.set(ms, () => this.giveUp(q850));
  }

  /** The first word on fast connect; Connect without one is a refusal (H.323 section 8.1.7.1). */
  private fastStartOf({ fastStart, fastConnectRefused }: CommonFields, last = false): FastStartAnswer | undefined {
    if (this.fastConnect === 'decided' || (!fastStart && fastConnectRefused === undefined && !last)) return undefined;
    this.fastConnect = 'decided';
    this.control.decided();
    return fastStart ? readFastStart(fastStart) : 'refused';
  }

  private answerOf(type: AnswerType, body: Body, fields: CommonFields, { display, progress }: Elements): ReceivedAnswer {
    const fastStart = this.fastStartOf(fields, type === 'connect');
    const aliases = 'connect' in body ? body.connect.connectedAddress : 'alerting' in body ? body.alerting.alertingAddress : undefined;
    return {
      version: versionOf(fields.protocolIdentifier), ...(fastStart && { fastStart }), ...(display && { display: textOf(display) }), ...(progress && { progress }), ...(aliases && { aliases }),
      ...(fields.destinationInfo && { endpoint: fields.destinationInfo }), ...(fields.tokens && { tokens: fields.tokens }),
    };
  }
}

function forwardingOf(reason: Forwarding['reason'], { alternativeAddress, alternativeAliasAddress, conferenceID }: h225.FacilityUUIE): Forwarding {
  const address = alternativeAddress && toHostPort(alternativeAddress);
  return { reason, aliases: alternativeAliasAddress ?? [], ...(address && { address }), ...(conferenceID && { conferenceId: conferenceID }) };
}

/** An empty list of aliases is not sent. */
const someOf = (aliases: readonly h225.AliasAddress[]): h225.AliasAddress[] | undefined => (aliases.length > 0 ? [...aliases] : undefined);
