/** RTP and RTCP packets (RFC 3550 sections 5.1, 6.4 to 6.6). */
export interface RtpPacket {
  payloadType: number;
  marker: boolean;
  sequence: number;
  timestamp: number;
  ssrc: number;
  payload: Buffer;
}

const HEADER = 12;

export function encodeRtp(packet: RtpPacket): Buffer {
  const header = Buffer.alloc(HEADER);
  header[0] = 0x80;
  header[1] = (packet.marker ? 0x80 : 0) | packet.payloadType;
  header.writeUInt16BE(packet.sequence, 2);
  header.writeUInt32BE(packet.timestamp, 4);
  header.writeUInt32BE(packet.ssrc, 8);
  return Buffer.concat([header, packet.payload]);
}

/** Undefined where the bytes are no RTP packet of version 2 (RFC 3550 appendix A.1). */
export function parseRtp(bytes: Buffer): RtpPacket | undefined {
  if (bytes.length < HEADER || bytes.readUInt8(0) >> 6 !== 2) return undefined;
  const first = bytes.readUInt8(0);
  const second = bytes.readUInt8(1);
  let start = HEADER + 4 * (first & 0x0f);
  if (first & 0x10) {
    if (bytes.length < start + 4) return undefined;
    start += 4 + 4 * bytes.readUInt16BE(start + 2);
  }
  const padding = first & 0x20 ? bytes.readUInt8(bytes.length - 1) : 0;
  const end = bytes.length - padding;
  if (start > end || (first & 0x20 && padding === 0)) return undefined;
  return {
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequence: bytes.readUInt16BE(2),
    timestamp: bytes.readUInt32BE(4),
    ssrc: bytes.readUInt32BE(8),
    payload: bytes.subarray(start, end),
  };
}

/** What a receiver tells a sender about its stream. */
export interface ReportBlock {
  ssrc: number;
  /** Of 256, since the last report. */
  fractionLost: number;
  cumulativeLost: number;
  highestSequence: number;
  /** In timestamp units. */
  jitter: number;
  /** Middle 32 bits of the last sender report's NTP time, and the delay since then in 1/65536 s. */
  lastSenderReport: number;
  delaySinceLast: number;
}

export interface SenderInfo {
  /** Milliseconds since 1970. */
  time: number;
  rtpTimestamp: number;
  packets: number;
  octets: number;
}

const SR = 200;
const RR = 201;
const SDES = 202;
const BYE = 203;
/** From the NTP era of 1900 to that of 1970, seconds. */
const NTP_OFFSET = 2_208_988_800;

function withHeader(type: number, count: number, body: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header[0] = 0x80 | count;
  header[1] = type;
  header.writeUInt16BE(body.length / 4, 2);
  return Buffer.concat([header, body]);
}

function encodeBlock(block: ReportBlock): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.writeUInt32BE(block.ssrc, 0);
  bytes[4] = block.fractionLost;
  bytes.writeIntBE(Math.max(-0x800000, Math.min(0x7fffff, block.cumulativeLost)), 5, 3);
  bytes.writeUInt32BE(block.highestSequence >>> 0, 8);
  bytes.writeUInt32BE(block.jitter >>> 0, 12);
  bytes.writeUInt32BE(block.lastSenderReport >>> 0, 16);
  bytes.writeUInt32BE(block.delaySinceLast >>> 0, 20);
  return bytes;
}

/** A compound packet as RFC 3550 section 6.1 wants it: SR or RR, then SDES with CNAME, then BYE where the stream ends. */
export function encodeReport(ssrc: number, sender: SenderInfo | undefined, blocks: readonly ReportBlock[], cname: string, bye: boolean): Buffer {
  const own = Buffer.alloc(4);
  own.writeUInt32BE(ssrc);
  const info = Buffer.alloc(sender === undefined ? 0 : 20);
  if (sender !== undefined) {
    const seconds = sender.time / 1_000 + NTP_OFFSET;
    info.writeUInt32BE(Math.floor(seconds) >>> 0, 0);
    info.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32) >>> 0, 4);
    info.writeUInt32BE(sender.rtpTimestamp, 8);
    info.writeUInt32BE(sender.packets >>> 0, 12);
    info.writeUInt32BE(sender.octets >>> 0, 16);
  }
  const name = Buffer.from(cname.slice(0, 255));
  // One item CNAME (1), a zero octet to end the list, filled up to whole words.
  const item = Buffer.alloc(Math.ceil((2 + name.length + 1) / 4) * 4);
  item[0] = 1;
  item[1] = name.length;
  name.copy(item, 2);
  return Buffer.concat([
    withHeader(sender === undefined ? RR : SR, blocks.length, Buffer.concat([own, info, ...blocks.map(encodeBlock)])),
    withHeader(SDES, 1, Buffer.concat([own, item])),
    ...(bye ? [withHeader(BYE, 1, own)] : []),
  ]);
}

/** What we use of a received compound packet. */
export interface ReceivedReport {
  ssrc: number;
  /** Middle 32 bits of the sender report's NTP time. */
  senderReport?: number;
  blocks: Pick<ReportBlock, 'ssrc' | 'fractionLost' | 'cumulativeLost' | 'jitter'>[];
  bye: boolean;
}

/** Undefined where the bytes are no compound RTCP packet (RFC 3550 appendix A.2). */
export function parseReport(bytes: Buffer): ReceivedReport | undefined {
  let report: ReceivedReport | undefined;
  for (let at = 0; at + 8 <= bytes.length;) {
    const count = bytes.readUInt8(at) & 0x1f;
    const type = bytes.readUInt8(at + 1);
    const end = at + 4 + 4 * bytes.readUInt16BE(at + 2);
    if (bytes.readUInt8(at) >> 6 !== 2 || end > bytes.length) return undefined;
    if (report === undefined && type !== SR && type !== RR) return undefined;
    report ??= { ssrc: bytes.readUInt32BE(at + 4), blocks: [], bye: false };
    if (type === SR && end - at >= 28) report.senderReport = ((bytes.readUInt16BE(at + 10) << 16) | bytes.readUInt16BE(at + 12)) >>> 0;
    if (type === SR || type === RR) {
      for (let i = 0, block = at + (type === SR ? 28 : 8); i < count && block + 24 <= end; i++, block += 24) {
        report.blocks.push({
          ssrc: bytes.readUInt32BE(block), fractionLost: bytes.readUInt8(block + 4),
          cumulativeLost: bytes.readIntBE(block + 5, 3), jitter: bytes.readUInt32BE(block + 12),
        });
      }
    }
    report.bye ||= type === BYE;
    at = end;
  }
  return report;
}
