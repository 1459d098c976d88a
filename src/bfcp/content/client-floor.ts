import type { FloorRequestInformation, RequestStatusName } from '../codec';
import { FloorClient, type FloorClientOptions } from '../floor-client';
import type { Carrier } from '../transport';
import type { ContentFloor, ContentFloorEvents } from './content-floor';

export interface ClientFloorOptions extends FloorClientOptions {
  floorId: number;
}

/** A server may let a request wait for as long as others present; who asks on the other side is told no before it gives up by itself (10 s with H.239). */
const GRANT_MS = 5_000;

/** This side's request. */
interface OwnRequest {
  /** Undefined until the server has answered. */
  id?: number;
  granted: boolean;
  patience: NodeJS.Timeout;
  /** What was told before the answer was taken: both may have come in one piece. */
  early?: FloorRequestInformation;
}

/**
 * The content floor of a party that is a floor control server, with this side as its client. Such a party shows content without
 * asking: that it holds its own floor is its wish, and a refusal of that cannot be told.
 */
export class ClientFloor implements ContentFloor {
  private readonly client: FloorClient;
  private events: ContentFloorEvents | undefined;
  private own: OwnRequest | undefined;
  private partyHolds = false;
  /** The server has told of the floor by itself. */
  private informed = false;

  /** `closed`: the association ended, with the error where not by `close`. */
  constructor(carrier: Carrier, private readonly options: ClientFloorOptions, closed?: (error?: Error) => void) {
    this.client = new FloorClient(carrier, options, {
      requestChanged: (request) => this.take(request),
      floorsChanged: (floorIds, requests) => {
        if (!floorIds.includes(options.floorId)) return;
        this.informed = true;
        this.watch(requests);
      },
      closed: (error) => { this.lose(); closed?.(error); },
    });
  }

  /** Makes itself known to the server and asks to be told of the floor; fails with a BfcpError. */
  async start(): Promise<void> {
    await this.client.hello();
    const { floorRequests } = await this.client.watch([this.options.floorId]);
    // What the server tells by itself comes after its answer, and may have come in one piece with it.
    if (!this.informed) this.watch(floorRequests);
  }

  /** Takes leave of the server. */
  close(): Promise<void> {
    return this.client.goodbye();
  }

  attach(events: ContentFloorEvents): void {
    this.events = events;
  }

  request(): void {
    if (this.own) return void (this.own.granted && this.events?.granted());
    const request: OwnRequest = { granted: false, patience: setTimeout(() => {
      this.release();
      this.events?.refused();
    }, GRANT_MS) };
    this.own = request;
    this.client.request([this.options.floorId]).then((answer) => {
      request.id = answer.floorRequestId;
      // Released before its number was known.
      if (this.own !== request) return this.end(answer.floorRequestId);
      this.take(answer);
      if (request.early) this.take(request.early);
    }, () => {
      if (this.own !== request) return;
      this.forget();
      this.events?.refused();
    });
  }

  release(): void {
    const request = this.forget();
    if (request?.id !== undefined) this.end(request.id);
  }

  grant(): void {
    // The server has given itself the floor already.
  }

  refuse(): void {
    // It cannot be told.
  }

  /** All that a client can do: want the floor itself, and let it go. */
  revoke(): void {
    if (this.own || !this.partyHolds) return;
    this.client.request([this.options.floorId]).then(({ floorRequestId }) => this.end(floorRequestId), () => undefined);
  }

  /** Has no request any more; returns the one that it had. */
  private forget(): OwnRequest | undefined {
    const { own } = this;
    clearTimeout(own?.patience);
    this.own = undefined;
    return own;
  }

  private end(floorRequestId: number): void {
    this.client.release(floorRequestId).catch(() => undefined);
  }

  private take(information: FloorRequestInformation): void {
    const { floorRequestId } = information;
    const request = this.own;
    if (request && request.id === undefined) request.early = information;
    if (!request || request.id !== floorRequestId) return;
    const status = statusOf(information);
    if (status === 'granted') {
      if (request.granted) return;
      request.granted = true;
      clearTimeout(request.patience);
      this.events?.granted();
    } else if (status === 'denied' || status === 'cancelled' || status === 'revoked' || status === 'released') {
      this.forget();
      if (request.granted) this.events?.revoked();
      else this.events?.refused();
    }
  }

  /** Whether anybody but this client holds the floor there. */
  private watch(requests: readonly FloorRequestInformation[]): void {
    const holds = requests.some((request) => statusOf(request) === 'granted' && request.beneficiary !== undefined && request.beneficiary.userId !== this.options.userId);
    if (holds === this.partyHolds) return;
    this.partyHolds = holds;
    if (holds) this.events?.requested();
    else this.events?.released();
  }

  private lose(): void {
    const request = this.forget();
    if (request) {
      if (request.granted) this.events?.revoked();
      else this.events?.refused();
    }
    if (!this.partyHolds) return;
    this.partyHolds = false;
    this.events?.released();
  }
}

const statusOf = ({ overallStatus, floors }: FloorRequestInformation): RequestStatusName | undefined => (overallStatus?.requestStatus ?? floors[0]?.requestStatus)?.status;
