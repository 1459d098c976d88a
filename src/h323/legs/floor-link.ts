import { randomInt } from 'node:crypto';
import {
  ClientFloor, FloorPorts, ServerFloor, type BfcpAgreement, type BfcpCapabilities, type Carrier, type CarrierReceiver, type ContentFloor, type FloorSettings, type FloorTransport,
} from '../../bfcp';

export type { FloorSettings };

/** Associations at a time over one port: the party's, and those that have not been found dead yet. */
const MAX_PEERS = 4;
/** The users of BFCP where this side is the server: the H.323 endpoint, and the party that the call joins it with. */
const USER = { endpoint: 1, party: 2 } as const;
const FLOOR = 1;

/** The BFCP of one H.323 leg towards the party that the call joins it with: its ports, and the association that is agreed on. */
export class FloorLink {
  private readonly conferenceId = randomInt(1, 2 ** 31);
  private readonly ports: FloorPorts;
  private agreement: BfcpAgreement | undefined;
  private server: ServerFloor | undefined;
  private client: ClientFloor | undefined;
  /** A client's connection that the server has to make. */
  private awaited: AwaitedCarrier | undefined;

  /** `label`: that of the media that the floor is for. */
  constructor(private readonly settings: FloorSettings, private readonly label: string) {
    this.ports = new FloorPorts(settings, {
      maxPeers: MAX_PEERS, admits: (from) => this.agreement !== undefined && this.ports.addressesOf(from).includes(this.agreement.remote.address), accept: (carrier) => this.accept(carrier),
    });
  }

  /** Opens the port of a transport, where that can be done; once. */
  prepare(transport: FloorTransport): Promise<void> {
    return this.ports.prepare(transport);
  }

  /** What this side can be; undefined where it has no port. The role that was agreed on stays. */
  capabilities(transport: FloorTransport = this.agreement?.reliable ? 'tcp' : 'udp'): BfcpCapabilities | undefined {
    const { agreement, conferenceId, label, settings: { address } } = this;
    const port = this.ports.port(transport);
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
      if (connects) this.ports.tcpTo(agreement.remote).then((carrier) => server.serve(carrier), () => undefined);
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
    this.drop();
    this.ports.close();
  }

  private accept(carrier: Carrier): void {
    const { server, awaited } = this;
    if (server) server.serve(carrier);
    else if (awaited) awaited.use(carrier);
    else carrier.close();
  }

  private carrierTo(agreement: BfcpAgreement): Carrier {
    const { remote, reliable, connects } = agreement;
    const carrier = reliable ? undefined : this.ports.udpTo(remote);
    if (carrier) return carrier;
    const awaited = new AwaitedCarrier();
    if (connects) this.ports.tcpTo(remote).then((carrier) => awaited.use(carrier), (error: Error) => awaited.fail(error));
    else this.awaited = awaited;
    return awaited;
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
