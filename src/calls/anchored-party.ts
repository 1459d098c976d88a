import type { PartyId } from './bridge';
import { presentationOf } from './content';
import type { FloorSeat } from './floor';
import { FAST_UPDATE } from './info';
import { KeyFrameRequests } from './key-frames';
import type { ActiveLeg } from './leg';
import type { ConferenceMember, MediaEndpoint } from './media';
import { pictureLimitsOf, sentPictures, type Picture, type PictureLimits } from './picture-limits';
import { hasVideo, takesKeyFrameRequests } from './sdp';

/** One party of an anchored call. */
export interface AnchoredParty {
  id: PartyId;
  leg: ActiveLeg;
  endpoint: MediaEndpoint;
  /** The call is theirs: it ends when the last of them has gone. */
  principal: boolean;
  /** Limits of the others' pictures that it has been described with. */
  told: PictureLimits;
  /** A visitor's, at the floor of the conference. */
  seat?: FloorSeat;
}

/** A party in its bridge, with what it has described last. */
export class PresentParty implements AnchoredParty {
  readonly id: PartyId;
  readonly leg: ActiveLeg;
  readonly endpoint: MediaEndpoint;
  readonly principal: boolean;
  told: PictureLimits;
  readonly seat: FloorSeat | undefined;
  member?: ConferenceMember;
  video: boolean;
  /** Its slides and their floor. */
  presentation = '';
  /** What it takes of others' pictures. */
  takes: PictureLimits = new Map();
  sends: ReadonlySet<Picture> = new Set();
  /** Holds the others. */
  holds = false;
  renegotiating = false;
  /** Those that others make of it, whether they came by INFO or the media server has them. */
  readonly keyFrames: KeyFrameRequests;

  /** `fault` is told what went wrong with what nobody waits for. */
  constructor({ id, leg, endpoint, principal, told, seat }: AnchoredParty, fault: (error: unknown) => void) {
    [this.id, this.leg, this.endpoint, this.principal, this.told, this.seat] = [id, leg, endpoint, principal, told, seat];
    const sdp = leg.remoteSdp ?? '';
    this.video = hasVideo(sdp);
    this.describe(sdp);
    this.keyFrames = new KeyFrameRequests(() => {
      const asked = takesKeyFrameRequests(leg.remoteSdp) ? endpoint.refreshVideo() : leg.send(FAST_UPDATE);
      asked.catch(fault);
    });
  }

  /** Takes what the party says of what it shows and takes. */
  describe(sdp: string): void {
    this.presentation = presentationOf(sdp);
    this.takes = pictureLimitsOf(sdp);
    this.sends = sentPictures(sdp);
  }

  /** It is told these limits now; those of pictures that nobody takes at present stay known. */
  tell(limits: PictureLimits): void {
    this.told = new Map([...this.told, ...limits]);
  }
}
