import type { h245 } from '../schemas';
import { fromH245Address, toH245Address } from './addresses';
import type { ChannelAnswer, ChannelContext, ChannelParameters, CloseCause, IncomingChannel, LogicalChannel, RefusalCause } from './channel';
import { newSession, type ChannelNumbers } from './channel-numbers';
import { Timer } from '../clock';
import { H245Error } from './errors';
import type { OutgoingChannels } from './outgoing-channels';
import { isDynamic, payloadTypeOf } from './payload-types';

/** A channel of the peer's. RELEASED is to be in no table. */
interface Incoming {
  readonly number: number;
  readonly sessionId: number;
  readonly timer: Timer;
  state: 'awaiting establishment' | 'awaiting confirmation' | 'established';
  channel?: LogicalChannel;
  /** This side's wish that it be closed. */
  closing?: { resolve(): void; reject(error: H245Error): void };
}

/** Channels in which the peer sends: the incoming sides of LCSE and B-LCSE (H.245 Annex C.4 and C.5), the outgoing one of CLCSE (C.6). */
export class IncomingChannels {
  private readonly channels = new Map<number, Incoming>();
  private stopped = false;

  constructor(
    private readonly context: ChannelContext, private readonly numbers: ChannelNumbers, private readonly outgoing: OutgoingChannels,
    private readonly sessionsInUse: () => ReadonlySet<number>, private readonly failed: (error: H245Error) => void,
  ) {}

  adopt(channel: LogicalChannel): void {
    const { number, sessionId } = channel;
    if (this.channels.has(number)) throw new H245Error('h245-channel', `the peer's channel ${number} is open already`);
    if (this.channels.size >= this.context.maxChannels) throw new H245Error('h245-limit', `${this.channels.size} channels are open already`);
    this.channels.set(number, { number, sessionId, timer: new Timer(this.context.clock), state: 'established', channel });
  }

  get(number: number): LogicalChannel | undefined {
    return this.channels.get(number)?.channel;
  }

  all(): LogicalChannel[] {
    const all: LogicalChannel[] = [];
    for (const { channel, state } of this.channels.values()) if (channel && state === 'established') all.push(channel);
    return all;
  }

  sessions(): number[] {
    return [...this.channels.values()].map(({ sessionId }) => sessionId);
  }

  /** OpenLogicalChannel. */
  requested(open: h245.OpenLogicalChannel): void {
    const number = open.forwardLogicalChannelNumber;
    const before = this.channels.get(number);
    // The peer has forgotten the channel of this number (C.4).
    if (before) this.remove(before, 'peer');
    const request = this.read(open);
    if ('refuse' in request) return this.refuse(number, request.refuse);
    const conflicts = this.conflicts(request);
    if (conflicts.length > 0 && this.context.status() === 'master') return this.refuse(number, { masterSlaveConflict: null });
    const incoming: Incoming = { number, sessionId: request.sessionId, timer: new Timer(this.context.clock), state: 'awaiting establishment' };
    this.channels.set(number, incoming);
    this.outgoing.giveWay(conflicts);
    this.ask(incoming, request);
  }

  /** OpenLogicalChannelConfirm: the peer knows of the way back. */
  confirmed({ forwardLogicalChannelNumber }: h245.OpenLogicalChannelConfirm): void {
    const incoming = this.channels.get(forwardLogicalChannelNumber);
    if (incoming?.state !== 'awaiting confirmation') return;
    incoming.timer.reset();
    this.establish(incoming);
  }

  /** CloseLogicalChannel: acknowledged in every state (C.4). */
  closed({ forwardLogicalChannelNumber, source, reason }: h245.CloseLogicalChannel): void {
    this.context.send({ response: { closeLogicalChannelAck: { forwardLogicalChannelNumber } } });
    const incoming = this.channels.get(forwardLogicalChannelNumber);
    if (incoming) this.remove(incoming, incoming.closing ? 'local' : 'lcse' in source ? 'fault' : 'peer', !!reason && 'reopen' in reason);
  }

  /** Asks the peer to close a channel; resolves when it has. */
  requestClose(number: number, reopen = false): Promise<void> {
    const incoming = this.channels.get(number);
    if (incoming?.state !== 'established') return Promise.resolve();
    if (incoming.closing) return Promise.reject(new H245Error('h245-channel', `the peer has been asked to close channel ${number} already`));
    return new Promise((resolve, reject) => {
      incoming.closing = { resolve, reject };
      this.context.send({ request: { requestChannelClose: { forwardLogicalChannelNumber: number, reason: reopen ? { reopen: null } : { normal: null } } } });
      this.awaitClose(incoming, 'the peer did not answer the wish to close it in time (T108)', () => {
        this.context.send({ indication: { requestChannelCloseRelease: { forwardLogicalChannelNumber: number } } });
      });
    });
  }

  closeAccepted({ forwardLogicalChannelNumber }: h245.RequestChannelCloseAck): void {
    const incoming = this.channels.get(forwardLogicalChannelNumber);
    if (incoming?.closing) this.awaitClose(incoming, 'the peer did not close it, as it had promised to');
  }

  closeRefused(number: number, why: string): void {
    const incoming = this.channels.get(number);
    if (incoming) this.giveUpClosing(incoming, new H245Error('h245-refused', `channel ${number}: ${why}`));
  }

  stop(error: H245Error): void {
    this.stopped = true;
    for (const incoming of [...this.channels.values()]) {
      this.giveUpClosing(incoming, error);
      this.remove(incoming, 'ended');
    }
  }

  private conflicts({ sessionId, dataType, reverse }: IncomingChannel): number[] {
    return this.outgoing.conflicting(sessionId, dataType, reverse !== undefined);
  }

  /** What the peer asks for, in this program's terms. */
  private read(open: h245.OpenLogicalChannel): IncomingChannel | { refuse: RefusalCause } {
    const { forwardLogicalChannelParameters: forward, reverseLogicalChannelParameters: back, separateStack, encryptionSync, genericInformation } = open;
    const { dataType, replacementFor, forwardLogicalChannelDependency } = forward;
    if (!('h2250LogicalChannelParameters' in forward.multiplexParameters)) return { refuse: { dataTypeNotSupported: null } };
    if (this.channels.size >= this.context.maxChannels) return { refuse: { dataTypeNotAvailable: null } };
    const { sessionID, mediaChannel, mediaControlChannel, dynamicRTPPayloadType: _type, ...parameters } = forward.multiplexParameters.h2250LogicalChannelParameters;
    if (mediaChannel && 'multicastAddress' in mediaChannel) return { refuse: { multicastChannelNotAllowed: null } };
    if (replacementFor !== undefined && this.channels.get(replacementFor)?.state !== 'established') return { refuse: { replacementForRejected: null } };
    const sessionId = sessionID || this.assignSession();
    if (sessionId === undefined) return { refuse: { invalidSessionID: null } };
    const way = back?.multiplexParameters && 'h2250LogicalChannelParameters' in back.multiplexParameters ? back.multiplexParameters.h2250LogicalChannelParameters : undefined;
    const rtp = fromH245Address(way?.mediaChannel);
    const rtcp = fromH245Address(way?.mediaControlChannel);
    return {
      number: open.forwardLogicalChannelNumber, sessionId, dataType, payloadType: payloadTypeOf(dataType, forward.multiplexParameters.h2250LogicalChannelParameters),
      parameters: known(parameters), reports: fromH245Address(mediaControlChannel), replaces: replacementFor, dependsOn: forwardLogicalChannelDependency,
      ...(back && { reverse: { dataType: back.dataType, payloadType: payloadTypeOf(back.dataType, way), ...(rtp && { media: { rtp, ...(rtcp && { rtcp }) } }) } }),
      separateStack, encryptionSync, genericInformation,
    };
  }

  /** Only the master numbers sessions (H.245 section B.3.1). */
  private assignSession(): number | undefined {
    if (this.context.status() !== 'master') return undefined;
    return newSession(this.sessionsInUse());
  }

  private ask(incoming: Incoming, request: IncomingChannel): void {
    const settle = (answer: ChannelAnswer): void => this.answer(incoming, request, answer);
    try {
      const answer = this.context.handlers.channelRequested(request);
      if (!(answer instanceof Promise)) return settle(answer);
      incoming.timer.set(this.context.timers.answer, () => settle({ refuse: { dataTypeNotAvailable: null } }));
      answer.then(settle).catch((error) => this.unanswered(incoming, error));
    } catch (error) {
      this.unanswered(incoming, error);
    }
  }

  private unanswered(incoming: Incoming, error: unknown): void {
    if (this.channels.get(incoming.number) === incoming) {
      this.remove(incoming, 'fault');
      this.refuse(incoming.number, { unspecified: null });
    }
    this.failed(new H245Error('h245-channel', `the peer's channel ${incoming.number} could not be answered`, error));
  }

  /** ESTABLISH.response, or RELEASE.request where the answer is no. */
  private answer(incoming: Incoming, request: IncomingChannel, answer: ChannelAnswer): void {
    if (incoming.state !== 'awaiting establishment') return;
    const current = this.channels.get(incoming.number) === incoming;
    if ('refuse' in answer) {
      if (!current) return;
      this.remove(incoming, 'fault');
      return this.refuse(incoming.number, answer.refuse);
    }
    const channel = acceptedChannel(request, answer);
    // What was accepted too late is told closed, so that its media can be given back.
    if (!current) return this.context.handlers.channelClosed(channel, this.stopped ? 'ended' : 'peer', false);
    incoming.channel = channel;
    // While this side thought about it, it asked for a channel of its own that goes first.
    if (this.context.status() === 'master' && this.conflicts(request).length > 0) {
      this.remove(incoming, 'conflict');
      return this.refuse(incoming.number, { masterSlaveConflict: null });
    }
    if (channel.reverse) channel.reverse.number = this.numbers.next();
    this.context.send({ response: { openLogicalChannelAck: openLogicalChannelAck(channel, answer) } });
    if (!channel.reverse) {
      incoming.timer.reset();
      return this.establish(incoming);
    }
    incoming.state = 'awaiting confirmation';
    incoming.timer.set(this.context.timers.channel, () => this.remove(incoming, 'fault'));
  }

  private establish(incoming: Incoming): void {
    incoming.state = 'established';
    this.context.handlers.channelOpened(incoming.channel!);
  }

  private refuse(forwardLogicalChannelNumber: number, cause: RefusalCause): void {
    this.context.send({ response: { openLogicalChannelReject: { forwardLogicalChannelNumber, cause } } });
  }

  private awaitClose(incoming: Incoming, fault: string, expired?: () => void): void {
    incoming.timer.set(this.context.timers.closeRequest, () => {
      expired?.();
      this.giveUpClosing(incoming, new H245Error('h245-timeout', `channel ${incoming.number}: ${fault}`));
    });
  }

  private giveUpClosing(incoming: Incoming, error: H245Error): void {
    if (!incoming.closing) return;
    incoming.timer.reset();
    incoming.closing.reject(error);
    incoming.closing = undefined;
  }

  private remove(incoming: Incoming, cause: CloseCause, reopen = false): void {
    const { channel, closing } = incoming;
    incoming.timer.reset();
    this.channels.delete(incoming.number);
    if (channel?.reverse) this.numbers.release(channel.reverse.number);
    if (channel) this.context.handlers.channelClosed(channel, cause, reopen);
    closing?.resolve();
  }
}

/** The fields that are handed through. */
function known(parameters: ChannelParameters): ChannelParameters {
  const {
    associatedSessionID, mediaGuaranteedDelivery, mediaControlGuaranteedDelivery, silenceSuppression, mediaPacketization, transportCapability, source, destination,
  } = parameters;
  return { associatedSessionID, mediaGuaranteedDelivery, mediaControlGuaranteedDelivery, silenceSuppression, mediaPacketization, transportCapability, source, destination };
}

function acceptedChannel(request: IncomingChannel, answer: Exclude<ChannelAnswer, { refuse: unknown }>): LogicalChannel {
  const { number, sessionId, dataType, reports, reverse, genericInformation } = request;
  const { separateStack = request.separateStack, encryptionSync = request.encryptionSync } = answer;
  return {
    direction: 'receive', number, sessionId, dataType, payloadType: answer.payloadType ?? request.payloadType, media: answer.media,
    ...(reports && { reports }), ...(reverse && { reverse: { number: 0, dataType: reverse.dataType } }),
    ...(separateStack && { separateStack }), ...(encryptionSync && { encryptionSync }), ...(genericInformation && { genericInformation }),
    ...(answer.flowControlToZero && { flowControlToZero: true }),
  };
}

function openLogicalChannelAck({ number, sessionId, payloadType, media, reverse }: LogicalChannel, answer: Exclude<ChannelAnswer, { refuse: unknown }>): h245.OpenLogicalChannelAck {
  const { flowControlToZero, separateStack, encryptionSync, genericInformation } = answer;
  return {
    forwardLogicalChannelNumber: number,
    ...(reverse && { reverseLogicalChannelParameters: { reverseLogicalChannelNumber: reverse.number } }),
    forwardMultiplexAckParameters: { h2250LogicalChannelAckParameters: {
      sessionID: sessionId, mediaChannel: toH245Address(media.rtp), mediaControlChannel: toH245Address(media.rtcp ?? { ...media.rtp, port: media.rtp.port + 1 }),
      ...(isDynamic(payloadType) && { dynamicRTPPayloadType: payloadType }), ...(flowControlToZero && { flowControlToZero }),
    } },
    separateStack, encryptionSync, genericInformation,
  };
}
