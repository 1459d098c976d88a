import { BfcpError } from '../errors';
import { ERROR_CODES, type RequestStatusName } from '../codec';

/**
 * Who gets a floor. `take over`: the newest request, the holder loses it. `keep`: the first, others are denied while it is held.
 * `queue`: the first, others wait (by priority, then by age). `chair`: nobody before a chair has said so.
 */
export type FloorPolicy = 'take over' | 'keep' | 'queue' | 'chair';

export interface FloorRequest {
  /** 1 to 65535. */
  readonly id: number;
  /** Who is to hold the floors. */
  readonly beneficiaryId: number;
  readonly requestedById: number;
  readonly floorIds: readonly number[];
  /** 0 lowest to 4 highest. */
  readonly priority: number;
  readonly info?: string;
  readonly status: RequestStatusName;
  /** From 1 while it waits, otherwise 0. */
  readonly queuePosition: number;
}

type Entry = { -readonly [K in keyof FloorRequest]: FloorRequest[K] };

/** A request that cannot be carried out, with the error code of RFC 8855 section 5.2.6. */
export class FloorError extends BfcpError {
  constructor(readonly errorCode: number, message: string) {
    super('bfcp-refused', message);
  }
}

export interface FloorTableOptions {
  floorIds: readonly number[];
  policy: FloorPolicy;
  /** Requests of one beneficiary for one floor that may be going on. Default 1. */
  maxRequestsPerFloor?: number;
  /** Requests going on in all. Default 256. */
  maxRequests?: number;
}

const MAX_REQUESTS = 256;
/** More floors in one request do not fit into what is told of it. */
export const MAX_FLOORS_PER_REQUEST = 8;
const WAITING: readonly RequestStatusName[] = ['pending', 'accepted'];

/** The floors of a conference and the requests for them: each floor has one holder at most, and a request holds all its floors or none. */
export class FloorTable {
  private readonly requests = new Map<number, Entry>();
  private lastId = 0;

  /** `changed` gets requests whose status or place in the queue has changed, ended ones too, after each operation. */
  constructor(private readonly options: FloorTableOptions, private readonly changed: (requests: readonly FloorRequest[]) => void) {}

  has(floorId: number): boolean {
    return this.options.floorIds.includes(floorId);
  }

  /** A request that goes on; FloorError when there is none. */
  get(id: number): FloorRequest {
    return this.entry(id);
  }

  /** Requests that go on for a floor, the holder first, then as they wait. */
  of(floorId: number): FloorRequest[] {
    const all = this.ongoing().filter(({ floorIds }) => floorIds.includes(floorId));
    return [...all.filter(({ status }) => status === 'granted'), ...this.waiting(all)];
  }

  ofUser(userId: number): FloorRequest[] {
    return this.ongoing().filter(({ beneficiaryId, requestedById }) => beneficiaryId === userId || requestedById === userId);
  }

  holder(floorId: number): FloorRequest | undefined {
    return this.ongoing().find(({ status, floorIds }) => status === 'granted' && floorIds.includes(floorId));
  }

  /** A new request; FloorError when a floor is not known or there are too many. `told` learns of it before `changed`. */
  request(request: Pick<FloorRequest, 'beneficiaryId' | 'requestedById' | 'floorIds' | 'priority' | 'info'>, told?: (request: FloorRequest) => void): FloorRequest {
    const { policy, maxRequestsPerFloor = 1, maxRequests = MAX_REQUESTS } = this.options;
    const floorIds = [...new Set(request.floorIds)];
    const unknown = floorIds.find((id) => !this.has(id));
    if (unknown !== undefined) throw new FloorError(ERROR_CODES.invalidFloorId, `There is no floor ${unknown}`);
    if (floorIds.length === 0 || floorIds.length > MAX_FLOORS_PER_REQUEST) throw new FloorError(ERROR_CODES.genericError, `A request is for 1 to ${MAX_FLOORS_PER_REQUEST} floors`);
    const own = this.ongoing().filter(({ beneficiaryId }) => beneficiaryId === request.beneficiaryId);
    const full = floorIds.some((floor) => own.filter((each) => each.floorIds.includes(floor)).length >= maxRequestsPerFloor);
    // Who takes over takes over from himself as well, and nobody keeps a floor from himself: a device that forgot its request can ask anew.
    if ((full && policy !== 'take over' && policy !== 'keep') || this.requests.size >= maxRequests) throw new FloorError(ERROR_CODES.maximumFloorRequestsReached, 'Too many floor requests are going on');
    return this.change(() => {
      const entry: Entry = { ...request, floorIds, id: this.nextId(), status: policy === 'chair' ? 'pending' : 'accepted', queuePosition: 0 };
      this.requests.set(entry.id, entry);
      if (policy === 'keep' && floorIds.some((floor) => (this.holder(floor)?.beneficiaryId ?? entry.beneficiaryId) !== entry.beneficiaryId)) return this.finish(entry, 'denied');
      if (policy === 'keep' || policy === 'take over') this.hand(entry);
      return entry;
    }, told);
  }

  /** The holder gives up, or who waits stops waiting. */
  release(id: number, told?: (request: FloorRequest) => void): FloorRequest {
    return this.change(() => this.finish(this.entry(id), undefined), told);
  }

  /** Takes the floors from their holder, or refuses who waits. */
  revoke(id: number, told?: (request: FloorRequest) => void): FloorRequest {
    return this.change(() => {
      const entry = this.entry(id);
      return this.finish(entry, entry.status === 'granted' ? 'revoked' : 'denied');
    }, told);
  }

  /** A pending request may wait for its floors. */
  accept(id: number, told?: (request: FloorRequest) => void): FloorRequest {
    return this.change(() => {
      const entry = this.entry(id);
      if (entry.status === 'pending') entry.status = 'accepted';
      return entry;
    }, told);
  }

  /** Gives a request its floors now; their holders lose them. */
  grant(id: number, told?: (request: FloorRequest) => void): FloorRequest {
    return this.change(() => this.hand(this.entry(id)), told);
  }

  private change(work: () => Entry, told?: (request: FloorRequest) => void): FloorRequest {
    const before = new Map(this.ongoing().map((entry) => [entry.id, { entry, was: `${entry.status} ${entry.queuePosition}` }]));
    const subject = work();
    this.settle();
    for (const entry of this.ongoing()) if (!before.has(entry.id)) before.set(entry.id, { entry, was: '' });
    told?.({ ...subject });
    const changed = [...before.values()].filter(({ entry, was }) => `${entry.status} ${entry.queuePosition}` !== was).map(({ entry }) => ({ ...entry }));
    if (changed.length > 0) this.changed(changed);
    return { ...subject };
  }

  /** Gives free floors to those who wait for them, in their order; nobody is overtaken at a floor that he waits for. */
  private settle(): void {
    const ongoing = this.ongoing();
    const taken = new Set(ongoing.filter(({ status }) => status === 'granted').flatMap(({ floorIds }) => floorIds));
    const ahead: Entry[] = [];
    for (const entry of this.waiting(ongoing)) {
      entry.queuePosition = 0;
      if (entry.status === 'accepted' && !entry.floorIds.some((floor) => taken.has(floor))) entry.status = 'granted';
      else if (entry.status === 'accepted') entry.queuePosition = 1 + Math.min(254, ahead.filter(({ floorIds }) => floorIds.some((floor) => entry.floorIds.includes(floor))).length);
      if (entry.status !== 'pending') for (const floor of entry.floorIds) taken.add(floor);
      if (entry.status === 'accepted') ahead.push(entry);
    }
  }

  private hand(entry: Entry): Entry {
    for (const other of this.ongoing()) {
      if (other !== entry && other.status === 'granted' && other.floorIds.some((floor) => entry.floorIds.includes(floor))) this.finish(other, 'revoked');
    }
    entry.status = 'granted';
    entry.queuePosition = 0;
    return entry;
  }

  private finish(entry: Entry, status: 'revoked' | 'denied' | undefined): Entry {
    entry.status = status ?? (entry.status === 'granted' ? 'released' : 'cancelled');
    entry.queuePosition = 0;
    this.requests.delete(entry.id);
    return entry;
  }

  private waiting(entries: readonly Entry[]): Entry[] {
    return entries.filter(({ status }) => WAITING.includes(status)).sort((a, b) => b.priority - a.priority);
  }

  private ongoing(): Entry[] {
    return [...this.requests.values()];
  }

  private entry(id: number): Entry {
    const entry = this.requests.get(id);
    if (!entry) throw new FloorError(ERROR_CODES.floorRequestIdDoesNotExist, `There is no floor request ${id}`);
    return entry;
  }

  private nextId(): number {
    do this.lastId = (this.lastId % 0xffff) + 1; while (this.requests.has(this.lastId));
    return this.lastId;
  }
}
