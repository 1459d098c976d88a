import type { SipMessage } from '../../../sip-server';
import type { Channel } from '../channel';

const DEFAULT_DTMF_MS = 250;
const MAXIMUM_DTMF_MS = 8_000;

/** Asks for a key frame where RTCP cannot (RFC 5168 section 6), as FreeSWITCH does. */
export const FAST_UPDATE = {
  headers: { 'Content-Type': 'application/media_control+xml' },
  body: '<?xml version="1.0" encoding="utf-8" ?><media_control><vc_primitive><to_encoder><picture_fast_update></picture_fast_update></to_encoder></vc_primitive></media_control>',
};

const typeOf = (message: SipMessage): string => (message.get('Content-Type') ?? '').split(';')[0]!.trim().toLowerCase();

/** An INFO in a call: DTMF, or the wish for a key frame (RFC 5168). Returns the status to answer with. */
export function receiveInfo(channel: Channel, message: SipMessage): number {
  const body = message.body.toString('latin1');
  if (body === '') return 200;
  switch (typeOf(message)) {
    case 'application/dtmf-relay': {
      const digit = /^\s*Signal\s*=\s*([0-9*#A-D])\s*$/im.exec(body)?.[1]?.toUpperCase();
      if (digit === undefined) return 400;
      const duration = Number(/^\s*Duration\s*=\s*(\d{1,5})\s*$/im.exec(body)?.[1] ?? DEFAULT_DTMF_MS);
      channel.receiveDtmf(digit, Math.min(duration, MAXIMUM_DTMF_MS), 'ENDPOINT');
      return 200;
    }
    case 'application/dtmf': {
      const digit = /^\s*([0-9*#A-D])\s*$/i.exec(body)?.[1]?.toUpperCase();
      if (digit === undefined) return 400;
      channel.receiveDtmf(digit, DEFAULT_DTMF_MS, 'ENDPOINT');
      return 200;
    }
    case 'application/media_control+xml':
      // The party does not see clearly: the same as its PLI, whatever feeds it must begin anew.
      if (body.includes('picture_fast_update')) {
        for (const stream of channel.session.streams) if (stream.kind === 'video') stream.emit('keyFrameRequested');
      }
      return 200;
    default:
      return 415;
  }
}
