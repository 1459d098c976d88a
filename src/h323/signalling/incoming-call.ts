import type { MessageType } from '../q931';
import { toHostPort } from '../ras';
import type { h225 } from '../schemas';
import { Q850 } from './cause';
import type { CallLink } from './channel';
import { Call, STATE, type Body, type State } from './call';
import { SignallingError } from './errors';
import { readFastStart, writeFastStart } from './fast-start';
import { displayOf, textOf, versionOf, type Elements, type SignallingMessage } from './message';
import { Timer } from '../clock';
import type { Answer, IncomingCall, IncomingEvents, IncomingSetup, LocalEndpoint, ReleaseRequest } from './types';

const MAX_DIALLED = 128;

/** The answers to a Setup: which state they lead to, and from which. */
const ANSWERS = {
  setupAcknowledge: { to: STATE.overlapReceiving, from: [STATE.present] },
  callProceeding: { to: STATE.incomingProceeding, from: [STATE.present, STATE.overlapReceiving] },
  alerting: { to: STATE.received, from: [STATE.present, STATE.overlapReceiving, STATE.incomingProceeding] },
  progress: { to: undefined, from: [STATE.present, STATE.overlapReceiving, STATE.incomingProceeding, STATE.received] },
  connect: { to: STATE.active, from: [STATE.present, STATE.overlapReceiving, STATE.incomingProceeding, STATE.received] },
} as const satisfies Partial<Record<MessageType, { to: State | undefined; from: readonly State[] }>>;

/** The called side of a call. */
export class CalledSide extends Call<IncomingEvents> implements IncomingCall {
  readonly callId: Buffer;
  readonly conferenceId: Buffer;
  readonly setup: IncomingSetup;
  private dialled: string;
  private fastConnect: 'undecided' | 'decided';
  /** What is to be sent once the listener for H.245 is there. */
  private waiting: (() => void)[] | undefined;
  private readonly t302: Timer;
  private features: { featureSet?: h225.FeatureSet } = {};
  private readonly parallel: readonly Buffer[];
  /** Supplementary services of Setup, until somebody takes them. */
  private services: readonly Buffer[] | undefined;

  constructor(message: SignallingMessage, body: h225.SetupUUIE, link: CallLink, endpoint: LocalEndpoint, private readonly hand: (call: IncomingCall) => void) {
    const offered = body.fastStart !== undefined;
    super(endpoint, { tunnel: message.pdu.h245Tunnelling && endpoint.tunnelling !== false ? 'open' : 'none', fastConnect: offered });
    this.link = link;
    this.state = STATE.present;
    this.conferenceId = body.conferenceID;
    // Endpoints of version 1 have no call identifiers.
    this.callId = body.callIdentifier?.guid ?? body.conferenceID;
    this.setup = setupOf(message, body);
    this.dialled = digitsOf(this.setup.dialled);
    this.fastConnect = offered ? 'undecided' : 'decided';
    this.parallel = [...(message.pdu.h245Control ?? []), ...(body.parallelH245Control ?? [])];
    this.services = message.pdu.h4501SupplementaryService;
    this.t302 = new Timer(this.clock);
    if (this.setup.source.address) this.peerHosts.add(this.setup.source.address.host);
    this.control.signalled(message.pdu, body.h245Address, false);
  }

  begin(): void {
    this.hand(this);
    this.control.tunnelled(this.parallel);
  }

  behindFirewall(featureSet?: h225.FeatureSet): void {
    this.control.awaitPeer();
    this.features = featureSet ? { featureSet } : {};
  }

  attach(events: IncomingEvents): void {
    this.take(events);
    const { services } = this;
    if (!services || !events.services) return;
    this.services = undefined;
    // What attaches is often still being built.
    queueMicrotask(() => { if (!this.ended) this.receivedServices(services); });
  }

  acknowledge(): void {
    this.answer('setupAcknowledge', () => ({ setupAcknowledge: this.identity }));
    this.startT302();
  }

  proceeding(answer: Answer = {}): void {
    this.answer('callProceeding', () => ({ callProceeding: { ...this.fields(answer), ...this.features } }), answer);
  }

  alerting(answer: Answer = {}): void {
    this.answer('alerting', () => ({ alerting: { ...this.fields(answer), ...this.features, ...(answer.aliases && { alertingAddress: [...answer.aliases] }) } }), answer);
  }

  progress(answer: Answer = {}): void {
    this.answer('progress', () => ({ progress: this.fields(answer) }), answer);
  }

  connect(answer: Answer = {}): void {
    const decided: Answer = { ...answer, fastStart: answer.fastStart ?? (this.fastConnect === 'undecided' ? 'refused' : undefined) };
    this.answer('connect', () => ({
      connect: { ...this.fields(decided), ...this.features, conferenceID: this.conferenceId, ...(answer.aliases && { connectedAddress: [...answer.aliases] }) },
    }), decided);
  }

  override release(request?: ReleaseRequest): void {
    this.waiting = undefined;
    super.release(request);
  }

  /** Nothing overtakes an answer that waits. */
  protected override send(...message: Parameters<Call<IncomingEvents>['send']>): void {
    if (this.waiting && message[0] !== 'releaseComplete') this.waiting.push(() => super.send(...message));
    else super.send(...message);
  }

  protected stopTimers(): void {
    this.t302.reset();
  }

  protected receivedInRole(): boolean {
    return false;
  }

  protected override receivedDigits(elements: Elements): void {
    const digits = elements.calledPartyNumber?.digits ?? elements.keypad ?? '';
    if (this.state !== STATE.overlapReceiving) return super.receivedDigits(elements);
    this.dialled = (this.dialled + digits).slice(0, MAX_DIALLED);
    if (elements.sendingComplete) this.t302.reset();
    else this.startT302();
    this.events?.dialled?.(this.dialled, elements.sendingComplete === true);
  }

  private answer(type: keyof typeof ANSWERS, body: () => Body, { fastStart, progress, display }: Answer = {}): void {
    if (this.ended) return;
    const { to, from } = ANSWERS[type];
    if (!(from as readonly State[]).includes(this.state)) throw new SignallingError('signalling-state', `${type} does not fit call state ${this.state}`);
    this.state = to ?? this.state;
    this.t302.reset();
    if (fastStart && this.fastConnect === 'undecided') {
      this.fastConnect = 'decided';
      this.control.decided();
    }
    this.inOrder(() => {
      this.control.begin();
      this.send(type, body(), { ...(progress && { progress }), ...(display && { display: displayOf(display) }) });
      if (type === 'connect') this.control.connected();
    });
  }

  /** Sends when the address of H.245 is known, if one has to be told. */
  private inOrder(send: () => void): void {
    if (this.waiting) {
      this.waiting.push(send);
      return;
    }
    const prepared = this.control.prepareAddress();
    if (!prepared) return send();
    this.waiting = [send];
    void prepared.then(() => {
      const waiting = this.waiting ?? [];
      this.waiting = undefined;
      try {
        for (const next of waiting) next();
      } catch (error) {
        this.giveUp(Q850.temporaryFailure, 'network', error as Error);
      }
    });
  }

  private startT302(): void {
    this.t302.set(this.timers.t302, () => this.events?.dialled?.(this.dialled, true));
  }

  /** What all answers have. */
  private fields({ fastStart, tokens }: Answer): AnswerFields {
    const h245Address = this.control.address;
    return {
      ...this.identity, destinationInfo: this.endpoint.endpointType, multipleCalls: true, maintainConnection: false,
      ...(h245Address && { h245Address }), ...(tokens && { tokens: [...tokens] }),
      ...(fastStart === 'refused' ? { fastConnectRefused: null } : fastStart && { fastStart: writeFastStart(fastStart) }),
    };
  }
}

/** What of the called number Setup brings, in its element or among the aliases. */
const digitsOf = ({ number, aliases }: IncomingSetup['dialled']): string =>
  number ?? aliases.flatMap((alias) => ('dialledDigits' in alias ? [alias.dialledDigits] : []))[0] ?? '';

type AnswerFields = Pick<h225.CallProceedingUUIE, 'protocolIdentifier' | 'destinationInfo' | 'h245Address' | 'fastStart' | 'fastConnectRefused' | 'multipleCalls' | 'maintainConnection' | 'tokens'>
  & { callIdentifier: h225.CallIdentifier };

function setupOf({ pdu, elements }: SignallingMessage, body: h225.SetupUUIE): IncomingSetup {
  const number = elements.calledPartyNumber?.digits;
  const address = body.sourceCallSignalAddress && toHostPort(body.sourceCallSignalAddress);
  return {
    source: {
      aliases: body.sourceAddress ?? [], endpoint: body.sourceInfo,
      ...(elements.callingPartyNumber && { number: elements.callingPartyNumber }), ...(elements.display && { display: textOf(elements.display) }), ...(address && { address }),
    },
    dialled: { aliases: body.destinationAddress ?? [], ...(number && { number }) },
    ...(elements.bearerCapability && { bearer: elements.bearerCapability }),
    ...(body.fastStart && { fastStart: readFastStart(body.fastStart) }),
    tunnelling: pdu.h245Tunnelling === true, canOverlapSend: body.canOverlapSend === true, sendingComplete: elements.sendingComplete === true,
    version: versionOf(body.protocolIdentifier), body,
  };
}
