import { payloadOffset } from '../rtp/rtp-packet';
import { createPacketCipher, type PacketCipher } from './cipher';
import { deriveKeys, type MasterKey } from './session-keys';

const MAX_SOURCES = 16;

/** Protects what we send under one master key. */
export class SrtpSender {
  private readonly rtp: PacketCipher;
  private readonly rtcp: PacketCipher;
  private readonly rollovers = new Map<number, { counter: number; last: number }>();
  private rtcpIndex = 0;

  constructor(key: MasterKey) {
    this.rtp = createPacketCipher(key.profile, deriveKeys(key, 'rtp'), 'rtp');
    this.rtcp = createPacketCipher(key.profile, deriveKeys(key, 'rtcp'), 'rtcp');
  }

  /** RTP to SRTP (RFC 3711 section 3.3). Each packet once: what is sent again must be the protected bytes. */
  protectRtp(packet: Buffer): Buffer {
    const ssrc = packet.readUInt32BE(8);
    const counter = this.rollover(ssrc, packet.readUInt16BE(2));
    const header = packet.subarray(0, payloadOffset(packet));
    const { payload, tag } = this.rtp.seal(header, packet.subarray(header.length), rolloverTail(counter), ssrc,
      counter * 0x10000 + packet.readUInt16BE(2));
    return Buffer.concat([header, payload, tag]);
  }

  /** RTCP to SRTCP (RFC 3711 section 3.4, RFC 7714 section 9), always encrypted. */
  protectRtcp(packet: Buffer): Buffer {
    const index = this.rtcpIndex;
    this.rtcpIndex = (index + 1) % 2 ** 31;
    const word = Buffer.alloc(4);
    word.writeUInt32BE(index + 2 ** 31);
    const header = packet.subarray(0, 8);
    const { payload, tag } = this.rtcp.seal(header, packet.subarray(8), word, packet.readUInt32BE(4), index);
    return this.rtcp.tagLength === 16 ? Buffer.concat([header, payload, tag, word]) : Buffer.concat([header, payload, word, tag]);
  }

  /** The rollover counter of a packet; sequence numbers may step back a little over the wrap. */
  private rollover(ssrc: number, sequence: number): number {
    let state = this.rollovers.get(ssrc);
    if (state === undefined) {
      // Streams keep their SSRC; the bound is for the mistake of one that does not.
      if (this.rollovers.size >= MAX_SOURCES) this.rollovers.clear();
      this.rollovers.set(ssrc, (state = { counter: 0, last: sequence }));
    }
    const delta = (sequence - state.last) & 0xffff;
    if (delta < 0x8000) {
      if (sequence < state.last) state.counter++;
      state.last = sequence;
      return state.counter;
    }
    return sequence > state.last ? Math.max(0, state.counter - 1) : state.counter;
  }
}

export function rolloverTail(counter: number): Buffer {
  const tail = Buffer.allocUnsafe(4);
  tail.writeUInt32BE(counter % 2 ** 32);
  return tail;
}
