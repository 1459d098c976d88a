import { randomInt } from 'node:crypto';
import {
  ClientFloor, connectTcp, ServerFloor, TcpListener, UdpEndpoint, type BfcpAgreement, type BfcpCapabilities, type Carrier, type CarrierReceiver, type ContentFloor,
} from '../../bfcp';

/** Associations at a time over one port: the party's, and those that have not been found dead yet. */
const MAX_PEERS = 4;
/** Ports of the range that are tried. */
const ATTEMPTS = 64;
/** The users of BFCP where this side is the server: the H.323 endpoint, and the party that the call joins it with. */
const USER = { endpoint: 1, party: 2 } as const;
const FLOOR = 1;
const LOOPBACK = { '0.0.0.0': '127.0.0.1', '::': '::1' } as Record<string, string>;

/** Where floor control is done: ports opened at `host`, which others are told as `address`. */
export interface FloorSettings {
  host: string;
  address: string;
  ports: { min: number; max: number };
}

export type FloorTransport = 'udp' | 'tcp';

/** The BFCP of one H.323 leg towards the party that the call joins it with: its ports, and the association that is agreed on. */
export class FloorLink {
  private readonly conferenceId = randomInt(1, 2 ** 31);
  private readonly opening = new Map<FloorTransport, Promise<void>>();
  private udp: UdpEndpoint | undefined;
  private tcp: TcpListener | undefined;
  private agreement: BfcpAgreement | undefined;
  private server: ServerFloor | undefined;
  private client: ClientFloor | undefined;
  /** A client's connection that the server has to make. */
  private awaited: AwaitedCarrier | undefined;
  private over = false;

  /** `label`: that of the media that the floor is for. */
  constructor(private readonly settings: FloorSettings, private readonly label: string) {}

  /** Opens the port of a transport, where that can be done; once. */
  prepare(transport: FloorTransport): Promise<void> {
    const opening = this.opening.get(transport) ?? this.open(transport);
    this.opening.set(transport, opening);
    return opening;
  }

  /** What this side can be; undefined where it has no port. The role that was agreed on stays. */
  capabilities(transport: FloorTransport = this.agreement?.reliable ? 'tcp' : 'udp'): BfcpCapabilities | undefined {
    const { agreement, conferenceId, label, settings: { address } } = this;
    const port = this[transport]?.port;
    return port === undefined ? undefined : {
      transports: [transport === 'tcp' ? 'TCP/BFCP' : 'UDP/BFCP'], address, port, conferenceId, userId: USER.party, floors: [{ floorId: FLOOR, labels: [label] }],
      roles: agreement === undefined ? ['s-only', 'c-only'] : [agreement.role === 'server' ? 's-only' : 'c-only'],
    };
  }

  /** The floor as it is agreed on, until {@link drop}. */
  take(agreement: BfcpAgreement): ContentFloor {
    this.agreement = agreement;
    const { role, connects, version, conferenceId, userId, floorIds: [floorId = FLOOR] } = agreement;
    if (role === 'server') {
      const server = (this.server = new ServerFloor({ conferenceId: this.conferenceId, floorId: FLOOR, userId: USER.party, othersId: USER.endpoint }));
      if (connects) this.connect(agreement).then((carrier) => server.serve(carrier), () => undefined);
      return server;
    }
    const client = (this.client = new ClientFloor(this.carrierTo(agreement), { conferenceId, userId, version, floorId }));
    // A server that does not answer has no floor: the association is over then, as the floor is told.
    client.start().catch(() => undefined);
    return client;
  }

  /** Ends the association; the ports stay. */
  drop(): void {
    const { server, client } = this;
    this.agreement = this.server = this.client = this.awaited = undefined;
    server?.close();
    client?.close().catch(() => undefined);
  }

  /** Safe to call twice. */
  close(): void {
    this.over = true;
    this.drop();
    const { udp, tcp } = this;
    this.udp = this.tcp = undefined;
    // What is said in parting goes first.
    setImmediate(() => {
      udp?.close();
      tcp?.close();
    });
  }

  private async open(transport: FloorTransport): Promise<void> {
    const { host, ports: { min, max } } = this.settings;
    const first = randomInt(min, max + 1);
    for (let attempt = 0; attempt < Math.min(ATTEMPTS, max - min + 1) && !this.over; attempt++) {
      const port = min + ((first - min + attempt) % (max - min + 1));
      const options = { host, port, maxPeers: MAX_PEERS, accept: (carrier: Carrier, peer: { address: string }) => this.accept(carrier, peer.address) };
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

  private accept(carrier: Carrier, address: string): void {
    const { agreement, server, awaited } = this;
    if (!agreement || !this.isParty(address, agreement.remote.address)) carrier.close();
    else if (server) server.serve(carrier);
    else if (awaited) awaited.use(carrier);
    else carrier.close();
  }

  /** Another leg of this gateway comes from where it is, not from where it is told to be. */
  private isParty(from: string, party: string): boolean {
    return from.replace(/^::ffff:/, '') === party || (party === this.settings.address && from === this.near(party));
  }

  /** The way to another leg of this gateway does not lead through the router in front of it. */
  private near(address: string): string {
    const { host, address: own } = this.settings;
    return address === own ? LOOPBACK[host] ?? host : address;
  }

  private carrierTo(agreement: BfcpAgreement): Carrier {
    const { remote: { address, port }, reliable, connects } = agreement;
    if (!reliable && this.udp) return this.udp.connect({ address: this.near(address), port });
    const awaited = new AwaitedCarrier();
    if (connects) this.connect(agreement).then((carrier) => awaited.use(carrier), (error: Error) => awaited.fail(error));
    else this.awaited = awaited;
    return awaited;
  }

  private async connect({ remote: { address, port } }: BfcpAgreement): Promise<Carrier> {
    return connectTcp({ address: this.near(address), port });
  }
}

/** A TCP connection that is to come; how long it is waited for the association decides, which has something to say. */
class AwaitedCarrier implements Carrier {
  readonly reliable = true;
  private receiver: CarrierReceiver | undefined;
  private carrier: Carrier | undefined;
  private closed = false;
  private unsent: Buffer[] = [];

  /** The connection is there; a second one is closed. */
  use(carrier: Carrier): void {
    if (this.carrier || this.closed) return carrier.close();
    this.carrier = carrier;
    if (this.receiver) carrier.attach(this.receiver);
    for (const message of this.unsent.splice(0)) carrier.send(message);
  }

  fail(cause: Error): void {
    if (!this.closed) this.receiver?.closed(cause);
  }

  attach(receiver: CarrierReceiver): void {
    this.receiver = receiver;
  }

  send(message: Buffer): void {
    // One request at a time is under way (RFC 8855 section 8.3).
    if (this.carrier) this.carrier.send(message);
    else this.unsent = [message];
  }

  close(): void {
    this.closed = true;
    this.carrier?.close();
  }
}
