import { isIP, isIPv4 } from 'node:net';

/** A UDP candidate with a numeric address (RFC 8839 section 5.1). */
export interface Candidate {
  foundation: string;
  /** 1 for RTP, 2 for RTCP. */
  component: number;
  priority: number;
  host: string;
  port: number;
  type: 'host' | 'srflx' | 'prflx' | 'relay';
}

const TYPES: readonly string[] = ['host', 'srflx', 'prflx', 'relay'];

/** Takes what sdp-transform parsed; undefined for TCP, for names (mDNS) and for what is malformed: no pair is made of those. */
export function parseCandidate(parsed: {
  foundation: string | number; component: number; transport: string; priority: number | string; ip: string; port: number; type: string;
}): Candidate | undefined {
  const { component, ip, port, type } = parsed;
  const priority = Number(parsed.priority);
  if (String(parsed.transport).toLowerCase() !== 'udp' || isIP(String(ip)) === 0 || !TYPES.includes(type)) return undefined;
  if ((component !== 1 && component !== 2) || !(port > 0 && port <= 65_535) || !(priority > 0 && priority < 2 ** 32)) return undefined;
  return { foundation: String(parsed.foundation), component, priority, host: ip, port, type: type as Candidate['type'] };
}

/** RFC 8445 section 5.1.2.1 with one local address. */
export function candidatePriority(type: 'host' | 'prflx', component: number): number {
  return (type === 'host' ? 126 : 110) * 2 ** 24 + 65_535 * 2 ** 8 + (256 - component);
}

export function sameFamily(a: string, b: string): boolean {
  return isIPv4(a) === isIPv4(b);
}
