/** The little of SIP that a raw peer needs: reading a datagram and building one, with nothing checked or supplied. */
export interface RawMessage {
  text: string;
  startLine: string;
  /** In order of appearance, names in lower case. */
  headers: [name: string, value: string][];
  body: string;
}

/** RFC 3261 section 7.3.3 and the registry that it founded. */
const COMPACT: Record<string, string> = {
  v: 'via', f: 'from', t: 'to', i: 'call-id', m: 'contact', s: 'subject', k: 'supported', c: 'content-type', l: 'content-length',
};

export function readMessage(text: string): RawMessage {
  const end = text.indexOf('\r\n\r\n');
  const [startLine = '', ...lines] = text.slice(0, end < 0 ? undefined : end).split(/\r\n(?![ \t])/);
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    return [COMPACT[name] ?? name, line.slice(colon + 1).trim()];
  });
  return { text, startLine, headers, body: end < 0 ? '' : text.slice(end + 4) };
}

export const headerOf = (message: RawMessage, name: string): string =>
  message.headers.find(([n]) => n === name)?.[1] ?? '';

export const headersOf = (message: RawMessage, name: string): string[] =>
  message.headers.filter(([n]) => n === name).map(([, value]) => value);

/** The method of a request, or the status of a response with the method that it answers: `INVITE`, `200 INVITE`. */
export function kindOf(message: RawMessage): string {
  const status = /^SIP\/2\.0 (\d{3})/.exec(message.startLine)?.[1];
  return status ? `${status} ${headerOf(message, 'cseq').split(/\s+/)[1] ?? ''}` : message.startLine.split(' ')[0] ?? '';
}

export const tagOf = (value: string): string => /;tag=([^;\s]+)/.exec(value)?.[1] ?? '';

export const uriOf = (value: string): string => /<([^>]+)>/.exec(value)?.[1] ?? value;

export function buildMessage(startLine: string, headers: [string, string][], body = ''): string {
  return [startLine, ...headers.map(([name, value]) => `${name}: ${value}`), `Content-Length: ${body.length}`, '', body].join('\r\n');
}

export const sdp = (port: number, direction = 'sendrecv'): string =>
  ['v=0', `o=- 1 ${port} IN IP4 127.0.0.1`, 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', `m=audio ${port} RTP/AVP 0`, `a=${direction}`, ''].join('\r\n');
