import type { MediaKind } from '../../contracts';

/** What applications read of a session description: where its first line of a kind receives. */
export interface LineFacts {
  ip: string;
  port: string;
  direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
}

/** The first usable m-line of a kind (RFC 8866 sections 5.7 and 5.14); undefined when there is none or it is refused. */
export function lineFacts(sdp: string, kind: MediaKind): LineFacts | undefined {
  const [session = '', ...lines] = sdp.split(/\r?\n(?=m=)/);
  const line = lines.find((text) => text.startsWith(`m=${kind} `) && !text.startsWith(`m=${kind} 0 `));
  const port = /^m=\w+ (\d{1,5})/.exec(line ?? '')?.[1];
  if (line === undefined || port === undefined) return undefined;
  const find = (pattern: RegExp): string | undefined => (pattern.exec(line) ?? pattern.exec(session))?.[1];
  return {
    port, ip: find(/^c=IN IP[46] ([^\s/]+)/m) ?? '',
    direction: (find(/^a=(sendrecv|sendonly|recvonly|inactive)\s*$/m) ?? 'sendrecv') as LineFacts['direction'],
  };
}
