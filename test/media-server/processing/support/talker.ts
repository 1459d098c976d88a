import { createDecoder, createEncoder } from '../../../../src/embedded/media-server/processing/audio/codecs';
import type { FakeStream } from './fake-session';
import { concat } from './sound';

/** Says samples into a stream, 20 ms a packet, as the party at its other end would. */
export class Talker {
  private readonly encoder;
  private sequenceNumber = 65_500;
  private timestamp = 4_294_960_000;
  private position = 0;

  constructor(private readonly stream: FakeStream, private readonly samples: Int16Array, readonly rate: number, private readonly ssrc = 0xabc) {
    const encoder = createEncoder(stream.codec, rate);
    if (encoder?.rate !== rate) throw new Error(`${stream.codec.name} speaks at ${encoder?.rate}`);
    this.encoder = encoder;
  }

  /** The next packet, undefined at the end; it is up to the test to deliver it. */
  packet(arrivedAt: number): Parameters<FakeStream['arrive']>[0] | undefined {
    const frame = this.samples.subarray(this.position, this.position + this.rate / 50);
    if (frame.length < this.rate / 50) return undefined;
    this.position += frame.length;
    const packet = { sequenceNumber: this.sequenceNumber, timestamp: this.timestamp, ssrc: this.ssrc, payload: this.encoder.encode(frame), arrivedAt };
    this.sequenceNumber = (this.sequenceNumber + 1) & 0xffff;
    this.timestamp = (this.timestamp + this.stream.codec.clockRate / 50) >>> 0;
    return packet;
  }

  close(): void {
    this.encoder.close();
  }

  say(arrivedAt: number): void {
    const packet = this.packet(arrivedAt);
    if (packet !== undefined) this.stream.arrive(packet);
  }
}

/** What the party at the other end of the stream heard, decoded in the order sent. */
export function heardBy(stream: FakeStream): { samples: Int16Array; rate: number } {
  const decoder = createDecoder(stream.codec, 16_000);
  if (decoder === undefined) throw new Error(`${stream.codec.name} cannot be decoded`);
  const packets = stream.sent.filter(({ payloadType }) => payloadType === undefined || payloadType === stream.codec.payloadType);
  return { samples: concat(packets.map(({ payload }) => decoder.decode(payload))), rate: decoder.rate };
}
