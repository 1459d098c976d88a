import { EventEmitter } from 'node:events';
import type { Codec, MediaKind, MediaSession, OutgoingRtp, RtpPacket, RtpStream, StreamCounters } from '../../../../src/embedded/media-server/contracts';

export const codec = (name: string, payloadType: number, clockRate = 8_000, fmtp: Record<string, string> = {}, channels = 1): Codec =>
  ({ name, payloadType, clockRate, channels, fmtp });

export const PCMU = codec('PCMU', 0);
export const PCMA = codec('PCMA', 8);
export const G722 = codec('G722', 9);
export const OPUS = codec('OPUS', 111, 48_000, { useinbandfec: '1' }, 2);
export const EVENTS = codec('TELEPHONE-EVENT', 101);

/** One m-line in memory: what is sent is kept, what arrives is said by the test. */
export class FakeStream extends EventEmitter implements RtpStream {
  readonly index = 0;
  readonly ssrc = 0x5e1f;
  readonly counters: StreamCounters = { packetsReceived: 0, bytesReceived: 0, packetsLost: 0, packetsSent: 0, bytesSent: 0, jitterMs: 0 };
  readonly content: 'main' | 'slides';
  readonly sent: OutgoingRtp[] = [];
  readonly kind: MediaKind;
  receives: ReadonlyMap<number, Codec>;
  canSend = true;
  canReceive = true;
  ptime = 20;
  keyFramesRequested = 0;
  onSend: (packet: OutgoingRtp) => void = () => undefined;

  constructor(public codec: Codec, options: { events?: Codec; content?: 'main' | 'slides' } = {}) {
    super();
    this.kind = codec.clockRate === 90_000 ? 'video' : 'audio';
    this.content = options.content ?? 'main';
    this.telephoneEvent = options.events;
    this.receives = new Map([[codec.payloadType, codec], ...(options.events === undefined ? [] : [[options.events.payloadType, options.events] as const])]);
  }

  telephoneEvent: Codec | undefined;

  renegotiate(next: Codec): void {
    this.codec = next;
    this.receives = new Map([[next.payloadType, next]]);
    this.emit('changed');
  }

  send(packet: OutgoingRtp): void {
    this.sent.push(packet);
    this.onSend(packet);
  }

  requestKeyFrame(): void {
    this.keyFramesRequested += 1;
  }

  arrive(packet: Partial<RtpPacket> & Pick<RtpPacket, 'payload' | 'sequenceNumber' | 'timestamp' | 'arrivedAt'>): void {
    this.emit('rtp', { payloadType: this.codec.payloadType, ssrc: 0xabc, marker: false, ...packet });
  }
}

export class FakeSession extends EventEmitter implements MediaSession {
  readonly localSdp = undefined;
  readonly remoteSdp = undefined;
  readonly connected = true;

  constructor(public streams: FakeStream[]) {
    super();
  }

  renegotiate(streams: FakeStream[]): void {
    this.streams = streams;
    this.emit('streams');
  }

  answer(): Promise<string> {
    return Promise.reject(new Error('in memory only'));
  }

  offer(): Promise<string> {
    return Promise.reject(new Error('in memory only'));
  }

  accept(): Promise<void> {
    return Promise.reject(new Error('in memory only'));
  }

  close(): void {
    for (const stream of this.streams) stream.emit('closed');
  }
}
