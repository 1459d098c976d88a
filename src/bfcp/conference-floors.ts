import { randomInt } from 'node:crypto';
import { agreeOnFloor, floorOf, floorTransportOf } from './floor-line';
import { FloorPorts, type FloorSettings } from './floor-ports';
import { answerBfcp, formatBfcp, offerBfcp, type BfcpAgreement, type BfcpCapabilities } from './sdp';
import { FloorControlServer } from './server';

const FLOOR = 1;
/** `a=label` of the slides (RFC 4574), which the floor names (RFC 8856 section 5.3). */
const SLIDES_LABEL = '11';
/** Members of one conference that have floor control; of further ones it is refused. */
const MAX_USERS = 256;
const MAX_PEERS = 2 * MAX_USERS;
const MAX_USER_ID = 0xffff;

/** Floor control of conferences: each has a floor of its own, which whoever wants to show slides there asks for. */
export class ConferenceFloors {
  private readonly floors = new Map<string, ConferenceFloor>();

  constructor(private readonly settings: FloorSettings) {}

  /** A member's seat at the floor of the conference of that name; the floor is there as long as somebody has one. */
  seat(conference: string): FloorSeat {
    let floor = this.floors.get(conference);
    if (!floor) {
      const made = (floor = new ConferenceFloor(this.settings, () => {
        if (this.floors.get(conference) === made) this.floors.delete(conference);
      }));
      this.floors.set(conference, floor);
    }
    return floor.seat();
  }
}

/** The floor of one conference: who asks for it while nobody has it gets it, others are denied. */
class ConferenceFloor {
  readonly server: FloorControlServer;
  readonly ports: FloorPorts;
  private readonly seats = new Set<FloorSeat>();
  private readonly users = new Map<number, FloorSeat>();
  /** Where those are who have floor control; a flood of strangers is looked up there. */
  private addresses = new Set<string | undefined>();

  constructor(readonly settings: FloorSettings, private readonly over: () => void) {
    const server = (this.server = new FloorControlServer({
      conferenceId: randomInt(1, 2 ** 31), floorIds: [FLOOR], policy: 'keep', maxParticipants: MAX_PEERS, maxUsers: MAX_USERS,
    }));
    this.ports = new FloorPorts(settings, {
      maxPeers: MAX_PEERS,
      admits: (from) => this.ports.addressesOf(from).some((address) => this.addresses.has(address)),
      accept: (carrier, from) => {
        const addresses: (string | undefined)[] = this.ports.addressesOf(from);
        server.serve(carrier, { mayJoin: (userId) => addresses.includes(this.users.get(userId)?.address) });
      },
    });
  }

  /** Somebody's address has changed. */
  moved(): void {
    this.addresses = new Set([...this.users.values()].map(({ address }) => address));
  }

  seat(): FloorSeat {
    const seat = new FloorSeat(this);
    this.seats.add(seat);
    return seat;
  }

  /** A number that others cannot guess; undefined when there are too many. */
  addUser(seat: FloorSeat): number | undefined {
    if (this.users.size >= MAX_USERS) return undefined;
    let userId: number;
    do userId = randomInt(1, MAX_USER_ID); while (this.users.has(userId));
    this.users.set(userId, seat);
    this.server.addUser(userId, { waits: true });
    return userId;
  }

  leave(seat: FloorSeat, userId: number | undefined): void {
    if (userId !== undefined) {
      this.users.delete(userId);
      this.server.removeUser(userId);
      this.moved();
    }
    if (!this.seats.delete(seat) || this.seats.size > 0) return;
    this.ports.close();
    this.over();
  }
}

/** One member's part in the floor of its conference. */
export class FloorSeat {
  private userId: number | undefined;
  private agreement: BfcpAgreement | undefined;
  private isAdmitted = false;
  private isClosed = false;

  constructor(private readonly floor: ConferenceFloor) {}

  /**
   * The conference as a party that has slides and their floor control: in answer to a member's offer, or as an offer to it. Undefined
   * where its offer has no floor control that fits, or no port is left.
   */
  async describe(offer?: string): Promise<string | undefined> {
    const { floor: { ports } } = this;
    const offered = offer === undefined ? undefined : floorOf(offer);
    if (offer !== undefined && !offered) return undefined;
    const transport = offered ? floorTransportOf(offered.transport)! : this.agreement?.reliable ? 'tcp' : 'udp';
    await ports.prepare(transport);
    const port = ports.port(transport);
    if (this.isClosed || port === undefined) return undefined;
    const capabilities = this.capabilities(transport === 'tcp' ? 'TCP/BFCP' : 'UDP/BFCP', port);
    const line = capabilities && (offered ? answerBfcp(offered, capabilities) : offerBfcp(capabilities));
    return line && line.port !== 0 ? `v=0\r\ns=-\r\nt=0 0\r\nm=video 9 RTP/AVP 97\r\na=content:slides\r\na=label:${SLIDES_LABEL}\r\n${formatBfcp(line)}` : undefined;
  }

  /** Takes what the member and the conference have described, `side` being the conference's. What holds already goes on. */
  agree(offer: string, answer: string, side: 'offerer' | 'answerer'): void {
    const { userId, floor, floor: { server, ports } } = this;
    const agreement = agreeOnFloor(offer, answer, side);
    if (userId === undefined || JSON.stringify(agreement) === JSON.stringify(this.agreement)) return;
    server.dismiss(userId);
    this.agreement = agreement;
    floor.moved();
    // Who cannot be reached has no floor control.
    if (agreement?.connects) ports.tcpTo(agreement.remote).then((carrier) => (this.agreement === agreement ? void server.serve(carrier, { userId }) : carrier.close()), () => undefined);
  }

  /** The member is in the conference: it may have the floor, and is told who has it. */
  admit(): void {
    this.isAdmitted = true;
    if (this.userId !== undefined) this.floor.server.admit(this.userId);
  }

  /** Takes the floor from the member. */
  giveBack(): void {
    if (this.userId !== undefined) this.floor.server.revokeAll(this.userId);
  }

  /** The member has left. Safe to call twice. */
  close(): void {
    this.isClosed = true;
    this.agreement = undefined;
    this.floor.leave(this, this.userId);
    this.userId = undefined;
  }

  /** Where the member says that it is; undefined without floor control. */
  get address(): string | undefined {
    return this.agreement?.remote.address;
  }

  private capabilities(transport: BfcpCapabilities['transports'][number], port: number): BfcpCapabilities | undefined {
    const { floor, floor: { server: { conferenceId }, settings: { address } } } = this;
    if (this.userId === undefined) {
      this.userId = floor.addUser(this);
      if (this.isAdmitted) this.admit();
    }
    return this.userId === undefined ? undefined : {
      transports: [transport], roles: ['s-only'], address, port, conferenceId, userId: this.userId, floors: [{ floorId: FLOOR, labels: [SLIDES_LABEL] }],
      setup: 'passive', connected: this.agreement?.reliable === true,
    };
  }
}
