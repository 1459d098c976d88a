import { answerBfcp, floorOf, floorTransportOf, formatBfcp, offerBfcp, readBfcp, type BfcpCapabilities, type FloorTransport } from '../../bfcp';

/** `a=label` of the slides (RFC 4574), which the floor names (RFC 8856 section 5.3). */
export const SLIDES_LABEL = '11';

const DIRECTION = /^a=(sendrecv|sendonly|recvonly|inactive)\b/m;

const isSlidesLine = (section: string): boolean => /^m=video /.test(section) && /^a=content:(\S*,)?slides\b/m.test(section);
/** A line of slides, or of their floor control, refused or not. */
export const isContentLine = (section: string): boolean => isSlidesLine(section) || /^m=application \d+ \S*\/BFCP /.test(section);

/** The m= sections of a description, after what is said for all of them. */
const split = (sdp: string): string[] => sdp.split(/^(?=m=)/m);
const isSlides = (section: string): boolean => isSlidesLine(section) && !section.startsWith('m=video 0 ');

/** The section of a second picture for presentations (RFC 4796), whichever way it goes; undefined where there is none, or it is refused. */
export const slidesOf = (sdp: string): string | undefined => split(sdp).slice(1).find(isSlides);

/** Where slides are and in what they come, without the rate that is taken of them: what a channel of them has to be opened anew for. */
export const slidesTermsOf = (sdp: string): string | undefined => slidesOf(sdp)?.replace(/^b=.*\r?\n/gm, '');

/** Whether a section says where its media go; those that are nowhere yet have the port of discard. */
export const hasPlace = (section: string | undefined): boolean => section !== undefined && !/^m=\S+ 9 /.test(section);

/** True where floor control was refused. */
export const refusesFloor = (sdp: string): boolean => readBfcp(sdp).some(({ port }) => port === 0);

/**
 * A description with the floor control of its slides: the answer to what is offered of it, or an offer of it. Slides whose floor is
 * controlled go both ways, whoever shows at present; others are only shown by the endpoint, because nobody else could ask it to look.
 * @param capabilities by the transport that is offered, or without it for an offer; undefined: no floor control
 */
export function describeContent(sdp: string, offer: string | undefined, capabilities: (transport?: FloorTransport) => BfcpCapabilities | undefined): string {
  const sections = split(sdp);
  const slides = sections.findIndex((section, index) => index > 0 && isSlides(section));
  if (slides < 0) return sdp;
  const offered = offer === undefined ? undefined : floorOf(offer);
  const own = offered ? capabilities(floorTransportOf(offered.transport)) : offer === undefined ? capabilities() : undefined;
  const floor = own && (offered ? answerBfcp(offered, own) : offerBfcp(own));
  const asked = offer === undefined ? 'sendrecv' : directionOf(split(offer)[slides] ?? '');
  sections[slides] = `${sections[slides]!.replace(DIRECTION, `a=${limited(floor && floor.port !== 0 ? 'sendrecv' : 'sendonly', asked)}`)}a=label:${SLIDES_LABEL}\r\n`;
  if (floor && offered) sections[1 + offered.index!] = formatBfcp(floor);
  else if (floor) sections.push(formatBfcp(floor));
  return sections.join('');
}

const directionOf = (section: string): string => DIRECTION.exec(section)?.[1] ?? 'sendrecv';

/** What is left of the ways of a line where the offer has these (RFC 3264 section 6.1). */
function limited(ways: string, offered: string): string {
  const sends = offered === 'sendrecv' || offered === 'recvonly';
  const receives = ways === 'sendrecv' && (offered === 'sendrecv' || offered === 'sendonly');
  return sends ? (receives ? 'sendrecv' : 'sendonly') : receives ? 'recvonly' : 'inactive';
}

/** A later offer in a session: every line of the description before has one in its place, port 0 where it is gone; new ones follow (RFC 3264 section 8). */
export function inPlace(offer: string, before: string): string {
  const [session = '', ...sections] = split(offer);
  const placed = split(before).slice(1).map((line) => {
    const found = sections.findIndex((section) => kindOf(section) === kindOf(line));
    return found >= 0 ? sections.splice(found, 1)[0]! : refused(line);
  });
  return [session, ...placed, ...sections].join('');
}

/** What a line is for, refused or not. */
function kindOf(section: string): string {
  const [, type = '', protocol = ''] = /^m=(\S+) \d+ (\S+)/.exec(section) ?? [];
  const use = isSlidesLine(section) ? 'slides' : protocol.endsWith('/BFCP') ? 'floor' : '';
  return `${type} ${use}`;
}

const refused = (section: string): string => `${section.split('\r\n', 1)[0]!.replace(/^(m=\S+) \d+/, '$1 0')}\r\n`;
