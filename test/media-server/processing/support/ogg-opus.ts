import { readFileSync } from 'node:fs';

/** Opus packets in an Ogg file (RFC 3533, RFC 7845), so that another program can write or read them. */
const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value >>> 0;
});

function crc(page: Buffer): number {
  let value = 0;
  for (const byte of page) value = ((value << 8) ^ (CRC[((value >>> 24) ^ byte) & 0xff] as number)) >>> 0;
  return value;
}

function page(packet: Buffer, sequence: number, granule: number, flags: number): Buffer {
  const lacing = Buffer.alloc(Math.floor(packet.length / 255) + 1, 255);
  lacing[lacing.length - 1] = packet.length % 255;
  const header = Buffer.alloc(27);
  header.write('OggS', 0, 'latin1');
  header.writeUInt8(flags, 5);
  header.writeBigUInt64LE(BigInt(granule), 6);
  header.writeUInt32LE(77, 14);
  header.writeUInt32LE(sequence, 18);
  header.writeUInt8(lacing.length, 26);
  const whole = Buffer.concat([header, lacing, packet]);
  whole.writeUInt32LE(crc(whole), 22);
  return whole;
}

export const OggOpus = {
  /** A mono file of packets of 20 ms. */
  write(packets: readonly Buffer[]): Buffer {
    const head = Buffer.alloc(19);
    head.write('OpusHead', 0, 'latin1');
    head.writeUInt8(1, 8);
    head.writeUInt8(1, 9);
    head.writeUInt32LE(48_000, 12);
    const tags = Buffer.from('OpusTags\x04\0\0\0test\0\0\0\0', 'latin1');
    const pages = packets.map((packet, i) => page(packet, i + 2, (i + 1) * 960, i === packets.length - 1 ? 4 : 0));
    return Buffer.concat([page(head, 0, 0, 2), page(tags, 1, 0, 0), ...pages]);
  },

  /** The audio packets of a file. */
  read(file: string): Buffer[] {
    const bytes = readFileSync(file);
    const packets: Buffer[] = [];
    let open: Buffer[] = [];
    for (let at = 0; at + 27 <= bytes.length;) {
      const segments = bytes.readUInt8(at + 26);
      let body = at + 27 + segments;
      for (let i = 0; i < segments; i += 1) {
        const length = bytes.readUInt8(at + 27 + i);
        open.push(bytes.subarray(body, body + length));
        body += length;
        if (length === 255) continue;
        packets.push(Buffer.concat(open));
        open = [];
      }
      at = body;
    }
    return packets.slice(2);
  },
};
