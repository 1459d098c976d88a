import { isIP } from 'node:net';
import sdpTransform from 'sdp-transform';
import type { MediaAddress } from '../contracts';
import { SdpError } from './errors';
import type { Medium } from './media';

const MAX_CHARACTERS = 64 * 1024;
const MAX_LINE_CHARACTERS = 2_048;
const MAX_LINES = 1_500;
const MAX_MEDIA = 16;
const MAX_FORMATS = 64;

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** One RTP payload type of an m-line, static ones filled in (RFC 3551 section 6). */
export interface Format {
  /** Encoding name, upper case. */
  name: string;
  payloadType: number;
  clockRate: number;
  channels: number;
  /** `a=fmtp`, names in lower case; `events` for telephone-event. */
  parameters: Readonly<Record<string, string>>;
}

/** One m-line as far as it can be mapped, session-level defaults filled in. */
export interface MediaLine {
  /** Undefined for what H.323 has no counterpart of, and for a second line of a medium. */
  medium: Medium | undefined;
  /** `audio`, `video`, `application` ... */
  type: string;
  port: number;
  protocol: string;
  /** The formats as written, for refusing the line in place. */
  payloads: string;
  formats: readonly Format[];
  direction: Direction;
  /** Where the party receives; undefined when it says no address that can be sent to. */
  media: MediaAddress | undefined;
  /** Most that the party receives, bit/s. */
  bitRate: number | undefined;
  ptime: number | undefined;
  maxptime: number | undefined;
  content: string | undefined;
  mid: string | undefined;
}

export interface Description {
  lines: readonly Readonly<MediaLine>[];
}

/** Descriptions read last, and what they hold: while a call is set up, those of its two parties are read again and again. */
const recent = new Map<string, Description>();
const MAX_RECENT = 256;
const MAX_RECENT_CHARACTERS = 8_192;

/** Reads a session description within bounds. @throws SdpError */
export function parseDescription(sdp: string): Description {
  const known = recent.get(sdp);
  if (known) return known;
  const description = read(sdp);
  if (sdp.length > MAX_RECENT_CHARACTERS) return description;
  if (recent.size >= MAX_RECENT) {
    const [oldest] = recent.keys();
    recent.delete(oldest!);
  }
  recent.set(sdp, description);
  return description;
}

function read(sdp: string): Description {
  checkBounds(sdp);
  const parsed = sdpTransform.parse(sdp);
  const seen = new Set<Medium>();
  return {
    lines: parsed.media.map((media) => {
      const line = mediaLine(media, parsed);
      if (line.medium !== undefined && seen.has(line.medium)) line.medium = undefined;
      if (line.medium !== undefined) seen.add(line.medium);
      return line;
    }),
  };
}

/** The line of a medium; undefined when there is none in use. */
export const lineOf = ({ lines }: Description, medium: Medium): MediaLine | undefined => lines.find((line) => line.medium === medium);

function checkBounds(sdp: string): void {
  if (typeof sdp !== 'string' || sdp.length > MAX_CHARACTERS) throw new SdpError(`longer than ${MAX_CHARACTERS} characters`);
  const lines = sdp.split(/\r\n|\r|\n/);
  if (lines.length > MAX_LINES) throw new SdpError(`more than ${MAX_LINES} lines`);
  if (!/^v=0\s*$/.test(lines[0] ?? '')) throw new SdpError('it does not begin with v=0');
  let media = 0;
  for (const line of lines) {
    if (line.length > MAX_LINE_CHARACTERS) throw new SdpError(`a line longer than ${MAX_LINE_CHARACTERS} characters`);
    if (!line.startsWith('m=')) continue;
    if (++media > MAX_MEDIA) throw new SdpError(`more than ${MAX_MEDIA} m-lines`);
    const [, port, formats] = /^m=\w+ (\d{1,5}) [\w/]+ (\S.*)$/.exec(line) ?? [];
    if (port === undefined || Number(port) > 65_535) throw new SdpError(`m-line ${media} is malformed: ${line.slice(0, 80)}`);
    if (formats!.trim().split(/ +/).length > MAX_FORMATS) throw new SdpError(`m-line ${media} has more than ${MAX_FORMATS} formats`);
  }
  if (media === 0) throw new SdpError('it has no m-line');
}

type ParsedSession = ReturnType<typeof sdpTransform.parse>;
type ParsedMedia = ParsedSession['media'][number];

function mediaLine(media: ParsedMedia, session: ParsedSession): MediaLine {
  const host = usable((media.connection ?? session.connection)?.ip);
  const formats = formatsOf(media);
  // sdp-transform makes numbers of digits, wherever they are.
  const [type, protocol, content] = [String(media.type), String(media.protocol), text((media as { content?: unknown }).content)];
  return {
    medium: mediumOfLine(type, media.port, protocol, formats, content),
    type,
    port: media.port,
    protocol,
    payloads: String(media.payloads ?? ''),
    formats,
    direction: media.direction ?? session.direction ?? 'sendrecv',
    media: host === undefined || media.port === 0 ? undefined : {
      rtp: { host, port: media.port }, rtcp: { host: usable(media.rtcp?.address) ?? host, port: media.rtcp?.port ?? Math.min(media.port + 1, 65_535) },
    },
    bitRate: bitRateOf(media) ?? bitRateOf(session),
    ptime: milliseconds(media.ptime),
    maxptime: milliseconds(media.maxptime),
    content,
    mid: text(media.mid),
  };
}

/** Names and unspecified addresses cannot be told in H.245. */
const usable = (host: unknown): string | undefined => (typeof host === 'string' && isIP(host) !== 0 && host !== '0.0.0.0' && host !== '::' ? host : undefined);

const text = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));

/** RFC 4796: slides are the second picture. */
function mediumOfLine(type: string, port: number, protocol: string, formats: readonly Format[], content: string | undefined): Medium | undefined {
  if (port === 0 || !protocol.includes('RTP/')) return undefined;
  if (type === 'audio') return 'audio';
  if (type === 'video') return content?.split(',').includes('slides') ? 'content' : 'video';
  return type === 'application' && formats.some(({ name }) => name === 'H224') ? 'camera' : undefined;
}

/** b=TIAS in bit/s (RFC 3890), b=AS in kbit/s, the exact one first. */
function bitRateOf({ bandwidth }: { bandwidth?: { type: string; limit: number | string }[] }): number | undefined {
  for (const [type, unit] of [['TIAS', 1], ['AS', 1_000]] as const) {
    const limit = Number(bandwidth?.find((entry) => entry.type === type)?.limit);
    if (limit > 0 && limit * unit < 2 ** 31) return limit * unit;
  }
  return undefined;
}

const milliseconds = (value: unknown): number | undefined => (typeof value === 'number' && value >= 1 && value <= 1_000 ? value : undefined);

const STATIC_FORMATS: Readonly<Record<number, readonly [string, number]>> = {
  0: ['PCMU', 8_000], 3: ['GSM', 8_000], 4: ['G723', 8_000], 8: ['PCMA', 8_000], 9: ['G722', 8_000], 15: ['G728', 8_000], 18: ['G729', 8_000], 31: ['H261', 90_000], 34: ['H263', 90_000],
};

function formatsOf(media: ParsedMedia): Format[] {
  const formats = new Map<number, Format>();
  for (const payload of String(media.payloads ?? '').split(/ +/)) {
    const payloadType = Number(payload);
    if (!/^\d{1,3}$/.test(payload) || payloadType > 127 || formats.has(payloadType)) continue;
    const rtp = media.rtp.find((entry) => entry.payload === payloadType);
    const [name, clockRate] = rtp?.rate === undefined ? STATIC_FORMATS[payloadType] ?? [] : [String(rtp.codec).toUpperCase(), rtp.rate];
    if (name === undefined || clockRate === undefined) continue;
    const config = media.fmtp.find((entry) => entry.payload === payloadType)?.config;
    formats.set(payloadType, { name, payloadType, clockRate, channels: Number(rtp?.encoding) || 1, parameters: parametersOf(name, config) });
  }
  return [...formats.values()];
}

/** `a=fmtp` as names and values; telephone-event has a list of events instead (RFC 4733 section 2.4.1). */
function parametersOf(name: string, config: string | undefined): Record<string, string> {
  if (config === undefined) return {};
  if (name === 'TELEPHONE-EVENT') return { events: String(config).trim() };
  const parameters = new Map<string, string>();
  for (const part of String(config).split(';').slice(0, 32)) {
    const [key, ...value] = part.split('=');
    if (key !== undefined && key.trim() !== '') parameters.set(key.trim().toLowerCase(), value.join('=').trim());
  }
  return Object.fromEntries(parameters);
}
