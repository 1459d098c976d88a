import { randomInt } from 'node:crypto';
import type { FloorTransport } from './floor-line';
import { connectTcp, TcpListener, UdpEndpoint, type Carrier } from './transport';

/** Ports of the range that are tried. */
const ATTEMPTS = 64;
const LOOPBACK = { '0.0.0.0': '127.0.0.1', '::': '::1' } as Record<string, string>;

/** Where floor control is done: ports opened at `host`, which others are told as `address`. */
export interface FloorSettings {
  host: string;
  address: string;
  ports: { min: number; max: number };
}

export interface FloorPeers {
  /** Associations at a time over one port. */
  maxPeers: number;
  /** Whether an IP address may come; others are not answered. */
  admits(address: string): boolean;
  accept(carrier: Carrier, address: string): void;
}

/** A UDP and a TCP port of the range for floor control, each opened when it is needed. */
export class FloorPorts {
  private readonly opening = new Map<FloorTransport, Promise<void>>();
  private udp: UdpEndpoint | undefined;
  private tcp: TcpListener | undefined;
  private over = false;

  constructor(private readonly settings: FloorSettings, private readonly peers: FloorPeers) {}

  /** Opens the port of a transport, where that can be done; once. */
  async prepare(transport: FloorTransport): Promise<void> {
    const opening = this.opening.get(transport) ?? this.open(transport);
    this.opening.set(transport, opening);
    await opening;
    // Who asks again may have more luck.
    if (this.port(transport) === undefined) this.opening.delete(transport);
  }

  /** Undefined where none is open. */
  port(transport: FloorTransport): number | undefined {
    return this[transport]?.port;
  }

  /** Where a party that comes from `from` may say that it is: one of this gateway comes from where it is, not from where it is told to be. */
  addressesOf(from: string): string[] {
    const { address } = this.settings;
    return [from.replace(/^::ffff:/, ''), ...(from === this.near(address) ? [address] : [])];
  }

  /** The way to a party over UDP; undefined without a port. */
  udpTo({ address, port }: { address: string; port: number }): Carrier | undefined {
    return this.udp?.connect({ address: this.near(address), port });
  }

  /** Connects to a party; BfcpError `bfcp-socket` when that fails. */
  async tcpTo({ address, port }: { address: string; port: number }): Promise<Carrier> {
    return connectTcp({ address: this.near(address), port });
  }

  /** Safe to call twice. */
  close(): void {
    this.over = true;
    const { udp, tcp } = this;
    this.udp = this.tcp = undefined;
    // What is said in parting goes first.
    setImmediate(() => {
      udp?.close();
      tcp?.close();
    });
  }

  /** The way to another party of this gateway does not lead through the router in front of it. */
  private near(address: string): string {
    const { host, address: own } = this.settings;
    return address === own ? LOOPBACK[host] ?? host : address;
  }

  private async open(transport: FloorTransport): Promise<void> {
    const { settings: { host, ports: { min, max } }, peers: { maxPeers, admits, accept } } = this;
    const first = randomInt(min, max + 1);
    for (let attempt = 0; attempt < Math.min(ATTEMPTS, max - min + 1) && !this.over; attempt++) {
      const port = min + ((first - min + attempt) % (max - min + 1));
      const options = { host, port, maxPeers, admits, accept: (carrier: Carrier, { address }: { address: string }) => accept(carrier, address) };
      try {
        if (transport === 'udp') this.udp = await UdpEndpoint.open(options);
        else this.tcp = await TcpListener.open(options);
        if (this.over) this.close();
        return;
      } catch {
        // The next one may be free.
      }
    }
  }
}
