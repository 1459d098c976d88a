import { payloadOffset } from '../rtp/rtp-packet';
import { createPacketCipher, type PacketCipher } from './cipher';
import { ReplayWindow } from './replay-window';
import { deriveKeys, type MasterKey } from './session-keys';
import { rolloverTail } from './srtp-sender';

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

/** Opens what the party protected under one master key; undefined for what is forged, replayed or too short. */
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
    const end = bytes.length - this.rtp.tagLength;
    if (offset < 0 || end < offset) return undefined;
    const sequence = bytes.readUInt16BE(2);
    const ssrc = bytes.readUInt32BE(8);
    const source = this.rtpSources.get(ssrc);
    const rollover = source === undefined ? 0 : guessRollover(source, sequence);
    const index = rollover * 0x10000 + sequence;
    if (rollover < 0 || source?.replay.has(index) === true) return undefined;
    const header = bytes.subarray(0, offset);
    const payload = this.rtp.open(header, bytes.subarray(offset, end), bytes.subarray(end), rolloverTail(rollover), ssrc, index);
    if (payload === undefined) return undefined;
    const known = source ?? { rollover, highest: sequence, replay: new ReplayWindow() };
    if (source === undefined) remember(this.rtpSources, ssrc, known);
    const newest = known.replay.add(index);
    if (newest) {
      known.rollover = rollover;
      known.highest = sequence;
    }
    return { packet: Buffer.concat([header, payload]), newest };
  }

  /** SRTCP to RTCP. Unencrypted SRTCP is never negotiated, so it is dropped. */
  openRtcp(bytes: Buffer): Opened | undefined {
    const { tagLength } = this.rtcp;
    const isGcm = tagLength === 16;
    const wordAt = isGcm ? bytes.length - 4 : bytes.length - tagLength - 4;
    const payloadEnd = isGcm ? wordAt - tagLength : wordAt;
    if (payloadEnd < 8 || bytes[0]! >> 6 !== 2) return undefined;
    const word = bytes.subarray(wordAt, wordAt + 4);
    const tag = isGcm ? bytes.subarray(payloadEnd, wordAt) : bytes.subarray(wordAt + 4);
    if ((word[0]! & 0x80) === 0) return undefined;
    const index = word.readUInt32BE(0) - 2 ** 31;
    const ssrc = bytes.readUInt32BE(4);
    const replay = this.rtcpSources.get(ssrc);
    if (replay?.has(index) === true) return undefined;
    const header = bytes.subarray(0, 8);
    const payload = this.rtcp.open(header, bytes.subarray(8, payloadEnd), tag, word, ssrc, index);
    if (payload === undefined) return undefined;
    const known = replay ?? new ReplayWindow();
    if (replay === undefined) remember(this.rtcpSources, ssrc, known);
    return { packet: Buffer.concat([header, payload]), newest: known.add(index) };
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
