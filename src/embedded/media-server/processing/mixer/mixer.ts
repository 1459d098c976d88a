import { EventEmitter } from 'node:events';
import { MediaError, type Mixer, type MixerMember, type Party, type Playing, type Recording } from '../../contracts';
import type { Attachment } from '../attachment';
import { addTo, frameSamples, type Frame } from '../audio/frame';
import { Player } from '../audio/player';
import { Recorder } from '../audio/recorder';
import type { SoundLibrary } from '../audio/source';
import type { MediaParty } from '../party';
import { Floor } from './floor';
import { VideoLayout, type Layout } from './layout';
import { Member } from './member';
import { Sums } from './sums';

/** Rates of work and of recordings: those that every codec in use reaches by whole ratios. */
const RATES = [16_000, 24_000, 32_000, 48_000];
/** Whose picture is seen is looked at this often. */
const VIDEO_EVERY_TICKS = 5;
const MAXIMUM_MEMBERS = 250;
const MAXIMUM_PLAYERS = 16;
const MAXIMUM_RECORDINGS = 8;

export interface MixerOptions {
  rate: number;
  layout: Layout;
}

/** A conference: everybody hears all others and what is played, nobody hears himself. */
export class ConferenceMixer extends EventEmitter implements Mixer, Attachment {
  layout: Layout;
  private readonly rate: number;
  private readonly byParty = new Map<MediaParty, Member>();
  private readonly floor = new Floor<Member>();
  private readonly players = new Map<Player, Member | undefined>();
  private readonly recordings = new Set<Recorder>();
  private readonly sums = new Sums();
  private readonly video = new VideoLayout();
  private videoIn = 0;
  private nextId = 1;
  private closed = false;

  constructor(options: MixerOptions, private readonly sounds: SoundLibrary, private readonly left: (mixer: ConferenceMixer) => void) {
    super();
    this.rate = RATES.find((rate) => rate >= options.rate) ?? 48_000;
    this.layout = options.layout;
  }

  get members(): readonly Member[] {
    return [...this.byParty.values()];
  }

  join(party: Party, options: { muted?: boolean; deaf?: boolean; interpreter?: boolean } = {}): MixerMember {
    this.refuseWhenClosed();
    const joining = party as MediaParty;
    if (this.byParty.size >= MAXIMUM_MEMBERS) throw new MediaError('conference_full', `a conference has ${MAXIMUM_MEMBERS} members at most`, 486, 17);
    if (this.byParty.has(joining)) throw new MediaError('already_member', 'the party is a member already', 400, 127);
    const member = new Member(this.nextId, joining, options, (leaving) => this.remove(leaving));
    this.nextId += 1;
    joining.attach(this);
    this.byParty.set(joining, member);
    joining.setWorkRate(this.rate);
    return member;
  }

  play(source: string, to?: MixerMember): Playing {
    this.refuseWhenClosed();
    if (this.players.size >= MAXIMUM_PLAYERS) throw new MediaError('too_many_sounds', `a conference is played ${MAXIMUM_PLAYERS} sounds at once at most`, 486, 17);
    const player = new Player(() => this.sounds.open(source), 1, () => this.players.delete(player));
    this.players.set(player, to as Member | undefined);
    return player;
  }

  record(file: string): Recording {
    this.refuseWhenClosed();
    if (this.recordings.size >= MAXIMUM_RECORDINGS) throw new MediaError('too_many_recordings', `a conference is recorded ${MAXIMUM_RECORDINGS} times at most`, 486, 17);
    const recorder = new Recorder(file, { rate: this.rate, channels: 1 }, () => this.recordings.delete(recorder));
    this.recordings.add(recorder);
    return recorder;
  }

  /** The middle of a tick: everybody has said his 20 ms and nobody has been sent any yet. */
  mix(now: number): void {
    const members = this.members;
    const { sums } = this;
    sums.begin();
    for (const member of members) {
      member.says = this.saidBy(member);
      if (member.says !== undefined) sums.add(member.says);
    }
    this.playToAll();
    for (const member of members) member.hears = member.deaf ? undefined : this.heardBy(member);
    this.playToMembers();
    if (this.recordings.size > 0) this.record20ms();
    this.tellWhoTalks(members);
    if (this.videoIn-- > 0) return;
    this.videoIn = VIDEO_EVERY_TICKS - 1;
    this.showVideo(members, now);
  }

  listens(party: MediaParty): boolean {
    return this.byParty.get(party)?.silenced === false;
  }

  forwards(): boolean {
    return false;
  }

  frame(party: MediaParty): Frame | undefined {
    return this.byParty.get(party)?.hears;
  }

  arrived(): void {
    // What the party says is read as a frame in each tick.
  }

  videoChanged(): void {
    this.videoIn = 0;
  }

  digit(): void {
    // Digits are for the conference's control, not for the other members.
  }

  detach(party: MediaParty): void {
    const member = this.byParty.get(party);
    if (member !== undefined) this.remove(member);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const player of this.players.keys()) player.stop();
    for (const recording of this.recordings) recording.stop();
    for (const member of this.members) this.remove(member);
    this.left(this);
  }

  private remove(member: Member): void {
    if (!this.byParty.delete(member.party)) return;
    this.videoIn = 0;
    for (const [player, to] of this.players) if (to === member) player.stop();
    if (member.party.attachment === this) member.party.attach(undefined);
  }

  /** At the rate in which the member listens, so that his own voice is taken out of the sum as it went in. */
  private saidBy(member: Member): Frame | undefined {
    const { said, audio } = member.party;
    if (said === undefined || member.silenced) return undefined;
    const rate = audio?.sender.encodingRate ?? said.rate;
    return { samples: member.adapter.convert(said.samples, said.rate, rate), rate };
  }

  private heardBy(member: Member): Frame | undefined {
    const rate = member.party.audio?.sender.encodingRate ?? this.rate;
    const samples = this.sums.without(member.says?.samples, rate);
    return samples === undefined ? undefined : { samples, rate };
  }

  private record20ms(): void {
    const samples = this.sums.without(undefined, this.rate);
    for (const recording of this.recordings) recording.frame([samples === undefined ? undefined : { samples, rate: this.rate }]);
  }

  private playToAll(): void {
    for (const [player, to] of this.players) {
      const samples = to === undefined ? player.frame(this.rate) : undefined;
      if (samples !== undefined) this.sums.add({ samples, rate: this.rate });
    }
  }

  private playToMembers(): void {
    for (const [player, to] of this.players) {
      if (to === undefined) continue;
      const rate = to.hears?.rate ?? to.party.audio?.sender.encodingRate ?? this.rate;
      const samples = player.frame(rate);
      if (samples === undefined) continue;
      const heard = to.hears?.samples ?? new Int16Array(frameSamples(rate));
      addTo(heard, samples);
      to.hears = { samples: heard, rate };
    }
  }

  private showVideo(members: readonly Member[], now: number): void {
    for (const [{ party }, view] of this.video.views(this.layout, members, this.floor.holder, now)) {
      party.video.get('main')?.outlet.select(view.main, now);
      party.video.get('slides')?.outlet.select(view.slides, now);
    }
  }

  private tellWhoTalks(members: readonly Member[]): void {
    for (const member of members) {
      if (member.talking === member.wasTalking) continue;
      member.wasTalking = member.talking;
      this.emit('talking', member, member.talking);
    }
    if (this.floor.frame(members)) this.emit('floor', this.floor.holder);
  }

  private refuseWhenClosed(): void {
    if (this.closed) throw new MediaError('conference_closed', 'the conference is over', 481, 31);
  }
}
