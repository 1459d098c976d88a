import { SipMessage } from '../../../src/embedded/sip-server/message';

export const SDP = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n';

/** What an application writes: a request or response with nothing but its own headers. */
export function wanted(start: string, headers: Record<string, string> = {}, body = ''): SipMessage {
  const [first = '', second = '', ...rest] = start.split(' ');
  const message = first === 'SIP/2.0' ? SipMessage.response(Number(second), rest.join(' '), Buffer.from(body)) : SipMessage.request(first, second, Buffer.from(body));
  for (const [name, value] of Object.entries(headers)) message.set(name, value);
  return message;
}
