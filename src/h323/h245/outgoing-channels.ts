import { chosen } from '../per';
import type { h245 } from '../schemas';
import { fromH245Address, toH245Address } from './addresses';
import type { ChannelContext, ChannelRequest, CloseCause, LogicalChannel } from './channel';
import { newSession, type ChannelNumbers } from './channel-numbers';
import { Timer } from '../clock';
import { H245Error } from './errors';
import { isDynamic } from './payload-types';

/** A channel from the wish to the end. RELEASED is to be in no table. */
interface Outgoing {
  readonly number: number;
  readonly request: ChannelRequest;
  readonly timer: Timer;
  state: 'awaiting establishment' | 'established' | 'awaiting release';
  channel?: LogicalChannel;
  settle?: { resolve(channel: LogicalChannel): void; reject(error: H245Error): void };
  closed: (() => void)[];
}

/** Channels in which this side sends: the outgoing sides of LCSE and B-LCSE (H.245 Annex C.4 and C.5), and of CLCSE's peer (C.6). */
export class OutgoingChannels {
  private readonly channels = new Map<number, Outgoing>();

  constructor(private readonly context: ChannelContext, private readonly numbers: ChannelNumbers, private readonly sessionsInUse: () => ReadonlySet<number>) {}

  /** ESTABLISH.request. Resolves when the peer has told where it takes the media. */
  open(request: ChannelRequest): Promise<LogicalChannel> {
    return new Promise((resolve, reject) => {
      const sessionId = request.sessionId === 0 && this.context.status() === 'master' ? newSession(this.sessionsInUse()) : request.sessionId;
      if (sessionId === undefined) throw new H245Error('h245-limit', 'all session numbers are in use');
      if (request.replaces !== undefined && this.channels.get(request.replaces)?.state !== 'established') {
        throw new H245Error('h245-channel', `there is no open channel ${request.replaces} to be replaced`);
      }
      this.bound();
      const outgoing: Outgoing = {
        number: request.number === undefined ? this.numbers.next() : this.numbers.take(request.number), request: { ...request, sessionId }, timer: new Timer(this.context.clock), state: 'awaiting establishment',
        settle: { resolve, reject }, closed: [],
      };
      try {
        this.context.send({ request: { openLogicalChannel: openLogicalChannel(outgoing) } });
      } catch (error) {
        this.numbers.release(outgoing.number);
        throw error;
      }
      this.channels.set(outgoing.number, outgoing);
      outgoing.timer.set(this.context.timers.channel, () => {
        this.context.send({ request: { closeLogicalChannel: { forwardLogicalChannelNumber: outgoing.number, source: { lcse: null } } } });
        this.remove(outgoing, 'fault', new H245Error('h245-timeout', `channel ${outgoing.number}: the peer did not answer in time (T103)`));
      });
    });
  }

  /** Puts in a channel that was opened without H.245 (fastStart). */
  adopt(channel: LogicalChannel): void {
    this.bound();
    this.numbers.take(channel.number);
    const { sessionId, dataType, payloadType } = channel;
    this.channels.set(channel.number, {
      number: channel.number, request: { sessionId, dataType, payloadType }, timer: new Timer(this.context.clock), state: 'established', channel, closed: [],
    });
  }

  get(number: number): LogicalChannel | undefined {
    return this.channels.get(number)?.channel;
  }

  all(): LogicalChannel[] {
    const all: LogicalChannel[] = [];
    for (const { channel } of this.channels.values()) if (channel) all.push(channel);
    return all;
  }

  sessions(): number[] {
    return [...this.channels.values()].map(({ request, channel }) => channel?.sessionId ?? request.sessionId);
  }

  /** RELEASE.request. Resolves when the channel is closed; a peer that does not acknowledge in time cannot hold it. */
  close(number: number, cause: CloseCause = 'local', reopen = false): Promise<void> {
    const outgoing = this.channels.get(number);
    if (!outgoing) return Promise.resolve();
    return new Promise((resolve) => {
      outgoing.closed.push(resolve);
      if (outgoing.state === 'awaiting release') return;
      this.context.send({ request: { closeLogicalChannel: {
        forwardLogicalChannelNumber: number, source: { user: null }, reason: reopen ? { reopen: null } : { unknown: null },
      } } });
      outgoing.state = 'awaiting release';
      outgoing.timer.set(this.context.timers.channel, () => this.remove(outgoing, cause));
      this.end(outgoing, cause, outgoing.settle && new H245Error('h245-closed', `channel ${number} was closed before it was open`), reopen);
    });
  }

  /** OpenLogicalChannelAck. */
  acknowledged(ack: h245.OpenLogicalChannelAck): void {
    const outgoing = this.channels.get(ack.forwardLogicalChannelNumber);
    if (outgoing?.state !== 'awaiting establishment') return;
    const channel = openedChannel(outgoing, ack);
    if ('fault' in channel) {
      outgoing.settle?.reject(new H245Error('h245-invalid', `channel ${outgoing.number}: the peer's acknowledgement ${channel.fault}`));
      outgoing.settle = undefined;
      void this.close(outgoing.number, 'fault');
      return;
    }
    outgoing.timer.reset();
    outgoing.state = 'established';
    outgoing.channel = channel;
    if (outgoing.request.reverse) this.context.send({ indication: { openLogicalChannelConfirm: { forwardLogicalChannelNumber: outgoing.number } } });
    if (outgoing.request.replaces !== undefined) void this.close(outgoing.request.replaces, 'replaced');
    outgoing.settle?.resolve(channel);
    outgoing.settle = undefined;
    this.context.handlers.channelOpened(channel);
  }

  /** OpenLogicalChannelReject: also ends an open channel (C.4). */
  rejected({ forwardLogicalChannelNumber, cause }: h245.OpenLogicalChannelReject): void {
    const outgoing = this.channels.get(forwardLogicalChannelNumber);
    if (!outgoing) return;
    const name = chosen(cause);
    const [code, what] = name === 'masterSlaveConflict' ? ['h245-conflict' as const, "the master's own wish goes first"] : ['h245-refused' as const, `the peer refused it: ${name}`];
    this.remove(outgoing, outgoing.state === 'established' ? 'peer' : 'fault', new H245Error(code, `channel ${outgoing.number}: ${what}`));
  }

  /** CloseLogicalChannelAck: without a request it is a fault, and the channel is gone all the same. */
  closeAcknowledged({ forwardLogicalChannelNumber }: h245.CloseLogicalChannelAck): void {
    const outgoing = this.channels.get(forwardLogicalChannelNumber);
    if (outgoing) this.remove(outgoing, 'fault', new H245Error('h245-invalid', `channel ${outgoing.number}: the peer acknowledged what was not asked`));
  }

  /** RequestChannelClose: the peer shall have its will. */
  closeRequested({ forwardLogicalChannelNumber, reason }: h245.RequestChannelClose): void {
    const outgoing = this.channels.get(forwardLogicalChannelNumber);
    if (!outgoing || outgoing.state === 'awaiting release') {
      this.context.send({ response: { requestChannelCloseReject: { forwardLogicalChannelNumber, cause: { unspecified: null } } } });
      return;
    }
    this.context.send({ response: { requestChannelCloseAck: { forwardLogicalChannelNumber } } });
    void this.close(forwardLogicalChannelNumber, 'peer', !!reason && 'reopen' in reason);
  }

  /** Channels of this side that cannot be beside the one that the peer asks for. */
  conflicting(sessionId: number, dataType: h245.DataType, bidirectional: boolean): number[] {
    return [...this.channels.values()].filter(({ state, request, channel }) => {
      if (state === 'awaiting release' || (channel?.sessionId ?? request.sessionId) !== sessionId) return false;
      // Conflicts (C.4, C.5): both sides open one and the same channel, or channels that cannot be together.
      return bidirectional && request.reverse ? state === 'awaiting establishment' : this.context.handlers.conflict?.(dataType, request.dataType) ?? false;
    }).map(({ number }) => number);
  }

  /** As slave: what is open gives way. What is still asked for, the master refuses by itself. */
  giveWay(numbers: readonly number[]): void {
    for (const number of numbers) if (this.channels.get(number)?.state === 'established') void this.close(number, 'conflict', true);
  }

  /** Closes all, on the wire, too. */
  closeAll(cause: CloseCause): void {
    for (const number of [...this.channels.keys()]) void this.close(number, cause);
  }

  /** Forgets all: the session is over. */
  stop(error: H245Error): void {
    for (const outgoing of [...this.channels.values()]) this.remove(outgoing, 'ended', error);
  }

  private bound(): void {
    if (this.channels.size >= this.context.maxChannels) throw new H245Error('h245-limit', `${this.channels.size} channels are open already`);
  }

  private remove(outgoing: Outgoing, cause: CloseCause, error?: H245Error): void {
    outgoing.timer.reset();
    this.channels.delete(outgoing.number);
    this.numbers.release(outgoing.number);
    this.end(outgoing, cause, error);
    for (const resolve of outgoing.closed.splice(0)) resolve();
  }

  /** Tells the user, once. */
  private end(outgoing: Outgoing, cause: CloseCause, error?: H245Error, reopen = false): void {
    const { channel, settle } = outgoing;
    outgoing.channel = outgoing.settle = undefined;
    if (error) settle?.reject(error);
    if (channel) this.context.handlers.channelClosed(channel, cause, reopen);
  }
}

function openLogicalChannel({ number, request }: Outgoing): h245.OpenLogicalChannel {
  const { sessionId, dataType, payloadType, media, parameters, reverse, replaces, dependsOn, encryptionSync, genericInformation, separateStack } = request;
  const mediaControlChannel = media && toH245Address(media.rtcp ?? { ...media.rtp, port: media.rtp.port + 1 });
  const dynamic = (type: number): { dynamicRTPPayloadType?: number } => (isDynamic(type) ? { dynamicRTPPayloadType: type } : {});
  return {
    forwardLogicalChannelNumber: number,
    forwardLogicalChannelParameters: {
      dataType,
      multiplexParameters: { h2250LogicalChannelParameters: { ...parameters, sessionID: sessionId, mediaControlChannel, ...dynamic(payloadType) } },
      forwardLogicalChannelDependency: dependsOn, replacementFor: replaces,
    },
    ...(reverse && { reverseLogicalChannelParameters: {
      dataType: reverse.dataType,
      multiplexParameters: { h2250LogicalChannelParameters: {
        sessionID: sessionId, mediaChannel: media && toH245Address(media.rtp), mediaControlChannel, ...dynamic(reverse.payloadType),
      } },
    } }),
    separateStack, encryptionSync, genericInformation,
  };
}

/** What the acknowledgement makes of the wish, or what is wrong with it. */
function openedChannel({ number, request }: Outgoing, ack: h245.OpenLogicalChannelAck): LogicalChannel | { fault: string } {
  const parameters = ack.forwardMultiplexAckParameters && 'h2250LogicalChannelAckParameters' in ack.forwardMultiplexAckParameters
    ? ack.forwardMultiplexAckParameters.h2250LogicalChannelAckParameters : undefined;
  const { separateStack = request.separateStack, encryptionSync = request.encryptionSync, genericInformation } = ack;
  const stack = separateStack && 'localAreaAddress' in separateStack.networkAddress ? separateStack.networkAddress.localAreaAddress : undefined;
  const rtp = fromH245Address(parameters?.mediaChannel ?? stack);
  if (!rtp) return { fault: 'tells no address for the media' };
  const sessionId = request.sessionId || parameters?.sessionID;
  if (!sessionId) return { fault: 'gives the new session no number' };
  const { reverse } = request;
  const reverseNumber = ack.reverseLogicalChannelParameters?.reverseLogicalChannelNumber;
  if (reverse && reverseNumber === undefined) return { fault: 'gives the way back no number' };
  const rtcp = fromH245Address(parameters?.mediaControlChannel);
  return {
    direction: 'send', number, sessionId, dataType: request.dataType, payloadType: parameters?.dynamicRTPPayloadType ?? request.payloadType,
    media: { rtp, ...(rtcp && { rtcp }) },
    ...(reverse && { reverse: { number: reverseNumber!, dataType: reverse.dataType } }),
    ...(separateStack && { separateStack }), ...(encryptionSync && { encryptionSync }), ...(genericInformation && { genericInformation }),
    ...(parameters?.flowControlToZero && { flowControlToZero: true }),
  };
}
