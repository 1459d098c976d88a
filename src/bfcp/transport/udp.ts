import dgram from 'node:dgram';
import { BfcpDecodeError, fragment, Reassembly } from '../codec';
import { BfcpError } from '../errors';
import type { Carrier, CarrierReceiver } from './carrier';

/** Octets of a datagram's contents that pass everywhere: RFC 8855 section 6.2.3 asks for the path's MTU, IPv6 assures 1280. */
const MTU = 1200;
/** As long as the sender keeps on sending the message. */
const REASSEMBLY_MS = 10_000;

export interface UdpPeer {
  address: string;
  port: number;
}

export interface UdpOptions {
  host: string;
  /** Default: any free one. */
  port?: number;
  /** Octets of the greatest datagram; longer messages are fragmented. */
  mtu?: number;
  /** How many senders are served, those of `connect` counted; datagrams of others are dropped. Default 1. */
  maxPeers?: number;
  /** Whether senders at an IP address may be served; datagrams of others are dropped, and take nobody's place. Default: all. */
  admits?: (address: string) => boolean;
  /** A sender that was not known; without it strangers are dropped. */
  accept?: (carrier: Carrier, peer: UdpPeer) => void;
  now?: () => number;
}

/** A UDP port with one or more BFCP peers (RFC 8855 section 6.2). */
export class UdpEndpoint {
  private readonly peers = new Map<string, UdpCarrier>();

  private constructor(private readonly socket: dgram.Socket, private readonly options: UdpOptions) {
    // Errors of single datagrams (the peer's port is closed) show as silence, which the retransmissions find out.
    socket.on('error', () => undefined);
    socket.on('message', (datagram, { address, port }) => this.take(datagram, { address, port }));
  }

  /** Opens the port; BfcpError `bfcp-socket` when it cannot be had. */
  static async open(options: UdpOptions): Promise<UdpEndpoint> {
    const socket = dgram.createSocket(options.host.includes(':') ? 'udp6' : 'udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', (cause) => reject(new BfcpError('bfcp-socket', `UDP port ${options.port ?? 0} of ${options.host} cannot be opened for BFCP`, { cause })));
      socket.bind(options.port ?? 0, options.host, resolve);
    });
    return new UdpEndpoint(socket, options);
  }

  get port(): number {
    return this.socket.address().port;
  }

  /** The way to a peer, by its IP address. */
  connect(peer: UdpPeer): Carrier {
    if (this.peers.size >= (this.options.maxPeers ?? 1)) throw new BfcpError('bfcp-limit', `This BFCP port serves ${this.peers.size} peers already`);
    return this.add(peer);
  }

  close(): void {
    for (const carrier of [...this.peers.values()]) carrier.end();
    this.socket.close();
  }

  private take(datagram: Buffer, peer: UdpPeer): void {
    const known = this.peers.get(key(peer));
    if (known) return known.take(datagram);
    // A first datagram has at least the looks of BFCP, so that stray packets take nobody's place.
    const version = (datagram[0] ?? 0) >> 5;
    const { accept, admits, maxPeers = 1 } = this.options;
    if (!accept || this.peers.size >= maxPeers || datagram.length < 12 || version < 1 || version > 2 || admits?.(peer.address) === false) return;
    const carrier = this.add(peer);
    accept(carrier, peer);
    carrier.take(datagram);
  }

  private add(peer: UdpPeer): UdpCarrier {
    const { mtu = MTU, now = () => performance.now() } = this.options;
    const carrier = new UdpCarrier(
      (datagram) => { if (this.peers.get(key(peer)) === carrier) this.socket.send(datagram, peer.port, peer.address, () => undefined); },
      mtu, new Reassembly(REASSEMBLY_MS, now), () => this.peers.delete(key(peer)),
    );
    this.peers.set(key(peer), carrier);
    return carrier;
  }
}

const key = ({ address, port }: UdpPeer): string => `${address} ${port}`;

/** One peer of a port. */
class UdpCarrier implements Carrier {
  readonly reliable = false;
  private receiver: CarrierReceiver | undefined;

  constructor(private readonly out: (datagram: Buffer) => void, private readonly mtu: number, private readonly reassembly: Reassembly, private readonly forget: () => void) {}

  attach(receiver: CarrierReceiver): void {
    this.receiver = receiver;
  }

  send(message: Buffer): void {
    for (const datagram of fragment(message, this.mtu)) this.out(datagram);
  }

  take(datagram: Buffer): void {
    let message: Buffer | undefined;
    try {
      message = this.reassembly.add(datagram);
    } catch (error) {
      if (!(error instanceof BfcpDecodeError)) throw error;
      // A version that is not known: the association says so to the sender.
      message = datagram;
    }
    if (message) this.receiver?.received(message);
  }

  close(): void {
    this.receiver = undefined;
    this.forget();
  }

  end(): void {
    const receiver = this.receiver;
    this.close();
    receiver?.closed();
  }
}
