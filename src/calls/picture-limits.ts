import { contentOf, isLive, split, type MediaLine } from './sdp';

/**
 * Bit rates of pictures in anchored calls. A media server passes pictures on as they are, so that their sender has to keep to what
 * the receivers take: each says that in its descriptions (b=TIAS of RFC 3890, or b=AS), and is told the least of the others'.
 */
export type PictureLimits = ReadonlyMap<Picture, Limit>;

/** By what it shows (RFC 4796). */
export type Picture = 'main' | 'slides';

interface Limit {
  /** Most that is taken, bit/s; Infinity: nothing is said of it. */
  bitRate: number;
  /** How that is said. */
  lines: readonly string[];
}

const UNITS = { TIAS: 1, AS: 1_000 } as const;

/** What a party takes of each picture that it receives now. */
export function pictureLimitsOf(sdp: string): PictureLimits {
  const limits = new Map<Picture, Limit>();
  if (!sdp.includes('m=video')) return limits;
  const { session, media } = split(sdp);
  for (const line of media) {
    if (line.type !== 'video' || !isLive(line) || hasNoPlace(line) || line.lines.includes('a=sendonly')) continue;
    const own = limitIn(line.lines);
    if (!limits.has(pictureOf(line))) limits.set(pictureOf(line), own.bitRate < Infinity ? own : limitIn(session));
  }
  return limits;
}

/** The pictures that a party sends now. */
export const sentPictures = (sdp: string): ReadonlySet<Picture> =>
  new Set(!sdp.includes('m=video') ? [] : split(sdp).media.filter((line) => line.type === 'video' && isLive(line) && !line.lines.includes('a=recvonly')).map(pictureOf));

/** The least of several parties'; a picture that none of them takes is not limited and not named. */
export function leastLimits(all: Iterable<PictureLimits>): PictureLimits {
  const least = new Map<Picture, Limit>();
  for (const limits of all) for (const [picture, limit] of limits) if (limit.bitRate <= (least.get(picture)?.bitRate ?? Infinity)) least.set(picture, limit);
  return least;
}

/** A media server's description for a party with the limits of the others in place of the server's own. */
export function withPictureLimits(sdp: string, limits: PictureLimits): string {
  if (limits.size === 0) return sdp;
  const { session, media } = split(sdp);
  const limited = (line: MediaLine): readonly string[] => {
    const limit = line.type === 'video' && line.port !== '0' ? limits.get(pictureOf(line)) : undefined;
    if (!limit) return line.lines;
    const others = line.lines.filter((text) => !text.startsWith('b='));
    // Behind the connection and before the attributes (RFC 8866 section 5).
    const place = others.findIndex((text) => /^[ka]=/.test(text));
    return place < 0 ? [...others, ...limit.lines] : [...others.slice(0, place), ...limit.lines, ...others.slice(place)];
  };
  return [...session, ...media.flatMap(limited), ''].join('\r\n');
}

/** Whether the sender of such pictures has been told another limit than the one that holds now. */
export function isNews(now: PictureLimits, told: PictureLimits, sent: ReadonlySet<Picture>): boolean {
  return [...now].some(([picture, { bitRate }]) => sent.has(picture) && bitRate !== (told.get(picture)?.bitRate ?? Infinity));
}

/** Slides that nobody shows have the port of discard; that of a browser's line is said by its candidates. */
const hasNoPlace = ({ port, proto }: MediaLine): boolean => port === '9' && !proto.includes('TLS');

const pictureOf = (line: MediaLine): Picture => (contentOf(line)?.split(',').includes('slides') ? 'slides' : 'main');

function limitIn(lines: readonly string[]): Limit {
  const said = lines.filter((line) => /^b=(TIAS|AS):\d+$/.test(line));
  for (const [name, unit] of Object.entries(UNITS)) {
    const bitRate = Number(said.find((line) => line.startsWith(`b=${name}:`))?.split(':')[1]) * unit;
    if (bitRate > 0) return { bitRate, lines: said };
  }
  return { bitRate: Infinity, lines: [] };
}
