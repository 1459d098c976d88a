import {
  H245Session, type Capabilities, type ChannelAnswer, type ChannelRequest, type H245Error, type H245Handlers, type H245Options, type IncomingChannel, type LogicalChannel,
} from '../../../../src/h323/h245';
import type { h245 } from '../../../../src/h323/schemas';
import { Random } from '../../support/random';
import { SimulatedTime } from './time';
import { WireEnd } from './wire';

export const ULAW: h245.DataType = { audioData: { g711Ulaw64k: 20 } };
export const ALAW: h245.DataType = { audioData: { g711Alaw64k: 20 } };
export const H263: h245.DataType = { videoData: { h263VideoCapability: {
  cifMPI: 1, maxBitRate: 3840, unrestrictedVector: false, arithmeticCoding: false, advancedPrediction: false, pbFrames: false, temporalSpatialTradeOffCapability: false,
} } };
export const H224: h245.DataType = { data: { application: { h224: { hdlcFrameTunnelling: null } }, maxBitRate: 64 } };

const MULTIPOINT = { multicastCapability: false, multiUniCastConference: false, mediaDistributionCapability: [{ centralizedControl: false, distributedControl: false, centralizedAudio: false, distributedAudio: false, centralizedVideo: false, distributedVideo: false }] };

export const CAPABILITIES: Capabilities = {
  multiplexCapability: { h2250Capability: {
    maximumAudioDelayJitter: 60, receiveMultipointCapability: MULTIPOINT, transmitMultipointCapability: MULTIPOINT, receiveAndTransmitMultipointCapability: MULTIPOINT,
    mcCapability: { centralizedConferenceMC: false, decentralizedConferenceMC: false }, rtcpVideoControlCapability: false,
    mediaPacketizationCapability: { h261aVideoPacketization: false }, logicalChannelSwitchingCapability: false, t120DynamicPortCapability: false,
  } },
  capabilityTable: [
    { capabilityTableEntryNumber: 1, capability: { receiveAudioCapability: { g711Ulaw64k: 20 } } },
    { capabilityTableEntryNumber: 2, capability: { receiveAudioCapability: { g711Alaw64k: 20 } } },
    { capabilityTableEntryNumber: 3, capability: { receiveAndTransmitUserInputCapability: { dtmf: null } } },
  ],
  capabilityDescriptors: [{ capabilityDescriptorNumber: 0, simultaneousCapabilities: [[1, 2], [3]] }],
};

/** A session with what its user was told, as one line each. */
export class Party {
  readonly told: string[] = [];
  readonly errors: H245Error[] = [];
  readonly requests: IncomingChannel[] = [];
  /** Channels between `channelOpened` and `channelClosed`. */
  readonly open = new Set<LogicalChannel>();
  answer: (request: IncomingChannel) => ChannelAnswer | Promise<ChannelAnswer>;
  readonly session: H245Session;

  constructor(readonly name: string, readonly wire: WireEnd, readonly time: SimulatedTime, options: Partial<Omit<H245Options, 'handlers'>> & { handlers?: Partial<H245Handlers> } = {}, seed = 1) {
    const random = new Random(seed);
    let port = 20_000;
    this.answer = () => ({ media: { rtp: { host: '192.0.2.1', port: port += 2 } } });
    const tell = (line: string): void => void this.told.push(line);
    const { handlers, ...rest } = options;
    this.session = new H245Session({
      control: wire, terminalType: 60, clock: time, random: (octets) => Buffer.from(Array.from({ length: octets }, () => random.integer(0, 255))), ...rest,
      handlers: {
        ready: (status) => tell(`ready ${status}`),
        remoteCapabilities: ({ capabilityTable }) => tell(`capabilities ${capabilityTable?.length ?? 0}`),
        channelOpened: (channel) => {
          this.open.add(channel);
          tell(`opened ${channel.direction} ${channel.number}`);
        },
        channelClosed: (channel, cause, reopen) => {
          this.open.delete(channel);
          tell(`closed ${channel.direction} ${channel.number} ${cause}${reopen ? ' reopen' : ''}`);
        },
        channelRequested: (request) => {
          this.requests.push(request);
          return this.answer(request);
        },
        failed: (error) => {
          this.errors.push(error);
          tell(`failed ${error.code}`);
        },
        ended: (by) => tell(`ended ${by}`),
        ...handlers,
      },
    });
  }
}

export interface Meeting {
  time: SimulatedTime;
  a: Party;
  b: Party;
}

/** Two sessions on one wire; nothing is started yet. */
export function meeting(a: ConstructorParameters<typeof Party>[3] = {}, b: ConstructorParameters<typeof Party>[3] = {}, delay: () => number = () => 5): Meeting {
  const time = new SimulatedTime();
  const [left, right] = WireEnd.pair(time, delay);
  return { time, a: new Party('a', left, time, a, 1), b: new Party('b', right, time, b, 2) };
}

/** Two sessions that have exchanged capabilities and have a master; `a` is it. */
export async function readyMeeting(a: ConstructorParameters<typeof Party>[3] = {}, b: ConstructorParameters<typeof Party>[3] = {}): Promise<Meeting> {
  const met = meeting({ terminalType: 120, ...a }, b);
  for (const { session, wire } of [met.a, met.b]) {
    session.start(CAPABILITIES);
    wire.open();
  }
  await met.time.pass(1_000);
  met.a.told.splice(0);
  met.b.told.splice(0);
  met.a.wire.sent.splice(0);
  met.b.wire.sent.splice(0);
  return met;
}

export const audio = (sessionId = 1, more: Partial<ChannelRequest> = {}): ChannelRequest =>
  ({ sessionId, dataType: ULAW, payloadType: 0, media: { rtp: { host: '192.0.2.7', port: 30_000 } }, ...more });

/** Names of messages, as `request openLogicalChannel`. */
export const names = (messages: readonly h245.MultimediaSystemControlMessage[]): string[] =>
  messages.map((message) => Object.entries(message).map(([kind, content]) => `${kind} ${Object.keys(content as object)[0]}`)[0]!);
