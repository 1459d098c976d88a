/**
 * Every media line of an offer has one in the answer, in the same place (RFC 3264 section 6). Some devices leave out lines
 * that they do not know (far-end camera, BFCP, second video): those are refused here with port 0 instead of being lost.
 */
export interface MediaLine {
  type: string;
  port: string;
  proto: string;
  formats: string;
  lines: string[];
}

const MAX_MEDIA_LINES = 64;

/** The lines of a description, whatever they end with; CRLF is what nearly all have, and found much sooner than one of several. */
export function linesOf(sdp: string): string[] {
  const lines = sdp.split('\r\n');
  return lines.some((line) => line.includes('\n') || line.includes('\r')) ? sdp.split(/\r\n|\n|\r/) : lines;
}

export function split(sdp: string): { session: string[]; media: MediaLine[] } {
  const session: string[] = [];
  const media: MediaLine[] = [];
  for (const line of linesOf(sdp)) {
    if (line === '') continue;
    if (line.startsWith('m=')) {
      const [type = '', port = '0', proto = '', ...formats] = line.slice(2).split(' ');
      media.push({ type, port, proto, formats: formats.join(' '), lines: [line] });
    } else {
      const current = media[media.length - 1];
      (current?.lines ?? session).push(line);
    }
  }
  return { session, media };
}

/**
 * The answer with a refused line for every offered line that it lacks. Returned unchanged when nothing is missing, or when
 * it is not an answer to this offer at all (more lines than offered): then the offerer must judge it.
 */
export function completeAnswer(offer: string, answer: string): string {
  const offered = split(offer).media;
  const { session, media } = split(answer);
  if (media.length >= offered.length || offered.length > MAX_MEDIA_LINES) return answer;
  const rest = [...media];
  const aligned = offered.map((line, i) => {
    const next = rest[0];
    // The answer's next line serves this one when type and protocol family agree and enough lines remain for the others.
    const fits = next && next.type === line.type && family(next.proto) === family(line.proto)
      && (rest.length >= offered.length - i || contentOf(next) === contentOf(line) || !laterTwin(offered, i, rest));
    return fits ? rest.shift()!.lines : refused(line);
  });
  if (rest.length > 0) return answer;
  return [...session, ...aligned.flat(), ''].join('\r\n');
}

const family = (proto: string): string => (proto.includes('RTP/') ? 'RTP' : proto.toUpperCase());
/** What a line is for (RFC 4796). */
export const contentOf = (line: MediaLine): string | undefined => line.lines.find((l) => l.startsWith('a=content:'))?.slice(10);

/** True when a later offered line of the same type carries the `content` that the answer's line names. */
function laterTwin(offered: MediaLine[], i: number, rest: MediaLine[]): boolean {
  const wanted = rest[0] && contentOf(rest[0]);
  return wanted !== undefined && offered.slice(i + 1).some((line) => contentOf(line) === wanted);
}

export function refused(line: MediaLine): string[] {
  return [`m=${line.type} 0 ${line.proto} ${line.formats}`.trimEnd()];
}

export const isLive = (media: MediaLine): boolean => media.port !== '0' && !media.lines.includes('a=inactive');

/** True when the description has a video line in use. */
export function hasVideo(sdp: string): boolean {
  return sdp.includes('m=video') && split(sdp).media.some((media) => media.type === 'video' && isLive(media));
}

/** True when the party's sound is on hold: it says that it will not listen (RFC 3264 section 8.4, and the older c=0.0.0.0). */
export function isHold(sdp: string): boolean {
  const { session, media } = split(sdp);
  const audio = media.find(({ type, port }) => type === 'audio' && port !== '0');
  if (!audio) return false;
  const lines = [...audio.lines, ...session];
  const direction = lines.find((line) => /^a=(sendrecv|sendonly|recvonly|inactive)$/.test(line))?.slice(2);
  return direction === 'sendonly' || direction === 'inactive' || lines.find((line) => line.startsWith('c='))?.endsWith(' 0.0.0.0') === true;
}

/** The description with every video line refused. */
export function withoutVideo(sdp: string): string {
  return sdp.replace(/^m=video \d+/gm, 'm=video 0');
}

/** Payload types whose codec needs no rtpmap (RFC 3551 section 6). */
const STATIC_CODECS: Record<string, string> = { 0: 'PCMU', 8: 'PCMA', 9: 'G722', 18: 'G729' };

/** Name of the codec that a line in use names first, upper case, events left out; undefined when there is no such line. */
function firstCodec(sdp: string, type: string): string | undefined {
  const line = sdp.includes(`m=${type}`) ? split(sdp).media.find((media) => media.type === type && isLive(media)) : undefined;
  for (const format of line?.formats.split(' ') ?? []) {
    const map = line?.lines.find((text) => text.startsWith(`a=rtpmap:${format} `) && /^\S+ [^/\s]/.test(text));
    const name = map?.slice(map.indexOf(' ') + 1).split(/[/\s]/, 1)[0] ?? STATIC_CODECS[format];
    if (name !== undefined && name.toLowerCase() !== 'telephone-event') return name.toUpperCase();
  }
  return undefined;
}

/** True when two parties that answered like this need no transcoding: the codecs that they use of each kind are the same. */
export function sameCodecs(one: string, other: string): boolean {
  return ['audio', 'video'].every((type) => {
    const [here, there] = [firstCodec(one, type), firstCodec(other, type)];
    return here === undefined || there === undefined || here === there;
  });
}

/** True when DTMF can be sent as RTP events (RFC 4733). */
export function takesTelephoneEvents(sdp: string | undefined): boolean {
  return /^a=rtpmap:\d+ telephone-event\//im.test(sdp ?? '');
}

/** True when key frames can be asked for by RTCP (RFC 4585 PLI, RFC 5104 FIR). */
export function takesKeyFrameRequests(sdp: string | undefined): boolean {
  return /^a=rtcp-fb:\S+ (nack pli|ccm fir)\b/im.test(sdp ?? '');
}
