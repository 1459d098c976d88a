import { EtasiltaError } from '../../errors';

/** A capture file that cannot be read. */
export class CaptureError extends EtasiltaError {
  constructor(message: string, hint?: string) {
    super('capture-invalid', message, { hint });
  }
}

/** One captured frame. */
export interface Frame {
  /** From 1, as other programs number them. */
  number: number;
  /** Microseconds since 1970, 0 where the file does not tell. */
  time: number;
  /** https://www.tcpdump.org/linktypes.html */
  linkType: number;
  octets: Buffer;
}

const PCAP = { 0xa1b2c3d4: 1, 0xa1b23c4d: 1000 } as const;
const SECTION_HEADER = 0x0a0d0d0a;
const BYTE_ORDER = 0x1a2b3c4d;
const MAX_FRAME = 262_144;

/** Whether the octets begin as a capture file does: pcap in either byte order, or pcapng. */
export function isCapture(octets: Buffer): boolean {
  return octets.length >= 4 && (octets.readUInt32BE(0) === SECTION_HEADER || pcapUnit(octets) !== undefined);
}

/**
 * The frames of a pcap or pcapng file, in order. A file that ends within a frame ends before it.
 * @throws CaptureError
 */
export function* readCapture(octets: Buffer): Generator<Frame> {
  if (!isCapture(octets)) throw new CaptureError('not a capture file', 'pcap and pcapng are read');
  if (octets.readUInt32BE(0) === SECTION_HEADER) yield* readPcapng(octets);
  else yield* readPcap(octets);
}

function pcapUnit(octets: Buffer): { little: boolean; perMicrosecond: number } | undefined {
  const little = PCAP[octets.readUInt32LE(0) as keyof typeof PCAP];
  const big = PCAP[octets.readUInt32BE(0) as keyof typeof PCAP];
  return little || big ? { little: little !== undefined, perMicrosecond: (little ?? big)! } : undefined;
}

function* readPcap(octets: Buffer): Generator<Frame> {
  const { little, perMicrosecond } = pcapUnit(octets)!;
  const word = (at: number): number => (little ? octets.readUInt32LE(at) : octets.readUInt32BE(at));
  if (octets.length < 24) throw new CaptureError('the capture file ends within its header');
  const linkType = word(20) & 0xffff;
  let number = 0;
  for (let at = 24; at + 16 <= octets.length;) {
    const length = word(at + 8);
    if (length > MAX_FRAME) throw new CaptureError(`frame ${number + 1} has ${length} octets`);
    if (at + 16 + length > octets.length) return;
    const time = word(at) * 1e6 + word(at + 4) / perMicrosecond;
    yield { number: ++number, time, linkType, octets: octets.subarray(at + 16, at + 16 + length) };
    at += 16 + length;
  }
}

/** Blocks of pcapng that hold what is needed here (draft-ietf-opsawg-pcapng section 4). */
const INTERFACE_DESCRIPTION = 1;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;

function* readPcapng(octets: Buffer): Generator<Frame> {
  let little = true;
  let linkTypes: number[] = [];
  let number = 0;
  const word = (at: number): number => (little ? octets.readUInt32LE(at) : octets.readUInt32BE(at));
  for (let at = 0; at + 12 <= octets.length;) {
    if (octets.readUInt32BE(at) === SECTION_HEADER) {
      little = octets.readUInt32LE(at + 8) === BYTE_ORDER;
      linkTypes = [];
    }
    const type = word(at);
    const length = word(at + 4);
    if (length < 12 || length % 4 !== 0) throw new CaptureError(`a block of ${length} octets`);
    if (at + length > octets.length) return;
    const body = at + 8;
    const end = at + length - 4;
    if (type === INTERFACE_DESCRIPTION && length >= 20) {
      linkTypes.push(little ? octets.readUInt16LE(body) : octets.readUInt16BE(body));
    } else if (type === ENHANCED_PACKET && length >= 32) {
      const captured = Math.min(word(body + 12), end - body - 20);
      // In microseconds unless the interface says otherwise, which only dates would show.
      const time = word(body + 4) * 2 ** 32 + word(body + 8);
      yield { number: ++number, time, linkType: linkTypes[word(body)] ?? 1, octets: octets.subarray(body + 20, body + 20 + captured) };
    } else if (type === SIMPLE_PACKET && length >= 16) {
      const captured = Math.min(word(body), end - body - 4);
      yield { number: ++number, time: 0, linkType: linkTypes[0] ?? 1, octets: octets.subarray(body + 4, body + 4 + captured) };
    }
    at += length;
  }
}
