/** SIP messages as plain text, read and written without any of the program's own code. */
export interface SipText {
  startLine: string;
  /** In order, names as written. */
  headers: [name: string, value: string][];
  body: string;
}

export function parseText(text: string): SipText {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [startLine = '', ...lines] = head.split('\r\n');
  return {
    startLine,
    headers: lines.map((line) => [line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim()]),
    body: rest.join('\r\n\r\n'),
  };
}

export function writeText(startLine: string, headers: readonly [string, string][], body = ''): string {
  const all = [...headers, ...(body === '' || headers.some(([name]) => name === 'Content-Type') ? [] : [['Content-Type', 'application/sdp'] as const]), ['Content-Length', String(Buffer.byteLength(body))] as const];
  return `${startLine}\r\n${all.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n${body}`;
}

export const valuesOf = (message: SipText, name: string): string[] =>
  message.headers.filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
export const valueOf = (message: SipText, name: string): string => valuesOf(message, name)[0] ?? '';
export const tagOf = (value: string): string => /;\s*tag=([^;\s]+)/.exec(value)?.[1] ?? '';
export const uriOf = (value: string): string => /<([^>]*)>/.exec(value)?.[1] ?? value.split(';')[0] ?? '';
/** Of a response; 0 for a request. */
export const statusOf = (message: SipText): number => Number(/^SIP\/2\.0 (\d{3})/.exec(message.startLine)?.[1] ?? 0);
export const methodOf = (message: SipText): string => (statusOf(message) === 0 ? message.startLine.split(' ')[0] ?? '' : valueOf(message, 'CSeq').split(' ')[1] ?? '');
