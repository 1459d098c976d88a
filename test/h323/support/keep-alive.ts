import { fromH245Address, type IncomingChannel } from '../../../src/h323/h245';
import { alternative, decode } from '../../../src/h323/per';
import type { HostPort } from '../../../src/h323/ras';
import { h460 } from '../../../src/h323/schemas';

/** As H323plus has it. */
const PAYLOAD_TYPE = 127;

/** Where the channel's opener wants keep-alives sent (H.460.19), and how often; undefined where it does not. */
export function keepAlivesOf({ genericInformation = [] }: IncomingChannel): { to: HostPort; milliseconds: number } | undefined {
  const information = genericInformation.find(({ messageIdentifier }) => alternative(messageIdentifier, 'standard') === h460.MEDIA_TRAVERSAL.messageIdentifier);
  const octets = alternative(information?.messageContent?.[0]?.parameterValue, 'octetString');
  const { keepAliveChannel, keepAliveInterval }: Partial<h460.TraversalParameters> = octets ? decode(h460.TraversalParameters, octets) : {};
  const to = fromH245Address(keepAliveChannel);
  return to && keepAliveInterval !== undefined ? { to, milliseconds: keepAliveInterval * 1_000 } : undefined;
}

/** RTP without payload. */
export function keepAlivePacket(ssrc: number): Buffer {
  const packet = Buffer.alloc(12);
  packet.writeUInt16BE(0x8080 | PAYLOAD_TYPE, 0);
  packet.writeUInt32BE(ssrc, 8);
  return packet;
}
