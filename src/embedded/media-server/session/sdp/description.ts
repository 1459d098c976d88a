import { isIP } from 'node:net';
import sdpTransform from 'sdp-transform';
import { MediaError, type Codec } from '../../contracts';
import { parseCandidate, type Candidate } from '../ice/candidate';
import { STATIC_PAYLOAD_TYPES } from './codecs';
import { parseCryptoAttribute, type CryptoAttribute } from './crypto-attribute';
import { parseDirection, type Direction } from './direction';

const MAX_BYTES = 64 * 1024;
const MAX_LINES = 1_500;
const MAX_LINE_BYTES = 2_048;
const MAX_MEDIA = 16;
const MAX_FORMATS = 64;
const MAX_CANDIDATES = 32;

export const MID_EXTENSION = 'urn:ietf:params:rtp-hdrext:sdes:mid';

export interface Feedback {
  nack: boolean;
  pli: boolean;
  fir: boolean;
}

export interface Fingerprint {
  /** Hash function as OpenSSL names it: `sha256`. */
  hash: string;
  value: Buffer;
}

export type SetupRole = 'active' | 'passive' | 'actpass' | 'holdconn';

export interface IceParameters {
  ufrag: string;
  pwd: string;
  candidates: Candidate[];
}

/** One m-line as the other side wrote it, session-level defaults filled in. */
export interface MediaLine {
  /** `audio`, `video`, `application` ... */
  type: string;
  port: number;
  protocol: string;
  /** The formats as written, for refusing the line in place. */
  formats: string;
  /** RTP payload types with a known meaning, in the order of the line. */
  codecs: Codec[];
  direction: Direction;
  /** Where RTP and RTCP go; undefined for 0.0.0.0 and for names, which media sockets cannot send to. */
  host: string | undefined;
  rtcpHost: string | undefined;
  rtcpPort: number;
  rtcpMux: boolean;
  bundleOnly: boolean;
  mid: string | undefined;
  content: string | undefined;
  ptime: number | undefined;
  bandwidth: { type: 'TIAS' | 'AS'; limit: number }[];
  /** By payload type; `*` for all. */
  feedback: Map<string, Feedback>;
  cryptos: CryptoAttribute[];
  fingerprint: Fingerprint | undefined;
  setup: SetupRole | undefined;
  ice: IceParameters | undefined;
  /** Number of the header extension that carries the MID. */
  midExtension: number | undefined;
  ssrcs: number[];
}

export interface Description {
  lines: MediaLine[];
  /** MIDs of the first BUNDLE group. */
  bundle: string[];
  iceLite: boolean;
}

const badSdp = (what: string): MediaError =>
  new MediaError('BAD_SDP', `session description cannot be used: ${what}`, 400, 111, 'see RFC 8866 for what it must look like');

/** Reads a session description (RFC 8866) within bounds; throws MediaError `BAD_SDP` (400) where it is none. */
export function parseDescription(text: string): Description {
  checkBounds(text);
  const parsed = sdpTransform.parse(text);
  const session = parsed as typeof parsed & { icelite?: string };
  return {
    lines: parsed.media.map((media) => mediaLine(media, session)),
    bundle: String(parsed.groups?.find((group) => group.type === 'BUNDLE')?.mids ?? '').split(' ').filter((mid) => mid !== ''),
    iceLite: session.icelite !== undefined,
  };
}

function checkBounds(text: string): void {
  if (text.length > MAX_BYTES) throw badSdp(`longer than ${MAX_BYTES} characters`);
  const lines = text.split(/\r\n|\r|\n/);
  if (lines.length > MAX_LINES) throw badSdp(`more than ${MAX_LINES} lines`);
  if (!/^v=0\s*$/.test(lines[0] ?? '')) throw badSdp('it does not begin with v=0');
  let media = 0;
  for (const line of lines) {
    if (line.length > MAX_LINE_BYTES) throw badSdp(`a line longer than ${MAX_LINE_BYTES} characters`);
    if (!line.startsWith('m=')) continue;
    media++;
    const match = /^m=\w+ (\d{1,5}) [\w/]+ (\S.*)$/.exec(line);
    if (match === null || Number(match[1]) > 65_535) throw badSdp(`m-line ${media} is malformed: ${line.slice(0, 80)}`);
    if (match[2]!.trim().split(/ +/).length > MAX_FORMATS) throw badSdp(`m-line ${media} has more than ${MAX_FORMATS} formats`);
  }
  if (media === 0) throw badSdp('it has no m-line');
  if (media > MAX_MEDIA) throw badSdp(`more than ${MAX_MEDIA} m-lines`);
}

type ParsedMedia = ReturnType<typeof sdpTransform.parse>['media'][number];
type ParsedSession = ReturnType<typeof sdpTransform.parse>;

function mediaLine(media: ParsedMedia, session: ParsedSession): MediaLine {
  const host = media.connection?.ip ?? session.connection?.ip;
  const candidates = (media.candidates ?? []).slice(0, MAX_CANDIDATES).map(parseCandidate).filter((candidate) => candidate !== undefined);
  const ufrag = text(media.iceUfrag ?? session.iceUfrag);
  const pwd = text(media.icePwd ?? session.icePwd);
  return {
    type: media.type,
    port: media.port,
    protocol: media.protocol,
    formats: String(media.payloads ?? ''),
    codecs: codecsOf(media),
    // With ICE the unspecified address only means that candidates come later (RFC 8840 section 4.1.1).
    direction: parseDirection(media.direction ?? session.direction, ufrag === undefined ? host : undefined),
    host: usableHost(host),
    rtcpHost: usableHost(media.rtcp?.address ?? host),
    rtcpPort: media.rtcp?.port ?? media.port + 1,
    rtcpMux: media.rtcpMux !== undefined,
    bundleOnly: media.bundleOnly !== undefined,
    mid: text(media.mid),
    content: text((media as { content?: string }).content),
    ptime: typeof media.ptime === 'number' && media.ptime >= 5 && media.ptime <= 200 ? media.ptime : undefined,
    bandwidth: bandwidthOf(media),
    feedback: feedbackOf(media),
    cryptos: (media.crypto ?? [])
      .map((crypto) => parseCryptoAttribute(crypto.id, crypto.suite, crypto.config, crypto.sessionConfig))
      .filter((crypto) => crypto !== undefined),
    fingerprint: fingerprintOf(media.fingerprint ?? session.fingerprint),
    setup: setupOf(media.setup ?? session.setup),
    // RFC 8839 section 5.4: at least 4 and 22 characters.
    ice: ufrag !== undefined && pwd !== undefined && ufrag.length >= 4 && ufrag.length <= 256 && pwd.length >= 22 && pwd.length <= 256
      ? { ufrag, pwd, candidates } : undefined,
    midExtension: media.ext?.find((extension) => extension.uri === MID_EXTENSION && extension.value <= 14)?.value,
    ssrcs: [...new Set((media.ssrcs ?? []).map((ssrc) => Number(ssrc.id)).filter((ssrc) => ssrc > 0 && ssrc <= 0xffffffff))].slice(0, 16),
  };
}

/** sdp-transform makes numbers of digits. */
const text = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));

function usableHost(host: string | undefined): string | undefined {
  return host === undefined || isIP(host) === 0 || host === '0.0.0.0' || host === '::' ? undefined : host;
}

function codecsOf(media: ParsedMedia): Codec[] {
  const seen = new Set<number>();
  const codecs: Codec[] = [];
  for (const format of String(media.payloads ?? '').split(/ +/)) {
    const payloadType = Number(format);
    if (!/^\d{1,3}$/.test(format) || payloadType > 127 || seen.has(payloadType)) continue;
    seen.add(payloadType);
    const rtp = media.rtp.find((entry) => entry.payload === payloadType);
    const config = media.fmtp.find((entry) => entry.payload === payloadType)?.config;
    const fixed = STATIC_PAYLOAD_TYPES.get(payloadType);
    if (rtp?.rate !== undefined) {
      const name = String(rtp.codec).toUpperCase();
      codecs.push({ name, payloadType, clockRate: rtp.rate, channels: Number(rtp.encoding ?? 1), fmtp: parseFormatParameters(name, config) });
    } else if (fixed !== undefined) {
      codecs.push({ ...fixed, payloadType, fmtp: parseFormatParameters(fixed.name, config) });
    }
  }
  return codecs;
}

/** `a=fmtp` as names and values; telephone-event has a list of events instead (RFC 4733 section 2.4.1). */
function parseFormatParameters(codec: string, config: string | undefined): Record<string, string> {
  if (config === undefined) return {};
  if (codec === 'TELEPHONE-EVENT') return { events: String(config).trim() };
  const parameters: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const part of String(config).split(';').slice(0, 32)) {
    const [name, ...value] = part.split('=');
    if (name !== undefined && name.trim() !== '') parameters[name.trim().toLowerCase()] = value.join('=').trim();
  }
  return { ...parameters };
}

function bandwidthOf(media: ParsedMedia): MediaLine['bandwidth'] {
  return (media.bandwidth ?? []).flatMap(({ type, limit }) =>
    ((type === 'TIAS' || type === 'AS') && Number(limit) > 0 && Number(limit) < 2 ** 31 ? [{ type, limit: Number(limit) }] : [])).slice(0, 2);
}

function feedbackOf(media: ParsedMedia): Map<string, Feedback> {
  const byPayload = new Map<string, Feedback>();
  for (const { payload, type, subtype } of media.rtcpFb ?? []) {
    const key = String(payload);
    const feedback = byPayload.get(key) ?? { nack: false, pli: false, fir: false };
    if (type === 'nack' && subtype === undefined) feedback.nack = true;
    if (type === 'nack' && subtype === 'pli') feedback.pli = true;
    if (type === 'ccm' && subtype === 'fir') feedback.fir = true;
    byPayload.set(key, feedback);
  }
  return byPayload;
}

const FINGERPRINT_HASHES: Readonly<Record<string, { hash: string; bytes: number }>> = {
  'sha-1': { hash: 'sha1', bytes: 20 },
  'sha-256': { hash: 'sha256', bytes: 32 },
  'sha-384': { hash: 'sha384', bytes: 48 },
  'sha-512': { hash: 'sha512', bytes: 64 },
};

/** RFC 8122 section 5. */
function fingerprintOf(fingerprint: { type: string; hash: string } | undefined): Fingerprint | undefined {
  const type = String(fingerprint?.type).toLowerCase();
  const known = Object.hasOwn(FINGERPRINT_HASHES, type) ? FINGERPRINT_HASHES[type] : undefined;
  const hex = String(fingerprint?.hash).replaceAll(':', '');
  if (known === undefined || !/^[0-9a-f]+$/i.test(hex) || hex.length !== known.bytes * 2) return undefined;
  return { hash: known.hash, value: Buffer.from(hex, 'hex') };
}

function setupOf(setup: string | undefined): SetupRole | undefined {
  return setup === 'active' || setup === 'passive' || setup === 'actpass' || setup === 'holdconn' ? setup : undefined;
}
