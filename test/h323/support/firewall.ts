import type dgram from 'node:dgram';
import { fromH245Address, type IncomingChannel } from '../../../src/h323/h245';
import { alternative, decode } from '../../../src/h323/per';
import { toTransportAddress, type HostPort } from '../../../src/h323/ras';
import { h460, type h225 } from '../../../src/h323/schemas';
import type { Medium } from '../../../src/h323/sdp';

/** Ports of media that a room says it has inside its firewall; those outside are others. */
export const INSIDE_PORTS: Record<Medium, number> = { audio: 5_004, video: 5_006, content: 5_008, camera: 5_010 };

/** What a room says in its registration that has the address `inside` behind a firewall, and knows how calls find the way (H.460.18). */
export const registrationFrom = (inside: string): Partial<h225.RegistrationRequest> => ({
  rasAddress: [toTransportAddress({ host: inside, port: 1_719 })], callSignalAddress: [toTransportAddress({ host: inside, port: 1_720 })],
  featureSet: { replacementFeatureSet: false, supportedFeatures: [{ id: { standard: h460.SIGNALLING_TRAVERSAL.standard } }] },
});

/** What a firewall lets a room's socket send and receive: whoever was sent to may answer. */
export class Pinhole {
  private readonly sentTo = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly socket: dgram.Socket) {}

  send(packet: Buffer, to: HostPort): void {
    this.sentTo.add(`${to.host}:${to.port}`);
    this.socket.send(packet, to.port, to.host);
  }

  letsIn({ address, port }: { address: string; port: number }): boolean {
    return this.sentTo.has(`${address}:${port}`);
  }

  /** Keeps it open for what comes from where the channel's opener wants keep-alives (H.460.19). */
  keepOpen(request: IncomingChannel, ssrc: number): void {
    const wanted = keepAlivesOf(request);
    if (!wanted) return;
    const packet = keepAlivePacket(ssrc);
    clearInterval(this.timer);
    this.timer = setInterval(() => this.send(packet, wanted.to), wanted.milliseconds).unref();
    this.send(packet, wanted.to);
  }

  /** Keeps it open no longer. */
  close(): void {
    clearInterval(this.timer);
  }
}

/** As H323plus has it. */
const PAYLOAD_TYPE = 127;

/** Where the channel's opener wants keep-alives sent (H.460.19), and how often; undefined where it does not. */
function keepAlivesOf({ genericInformation = [] }: IncomingChannel): { to: HostPort; milliseconds: number } | undefined {
  const information = genericInformation.find(({ messageIdentifier }) => alternative(messageIdentifier, 'standard') === h460.MEDIA_TRAVERSAL.messageIdentifier);
  const octets = alternative(information?.messageContent?.[0]?.parameterValue, 'octetString');
  const { keepAliveChannel, keepAliveInterval }: Partial<h460.TraversalParameters> = octets ? decode(h460.TraversalParameters, octets) : {};
  const to = fromH245Address(keepAliveChannel);
  return to && keepAliveInterval !== undefined ? { to, milliseconds: keepAliveInterval * 1_000 } : undefined;
}

/** RTP without payload. */
function keepAlivePacket(ssrc: number): Buffer {
  const packet = Buffer.alloc(12);
  packet.writeUInt16BE(0x8080 | PAYLOAD_TYPE, 0);
  packet.writeUInt32BE(ssrc, 8);
  return packet;
}
