import { linesOf, type MediaTransport } from '../calls';

/** Descriptions are changed line by line: what is not understood stays as it is. */
interface Section {
  /** `audio 40000 RTP/AVP 0 8` in its parts. */
  type: string;
  port: string;
  proto: string;
  formats: string[];
  /** Everything after the m-line. */
  lines: string[];
}

interface Description {
  session: string[];
  media: Section[];
}

/** H.264 constrained baseline, level 3.1, as every browser and video system decodes it (RFC 6184 section 8.1). */
const DEFAULT_H264 = 'profile-level-id=42e01f';
/** Pictures in fragments before those whole in a packet, which are small (RFC 6184 section 6.2 and 6.3). */
const H264_MODES = ['1', '0'];
/** RFC 3551 section 6. */
const DYNAMIC_FORMATS = Array.from({ length: 32 }, (_, index) => String(96 + index));
const STATIC_FORMATS: Record<string, string> = { 0: 'PCMU/8000', 8: 'PCMA/8000', 9: 'G722/8000' };

function parse(sdp: string): Description {
  const session: string[] = [];
  const media: Section[] = [];
  for (const line of linesOf(sdp)) {
    if (line === '') continue;
    if (line.startsWith('m=')) {
      const [type = '', port = '0', proto = '', ...formats] = line.slice(2).trim().split(/ +/);
      media.push({ type, port, proto, formats, lines: [] });
    } else {
      (media[media.length - 1]?.lines ?? session).push(line);
    }
  }
  return { session, media };
}

function write({ session, media }: Description): string {
  return [...session, ...media.flatMap((m) => [`m=${[m.type, m.port, m.proto, ...m.formats].join(' ')}`, ...m.lines]), ''].join('\r\n');
}

function codecOf({ lines }: Section, format: string): string {
  const name = `a=rtpmap:${format} `;
  for (const line of lines) {
    const codec = line.startsWith(name) ? /^[^/]+\/\d+/.exec(line.slice(name.length))?.[0] : undefined;
    if (codec !== undefined) return codec.toUpperCase();
  }
  return STATIC_FORMATS[format] ?? '';
}

const fmtpOf = ({ lines }: Section, format: string): string | undefined =>
  lines.find((line) => line.startsWith(`a=fmtp:${format} `))?.slice(`a=fmtp:${format} `.length);

const isSlides = ({ type, lines }: Section): boolean => type === 'video' && lines.includes('a=content:slides');

/** The main line of a kind, used and not for slides (RFC 4796). */
const mainLine = ({ media }: Description, type: string): Section | undefined =>
  media.find((m) => m.type === type && m.port !== '0' && !isSlides(m));

/** Codecs of the party that is likely to be spoken with, the best first; H.264 with its format parameters. */
function likings(like: string | undefined, type: string): { codec: string; fmtp?: string }[] {
  const line = like === undefined ? undefined : mainLine(parse(like), type);
  return line ? line.formats.map((format) => ({ codec: codecOf(line, format), fmtp: fmtpOf(line, format) })) : [];
}

const h264Mode = (fmtp = ''): string => /packetization-mode=(\d)/.exec(fmtp)?.[1] ?? '0';
const h264Profile = (fmtp = ''): string => (/profile-level-id=([0-9a-f]{2})/i.exec(fmtp)?.[1] ?? '42').toLowerCase();

/** Puts first what the other one likes, in its order; the rest stays in the party's own, but for H.264 as every other decodes it. */
function order(line: Section, liked: readonly { codec: string; fmtp?: string }[]): void {
  const rank = (format: string): number => {
    const codec = codecOf(line, format);
    const same = liked.filter((other) => other.codec === codec);
    const fmtp = fmtpOf(line, format);
    // Baseline, fragmented, is what every other decodes, whoever that will be.
    if (same.length === 0 && codec === 'H264/90000' && h264Mode(fmtp) === '1' && h264Profile(fmtp) === '42') return liked.length;
    if (same.length === 0 || codec.startsWith('TELEPHONE-EVENT')) return liked.length + 1;
    const place = liked.indexOf(same[0] as (typeof liked)[number]);
    if (codec !== 'H264/90000') return place;
    const exact = same.some((other) => h264Mode(other.fmtp) === h264Mode(fmtp) && h264Profile(other.fmtp) === h264Profile(fmtp));
    // Fragmented pictures before whole ones in a packet, which are small.
    return place + (exact ? 0 : 0.5) - (h264Mode(fmtp) === '1' ? 0.25 : 0);
  };
  line.formats = line.formats.map((format) => ({ format, rank: rank(format) })).sort((a, b) => a.rank - b.rank).map(({ format }) => format);
}

/**
 * A party's offer as the media server is to have it: `like` decides what is answered first, and keys in a plain RTP/AVP line,
 * as some video systems write them, make it an RTP/SAVP one, which `partyAnswer` turns back. Where the party leaves it open who
 * begins DTLS (RFC 5763 section 5), it does so itself when it has no ICE. Without `slides` no line for them is asked for.
 */
export function serverOffer(offer: string, like: string | undefined, slides: boolean): string {
  const description = parse(offer);
  for (const line of description.media) {
    if (isSlides(line) && !slides) line.port = '0';
    if (line.proto === 'RTP/AVP' && hasKeys(line)) line.proto = 'RTP/SAVP';
    order(line, likings(like, line.type));
    toMono(line);
  }
  const all = [description.session, ...description.media.map(({ lines }) => lines)];
  // Without ICE nothing comes before DTLS, and FreeSWITCH begins it for pictures only when something has come: the party begins.
  if (!all.flat().some((line) => line.startsWith('a=ice-ufrag:'))) {
    for (const lines of all) lines.forEach((line, index) => { if (line === 'a=setup:actpass') lines[index] = 'a=setup:active'; });
  }
  return write(description);
}

/**
 * A party's new offer in a session, as the media server is to have it: what is in use stays in use, whatever the party now names
 * first. Pictures are offered in one codec only: FreeSWITCH prefers the format that has the other party's number, of any codec.
 */
export function serverReoffer(offer: string, inUse: string, slides: boolean): string {
  const description = parse(serverOffer(offer, inUse, slides));
  const used = parse(inUse).media;
  description.media.forEach((line, index) => {
    if (line.type !== 'video') return;
    const kept = line.formats.filter((format) => used[index]?.port !== '0' && used[index]?.formats.includes(format));
    const codec = codecOf(line, kept[0] ?? line.formats[0] ?? '');
    line.formats = kept.length > 0 ? kept : line.formats.filter((format) => codecOf(line, format) === codec);
  });
  return write(description);
}

/** The media server's answer as the party that made `offer` is to have it. */
export function partyAnswer(answer: string, offer: string): string {
  const offered = parse(offer).media;
  const description = parse(answer);
  description.media.forEach((line, index) => { line.proto = offered[index]?.proto ?? line.proto; });
  return write(description);
}

/** Whether an answer is of use: one of its lines has a format of the offer's, by number or codec (RFC 3264 section 6.1), or it refuses all. */
export function canAgree(offer: string, answer: string): boolean {
  const offered = parse(offer).media;
  const used = parse(answer).media.map((line, index) => ({ line, other: offered[index] })).filter(({ line }) => line.port !== '0');
  return used.length === 0 || used.some(({ line, other }) => other !== undefined && line.formats.some((format) => {
    const codec = codecOf(line, format);
    return !codec.startsWith('TELEPHONE-EVENT') && other.formats.some((each) => each === format || (codec !== '' && codecOf(other, each) === codec));
  }));
}

/** What became of the media server's offer, so that the party's answer can be given back to it. */
export interface ShapedOffer {
  sdp: string;
  /** Which of the server's lines the party is shown, by their place. */
  shown: ReadonlySet<number>;
  /** The party's answer with a refused line for every line that the party was not shown (RFC 3264 section 6). */
  serverAnswer(answer: string): string;
}

/**
 * The media server's offer as a party is to have it: one line of a kind (FreeSWITCH offers some twice) and one for slides, without
 * video where there is none, in the transport's own words, and with the codecs of `like` first.
 * @param known lines that the party has been shown before, and so is again (RFC 3264 section 8)
 */
export function shapeOffer(
  offer: string, transport: MediaTransport, options: { like?: string; video: boolean; slides?: boolean; camera?: boolean }, known: ReadonlySet<number> = new Set(),
): ShapedOffer {
  const description = parse(offer);
  const all = description.media;
  const wanted = (line: Section): boolean => (line.type === 'application' ? options.camera === true : line.type !== 'video' || (options.video && (!isSlides(line) || options.slides === true)));
  const isFirst = (line: Section): boolean => all.find((each) => each.type === line.type && isSlides(each) === isSlides(line)) === line;
  for (const line of all) if (isSlides(line) && !wanted(line)) line.port = '0';
  const shown = all.filter((line, index) => known.has(index) || (wanted(line) && isFirst(line)));
  const dtls = all.flatMap(({ lines }) => lines).filter((line) => /^a=(fingerprint|setup):/.test(line)).slice(0, 2);
  for (const line of shown) {
    if (transport === 'srtp' && hasKeys(line)) line.proto = 'RTP/SAVP';
    if (transport === 'webrtc') {
      line.proto = 'UDP/TLS/RTP/SAVPF';
      // One certificate for all; FreeSWITCH writes it in the first line only.
      if (!line.lines.some((l) => l.startsWith('a=fingerprint:'))) line.lines.push(...dtls);
    }
    const liked = likings(options.like, line.type);
    if (line.type === 'video') setH264(line, liked, (format) => !all.some(({ formats }) => formats.includes(format)));
    order(line, liked);
  }
  return {
    sdp: write({ session: groupingOnly(shown, description.session), media: shown }),
    shown: new Set(shown.map((line) => all.indexOf(line))),
    serverAnswer: (answer) => {
      const answered = parse(answer);
      answered.media.forEach(toMono);
      const media = all.map((line) => answered.media[shown.indexOf(line)] ?? { ...line, port: '0', lines: [] });
      return write({ session: answered.session, media });
    },
  };
}

/** A BUNDLE names lines that are there and in use alone (RFC 9143 section 7.2): browsers refuse others. */
function groupingOnly(shown: readonly Section[], session: readonly string[]): string[] {
  const mids = new Set(shown.filter(({ port }) => port !== '0').flatMap(({ lines }) => lines.filter((line) => line.startsWith('a=mid:')).map((line) => line.slice('a=mid:'.length))));
  return session.map((line) => {
    const [group = '', ...members] = line.split(' ');
    return group === 'a=group:BUNDLE' ? [group, ...members.filter((mid) => mids.has(mid))].join(' ') : line;
  });
}

/**
 * The H.264 that the other one takes, for it is passed on as it is: FreeSWITCH offers it once and says nothing of it. Each way of
 * putting it into packets that the other one knows is a format of its own; the party answers with the one that it knows, too.
 */
function setH264(line: Section, liked: readonly { codec: string; fmtp?: string }[], isFree: (format: string) => boolean): void {
  const bare = line.formats.find((format) => codecOf(line, format) === 'H264/90000' && fmtpOf(line, format) === undefined);
  if (bare === undefined) return;
  const known = liked.filter(({ codec }) => codec === 'H264/90000');
  const ways = H264_MODES.flatMap((mode) => {
    const same = known.find(({ fmtp }) => h264Mode(fmtp) === mode);
    return same || known.length === 0 ? [same?.fmtp ?? `${DEFAULT_H264};packetization-mode=${mode}`] : [];
  });
  const feedback = line.lines.filter((l) => l.startsWith(`a=rtcp-fb:${bare} `)).map((l) => l.slice(`a=rtcp-fb:${bare} `.length));
  const [first, second] = ways;
  const after = line.lines.findIndex((l) => l.startsWith(`a=rtpmap:${bare} `)) + 1;
  line.lines.splice(after, 0, `a=fmtp:${bare} ${first}`);
  const other = DYNAMIC_FORMATS.find(isFree);
  if (second === undefined || other === undefined) return;
  line.formats.splice(line.formats.indexOf(bare) + 1, 0, other);
  line.lines.splice(after + 1, 0, `a=rtpmap:${other} H264/90000`, `a=fmtp:${other} ${second}`);
  line.lines.push(...feedback.map((l) => `a=rtcp-fb:${other} ${l}`));
}

/** FreeSWITCH adds up two channels where another party has one: such a party would be twice as loud there (RFC 7587 section 6.1). */
function toMono(line: Section): void {
  if (line.type === 'audio') line.lines = line.lines.map((l) => (l.startsWith('a=fmtp:') ? l.replace(/(;?\s*)\b(sprop-)?stereo=1/g, '$1$2stereo=0') : l));
}

const hasKeys = ({ lines }: Section): boolean => lines.some((line) => line.startsWith('a=crypto:'));
