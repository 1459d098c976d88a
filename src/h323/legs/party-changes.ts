import { isContentLine } from './content-description';

/** Whether the party takes anything that the peer sends. */
export function receivesMedia(sdp: string): boolean {
  return sdp.split(/^m=/m).slice(1).some((line) => !/^\S+ 0 /.test(line) && !/^a=(sendonly|inactive)\b/m.test(line));
}

/** Whether what the peer sends has to go elsewhere, or not at all. */
export function movesMedia(before: string, after: string): boolean {
  const lines = (sdp: string): string[] => sdp.split(/^m=/m).slice(1).map((line) => {
    const [port = ''] = /^\S+ \d+/.exec(line) ?? [];
    const address = /^c=.*$/m.exec(line)?.[0] ?? /^c=.*$/m.exec(sdp)?.[0] ?? '';
    const receives = !/^a=(sendonly|inactive)\b/m.test(line);
    // What is shown has a channel of its own that the rest does not stop for.
    return isContentLine(`m=${line}`) ? '' : `${port} ${address} ${receives}`;
  });
  const now = lines(after);
  return lines(before).some((line, index) => line !== '' && !/^\S+ 0 /.test(line) && line !== now[index]);
}
