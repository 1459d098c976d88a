import type { LegMessage } from './leg';

/** What SIP INFO says of media: picture fast update (RFC 5168) and pressed keys in the two notations in use. */

/** True for a request of a new key frame, `<picture_fast_update/>` in media_control+xml (RFC 5168 section 6). */
export function isFastUpdate({ method, body }: LegMessage): boolean {
  return method === 'INFO' && /<(\w+:)?picture_fast_update\b/.test(body ?? '');
}

/** Asks for a key frame, for parties that take no RTCP request of one. */
export const FAST_UPDATE: LegMessage = {
  method: 'INFO', headers: { 'Content-Type': 'application/media_control+xml' },
  body: '<?xml version="1.0" encoding="utf-8"?>\r\n<media_control><vc_primitive><to_encoder><picture_fast_update/></to_encoder></vc_primitive></media_control>\r\n',
};

/** The key of an INFO with `application/dtmf-relay` (Signal=5) or `application/dtmf` (5); undefined when it is none. */
export function dtmfOf({ method, headers, body = '' }: LegMessage): string | undefined {
  if (method !== 'INFO') return undefined;
  const type = (headers['Content-Type'] ?? '').toLowerCase();
  const found = type.startsWith('application/dtmf-relay') ? /^\s*Signal\s*=\s*([0-9A-D*#]+)/im.exec(body)
    : type.startsWith('application/dtmf') ? /^\s*([0-9A-D*#]+)\s*$/i.exec(body) : null;
  const key = found?.[1]?.toUpperCase();
  // Some devices write the event codes of RFC 4733 section 3.2 instead of the keys.
  return key === '10' ? '*' : key === '11' ? '#' : key?.[0];
}

/** A key pressed for a quarter of a second. */
export function dtmfRelay(digit: string): LegMessage {
  return { method: 'INFO', headers: { 'Content-Type': 'application/dtmf-relay' }, body: `Signal=${digit}\r\nDuration=250\r\n` };
}
