import { payloadOffset } from '../rtp/rtp-packet';
import { createPacketCipher, type PacketCipher } from './cipher';
import { ReplayWindow } from './replay-window';
import { deriveKeys, type MasterKey } from './session-keys';
import { ENCRYPTED, RTCP_HEADER_BYTES } from './srtp-sender';

/** Sources of one party; only packets that passed authentication make one. */
const MAX_SOURCES = 16;

interface Source {
  rollover: number;
  highest: number;
  replay: ReplayWindow;
}

export interface Opened {
  packet: Buffer;
  /** Higher than every index before it from this source. */
  newest: boolean;
}

/** Opens what the party protected under one master key, in place; undefined for what is forged, replayed or too short. */
export class SrtpReceiver {
  private readonly rtp: PacketCipher;
  private readonly rtcp: PacketCipher;
  private readonly rtpSources = new Map<number, Source>();
  private readonly rtcpSources = new Map<number, ReplayWindow>();

  constructor(key: MasterKey) {
    this.rtp = createPacketCipher(key.profile, deriveKeys(key, 'rtp'), 'rtp');
    this.rtcp = createPacketCipher(key.profile, deriveKeys(key, 'rtcp'), 'rtcp');
  }

  /** SRTP to RTP (RFC 3711 section 3.3). */
  openRtp(bytes: Buffer): Opened | undefined {
    const offset = payloadOffset(bytes);
    if (offset < 0 || bytes.length - this.rtp.overhead < offset) return undefined;
    const sequence = bytes.readUInt16BE(2);
    const ssrc = bytes.readUInt32BE(8);
    const source = this.rtpSources.get(ssrc);
    const rollover = source === undefined ? 0 : guessRollover(source, sequence);
    const index = rollover * 0x10000 + sequence;
    if (rollover < 0 || source?.replay.has(index) === true) return undefined;
    const packet = this.rtp.open(bytes, offset, rollover, ssrc, index);
    if (packet === undefined) return undefined;
    const known = source ?? { rollover, highest: sequence, replay: new ReplayWindow() };
    if (source === undefined) remember(this.rtpSources, ssrc, known);
    const newest = known.replay.add(index);
    if (newest) {
      known.rollover = rollover;
      known.highest = sequence;
    }
    return { packet, newest };
  }

  /** SRTCP to RTCP. Unencrypted SRTCP is never negotiated, so it is dropped. */
  openRtcp(bytes: Buffer): Opened | undefined {
    if (bytes.length < RTCP_HEADER_BYTES + this.rtcp.overhead || bytes[0]! >> 6 !== 2) return undefined;
    const word = bytes.readUInt32BE(bytes.length - this.rtcp.tailDistance);
    if (word < ENCRYPTED) return undefined;
    const index = word - ENCRYPTED;
    const ssrc = bytes.readUInt32BE(4);
    const replay = this.rtcpSources.get(ssrc);
    if (replay?.has(index) === true) return undefined;
    const packet = this.rtcp.open(bytes, RTCP_HEADER_BYTES, word, ssrc, index);
    if (packet === undefined) return undefined;
    const known = replay ?? new ReplayWindow();
    if (replay === undefined) remember(this.rtcpSources, ssrc, known);
    return { packet, newest: known.add(index) };
  }
}

/** RFC 3711 appendix A: the rollover counter that puts the sequence number nearest to the highest one. */
function guessRollover(source: Source, sequence: number): number {
  if (source.highest < 0x8000) return sequence - source.highest > 0x8000 ? source.rollover - 1 : source.rollover;
  return source.highest - 0x8000 > sequence ? source.rollover + 1 : source.rollover;
}

function remember<T>(sources: Map<number, T>, ssrc: number, source: T): void {
  if (sources.size >= MAX_SOURCES) sources.delete(sources.keys().next().value!);
  sources.set(ssrc, source);
}
