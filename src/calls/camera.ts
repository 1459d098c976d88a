import { isLive, type MediaLine, refused, split } from './sdp';

/**
 * Far-end camera control (H.281 in H.224): a line of RTP between the two parties of a call (RFC 4573). In an anchored call the media server
 * passes on what is said there; in a conference nobody's camera is controlled.
 */
const isCamera = ({ type, proto, lines }: MediaLine): boolean => type === 'application' && proto.includes('RTP/') && lines.some((line) => /^a=rtpmap:\d+ H224\//i.test(line));

/** True when the description has a line for camera control in use. */
export const hasCamera = (sdp: string): boolean => sdp.includes('m=application') && split(sdp).media.some((line) => isCamera(line) && isLive(line));

/** The media server's answer to a party: without camera control where the other party has none, though the server would take it. */
export function answerWithCamera(answer: string, other: string | undefined): string {
  if (!answer.includes('m=application')) return answer;
  const { session, media } = split(answer);
  if ((other !== undefined && hasCamera(other)) || !media.some(isCamera)) return answer;
  return [...session, ...media.flatMap((line) => (isCamera(line) ? refused(line) : line.lines)), ''].join('\r\n');
}
