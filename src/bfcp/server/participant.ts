import { Association } from '../association';
import { ATTRIBUTES, ERROR_CODES, PRIMITIVES, type BfcpMessage, type Body, type BodyOf, type FloorRequestInformation, type Primitive } from '../codec';
import type { BfcpError } from '../errors';
import type { Carrier } from '../transport';
import { FloorError, type FloorRequest, type FloorTable } from './floor-table';

/** Requests in one FloorStatus or UserStatus; each may have 255 octets, and a message has 16,384. */
const MAX_TOLD = 48;
const NORMAL_PRIORITY = 2;
/** What users may say who are not let in yet. */
const OPEN_TO_ALL: readonly Primitive[] = ['Hello', 'FloorQuery', 'Goodbye'];

/** What a participant needs of its conference. */
export interface Conference {
  readonly conferenceId: number;
  readonly table: FloorTable;
  knows(userId: number): boolean;
  isChair(userId: number): boolean;
  /** Users that are not let in yet are told that nobody has a floor, and get none. */
  isAdmitted(userId: number): boolean;
  /** The association is this user's from now on. */
  joined(participant: Participant): void;
  /** Somebody has been denied floors: their holders are to show that they are there. */
  denied(floorIds: readonly number[]): void;
  information(request: FloorRequest): FloorRequestInformation;
}

export interface ParticipantOptions {
  /** The only user that may speak here; without it, the first that does. */
  userId?: number;
  /** Whether a user may come over this carrier; others are refused. Default: all. */
  mayJoin?: (userId: number) => boolean;
  t1?: number;
  t2?: number;
  now?: () => number;
}

/** One client's association with the server (RFC 8855 section 13). */
export class Participant {
  private readonly association: Association;
  private readonly watched = new Set<number>();
  /** What its asker has been told of a request by the answer. */
  private answered: FloorRequest | undefined;
  private user: number | undefined;
  private readonly mayJoin: (userId: number) => boolean;

  constructor(carrier: Carrier, private readonly conference: Conference, { userId, mayJoin = () => true, ...timing }: ParticipantOptions, closed: (error?: BfcpError) => void) {
    this.user = userId;
    this.mayJoin = mayJoin;
    this.association = new Association(carrier, { role: 'server', conferenceId: conference.conferenceId, ...timing }, {
      request: (message, respond) => this.serve(message, respond),
      closed,
    });
  }

  /** Undefined until somebody has spoken. */
  get userId(): number | undefined {
    return this.user;
  }

  close(): void {
    this.association.close();
  }

  /** Tells of a request of this user's, unless the answer has told the same just now. */
  tellRequest(request: FloorRequest): void {
    const { id, status, queuePosition } = this.answered ?? {};
    if (this.user === undefined || (id === request.id && status === request.status && queuePosition === request.queuePosition)) return;
    this.association.announce(this.user, { primitive: 'FloorRequestStatus', floorRequest: this.conference.information(request) }, `request ${request.id}`);
  }

  /** Tells how the floors stand that it asked for. */
  tellFloors(): void {
    for (const floorId of this.watched) this.tellFloor(floorId);
  }

  /** Tells how a floor stands to those who asked for it. */
  tellFloor(floorId: number): void {
    if (this.user !== undefined && this.watched.has(floorId) && this.conference.isAdmitted(this.user)) this.association.announce(this.user, this.floorStatus([floorId]), `floor ${floorId}`);
  }

  private serve(message: BfcpMessage, respond: (body: Body) => void): void {
    try {
      this.authorise(message.userId);
      this.carryOut(message, respond);
    } catch (error) {
      if (!(error instanceof FloorError)) throw error;
      respond({ primitive: 'Error', error: { code: error.errorCode }, info: error.message });
      // A stranger does not keep his place.
      if (this.user === undefined) this.association.close();
    }
  }

  private authorise(userId: number): void {
    if (!this.conference.knows(userId) || (this.user === undefined && !this.mayJoin(userId))) throw new FloorError(ERROR_CODES.userDoesNotExist, `There is no user ${userId}`);
    if (this.user === undefined) {
      this.user = userId;
      this.conference.joined(this);
    }
    if (this.user !== userId) throw new FloorError(ERROR_CODES.unauthorizedOperation, `This is the association of user ${this.user}`);
  }

  private carryOut(message: BfcpMessage, respond: (body: Body) => void): void {
    const { table } = this.conference;
    if (!OPEN_TO_ALL.includes(message.primitive) && !this.conference.isAdmitted(message.userId)) throw new FloorError(ERROR_CODES.unauthorizedOperation, 'You are not let in yet');
    switch (message.primitive) {
      case 'Hello':
        return respond({ primitive: 'HelloAck', supportedPrimitives: Object.values(PRIMITIVES), supportedAttributes: Object.values(ATTRIBUTES) });
      case 'FloorRequest': return this.request(message, respond);
      case 'FloorRelease': {
        this.authoriseRelease(table.get(message.floorRequestId));
        return void this.answer(respond, (told) => table.release(message.floorRequestId, told));
      }
      case 'FloorRequestQuery':
        return respond({ primitive: 'FloorRequestStatus', floorRequest: this.conference.information(table.get(message.floorRequestId)) });
      case 'UserQuery': return respond(this.userStatus(message.beneficiaryId ?? message.userId));
      case 'FloorQuery': return this.watch(message.floorIds, respond);
      case 'ChairAction': return this.chair(message, respond);
      case 'Goodbye':
        respond({ primitive: 'GoodbyeAck' });
        // An acknowledgement that is lost is not asked for again: the client is leaving.
        return this.association.close();
      default: throw new FloorError(ERROR_CODES.unknownPrimitive, `${message.primitive} is not for floor control servers`);
    }
  }

  private request({ userId, floorIds, beneficiaryId = userId, priority = NORMAL_PRIORITY, participantProvidedInfo: info }: BodyOf<'FloorRequest'> & { userId: number }, respond: (body: Body) => void): void {
    if (!this.conference.knows(beneficiaryId)) throw new FloorError(ERROR_CODES.userDoesNotExist, `There is no user ${beneficiaryId}`);
    if (beneficiaryId !== userId && !this.conference.isChair(userId)) throw new FloorError(ERROR_CODES.unauthorizedOperation, 'Only a chair asks for others');
    const { status } = this.answer(respond, (told) => this.conference.table.request({ beneficiaryId, requestedById: userId, floorIds, priority, ...(info && { info }) }, told));
    if (status === 'denied') this.conference.denied(floorIds);
  }

  /** The asker learns what became of the request first, by the answer; then the others. */
  private answer(respond: (body: Body) => void, work: (told: (request: FloorRequest) => void) => FloorRequest): FloorRequest {
    try {
      return work((request) => {
        this.answered = request;
        respond({ primitive: 'FloorRequestStatus', floorRequest: this.conference.information(request) });
      });
    } finally {
      this.answered = undefined;
    }
  }

  private authoriseRelease({ beneficiaryId, requestedById }: FloorRequest): void {
    if (this.user !== beneficiaryId && this.user !== requestedById) throw new FloorError(ERROR_CODES.unauthorizedOperation, 'The request is not yours');
  }

  private userStatus(userId: number): Body {
    if (!this.conference.knows(userId)) throw new FloorError(ERROR_CODES.userDoesNotExist, `There is no user ${userId}`);
    const requests = this.conference.table.ofUser(userId).slice(0, MAX_TOLD).map((request) => this.conference.information(request));
    return { primitive: 'UserStatus', beneficiary: { userId }, floorRequests: requests };
  }

  /** From now on news of these floors only; the first is told of in the answer, each other on its own (RFC 8855 section 13.5). */
  private watch(floorIds: readonly number[], respond: (body: Body) => void): void {
    const unknown = floorIds.find((id) => !this.conference.table.has(id));
    if (unknown !== undefined) throw new FloorError(ERROR_CODES.invalidFloorId, `There is no floor ${unknown}`);
    this.watched.clear();
    for (const id of floorIds) this.watched.add(id);
    const [first, ...others] = this.watched;
    respond(this.floorStatus(first === undefined ? [] : [first]));
    for (const id of others) this.tellFloor(id);
  }

  private floorStatus(floorIds: number[]): Body {
    const isAdmitted = this.user !== undefined && this.conference.isAdmitted(this.user);
    const requests = isAdmitted ? floorIds.flatMap((id) => this.conference.table.of(id)).slice(0, MAX_TOLD) : [];
    return { primitive: 'FloorStatus', floorIds, floorRequests: requests.map((request) => this.conference.information(request)) };
  }

  /** RFC 8855 section 13.6. */
  private chair({ userId, floorRequest }: BodyOf<'ChairAction'> & { userId: number }, respond: (body: Body) => void): void {
    if (!this.conference.isChair(userId)) throw new FloorError(ERROR_CODES.unauthorizedOperation, 'You are not the chair');
    const { table } = this.conference;
    const { id } = table.get(floorRequest.floorRequestId);
    const status = (floorRequest.overallStatus?.requestStatus ?? floorRequest.floors.find(({ requestStatus }) => requestStatus)?.requestStatus)?.status;
    const acknowledge = (): void => respond({ primitive: 'ChairActionAck' });
    switch (status) {
      case 'accepted': return void table.accept(id, acknowledge);
      case 'granted': return void table.grant(id, acknowledge);
      case 'denied': case 'revoked': return void table.revoke(id, acknowledge);
      default: throw new FloorError(ERROR_CODES.genericError, `A chair cannot make a request ${status ?? 'nothing'}`);
    }
  }
}
