import type { Frame } from './capture-file';

/** A UDP datagram or TCP segment of a capture. */
export interface Packet {
  frame: number;
  transport: 'udp' | 'tcp';
  /** `address:port`. */
  source: string;
  destination: string;
  sourcePort: number;
  destinationPort: number;
  payload: Buffer;
  /** TCP only. */
  sequence?: number;
  starts?: boolean;
}

const LINK = { null: 0, ethernet: 1, raw: 101, loop: 108, linuxSll: 113, ipv4: 228, ipv6: 229, linuxSll2: 276 } as const;
const VLAN = [0x8100, 0x88a8];
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const TCP = 6;
const UDP = 17;
/** Hop-by-hop, routing and destination options of IPv6 (RFC 8200 section 4). */
const IPV6_OPTIONS = [0, 43, 60];

/** The datagram or segment that a frame holds; undefined for other traffic and for fragments. */
export function packetOf(frame: Frame): Packet | undefined {
  try {
    const ip = ipOf(frame);
    if (!ip) return undefined;
    return ip[0]! >> 4 === 4 ? fromIpv4(frame.number, ip) : fromIpv6(frame.number, ip);
  } catch (fault) {
    // Reading beyond the end: a frame that was cut when it was captured.
    if (fault instanceof RangeError) return undefined;
    throw fault;
  }
}

function ipOf({ linkType, octets }: Frame): Buffer | undefined {
  switch (linkType) {
    case LINK.null: case LINK.loop: return octets.subarray(4);
    case LINK.raw: case LINK.ipv4: case LINK.ipv6: return octets;
    case LINK.linuxSll: return afterEtherType(octets, 14);
    case LINK.linuxSll2: return isIp(octets.readUInt16BE(0)) ? octets.subarray(20) : undefined;
    case LINK.ethernet: return afterEtherType(octets, 12);
    default: return undefined;
  }
}

const isIp = (type: number): boolean => type === IPV4 || type === IPV6;

function afterEtherType(octets: Buffer, at: number): Buffer | undefined {
  let type = octets.readUInt16BE(at);
  for (let tags = 0; tags < 2 && VLAN.includes(type); tags++) type = octets.readUInt16BE((at += 4));
  return isIp(type) ? octets.subarray(at + 2) : undefined;
}

function fromIpv4(frame: number, ip: Buffer): Packet | undefined {
  const header = (ip.readUInt8(0) & 0x0f) * 4;
  // More fragments, or a later one.
  if ((ip.readUInt16BE(6) & 0x3fff) !== 0) return undefined;
  const address = (at: number): string => [...ip.subarray(at, at + 4)].join('.');
  return transport(frame, ip.readUInt8(9), address(12), address(16), ip.subarray(header, ip.readUInt16BE(2) || undefined));
}

function fromIpv6(frame: number, ip: Buffer): Packet | undefined {
  const address = (at: number): string => `[${[...Array(8).keys()].map((i) => ip.readUInt16BE(at + i * 2).toString(16)).join(':')}]`;
  let next = ip.readUInt8(6);
  let at = 40;
  for (let count = 0; count < 8 && IPV6_OPTIONS.includes(next); count++) {
    next = ip.readUInt8(at);
    at += (ip.readUInt8(at + 1) + 1) * 8;
  }
  return transport(frame, next, address(8), address(24), ip.subarray(at, 40 + ip.readUInt16BE(4)));
}

function transport(frame: number, protocol: number, source: string, destination: string, segment: Buffer): Packet | undefined {
  if (protocol !== TCP && protocol !== UDP) return undefined;
  const sourcePort = segment.readUInt16BE(0);
  const destinationPort = segment.readUInt16BE(2);
  const ends = { frame, source: `${source}:${sourcePort}`, destination: `${destination}:${destinationPort}`, sourcePort, destinationPort };
  if (protocol === UDP) return { ...ends, transport: 'udp', payload: segment.subarray(8, segment.readUInt16BE(4)) };
  const header = (segment.readUInt8(12) >> 4) * 4;
  return { ...ends, transport: 'tcp', sequence: segment.readUInt32BE(4), starts: (segment.readUInt8(13) & 2) !== 0, payload: segment.subarray(header) };
}
