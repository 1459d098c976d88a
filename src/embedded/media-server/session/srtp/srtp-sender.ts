import { payloadOffset } from '../rtp/rtp-packet';
import { createPacketCipher, type PacketCipher } from './cipher';
import { deriveKeys, type MasterKey } from './session-keys';

const MAX_SOURCES = 16;
export const RTCP_HEADER_BYTES = 8;
/** The E bit before the index of SRTCP. */
export const ENCRYPTED = 2 ** 31;

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
    const sequence = packet.readUInt16BE(2);
    const counter = this.rollover(ssrc, sequence);
    return this.rtp.protect(packet, payloadOffset(packet), counter, ssrc, counter * 0x10000 + sequence);
  }

  /** RTCP to SRTCP (RFC 3711 section 3.4, RFC 7714 section 9), always encrypted. */
  protectRtcp(packet: Buffer): Buffer {
    const index = this.rtcpIndex;
    this.rtcpIndex = (index + 1) % 2 ** 31;
    return this.rtcp.protect(packet, RTCP_HEADER_BYTES, index + ENCRYPTED, packet.readUInt32BE(4), index);
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
