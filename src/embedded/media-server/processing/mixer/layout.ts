import type { VideoLine } from '../video/line';
import type { Member } from './member';

export type Layout = 'speaker' | 'interpreting';

/** What a member is shown on each of its lines. */
export interface View {
  main: VideoLine | undefined;
  slides: VideoLine | undefined;
}

/** After this long without a word the interpreter looks at the one who signs, not at the one who spoke. */
const SIGNING_AFTER_MS = 2_000;
/** Who presents and has sent nothing for so long gives way to another who does. */
const PRESENTS_MS = 1_000;

const cameraOf = (member: Member | undefined): VideoLine | undefined => member?.party.video.get('main');
const slidesOf = (member: Member): VideoLine | undefined => member.party.video.get('slides');

/**
 * Chooses whose picture each member sees. Nothing is composed, so a line shows one picture at a time.
 *
 * `speaker`: everybody sees whoever has the floor, and he sees who had it before. What a member sends on its line of content
 * slides goes to the others' lines of content slides; of several who send there the first is seen, for as long as he does.
 *
 * `interpreting`: members who are not interpreters see the interpreter all the time, also while he only listens: a picture
 * that came and went would lose signs. An interpreter sees who speaks; when nobody has spoken for 2 s, whoever spoke least
 * recently, for that is the one who signs. A member with a second line (content slides) sees on it, unless somebody presents
 * there, the second picture: the speaker other than himself; for an interpreter the one of both that his main line lacks.
 * Without an interpreter whose camera sends, it is as `speaker`.
 */
export class VideoLayout {
  private active: Member | undefined;
  private previous: Member | undefined;
  private presenter: Member | undefined;
  private readonly spokeAt = new Map<Member, number>();

  /** What each member is to see now; `holder` has the floor. */
  views(layout: Layout, members: readonly Member[], holder: Member | undefined, now: number): Map<Member, View> {
    for (const member of this.spokeAt.keys()) if (!members.includes(member)) this.spokeAt.delete(member);
    for (const member of members) if (member.talking) this.spokeAt.set(member, now);
    const seen = members.filter((member) => !member.videoMuted && cameraOf(member)?.live(now) === true);
    this.follow(seen, holder);
    const presenter = this.presenterOf(members, now);
    const interpreter = layout === 'interpreting' ? this.latest(seen.filter((member) => member.interpreter)) : undefined;
    const views = new Map<Member, View>();
    for (const member of members) {
      const [main, second] = interpreter === undefined ? [this.speakerFor(member, seen), undefined] : this.interpreted(member, interpreter, seen, now);
      const slides = presenter === undefined || presenter === member ? cameraOf(second) : slidesOf(presenter);
      views.set(member, { main: cameraOf(main), slides });
    }
    return views;
  }

  private presenterOf(members: readonly Member[], now: number): Member | undefined {
    const live = members.filter((member) => !member.videoMuted && slidesOf(member)?.live(now) === true);
    const sending = live.filter((member) => slidesOf(member)?.heardWithin(PRESENTS_MS, now) === true);
    const candidates = sending.length > 0 ? sending : live;
    return (this.presenter = candidates.find((member) => member === this.presenter) ?? candidates[0]);
  }

  private follow(seen: readonly Member[], holder: Member | undefined): void {
    if (this.previous !== undefined && !seen.includes(this.previous)) this.previous = undefined;
    if (this.active !== undefined && !seen.includes(this.active)) this.active = undefined;
    // Who has no camera leaves the picture to whoever spoke before.
    const next = holder !== undefined && seen.includes(holder) ? holder : this.active ?? this.previous ?? seen[0];
    if (next === this.active) return;
    this.previous = this.active ?? (this.previous === next ? undefined : this.previous);
    this.active = next;
  }

  private speakerFor(member: Member, seen: readonly Member[]): Member | undefined {
    if (member !== this.active) return this.active;
    return this.previous ?? seen.find((other) => other !== member);
  }

  private interpreted(member: Member, interpreter: Member, seen: readonly Member[], now: number): [Member | undefined, Member | undefined] {
    const others = seen.filter((other) => other !== member && !other.interpreter);
    const speaker = this.latest(others);
    if (!member.interpreter) return [interpreter, speaker];
    const silentFor = now - (speaker === undefined ? now : this.spokeAt.get(speaker) ?? -Infinity);
    const signer = silentFor > SIGNING_AFTER_MS ? this.latest(others, -1) : speaker;
    return [signer, this.latest(others.filter((other) => other !== signer))];
  }

  /** Who spoke last, or with -1 who did so least recently; of those who never spoke the first. */
  private latest(members: readonly Member[], order = 1): Member | undefined {
    let best: Member | undefined;
    for (const member of members) {
      if (best === undefined || order * ((this.spokeAt.get(member) ?? 0) - (this.spokeAt.get(best) ?? 0)) > 0) best = member;
    }
    return best;
  }
}
