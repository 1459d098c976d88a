import type { h245 } from '../schemas';
import { isEmpty, RemoteCapabilities, type Capabilities } from './capabilities';
import { OutgoingCapabilities } from './capability-exchange';
import type { ChannelContext, ChannelRequest, LogicalChannel } from './channel';
import { ChannelNumbers } from './channel-numbers';
import { systemClock, Timer } from '../clock';
import { dispatch } from './dispatch';
import { H245Error } from './errors';
import { IncomingChannels } from './incoming-channels';
import { MasterSlaveDetermination, type Status } from './master-slave';
import { ModeRequest } from './mode-request';
import { DEFAULT_LIMITS, DEFAULT_TIMERS, type EndedBy, type FlowControl, type GenericMessage, type H245Handlers, type H245Options, type H245Timers } from './options';
import { OutgoingChannels } from './outgoing-channels';
import { fitFor, knowsMessage } from './peer';
import { notSupported, refusalOf } from './refusals';
import { RoundTrip } from './round-trip';
import { ROUTES, type Procedures } from './routes';
import { boundedDuration, userInputIndications } from './user-input';

/**
 * new: not started; exchange: capabilities and master are being settled; ready: channels may be opened; paused: the peer takes no media
 * (H.323 section 8.4.6); ending: this side has said its last word; over.
 */
type Phase = 'new' | 'exchange' | 'ready' | 'paused' | 'ending' | 'over';

/** One for all: every session ends, few have anybody who waits, and the trace of an error takes longer to make than the rest of the end. */
const ENDED = new H245Error('h245-closed', 'the session ended');

/** The procedures of H.245 in one call (H.245 Annex C, as H.323 section 8 uses them). */
export class H245Session {
  private phase: Phase = 'new';
  private opened = false;
  private heard = false;
  private capabilities: Capabilities | undefined;
  /** What is still to be done before channels may be opened. */
  private readonly pending = new Set<'acknowledgement' | 'capabilities' | 'determination'>();
  private finished: (() => void)[] = [];
  private readonly handlers: H245Handlers;
  private readonly timers: H245Timers;
  private readonly timer: Timer;
  private readonly remote: RemoteCapabilities;
  private readonly exchange: OutgoingCapabilities;
  private readonly determination: MasterSlaveDetermination;
  private readonly outgoing: OutgoingChannels;
  private readonly incoming: IncomingChannels;
  private readonly roundTripDelay: RoundTrip;
  private readonly modes: ModeRequest;
  private readonly procedures: Procedures;

  constructor(private readonly options: H245Options) {
    const { handlers, clock = systemClock } = options;
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const timers = { ...DEFAULT_TIMERS, ...options.timers };
    const send = (message: h245.MultimediaSystemControlMessage): void => this.send(message);
    const failed = (error: H245Error): void => this.failed(error);
    this.handlers = handlers;
    this.timers = timers;
    this.timer = new Timer(clock);
    this.remote = new RemoteCapabilities(limits.capabilityEntries);
    this.exchange = new OutgoingCapabilities({ clock, timeoutMs: () => this.patience(timers.capabilities), maxWaiting: limits.waitingCapabilities, send });
    this.determination = new MasterSlaveDetermination({
      clock, timeoutMs: () => this.patience(timers.determination), attempts: limits.determinations, terminalType: options.terminalType, random: options.random, send,
      determined: () => this.done('determination'), failed,
    });
    [this.outgoing, this.incoming] = this.channelsOf({ clock, handlers, timers, maxChannels: limits.channels, status: () => this.determination.status, send });
    this.roundTripDelay = new RoundTrip({
      clock, timeoutMs: timers.roundTrip, intervalMs: timers.watch, misses: limits.missedRoundTrips, send, dead: failed,
    });
    this.modes = new ModeRequest({ clock, timeoutMs: timers.modeRequest, send, requested: handlers.modeRequested?.bind(handlers) });
    this.procedures = {
      handlers, determination: this.determination, exchange: this.exchange, outgoing: this.outgoing, incoming: this.incoming, modes: this.modes, roundTrip: this.roundTripDelay, send,
      capabilitySet: (set) => this.remoteSet(set), sendCapabilitySet: () => this.transfer(), ended: () => this.endedByPeer(),
    };
    options.control.attach({
      opened: () => {
        this.opened = true;
        if (this.capabilities) this.begin();
      },
      received: (message) => this.received(message),
      closed: () => this.finish('closed'),
    });
  }

  /** Master or slave, once it is determined. */
  get status(): Status | undefined {
    return this.determination.status;
  }

  /** All that the peer can do by now; the empty set before it said anything, and while it has this side paused. */
  get remoteCapabilities(): Capabilities {
    return this.remote.current;
  }

  /** The open channels of both directions. */
  get channels(): LogicalChannel[] {
    return this.outgoing.all().concat(this.incoming.all());
  }

  /** Starts capability exchange and master/slave determination, as soon as the peer can be reached; `ready` says when both are done. */
  start(capabilities: Capabilities): void {
    if (this.phase !== 'new' || this.capabilities) throw new H245Error('h245-not-ready', 'the session was started before');
    this.capabilities = capabilities;
    if (this.opened) this.begin();
  }

  /** Tells the peer other capabilities, all that hold from now on; the empty set pauses its sending. Resolves when it has acknowledged them. */
  async setCapabilities(capabilities: Capabilities): Promise<void> {
    this.alive();
    if (!this.capabilities) throw new H245Error('h245-not-ready', 'the session is not started');
    this.capabilities = capabilities;
    if (this.opened) await new Promise<void>((resolve, reject) => this.exchange.transfer({ capabilities, resolve, reject }));
  }

  /**
   * Opens a channel in which this side sends; resolves when the peer has told where it takes the media.
   * @throws H245Error by rejecting: `h245-refused` with the peer's cause in its message, `h245-conflict` when the master opens another.
   */
  async open(request: ChannelRequest): Promise<LogicalChannel> {
    if (this.phase !== 'ready') throw new H245Error('h245-not-ready', this.phase === 'paused' ? 'the peer takes no media now' : 'capabilities are not exchanged yet, or the session is over');
    return this.outgoing.open(request);
  }

  /** Puts in a channel that was opened by fastStart (H.323 section 8.1.7), so that it can be closed as the others. */
  adopt(channel: LogicalChannel): void {
    this.alive();
    (channel.direction === 'send' ? this.outgoing : this.incoming).adopt(channel);
  }

  /** Closes a channel, or asks the peer to close one of its own; resolves when it is closed. `reopen`: it will be asked for again. */
  async close({ direction, number }: Pick<LogicalChannel, 'direction' | 'number'>, reopen = false): Promise<void> {
    return direction === 'send' ? this.outgoing.close(number, 'local', reopen) : this.incoming.requestClose(number, reopen);
  }

  /** Asks the peer to send one of the modes, the first is liked best. */
  async requestMode(modes: h245.ModeDescription[]): Promise<'mostPreferred' | 'lessPreferred'> {
    this.alive();
    return this.modes.request(modes);
  }

  /** Milliseconds to the peer and back. */
  async roundTrip(): Promise<number> {
    this.alive();
    return this.roundTripDelay.measure();
  }

  /** Limits what the peer sends in one of its channels, or in all. */
  flowControl({ channel, maximumBitRate }: FlowControl): void {
    this.send({ command: { flowControlCommand: {
      scope: channel ? { logicalChannelNumber: channel.number } : { wholeMultiplex: null },
      restriction: maximumBitRate === undefined ? { noRestriction: null } : { maximumBitRate },
    } } });
  }

  /** Commands about a channel, such as videoFastUpdatePicture for one of the peer's. */
  command({ number }: Pick<LogicalChannel, 'number'>, type: h245.MiscellaneousCommand['type'], direction?: h245.EncryptionUpdateDirection): void {
    this.send({ command: { miscellaneousCommand: { logicalChannelNumber: number, type, direction } } });
  }

  /** Indications about a channel, such as logicalChannelInactive (muted) for one of this side's. */
  indicate({ number }: Pick<LogicalChannel, 'number'>, type: h245.MiscellaneousIndication['type']): void {
    this.send({ indication: { miscellaneousIndication: { logicalChannelNumber: number, type } } });
  }

  /** Sends digits or text in the form that the peer takes; hook flash is `!`. `durationMs` is that of each tone. */
  sendUserInput(text: string, durationMs?: number): void {
    for (const userInput of userInputIndications(text, durationMs, this.remote)) this.send({ indication: { userInput } });
  }

  /** Corrects the duration of the tone that was sent last, milliseconds from its beginning. */
  updateSignal(durationMs: number): void {
    if (this.remote.takesUserInput('dtmf')) this.send({ indication: { userInput: { signalUpdate: { duration: boundedDuration(durationMs) } } } });
  }

  /** Sends a message of a protocol on top of H.245; false where the peer is too old to know such messages. */
  sendGeneric({ kind, message }: GenericMessage): boolean {
    if (!knowsMessage('genericRequest', this.remote.version) && !this.remote.hasGenericControl) return false;
    if (kind === 'request') this.send({ request: { genericRequest: message } });
    else if (kind === 'response') this.send({ response: { genericResponse: message } });
    else if (kind === 'command') this.send({ command: { genericCommand: message } });
    else this.send({ indication: { genericIndication: message } });
    return true;
  }

  /** Closes the channels and ends the session (H.323 section 8.5); resolves when the peer has ended it, too, or does not in time. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      if (this.phase === 'over') return resolve();
      this.finished.push(resolve);
      if (this.phase === 'ending') return;
      if (!this.opened) return this.finish('local');
      this.outgoing.closeAll('ended');
      this.sayGoodbye();
      this.timer.set(this.timers.end, () => this.finish('local'));
    });
  }

  private alive(): void {
    if (this.phase === 'ending' || this.phase === 'over') throw new H245Error('h245-closed', 'the session is over');
  }

  private channelsOf(context: ChannelContext): [OutgoingChannels, IncomingChannels] {
    const numbers = new ChannelNumbers();
    const sessions = (): ReadonlySet<number> => new Set([...this.outgoing.sessions(), ...this.incoming.sessions()]);
    const outgoing = new OutgoingChannels(context, numbers, sessions);
    return [outgoing, new IncomingChannels(context, numbers, outgoing, sessions, (error) => this.failed(error))];
  }

  private send(message: h245.MultimediaSystemControlMessage): void {
    if (this.phase !== 'ending' && this.phase !== 'over') this.options.control.send(fitFor(this.options.peer ?? {}, message));
  }

  private failed(error: H245Error): void {
    if (this.phase !== 'ending' && this.phase !== 'over') this.handlers.failed(error);
  }

  /** Nothing may follow the command (H.245 section B.13). */
  private sayGoodbye(): void {
    this.send({ command: { endSessionCommand: { disconnect: null } } });
    this.phase = 'ending';
  }

  /** Phase B of a call (H.323 section 8.2), and what follows a pause (8.4.6), where both sides determine a master anew. */
  private begin(resumed = false): void {
    this.phase = 'exchange';
    this.pending.clear();
    this.pending.add('acknowledgement');
    if (isEmpty(this.remote.current)) this.pending.add('capabilities');
    if (resumed || !this.determination.settled) this.pending.add('determination');
    this.limitExchange();
    this.transfer();
    if (this.pending.has('determination')) this.determination.start();
  }

  private limitExchange(): void {
    if (this.remote.paused) return;
    this.timer.set(this.patience(this.timers.exchange), () => {
      this.failed(new H245Error('h245-timeout', `capabilities and master are not settled in time: there is no ${[...this.pending].join(', no ')}`));
    });
  }

  private patience(timeoutMs: number): number {
    return this.heard ? timeoutMs : Math.max(timeoutMs, this.timers.firstAnswer);
  }

  private transfer(): void {
    if (!this.capabilities) return;
    this.exchange.transfer({
      capabilities: this.capabilities, resolve: () => this.done('acknowledgement'),
      reject: (error) => this.failed(error instanceof H245Error ? error : new H245Error('h245-invalid', "this side's capabilities cannot be sent", error)),
    });
  }

  private done(what: 'acknowledgement' | 'capabilities' | 'determination'): void {
    this.pending.delete(what);
    if (this.phase !== 'exchange' || this.pending.size > 0 || !this.determination.status) return;
    this.phase = 'ready';
    this.timer.reset();
    this.roundTripDelay.watch();
    this.handlers.ready(this.determination.status);
  }

  private finish(by: EndedBy): void {
    if (this.phase === 'over') return;
    this.phase = 'over';
    this.timer.reset();
    this.determination.stop();
    this.exchange.stop(ENDED);
    this.modes.stop(ENDED);
    this.roundTripDelay.stop(ENDED);
    this.outgoing.stop(ENDED);
    this.incoming.stop(ENDED);
    this.handlers.ended(by);
    for (const resolve of this.finished.splice(0)) resolve();
  }

  private received(message: h245.MultimediaSystemControlMessage): void {
    if (this.phase === 'over') return;
    if (this.phase === 'ending') {
      if ('command' in message && 'endSessionCommand' in message.command) this.finish('local');
      return;
    }
    if (!this.heard) {
      this.heard = true;
      if (this.phase === 'exchange') this.limitExchange();
    }
    this.roundTripDelay.heard();
    if (dispatch(ROUTES, this.procedures, message)) return;
    const response = 'request' in message ? refusalOf(message.request) : undefined;
    if (response) return this.send({ response });
    const indication = notSupported(message, this.remote.version);
    if (indication) this.send({ indication });
  }

  /** TerminalCapabilitySet: the incoming side of CESE (H.245 Annex C.3), which answers at once. */
  private remoteSet(set: h245.TerminalCapabilitySet): void {
    const { sequenceNumber } = set;
    const cause = this.remote.take(set);
    if (cause) return this.send({ response: { terminalCapabilitySetReject: { sequenceNumber, cause } } });
    this.send({ response: { terminalCapabilitySetAck: { sequenceNumber } } });
    const resumed = this.phase === 'paused' && !this.remote.paused;
    if (this.remote.paused && this.phase !== 'new') this.pause();
    this.handlers.remoteCapabilities(this.remote.current);
    if (resumed) this.begin(true);
    else if (!this.remote.paused) this.done('capabilities');
  }

  private pause(): void {
    this.phase = 'paused';
    this.timer.reset();
    this.outgoing.closeAll('paused');
  }

  private endedByPeer(): void {
    this.sayGoodbye();
    this.finish('peer');
  }
}
