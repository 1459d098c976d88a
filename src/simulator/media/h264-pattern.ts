/**
 * A synthetic H.264 stream (ITU-T H.264, constrained baseline): colour bars with a bar that moves. Key frames hold their
 * samples uncompressed (macroblock type I_PCM, section 7.3.5), so that no encoder is needed; the frames between are P slices
 * that skip every macroblock, some octets each.
 */
export const WIDTH = 128;
export const HEIGHT = 96;
const COLUMNS = WIDTH / 16;
const ROWS = HEIGHT / 16;

/** Profile 66 with constraint_set0 to 2, level 3.1: what SDP offers; the stream itself needs level 1.3 only. */
export const PROFILE_LEVEL_ID = '42e01f';
const LEVEL_IDC = 13;

const NAL_NON_IDR = 0x41;
const NAL_IDR = 0x65;
const NAL_SPS = 0x67;
const NAL_PPS = 0x68;

/** Y, Cb, Cr of 75 % colour bars: white, yellow, cyan, green, magenta, red, blue, black. */
const BARS: readonly (readonly [number, number, number])[] = [
  [180, 128, 128], [162, 44, 142], [131, 156, 44], [112, 72, 58], [84, 184, 198], [65, 100, 212], [35, 212, 114], [17, 128, 128],
];
const MOVING: readonly [number, number, number] = [235, 128, 128];

class BitWriter {
  private readonly octets: number[] = [];
  private bits = 0;
  private count = 0;

  u(width: number, value: number): this {
    for (let i = width - 1; i >= 0; i--) {
      this.bits = (this.bits << 1) | ((value >> i) & 1);
      if (++this.count === 8) {
        this.octets.push(this.bits);
        this.bits = this.count = 0;
      }
    }
    return this;
  }

  /** Unsigned Exp-Golomb code (section 9.1). */
  ue(value: number): this {
    const width = 31 - Math.clz32(value + 1);
    return this.u(width, 0).u(width + 1, value + 1);
  }

  align(): this {
    return this.count === 0 ? this : this.u(8 - this.count, 0);
  }

  fill(value: number, times: number): this {
    for (let i = 0; i < times; i++) this.octets.push(value);
    return this;
  }

  /** rbsp_trailing_bits, then the NAL unit with emulation prevention (section 7.4.1). */
  nal(header: number): Buffer {
    this.u(1, 1).align();
    const unit = [header];
    let zeros = 0;
    for (const octet of this.octets) {
      if (zeros >= 2 && octet <= 3) {
        unit.push(3);
        zeros = 0;
      }
      unit.push(octet);
      zeros = octet === 0 ? zeros + 1 : 0;
    }
    return Buffer.from(unit);
  }
}

/** Section 7.3.2.1.1; picture order follows decoding order (pic_order_cnt_type 2). */
const SPS = new BitWriter().u(8, 66).u(8, 0xe0).u(8, LEVEL_IDC)
  .ue(0).ue(0).ue(2).ue(1).u(1, 0)
  .ue(COLUMNS - 1).ue(ROWS - 1).u(1, 1).u(1, 1).u(1, 0).u(1, 0)
  .nal(NAL_SPS);

/** Section 7.3.2.2; CAVLC, and slices may say that they are not deblocked. */
const PPS = new BitWriter()
  .ue(0).ue(0).u(1, 0).u(1, 0).ue(0).ue(0).ue(0).u(1, 0).u(2, 0).ue(0).ue(0).ue(0).u(1, 1).u(1, 0).u(1, 0)
  .nal(NAL_PPS);

const SLICE_P = 5;
const SLICE_I = 7;
const I_PCM = 25;

function keyFrame(index: number): Buffer {
  const moving = index % ROWS;
  const writer = new BitWriter()
    // first_mb, slice_type, pps id, frame_num, idr_pic_id (neighbours differ), marking, slice_qp_delta, no deblocking
    .ue(0).ue(SLICE_I).ue(0).u(4, 0).ue(index % 2).u(1, 0).u(1, 0).ue(0).ue(1);
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      const [y, cb, cr] = row === moving ? MOVING : BARS[column] ?? MOVING;
      writer.ue(I_PCM).align().fill(y, 256).fill(cb, 64).fill(cr, 64);
    }
  }
  return writer.nal(NAL_IDR);
}

function stillFrame(frameNumber: number): Buffer {
  return new BitWriter()
    .ue(0).ue(SLICE_P).ue(0).u(4, frameNumber & 0x0f).u(1, 0).u(1, 0).u(1, 0).ue(0).ue(1)
    .ue(COLUMNS * ROWS)
    .nal(NAL_NON_IDR);
}

/** The pattern's frames one after another, each as its NAL units. */
export class H264Pattern {
  private sinceKey = 0;
  private keys = 0;

  /** `keyEvery`: frames from one key frame to the next. */
  constructor(private readonly keyEvery: number) {}

  /** The next frame is a key frame, as a receiver asked (RFC 5168). */
  forceKeyFrame(): void {
    this.sinceKey = 0;
  }

  next(): Buffer[] {
    const frame = this.sinceKey === 0 ? [SPS, PPS, keyFrame(this.keys++)] : [stillFrame(this.sinceKey)];
    this.sinceKey = (this.sinceKey + 1) % this.keyEvery;
    return frame;
  }
}

const FU_A = 28;
const TYPE_MASK = 0x1f;

/** A NAL unit as RTP payloads of packetisation mode 1: whole where it fits, fragments otherwise (RFC 6184 sections 5.6, 5.8). */
export function packetise(nal: Buffer, limit: number): Buffer[] {
  if (nal.length <= limit) return [nal];
  const header = nal.readUInt8(0);
  const payloads: Buffer[] = [];
  for (let at = 1; at < nal.length; at += limit - 2) {
    const part = nal.subarray(at, at + limit - 2);
    const start = at === 1 ? 0x80 : 0;
    const end = at + part.length === nal.length ? 0x40 : 0;
    payloads.push(Buffer.concat([Buffer.from([(header & ~TYPE_MASK) | FU_A, start | end | (header & TYPE_MASK)]), part]));
  }
  return payloads;
}

/** Whether a payload begins a key frame: an IDR slice, whole, in an aggregate or as the first fragment. */
export function beginsKeyFrame(payload: Buffer): boolean {
  const type = payload.length > 1 ? payload.readUInt8(0) & TYPE_MASK : 0;
  if (type === FU_A) return (payload.readUInt8(1) & 0x80) !== 0 && (payload.readUInt8(1) & TYPE_MASK) === 5;
  if (type !== 24) return type === 5;
  // STAP-A: a length of two octets before each NAL unit (RFC 6184 section 5.7.1).
  for (let at = 1; at + 3 <= payload.length; at += 2 + payload.readUInt16BE(at)) {
    if ((payload.readUInt8(at + 2) & TYPE_MASK) === 5) return true;
  }
  return false;
}
