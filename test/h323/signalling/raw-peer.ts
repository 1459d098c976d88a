import net from 'node:net';
import { decodeCallSignalling, encodeCallSignalling, encodeTpkt, TpktFramer, type CallSignallingMessage, type MessageType } from '../../../src/h323/q931';
import type { h225 } from '../../../src/h323/schemas';
import { until } from '../../peers/harness';
import { GATEWAY } from './support';

export const CALL_ID = Buffer.alloc(16, 7);
export const IDENTITY = { protocolIdentifier: '0.0.8.2250.0.4', callIdentifier: { guid: CALL_ID } };

/** A peer that says what it is told to, right or wrong. */
export class RawPeer {
  readonly received: CallSignallingMessage[] = [];
  readonly framer = new TpktFramer();
  closed = false;

  constructor(readonly socket: net.Socket) {
    socket.on('data', (chunk) => this.received.push(...this.framer.push(chunk).map((payload) => decodeCallSignalling(payload))));
    socket.on('close', () => { this.closed = true; });
    socket.on('error', () => undefined);
  }

  static connect(port: number, host = '127.0.0.1', from = host): Promise<RawPeer> {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ host, port, localAddress: from }, () => resolve(new RawPeer(socket)));
      socket.once('error', reject);
    });
  }

  /** A message of the call with reference 5. */
  say(type: MessageType, body: h225.H323UUPDU['h323-message-body'], { pdu = {}, elements = {}, callReference = 5, fromDestination = false }: {
    pdu?: Partial<h225.H323UUPDU>; elements?: Partial<CallSignallingMessage['q931']>; callReference?: number; fromDestination?: boolean;
  } = {}): void {
    this.write(encodeCallSignalling({
      q931: { callReference, fromDestination, type, ...elements }, userInformation: { 'h323-uu-pdu': { 'h323-message-body': body, h245Tunnelling: false, ...pdu } },
    }));
  }

  write(payload: Buffer): void {
    this.socket.write(encodeTpkt(payload));
  }

  setup(more: Partial<h225.SetupUUIE> = {}, options: Parameters<RawPeer['say']>[2] = {}): void {
    this.say('setup', { setup: {
      ...IDENTITY, sourceInfo: GATEWAY, activeMC: false, conferenceID: Buffer.alloc(16, 8), conferenceGoal: { create: null }, callType: { pointToPoint: null },
      mediaWaitForConnect: false, canOverlapSend: false, multipleCalls: false, maintainConnection: false, ...more,
    } }, options);
  }

  /** The first message of the type that came. */
  heard(type: MessageType): Promise<CallSignallingMessage> {
    return until(`${type} came`, () => this.received.find(({ q931 }) => q931.type === type));
  }
}

/** Takes the first connection. */
export function rawServer(host = '127.0.0.1'): Promise<{ port: number; peer: Promise<RawPeer>; close(): void }> {
  return new Promise((resolve) => {
    let taken: (peer: RawPeer) => void;
    const peer = new Promise<RawPeer>((take) => { taken = take; });
    const server = net.createServer((socket) => taken(new RawPeer(socket)));
    server.listen(0, host, () => resolve({ port: (server.address() as net.AddressInfo).port, peer, close: () => server.close() }));
  });
}

/** A peer's end of H.245 in a connection of its own. */
export class RawControl {
  readonly received: Buffer[] = [];
  private readonly framer = new TpktFramer();
  connected = false;
  ended = false;
  socket!: net.Socket;

  constructor(readonly address?: h225.TransportAddress) {}

  adopt(socket: net.Socket): void {
    this.socket = socket;
    this.connected = true;
    socket.on('data', (chunk) => this.received.push(...this.framer.push(chunk)));
    socket.on('end', () => { this.ended = true; });
    socket.on('error', () => undefined);
  }

  say(message: Buffer): void {
    this.socket.write(encodeTpkt(message));
  }
}
