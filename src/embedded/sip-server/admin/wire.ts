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

/** An application's frame: tokens of the first line, and the SIP message after it. */
export function splitPayload(payload: string): { tokens: string[]; sip: string } {
  const end = payload.indexOf('\r\n');
  return end === -1 ? { tokens: payload.split('|'), sip: '' } : { tokens: payload.slice(0, end).split('|'), sip: payload.slice(end + 2) };
}
