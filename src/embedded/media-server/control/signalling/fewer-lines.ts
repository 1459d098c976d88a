import type { MediaSession } from '../../contracts';

const sections = (sdp: string): string[] => sdp.split(/\r?\n(?=m=)/);

/**
 * Answers a new offer that has fewer m-lines than the session. RFC 3264 section 8 forbids it, but an application that
 * connects another party to an endpoint hands that party's description on as it came, and FreeSWITCH takes it: the lines
 * that are missing count as given up, and the answer does not name them.
 */
export async function answerWithFewerLines(session: MediaSession, offer: string): Promise<string> {
  const [, ...offered] = sections(offer);
  const [, ...before] = sections(session.localSdp ?? '');
  const missing = before.slice(offered.length).map((line) => `${line.split(/\r?\n/)[0]!.replace(/^(m=\S+) \d+/, '$1 0')}\r\n`);
  if (missing.length === 0) return session.answer(offer);
  const answer = await session.answer(`${offer.replace(/(\r?\n)*$/, '\r\n')}${missing.join('')}`);
  return `${sections(answer).slice(0, offered.length + 1).join('\r\n').replace(/(\r?\n)*$/, '')}\r\n`;
}
