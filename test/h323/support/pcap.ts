/** One packet on the wire between two made-up hosts. */
export interface Packet {
  transport: 'udp' | 'tcp';
  sourcePort: number;
  destinationPort: number;
  payload: Buffer;
}

const ETHERNET = Buffer.from('020000000002020000000001' + '0800', 'hex');

/** A capture file (pcap, Ethernet) with the packets; TCP packets are each a connection of their own. */
export function writePcap(packets: readonly Packet[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(262_144, 16);
  header.writeUInt32LE(1, 20);
  return Buffer.concat([header, ...packets.map((packet, index) => record(frame(packet), index))]);
}

function record(octets: Buffer, index: number): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(1_000_000 + index, 0);
  header.writeUInt32LE(octets.length, 8);
  header.writeUInt32LE(octets.length, 12);
  return Buffer.concat([header, octets]);
}

function frame({ transport, sourcePort, destinationPort, payload }: Packet): Buffer {
  const upper = transport === 'udp' ? udp(sourcePort, destinationPort, payload) : tcp(sourcePort, destinationPort, payload);
  const ip = Buffer.alloc(20);
  ip[0] = 0x45;
  ip.writeUInt16BE(20 + upper.length, 2);
  ip[8] = 64;
  ip[9] = transport === 'udp' ? 17 : 6;
  ip.set([192, 0, 2, 1, 192, 0, 2, 2], 12);
  return Buffer.concat([ETHERNET, ip, upper]);
}

function udp(source: number, destination: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(source, 0);
  header.writeUInt16BE(destination, 2);
  header.writeUInt16BE(8 + payload.length, 4);
  return Buffer.concat([header, payload]);
}

function tcp(source: number, destination: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(source, 0);
  header.writeUInt16BE(destination, 2);
  header.writeUInt32BE(1, 4);
  header[12] = 0x50;
  header[13] = 0x18;
  header.writeUInt16BE(65_535, 14);
  return Buffer.concat([header, payload]);
}
