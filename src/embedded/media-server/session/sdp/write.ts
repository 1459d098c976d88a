import { isIPv6 } from 'node:net';
import sdpTransform from 'sdp-transform';
import type { Codec } from '../../contracts';
import type { Candidate } from '../ice/candidate';
import { formatCryptoAttribute, type CryptoAttribute } from './crypto-attribute';
import { MID_EXTENSION, type Feedback, type SetupRole } from './description';
import type { Direction } from './direction';

/** An m-line that is refused or given up, in its place with port 0 (RFC 3264 section 6). */
export interface RefusedLine {
  refused: true;
  type: string;
  protocol: string;
  formats: string;
  mid: string | undefined;
}

export interface LocalLine {
  refused: false;
  type: string;
  protocol: string;
  port: number;
  rtcpPort: number;
  rtcpMux: boolean;
  codecs: readonly Codec[];
  direction: Direction;
  mid: string | undefined;
  content: 'main' | 'slides' | undefined;
  ptime: number | undefined;
  bandwidth: readonly { type: 'TIAS' | 'AS'; limit: number }[];
  /** By payload type; `*` for all. */
  feedback: ReadonlyMap<string, Feedback>;
  cryptos: readonly CryptoAttribute[];
  dtls: { fingerprint: string; setup: SetupRole } | undefined;
  ice: { ufrag: string; pwd: string; candidates: readonly Candidate[] } | undefined;
  midExtension: number | undefined;
  source: { ssrc: number; cname: string; streamId: string } | undefined;
}

export interface LocalDescription {
  sessionId: string;
  version: number;
  address: string;
  /** MIDs that share the first one's transport. */
  bundle: readonly string[];
  lines: readonly (LocalLine | RefusedLine)[];
}

/** Writes a session description (RFC 8866). */
export function writeDescription(description: LocalDescription): string {
  const ipVersion = isIPv6(description.address) ? 6 : 4;
  const usesIce = description.lines.some((line) => !line.refused && line.ice !== undefined);
  return sdpTransform.write({
    version: 0,
    origin: { username: '-', sessionId: description.sessionId, sessionVersion: description.version, netType: 'IN', ipVer: ipVersion, address: description.address },
    name: '-',
    connection: { version: ipVersion, ip: description.address },
    timing: { start: 0, stop: 0 },
    ...(description.bundle.length > 0 && { groups: [{ type: 'BUNDLE', mids: description.bundle.join(' ') }] }),
    ...(usesIce && { iceOptions: 'trickle', msidSemantic: { semantic: 'WMS', token: '*' } }),
    media: description.lines.map((line) => (line.refused ? refusedLine(line) : mediaLine(line, description.address, ipVersion))),
  });
}

type WrittenMedia = Parameters<typeof sdpTransform.write>[0]['media'][number];

function refusedLine(line: RefusedLine): WrittenMedia {
  return { type: line.type, port: 0, protocol: line.protocol, payloads: line.formats, rtp: [], fmtp: [],
    ...(line.mid !== undefined && { mid: line.mid }) };
}

function mediaLine(line: LocalLine, address: string, ipVersion: number): WrittenMedia {
  return {
    type: line.type,
    port: line.port,
    protocol: line.protocol,
    payloads: line.codecs.map((codec) => codec.payloadType).join(' '),
    rtp: line.codecs.map((codec) => ({
      payload: codec.payloadType, codec: writtenName(codec.name), rate: codec.clockRate, ...(codec.channels > 1 && { encoding: codec.channels }) })),
    fmtp: line.codecs.filter((codec) => Object.keys(codec.fmtp).length > 0)
      .map((codec) => ({ payload: codec.payloadType, config: formatParameters(codec) })),
    ...(line.bandwidth.length > 0 && { bandwidth: line.bandwidth.map(({ type, limit }) => ({ type, limit })) }),
    ...((line.rtcpMux || line.rtcpPort !== line.port + 1) && {
      rtcp: { port: line.rtcpMux ? line.port : line.rtcpPort, netType: 'IN', ipVer: ipVersion, address } }),
    ...(line.rtcpMux && { rtcpMux: 'rtcp-mux' as const }),
    ...(line.feedback.size > 0 && { rtcpFb: [...line.feedback].flatMap(([payload, feedback]) => feedbackOf(payload, feedback)) }),
    ...(line.mid !== undefined && { mid: line.mid }),
    ...(line.midExtension !== undefined && { ext: [{ value: line.midExtension, uri: MID_EXTENSION }] }),
    ...(line.ptime !== undefined && { ptime: line.ptime }),
    ...(line.content !== undefined && { content: line.content }),
    direction: line.direction,
    ...(line.cryptos.length > 0 && { crypto: line.cryptos.map(formatCryptoAttribute) }),
    ...(line.dtls !== undefined && { fingerprint: { type: 'sha-256', hash: line.dtls.fingerprint }, setup: line.dtls.setup }),
    ...(line.ice !== undefined && {
      iceUfrag: line.ice.ufrag, icePwd: line.ice.pwd,
      candidates: line.ice.candidates.map((candidate) => ({
        foundation: candidate.foundation, component: candidate.component, transport: 'udp', priority: candidate.priority, ip: candidate.host, port: candidate.port, type: candidate.type })),
      endOfCandidates: 'end-of-candidates' as const }),
    ...(line.source !== undefined && {
      // `msid` at the level of the line (RFC 8830) is what browsers make tracks of.
      msid: [{ id: line.source.streamId, appdata: `${line.source.streamId}-${line.type}` }],
      ssrcs: [{ id: line.source.ssrc, attribute: 'cname', value: line.source.cname }] }),
  };
}

function formatParameters(codec: Codec): string {
  if (codec.fmtp.events !== undefined) return codec.fmtp.events;
  return Object.entries(codec.fmtp).map(([name, value]) => (value === '' ? name : `${name}=${value}`)).join(';');
}

function feedbackOf(payload: string, feedback: Feedback): { payload: string; type: string; subtype?: string }[] {
  return [
    ...(feedback.nack ? [{ payload, type: 'nack' }] : []),
    ...(feedback.pli ? [{ payload, type: 'nack', subtype: 'pli' }] : []),
    ...(feedback.fir ? [{ payload, type: 'ccm', subtype: 'fir' }] : []),
  ];
}

/** Names as registered; SDP does not mind case, some devices do. */
const writtenName = (name: string): string => (name === 'OPUS' || name === 'TELEPHONE-EVENT' ? name.toLowerCase() : name);
