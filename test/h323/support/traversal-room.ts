import net from 'node:net';
import { alternative, decode } from '../../../src/h323/per';
import { encodeCallSignalling, encodeTpkt } from '../../../src/h323/q931';
import { toHostPort, type HostPort } from '../../../src/h323/ras';
import { h460, type h225 } from '../../../src/h323/schemas';
import { EchoRoom } from './echo-room';
import { registrationFrom } from './firewall';
import { RasEndpoint } from './ras-endpoint';

const PROTOCOL_IDENTIFIER = '0.0.8.2250.0.6';

export interface TraversalRoomOptions {
  /** RAS of the gatekeeper, `udp/127.0.0.1:1719`. */
  gatekeeper: string;
  /** Address of the firewall. */
  firewall: string;
  /** What the room has and says for addresses. */
  inside: string;
  tunnelling: boolean;
}

/**
 * An echo room behind a firewall that lets in only what answers: it registers through it, connects when it is told of a call, and keeps
 * the ways of its media open. As H.460.18 and H.460.19 clients do it (h323plus `h46018_h225.cxx`, GnuGk `OnSCICall`).
 */
export class TraversalRoom {
  private readonly connections: net.Socket[] = [];

  private constructor(readonly echo: EchoRoom, readonly ras: RasEndpoint, private readonly options: TraversalRoomOptions) {
    ras.onReceived = (message) => {
      const indication = alternative(message, 'serviceControlIndication');
      if (indication) this.announced(indication);
    };
  }

  static async open(options: TraversalRoomOptions): Promise<TraversalRoom> {
    const echo = await EchoRoom.open({ host: options.firewall, inside: options.inside, video: true, tunnelling: options.tunnelling });
    return new TraversalRoom(echo, await RasEndpoint.open(options.gatekeeper, options.firewall), options);
  }

  register(alias: h225.AliasAddress): Promise<h225.RasMessage> {
    return this.ras.register(alias, registrationFrom(this.options.inside));
  }

  async close(): Promise<void> {
    await this.echo.close();
    for (const socket of this.connections) socket.destroy();
    await this.ras.close();
  }

  private announced({ requestSeqNum, genericData }: h225.ServiceControlIndication): void {
    const content = genericData?.[0]?.parameters?.[0]?.content;
    const raw = content && alternative(content, 'raw');
    if (!raw) return;
    const { callSignallingAddress, callID } = decode(h460.IncomingCallIndication, raw);
    this.ras.send({ serviceControlResponse: { requestSeqNum, result: { started: null } } });
    const address = toHostPort(callSignallingAddress);
    if (address) this.connect(address, callID.guid);
  }

  /** Names the call in a connection of the room's own, in which the Setup comes then. */
  private connect({ host, port }: HostPort, guid: Buffer): void {
    const out = net.connect({ host, port, localAddress: this.options.firewall });
    const inner = net.connect({ host: this.options.firewall, port: this.echo.signallingPort, localAddress: this.options.firewall });
    for (const [socket, other] of [[out, inner], [inner, out]] as const) {
      this.connections.push(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => other.destroy());
    }
    out.write(encodeTpkt(encodeCallSignalling({
      q931: { callReference: 0, fromDestination: false, type: 'facility' },
      userInformation: { 'h323-uu-pdu': { h245Tunnelling: this.options.tunnelling, 'h323-message-body': { facility: {
        protocolIdentifier: PROTOCOL_IDENTIFIER, callIdentifier: { guid }, reason: { undefinedReason: null }, multipleCalls: false, maintainConnection: false,
      } } } },
    })));
    out.pipe(inner).pipe(out);
  }
}
