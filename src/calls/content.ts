import { completeAnswer, contentOf, type MediaLine, refused, split } from './sdp';

/**
 * A presentation beside the camera's picture: a second video line (RFC 4796 `slides`), which the media server carries, and the
 * line that says who may present (BFCP, RFC 8856). The floor is controlled between the two parties themselves: its line passes
 * from one to the other with the address that it names, as everything does in direct calls.
 */

const isSlides = (line: MediaLine): boolean => line.type === 'video' && contentOf(line) === 'slides';
const isFloor = ({ type, proto }: MediaLine): boolean => type === 'application' && proto.endsWith('/BFCP');
/** Whichever way they go now: who shows nothing may have its line inactive. */
const usedSlides = (lines: readonly MediaLine[]): MediaLine | undefined => lines.find((line) => isSlides(line) && line.port !== '0');

/** True when the description has a line for slides. */
export const hasSlides = (sdp: string): boolean => sdp.includes('a=content:slides') && usedSlides(split(sdp).media) !== undefined;

/** What a party has of this, and where its floor is controlled: descriptions that differ in it concern the other party. Empty: no slides. */
export function presentationOf(sdp: string): string {
  const [first = '', connection = ''] = floorOf(sdp)?.lines ?? [];
  return hasSlides(sdp) ? `slides ${first} ${connection}` : '';
}

/**
 * An offer with the other party's floor control, when it has slides that could be controlled.
 * @param before the description that the party who is offered this gave last: a line for floor control stays one
 */
export function offerWithFloor(offer: string, other: string, before = ''): string {
  if (before === '' && !hasSlides(offer)) return offer;
  const { session, media } = split(offer);
  const slides = usedSlides(media);
  const floor = slides && floorOf(other);
  const place = media.findIndex(isFloor);
  const former = split(before).media.find(isFloor);
  const added = floor?.lines ?? (place < 0 && former ? refused(former) : undefined);
  if (!added) return offer;
  if (slides) relabel(slides, other);
  const lines = media.map((line) => line.lines);
  lines.splice(place < 0 ? lines.length : place, place < 0 ? 0 : 1, added);
  return [...session, ...lines.flat(), ''].join('\r\n');
}

/**
 * The media server's answer to a party's offer, complete. Floor control is the other party's when both have slides, else
 * refused in its place; slides are taken as pictures are, for who joins may have them.
 */
export function answerWithContent(offer: string, answer: string, other: string | undefined): string {
  const offered = split(offer).media;
  const { session, media } = split(completeAnswer(offer, answer));
  if (media.length !== offered.length) return answer;
  const slides = usedSlides(media);
  const theirs = slides && other !== undefined ? floorOf(other) : undefined;
  if (slides && other !== undefined) relabel(slides, other);
  const lines = media.map((line, index) => {
    const asked = offered[index] as MediaLine;
    if (!isFloor(asked)) return line.lines;
    return theirs?.proto === asked.proto && asked.port !== '0' ? inRole(theirs.lines, asked) : refused(asked);
  });
  return [...session, ...lines.flat(), ''].join('\r\n');
}

/** A party's line of floor control as another description can have it: with what the session says for all its lines. */
function floorOf(sdp: string): { proto: string; lines: string[] } | undefined {
  if (!hasSlides(sdp)) return undefined;
  const { session, media } = split(sdp);
  const line = usedSlides(media) && media.find((each) => isFloor(each) && each.port !== '0');
  if (!line) return undefined;
  const inherited = session.filter((text) => {
    const name = /^(c=|a=(fingerprint|setup):)/.exec(text)?.[1];
    return name !== undefined && !line.lines.some((own) => own.startsWith(name));
  });
  const [first = '', ...rest] = line.lines;
  const connection = [...inherited, ...rest].filter((text) => text.startsWith('c='));
  return { proto: line.proto, lines: [first, ...connection, ...[...inherited, ...rest].filter((text) => !text.startsWith('c='))] };
}

/** `mstrm` of the floor names the slides by their label (RFC 8856 section 5.3, RFC 4574). */
function relabel(slides: MediaLine, other: string): void {
  const theirs = usedSlides(split(other).media)?.lines.find((line) => line.startsWith('a=label:'));
  if (theirs === undefined) return;
  slides.lines = [...slides.lines.filter((line) => !line.startsWith('a=label:')), theirs];
}

const COUNTERPART: Record<string, string> = { 'c-only': 's-only', 's-only': 'c-only', 'c-s': 'c-s' };
const rolesOf = (lines: readonly string[]): string[] => lines.find((line) => line.startsWith('a=floorctrl:'))?.slice('a=floorctrl:'.length).trim().split(/ +/) ?? [];

/**
 * What the other party answered before holds again; what it offered becomes one role, which fits the first that is asked for
 * (RFC 8856 section 5.1).
 */
function inRole(floor: readonly string[], asked: MediaLine): string[] {
  const [own, ...more] = rolesOf(floor);
  const offered = rolesOf(asked.lines);
  if (offered.length === 0 || (own !== undefined && more.length === 0 && (offered.includes(COUNTERPART[own] ?? '') || offered.includes('c-s')))) return [...floor];
  const role = COUNTERPART[offered[0] ?? ''];
  return floor.map((line) => (line.startsWith('a=floorctrl:') && role !== undefined ? `a=floorctrl:${role}` : line));
}
