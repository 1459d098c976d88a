import { FloorControlServer, type FloorRequest, type FloorUser, type Participant, type ParticipantOptions } from '../server';
import type { Carrier } from '../transport';
import type { ContentFloor, ContentFloorEvents } from './content-floor';

/** The party's, and one that has not been found dead yet. */
const MAX_ASSOCIATIONS = 4;

export interface ServerFloorOptions {
  conferenceId: number;
  floorId: number;
  /** The party's user. */
  userId: number;
  user?: FloorUser;
  /** Who holds the floor while others show content: not the party's number. */
  othersId: number;
}

/** The content floor of a party that is a BFCP client of ours: a conference of its own, in which the others are one user. */
export class ServerFloor implements ContentFloor {
  private readonly server: FloorControlServer;
  private events: ContentFloorEvents | undefined;
  /** The party's request that waits or holds the floor, and that of the others. */
  private theirs: FloorRequest | undefined;
  private others: number | undefined;

  constructor(private readonly options: ServerFloorOptions) {
    const { conferenceId, floorId, userId, user, othersId } = options;
    // A chair decides: that is this object.
    this.server = new FloorControlServer({ conferenceId, floorIds: [floorId], policy: 'chair', maxParticipants: MAX_ASSOCIATIONS }, { requestChanged: (request) => this.changed(request) });
    this.server.addUser(userId, user);
    this.server.addUser(othersId);
  }

  /** Over this the party comes; a new one may follow one that has ended. Undefined, and the carrier closed, when there are too many. */
  serve(carrier: Carrier, timing: Omit<ParticipantOptions, 'userId'> = {}): Participant | undefined {
    return this.server.serve(carrier, { ...timing, userId: this.options.userId });
  }

  close(): void {
    this.server.close();
  }

  attach(events: ContentFloorEvents): void {
    this.events = events;
  }

  request(): void {
    const { floorId, othersId } = this.options;
    const { theirs } = this;
    this.theirs = undefined;
    // Its wish is refused, or the floor taken, without asking: a BFCP client has no say in that.
    if (theirs) this.server.revoke(theirs.id);
    if (this.others === undefined) {
      this.others = this.server.request(othersId, [floorId]).id;
      this.server.table.grant(this.others);
    }
    this.events?.granted();
  }

  release(): void {
    const { others } = this;
    this.others = undefined;
    if (others !== undefined) this.server.release(others);
  }

  grant(): void {
    if (!this.theirs) return;
    this.others = undefined;
    this.server.table.grant(this.theirs.id);
  }

  refuse(): void {
    this.revoke();
  }

  revoke(): void {
    const { theirs } = this;
    this.theirs = undefined;
    if (theirs) this.server.revoke(theirs.id);
  }

  private changed(request: FloorRequest): void {
    if (request.beneficiaryId !== this.options.userId) return;
    if (request.status === 'pending' && !this.theirs) {
      this.theirs = request;
      this.events?.requested();
    } else if (request.id === this.theirs?.id && (request.status === 'released' || request.status === 'cancelled')) {
      this.theirs = undefined;
      this.events?.released();
    }
  }
}
