import type { FloorRequestInformation } from '../codec';
import { BfcpError } from '../errors';
import type { Carrier } from '../transport';
import { FloorTable, type FloorPolicy, type FloorRequest } from './floor-table';
import { informationOf } from './request-information';
import { Participant, type Conference, type ParticipantOptions } from './participant';

const MAX_USERS = 64;
const MAX_FLOORS = 16;
/** Associations of one user: a device's, and those that have not been found dead yet. */
const MAX_ASSOCIATIONS = 4;

export interface FloorControlServerOptions {
  conferenceId: number;
  /** 1 to 16 floors. */
  floorIds: readonly number[];
  policy: FloorPolicy;
  /** Requests of one user for one floor that may be going on. Default 1. */
  maxRequestsPerFloor?: number;
  /** Associations at a time. Default 64. */
  maxParticipants?: number;
  /** Default 64. */
  maxUsers?: number;
}

export interface FloorUser {
  displayName?: string;
  /** May carry out ChairAction and ask for others. */
  chair?: boolean;
  /** Not let in yet: is told that nobody has a floor, and gets none, until `admit`. */
  waits?: boolean;
}

export interface FloorEvents {
  /** A floor has another holder, or none. */
  floorChanged?(floorId: number, holderId: number | undefined): void;
  /** A request began, moved in the queue, was granted or ended: for those who asked by `request`, not over BFCP. */
  requestChanged?(request: FloorRequest): void;
}

/**
 * Floor control server of one conference (RFC 8855 section 13): users over any number of associations, and local ones that ask
 * by method (a party whose device has no BFCP).
 */
export class FloorControlServer implements Conference {
  readonly table: FloorTable;
  private readonly users = new Map<number, FloorUser>();
  private readonly participants = new Set<Participant>();
  private readonly holders = new Map<number, number | undefined>();

  constructor(private readonly options: FloorControlServerOptions, private readonly events: FloorEvents = {}) {
    if (options.floorIds.length === 0 || options.floorIds.length > MAX_FLOORS) throw new BfcpError('bfcp-limit', `A conference has 1 to ${MAX_FLOORS} floors`);
    this.table = new FloorTable(options, (requests) => this.tell(requests));
  }

  get conferenceId(): number {
    return this.options.conferenceId;
  }

  /** Users that are not added are refused. */
  addUser(userId: number, user: FloorUser = {}): void {
    const { maxUsers = MAX_USERS } = this.options;
    if (!this.users.has(userId) && this.users.size >= maxUsers) throw new BfcpError('bfcp-limit', `A conference has ${maxUsers} users at most`);
    this.users.set(userId, user);
  }

  /** Lets a user in who waits, and tells how the floors stand. */
  admit(userId: number): void {
    const user = this.users.get(userId);
    if (!user?.waits) return;
    this.users.set(userId, { ...user, waits: false });
    for (const participant of this.associationsOf(userId)) participant.tellFloors();
  }

  /** Ends the user's requests and associations. */
  removeUser(userId: number): void {
    this.users.delete(userId);
    this.dismiss(userId);
  }

  /** Ends the user's requests and associations; it may come again. */
  dismiss(userId: number): void {
    for (const participant of this.associationsOf(userId)) participant.close();
    this.releaseAll(userId);
  }

  /** Takes from a user what it has, and denies it what it waits for. */
  revokeAll(userId: number): void {
    for (const { id, beneficiaryId } of this.table.ofUser(userId)) if (beneficiaryId === userId) this.table.revoke(id);
  }

  /**
   * Serves a client. When its association ends, for whatever reason, its user's requests end, unless another association is his.
   * Undefined, and the carrier closed, when there are too many.
   */
  serve(carrier: Carrier, options: ParticipantOptions = {}): Participant | undefined {
    if (this.participants.size >= (this.options.maxParticipants ?? MAX_USERS)) {
      carrier.close();
      return undefined;
    }
    const participant: Participant = new Participant(carrier, this, options, () => {
      this.participants.delete(participant);
      const { userId } = participant;
      if (userId !== undefined && this.associationsOf(userId).length === 0) this.releaseAll(userId);
    });
    this.participants.add(participant);
    return participant;
  }

  /** Asks for floors on behalf of a user here; fails with a FloorError. */
  request(userId: number, floorIds: readonly number[], detail: { priority?: number; info?: string } = {}): FloorRequest {
    if (!this.knows(userId)) throw new BfcpError('bfcp-value', `There is no user ${userId} in conference ${this.conferenceId}`);
    return this.table.request({ beneficiaryId: userId, requestedById: userId, floorIds, priority: detail.priority ?? 2, ...(detail.info && { info: detail.info }) });
  }

  /** The user of a request gives it up. */
  release(requestId: number): FloorRequest {
    return this.table.release(requestId);
  }

  /** Takes a granted request's floors, or denies a waiting one. */
  revoke(requestId: number): FloorRequest {
    return this.table.revoke(requestId);
  }

  /** Who holds the floor now. */
  holder(floorId: number): number | undefined {
    return this.table.holder(floorId)?.beneficiaryId;
  }

  /** Ends every association; nobody is told. */
  close(): void {
    for (const participant of [...this.participants]) participant.close();
  }

  knows(userId: number): boolean {
    return this.users.has(userId);
  }

  isChair(userId: number): boolean {
    return this.users.get(userId)?.chair === true;
  }

  information(request: FloorRequest): FloorRequestInformation {
    return informationOf(request, (userId) => this.users.get(userId)?.displayName);
  }

  isAdmitted(userId: number): boolean {
    return this.users.get(userId)?.waits !== true;
  }

  /** The newest of a user's associations are kept. */
  joined(participant: Participant): void {
    const all = this.associationsOf(participant.userId);
    for (const oldest of all.slice(0, -MAX_ASSOCIATIONS)) oldest.close();
  }

  /** Over transports that lose messages a holder that does not acknowledge this is gone. */
  denied(floorIds: readonly number[]): void {
    for (const holding of new Set(floorIds.map((floorId) => this.table.holder(floorId)))) {
      if (holding) for (const participant of this.associationsOf(holding.beneficiaryId)) participant.tellRequest(holding);
    }
  }

  /** The oldest first. */
  private associationsOf(userId: number | undefined): Participant[] {
    return [...this.participants].filter((participant) => participant.userId === userId);
  }

  private releaseAll(userId: number): void {
    for (const { id, beneficiaryId } of this.table.ofUser(userId)) if (beneficiaryId === userId) this.table.release(id);
  }

  private tell(requests: readonly FloorRequest[]): void {
    for (const request of requests) {
      for (const participant of this.participants) {
        if (participant.userId === request.beneficiaryId || participant.userId === request.requestedById) participant.tellRequest(request);
      }
      this.events.requestChanged?.(request);
    }
    for (const floorId of new Set(requests.flatMap(({ floorIds }) => floorIds))) {
      for (const participant of this.participants) participant.tellFloor(floorId);
      const holder = this.holder(floorId);
      if (holder === this.holders.get(floorId)) continue;
      this.holders.set(floorId, holder);
      this.events.floorChanged?.(floorId, holder);
    }
  }
}
