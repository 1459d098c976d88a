import { randomInt } from 'node:crypto';
import { agreeOnFloor, floorOf, floorTransportOf, joinFloors, type ContentFloor, type ContentFloorEvents } from '../../bfcp';
import type { GenericMessage } from '../h245';
import { TokenFloor } from '../h239';
import { describeContent, refusesFloor, SLIDES_LABEL, slidesOf } from './content-description';
import { FloorLink, type FloorSettings } from './floor-link';

/** Content channels are numbered apart from those that H.245 numbers by itself: the token is asked for before its channel is opened. */
const CHANNELS = { first: 1_001, count: 1_000 };
/** Who may show content and opens no channel for so long has left it, as has one that closed it and does not open another. */
const CHANNEL_MS = 10_000;
const GREATEST_SYMMETRY = 127;

export interface ContentEvents {
  send(message: GenericMessage): void;
  /** Somebody else may show content now, or nobody. */
  holderChanged(): void;
}

/**
 * Content between an H.323 endpoint that has H.239 and the other party of its call, which has BFCP (RFC 8855), as another leg of this
 * gateway has: who may show is settled between that one's floor and the endpoint's token.
 */
export class LegContent {
  private readonly token: TokenFloor;
  private readonly link: FloorLink;
  private floor: ContentFloor = new FixedFloor(false);
  private holder: ContentFloor | undefined;
  /** What the floor was made of. */
  private agreed = '';
  private requests = 0;
  private showing = false;
  private absence: NodeJS.Timeout | undefined;

  constructor(settings: FloorSettings, private readonly on: ContentEvents) {
    this.link = new FloorLink(settings, SLIDES_LABEL);
    this.token = new TokenFloor({
      send: (message) => on.send(message), symmetryBreaking: () => randomInt(1, GREATEST_SYMMETRY + 1),
      channelId: () => {
        this.requests++;
        return this.channelNumber;
      },
    });
    this.join(this.floor);
  }

  /** The endpoint may open a channel and show. */
  get isEndpoints(): boolean {
    return this.holder === this.token;
  }

  /** The other party may show: a channel to the endpoint is to be opened. */
  get isPartys(): boolean {
    return this.holder !== undefined && this.holder === this.floor;
  }

  /** Number of the channel to the endpoint, as it was told with the last request for its token. */
  get channelNumber(): number {
    return CHANNELS.first + (this.requests % CHANNELS.count);
  }

  /** The handler of H.245's generic messages; whether it is one of H.239's. */
  received(message: GenericMessage): boolean {
    return this.token.received(message);
  }

  /** Opens the port that floor control needs, for {@link describe} to tell. */
  async prepare(offer?: string): Promise<void> {
    const offered = offer === undefined ? undefined : floorOf(offer);
    if (offer === undefined || offered) await this.link.prepare((offered && floorTransportOf(offered.transport)) ?? 'udp');
  }

  /** The endpoint's description with floor control: as an answer to `offer`, or as an offer to the party of `local`. */
  describe(sdp: string, { offer, local }: { offer?: string; local?: string }): string {
    const isRefused = offer === undefined && local !== undefined && refusesFloor(local);
    return describeContent(sdp, offer, (transport) => (isRefused ? undefined : this.link.capabilities(transport)));
  }

  /** Takes what both have described. What holds already goes on. */
  agree(offer: string, answer: string, side: 'offerer' | 'answerer'): void {
    const isShared = slidesOf(offer) !== undefined && slidesOf(answer) !== undefined;
    const agreement = isShared ? agreeOnFloor(offer, answer, side) : undefined;
    // Who was asked for its floor and has none has nobody who looks: a media server may take slides for who joins later.
    const isOpen = isShared && (side === 'answerer' || !refusesFloor(answer));
    const agreed = JSON.stringify([isOpen, agreement]);
    if (agreed === this.agreed) return;
    this.agreed = agreed;
    this.leave();
    this.link.drop();
    this.join((this.floor = agreement ? this.link.take(agreement) : new FixedFloor(isOpen)));
  }

  /** The endpoint's channel is open, or closed: without one it does not keep the floor from others. */
  endpointShows(shows: boolean): void {
    this.showing = shows;
    this.awaitChannel();
  }

  /** What the other party shows cannot be shown to the endpoint. */
  unshown(): void {
    if (this.isPartys) this.token.lost();
  }

  close(): void {
    this.leave();
    this.token.close();
    this.link.close();
  }

  private join(floor: ContentFloor): void {
    joinFloors(this.token, floor, (holder) => {
      this.holder = holder;
      this.awaitChannel();
      this.on.holderChanged();
    });
  }

  private awaitChannel(): void {
    clearTimeout(this.absence);
    if (this.isEndpoints && !this.showing) this.absence = setTimeout(() => this.token.abandoned(), CHANNEL_MS);
  }

  /** The floor is of no more interest; who has it loses it. */
  private leave(): void {
    clearTimeout(this.absence);
    const { holder } = this;
    this.holder = undefined;
    this.token.attach(NOBODY);
    this.floor.attach(NOBODY);
    if (holder === this.token) this.token.revoke();
    else if (holder) this.token.release();
    if (holder) this.on.holderChanged();
  }
}

const NOBODY: ContentFloorEvents = { requested: () => undefined, released: () => undefined, granted: () => undefined, refused: () => undefined, revoked: () => undefined };

/** The floor of a party that has no floor control: it looks at whatever is shown, or at nothing, and never asks. */
class FixedFloor implements ContentFloor {
  private events: ContentFloorEvents = NOBODY;

  constructor(private readonly isOpen: boolean) {}

  attach(events: ContentFloorEvents): void {
    this.events = events;
  }

  request(): void {
    if (this.isOpen) this.events.granted();
    else this.events.refused();
  }

  release(): void {}
  grant(): void {}
  refuse(): void {}
  revoke(): void {}
}
