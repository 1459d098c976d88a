import { randomUUID } from 'node:crypto';
import { MediaError, type Mixer, type MixerMember } from '../../contracts';
import type { Channel } from '../channel';
import type { Control } from '../control';
import type { Header } from '../event';
import { ConferenceMember, type MemberFlag } from './member';
import { ConferencePlayer } from './player';
import { ConferenceRecorder } from './recorder';

/** The rate of the mix; wide enough for G.722 and what Opus carries of speech. */
export const MIX_RATE = 16_000;
const SUBCLASS = 'conference::maintenance';

export interface ConferenceSettings {
  name: string;
  /** `interpreting` is also the layout of the picture. */
  profile: string;
  pin: string;
}

/** A named conference, from its first member to its last. */
export class Conference {
  readonly uuid = randomUUID();
  readonly startedAt = Date.now();
  readonly mixer: Mixer;
  readonly player: ConferencePlayer;
  readonly recorder: ConferenceRecorder;
  locked = false;
  pin: string;
  /** 0 for no limit. */
  maxMembers = 0;
  private readonly byId = new Map<number, ConferenceMember>();
  private floorHolder: ConferenceMember | undefined;
  private ending = false;

  constructor(private readonly control: Control, readonly settings: ConferenceSettings, private readonly ended: () => void) {
    this.pin = settings.pin;
    this.mixer = control.processing.mixer({ rate: MIX_RATE, layout: settings.profile === 'interpreting' ? 'interpreting' : 'speaker' });
    this.player = new ConferencePlayer(control, this);
    this.recorder = new ConferenceRecorder(control, this);
    this.mixer.on('talking', (mixed: MixerMember, talking: boolean) => this.onTalking(mixed, talking));
    this.mixer.on('floor', (mixed: MixerMember | undefined) => this.onFloor(mixed));
    this.fire([['Action', 'conference-create']]);
  }

  get name(): string {
    return this.settings.name;
  }

  /** Oldest first. */
  get members(): ConferenceMember[] {
    return [...this.byId.values()];
  }

  get size(): number {
    return this.members.filter(({ isGhost }) => !isGhost).length;
  }

  find(id: number): ConferenceMember | undefined {
    return this.byId.get(id);
  }

  hasFloor(member: ConferenceMember): boolean {
    return this.floorHolder === member;
  }

  /** Throws MediaError when the conference is locked or full, or the PIN is another. */
  admit(channel: Channel, id: number, flags: ReadonlySet<MemberFlag>, pin: string, leave: (to?: string) => void): ConferenceMember {
    if (this.locked) throw new MediaError('locked', `conference ${this.name} is locked`, 403, 21);
    if (this.maxMembers > 0 && this.size >= this.maxMembers) throw new MediaError('full', `conference ${this.name} is full`, 486, 17);
    if (this.pin !== '' && pin !== this.pin) throw new MediaError('pin', `the PIN of conference ${this.name} is another`, 403, 21);
    if (channel.party === undefined) throw new MediaError('no-media', 'the channel has no media', 488, 88);
    const mixed = this.mixer.join(channel.party, { muted: flags.has('mute'), deaf: flags.has('deaf'), interpreter: flags.has('interpreter') });
    mixed.videoMuted = flags.has('vmute');
    if (flags.has('interpreter')) this.mixer.layout = 'interpreting';
    const member = new ConferenceMember(id, channel, flags, mixed, leave);
    this.byId.set(id, member);
    channel.setVariables({
      conference_name: this.name, app_session_uuid: this.uuid, conference_member_id: String(id), conference_uuid: this.uuid,
      conference_moderator: String(flags.has('moderator')), conference_ghost: String(member.isGhost),
    });
    this.fireMember(member, 'add-member');
    return member;
  }

  /** The member has gone; with the last one the conference ends, and with the last `endconf` one it ends for all. */
  remove(member: ConferenceMember): void {
    if (!this.byId.delete(member.id)) return;
    member.mixed.leave();
    if (this.floorHolder === member) {
      this.floorHolder = undefined;
      this.fire([['Action', 'floor-change'], ['Old-ID', String(member.id)], ['New-ID', 'none']]);
    }
    this.fireMember(member, 'del-member');
    const { members } = this;
    const over = (member.flags.has('endconf') && !members.some(({ flags }) => flags.has('endconf')))
      || (members.length < 2 && (member.flags.has('mintwo') || members.some(({ flags }) => flags.has('mintwo'))));
    if (over) this.endForAll();
    this.endIfEmpty();
  }

  endIfEmpty(): void {
    if (this.byId.size === 0) this.end();
  }

  /** Everybody leaves. */
  endForAll(): void {
    for (const member of this.members) member.leave();
  }

  /** Fires an event about the conference as a whole. */
  fire(more: readonly Header[]): void {
    this.control.events.fireCustom(SUBCLASS, () => [...this.headers(), ...more]);
  }

  /** Fires an event about one member; `more` stands before the action, `last` after it. */
  fireMember(member: ConferenceMember, action: string, more: readonly Header[] = [], last: readonly Header[] = []): void {
    this.control.events.fireCustom(SUBCLASS, () => [
      ...this.headers(), ...member.headers(this.hasFloor(member)), ...more, ['Action', action], ...last,
    ]);
  }

  private headers(): Header[] {
    const { size } = this;
    return [
      ['Conference-Name', this.name], ['Conference-Domain', this.control.identity.ipv4], ['Conference-Size', String(size)],
      ['Conference-Ghosts', String(this.byId.size - size)], ['Conference-Profile-Name', this.settings.profile], ['Conference-Unique-ID', this.uuid],
    ];
  }

  private memberOf(mixed: MixerMember | undefined): ConferenceMember | undefined {
    return mixed === undefined ? undefined : this.members.find((member) => member.mixed === mixed);
  }

  private onTalking(mixed: MixerMember, talking: boolean): void {
    const member = this.memberOf(mixed);
    if (member !== undefined) this.fireMember(member, talking ? 'start-talking' : 'stop-talking');
  }

  private onFloor(mixed: MixerMember | undefined): void {
    const holder = this.memberOf(mixed);
    const before = this.floorHolder;
    if (holder === before) return;
    this.floorHolder = holder;
    const ids: Header[] = [['Old-ID', before === undefined ? 'none' : String(before.id)], ['New-ID', holder === undefined ? 'none' : String(holder.id)]];
    const about = holder === undefined ? [] : holder.headers(true);
    this.fire([...about, ...ids, ['Action', 'floor-change']]);
    if (holder?.hasVideo) this.fire([...about, ...ids, ['Action', 'video-floor-change']]);
  }

  private end(): void {
    if (this.ending) return;
    this.ending = true;
    this.player.stopAll();
    this.recorder.stopAll();
    this.mixer.close();
    this.ended();
    this.fire([['Action', 'conference-destroy']]);
  }
}
