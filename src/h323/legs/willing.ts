const DIRECTION = /^a=(sendrecv|sendonly|recvonly|inactive)\b/m;

interface Ways {
  sends: boolean;
  receives: boolean;
}

/**
 * The answer to an offer of this side's without what the offer kept its writer from: who is offered `sendonly` can only listen (RFC 3264
 * section 6.1), and would speak again when the other listens again. `before`: its description before that.
 */
export function willing(answer: string, offer: string, before: string): string {
  const [offered, earlier] = [linesOf(offer), linesOf(before)];
  const [session = '', ...lines] = answer.split(/^(?=m=)/m);
  return session + lines.map((line, index) => {
    const [asked, was] = [offered[index], earlier[index]];
    if (!asked || !was) return line;
    const now = waysOf(line);
    return withWays(line, { sends: now.sends || (!asked.receives && was.sends), receives: now.receives || (!asked.sends && was.receives) });
  }).join('');
}

const linesOf = (sdp: string): Ways[] => sdp.split(/^(?=m=)/m).slice(1).map(waysOf);

function waysOf(line: string): Ways {
  const direction = DIRECTION.exec(line)?.[1] ?? 'sendrecv';
  return { sends: direction === 'sendrecv' || direction === 'sendonly', receives: direction === 'sendrecv' || direction === 'recvonly' };
}

function withWays(line: string, { sends, receives }: Ways): string {
  const direction = `a=${sends ? (receives ? 'sendrecv' : 'sendonly') : receives ? 'recvonly' : 'inactive'}`;
  return DIRECTION.test(line) ? line.replace(DIRECTION, direction) : `${line}${direction}\r\n`;
}
