import dgram from 'node:dgram';
import { once } from 'node:events';
import { alternative, decode, encode } from '../../../src/h323/per';
import { catToken, toTransportAddress, type HostPort } from '../../../src/h323/ras';
import { h225 } from '../../../src/h323/schemas';
import { until } from '../../peers/harness';

const VENDOR = { vendor: { t35CountryCode: 181, t35Extension: 0, manufacturerCode: 21_324 }, productId: Buffer.from('Test endpoint\0'), versionId: Buffer.from('1') };

/** An H.323 endpoint as a gatekeeper sees it: a UDP socket that speaks RAS. */
export class RasEndpoint {
  endpointIdentifier = '';
  /** Messages that answered nothing, in order. */
  readonly received: h225.RasMessage[] = [];
  /** Takes those as they come. */
  onReceived: (message: h225.RasMessage) => void = () => undefined;
  private sequence = 0;
  private readonly waiting = new Map<number, (message: h225.RasMessage) => void>();

  private constructor(private readonly socket: dgram.Socket, readonly address: HostPort, public gatekeeper: HostPort) {
    socket.on('message', (octets) => {
      const message = decode(h225.RasMessage, octets);
      const { requestSeqNum } = Object.values(message)[0] as { requestSeqNum: number };
      const answer = /Confirm|Reject|Ack|Nak|unknown/.test(Object.keys(message)[0]!) ? this.waiting.get(requestSeqNum) : undefined;
      if (answer) answer(message);
      else {
        this.received.push(message);
        this.onReceived(message);
      }
    });
  }

  /** @param gatekeeper where RAS is served, `udp/127.0.0.1:1719` */
  static async open(gatekeeper: string, host = '127.0.0.1'): Promise<RasEndpoint> {
    const socket = dgram.createSocket('udp4');
    socket.bind(0, host);
    await once(socket, 'listening');
    const [, to = '', port] = /^udp\/(.*):(\d+)$/.exec(gatekeeper) ?? [];
    return new RasEndpoint(socket, { host, port: socket.address().port }, { host: to, port: Number(port) });
  }

  get nextSequence(): number {
    return ++this.sequence;
  }

  send(message: h225.RasMessage): void {
    this.socket.send(encode(h225.RasMessage, message), this.gatekeeper.port, this.gatekeeper.host);
  }

  /** Sends a request and gives its answer. */
  async ask(message: h225.RasMessage): Promise<h225.RasMessage> {
    const { requestSeqNum } = Object.values(message)[0] as { requestSeqNum: number };
    let answer: h225.RasMessage | undefined;
    this.waiting.set(requestSeqNum, (arrived) => { answer = arrived; });
    this.send(message);
    return until(`${Object.keys(message)[0]} is answered`, () => answer, 10_000);
  }

  /** Registers under a name, with a Cisco access token where there is a password. */
  async register(alias: h225.AliasAddress, more: Partial<h225.RegistrationRequest> & { password?: string } = {}): Promise<h225.RasMessage> {
    const { password, ...fields } = more;
    const requestSeqNum = this.nextSequence;
    const answer = await this.ask({ registrationRequest: {
      requestSeqNum, protocolIdentifier: '0.0.8.2250.0.7', discoveryComplete: true, callSignalAddress: [toTransportAddress({ ...this.address, port: 1_720 })],
      rasAddress: [toTransportAddress(this.address)], terminalType: { terminal: {}, mc: false, undefinedNode: false }, terminalAlias: [alias], endpointVendor: VENDOR,
      keepAlive: false, willSupplyUUIEs: false, maintainConnection: false, supportsAssignedGK: false,
      ...(password !== undefined && { tokens: [catToken('endpoint', password, Math.floor(Date.now() / 1000), requestSeqNum & 0xff)] }), ...fields,
    } });
    const confirm = alternative(answer, 'registrationConfirm');
    if (confirm) this.endpointIdentifier = confirm.endpointIdentifier;
    return answer;
  }

  keepAlive(more: Partial<h225.RegistrationRequest> & { password?: string } = {}): Promise<h225.RasMessage> {
    return this.register({ 'h323-ID': 'x' }, { keepAlive: true, endpointIdentifier: this.endpointIdentifier, terminalAlias: undefined, ...more });
  }

  /** Asks for admission to a call. */
  admission(to: h225.AliasAddress[], more: Partial<h225.AdmissionRequest> = {}): Promise<h225.RasMessage> {
    const requestSeqNum = this.nextSequence;
    const identity = Buffer.alloc(16);
    identity.writeUInt16BE(this.address.port, 0);
    identity.writeUInt16BE(requestSeqNum, 2);
    return this.ask({ admissionRequest: {
      requestSeqNum, callType: { pointToPoint: null }, endpointIdentifier: this.endpointIdentifier, destinationInfo: to, srcInfo: [], bandWidth: 3_840, callReferenceValue: requestSeqNum,
      conferenceID: identity, activeMC: false, answerCall: false, canMapAlias: true, callIdentifier: { guid: identity }, willSupplyUUIEs: false, canMapSrcAlias: false, ...more,
    } });
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.socket.close(() => resolve()));
  }
}
