import type { MessageMeta } from '../core/application';

/** `HH:MM:SS.usec`, as drachtio-server stamps its frames. */
export function timeOfDay(): string {
  const now = Date.now();
  const ms = now % 86_400_000;
  const two = (value: number): string => (value < 10 ? `0${value}` : String(value));
  const micros = String(Math.floor((performance.now() * 1000) % 1000)).padStart(3, '0');
  return `${two(Math.floor(ms / 3_600_000))}:${two(Math.floor(ms / 60_000) % 60)}:${two(Math.floor(ms / 1000) % 60)}.${String(ms % 1000).padStart(3, '0')}${micros}`;
}

/** `source|bytes|protocol|address|port|time`. */
export function metaTokens(meta: MessageMeta): string {
  return `${meta.source}|${meta.bytes}|${meta.protocol}|${meta.address}|${meta.port}|${timeOfDay()}`;
}

const LINE_END = Buffer.from('\r\n');

/** An application's frame: tokens of the first line, and the octets of the SIP message after it. */
export function splitPayload(payload: Buffer): { tokens: string[]; sip: Buffer } {
  const end = payload.indexOf(LINE_END);
  if (end === -1) return { tokens: payload.toString('utf8').split('|'), sip: payload.subarray(payload.length) };
  return { tokens: payload.toString('utf8', 0, end).split('|'), sip: payload.subarray(end + 2) };
}
