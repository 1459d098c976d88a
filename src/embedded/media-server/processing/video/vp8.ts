/** VP8 as RTP carries it (RFC 7741). */
interface Descriptor {
  startsPicture: boolean;
  /** Where the picture number stands, and in how many bits. */
  pictureId: { at: number; bits: 7 | 15; value: number } | undefined;
  tl0PicIdx: { at: number; value: number } | undefined;
  /** Where the VP8 payload begins. */
  end: number;
}

/** Section 4.2; undefined when the payload is cut short. */
function parseDescriptor(payload: Uint8Array): Descriptor | undefined {
  const first = payload[0];
  if (first === undefined) return undefined;
  const descriptor: Descriptor = { startsPicture: (first & 0x17) === 0x10, pictureId: undefined, tl0PicIdx: undefined, end: 1 };
  if (first & 0x80) {
    const extension = payload[1];
    if (extension === undefined) return undefined;
    let at = 2;
    if (extension & 0x80) {
      const high = payload[at];
      if (high === undefined) return undefined;
      if (high & 0x80) {
        descriptor.pictureId = { at, bits: 15, value: ((high & 0x7f) << 8) | (payload[at + 1] ?? 0) };
        at += 2;
      } else {
        descriptor.pictureId = { at, bits: 7, value: high };
        at += 1;
      }
    }
    if (extension & 0x40) {
      descriptor.tl0PicIdx = { at, value: payload[at] ?? 0 };
      at += 1;
    }
    if (extension & 0x30) at += 1;
    descriptor.end = at;
  }
  return descriptor.end < payload.length ? descriptor : undefined;
}

/** Whether decoding can start at this packet (section 4.3: the inverse key frame flag of the first partition). */
export function startsKeyFrame(payload: Uint8Array): boolean {
  const descriptor = parseDescriptor(payload);
  return descriptor?.startsPicture === true && ((payload[descriptor.end] as number) & 1) === 0;
}

/** Keeps picture numbers of one outgoing stream continuous while its sources change. */
export class PictureNumbers {
  private lastId = 0;
  private lastTl0 = 0;
  private offsets: { id: number; tl0: number } | undefined;

  /** The next packet is the first of another source. */
  restart(): void {
    this.offsets = undefined;
  }

  /** The payload as it is to be sent; a copy when something in it changes, undefined when it is cut short. */
  rewrite(payload: Buffer): Buffer | undefined {
    const descriptor = parseDescriptor(payload);
    if (descriptor === undefined) return undefined;
    const { pictureId, tl0PicIdx } = descriptor;
    this.offsets ??= { id: this.lastId + 1 - (pictureId?.value ?? 0), tl0: this.lastTl0 + 1 - (tl0PicIdx?.value ?? 0) };
    if (pictureId === undefined && tl0PicIdx === undefined) return payload;
    const rewritten = Buffer.from(payload);
    if (pictureId !== undefined) {
      this.lastId = (pictureId.value + this.offsets.id) & (pictureId.bits === 15 ? 0x7fff : 0x7f);
      if (pictureId.bits === 15) rewritten.writeUInt16BE(0x8000 | this.lastId, pictureId.at);
      else rewritten.writeUInt8(this.lastId, pictureId.at);
    }
    if (tl0PicIdx !== undefined) {
      this.lastTl0 = (tl0PicIdx.value + this.offsets.tl0) & 0xff;
      rewritten.writeUInt8(this.lastTl0, tl0PicIdx.at);
    }
    return rewritten;
  }
}
