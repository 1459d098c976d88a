import type { MixerMember } from '../../contracts';
import type { Channel } from '../channel';
import { basicHeaders } from '../channel-headers';
import type { Header } from '../event';

/** Flags that `conference NAME+flags{a|b}` may carry and that mean something here. */
export type MemberFlag = 'mute' | 'deaf' | 'vmute' | 'moderator' | 'endconf' | 'mintwo' | 'ghost' | 'join-only' | 'interpreter' | 'dist-dtmf';

/** What FreeSWITCH calls the energy above which a member counts as talking; here the detector decides. */
const ENERGY_LEVEL = 100;

/** One channel in a conference. */
export class ConferenceMember {
  tag = '';
  private energy = ENERGY_LEVEL;

  constructor(readonly id: number, readonly channel: Channel, readonly flags: ReadonlySet<MemberFlag>, readonly mixed: MixerMember,
    /** Takes the member out; with a name it goes to that conference, else its `conference` application ends. */
    readonly leave: (to?: string) => void) {}

  get isGhost(): boolean {
    return this.flags.has('ghost');
  }

  get hasVideo(): boolean {
    return this.channel.session.streams.some(({ kind }) => kind === 'video');
  }

  setEnergy(level: number): void {
    this.energy = level;
  }

  /** What every event about a member says of it. */
  headers(hasFloor: boolean): Header[] {
    const { mixed } = this;
    return [
      ['Floor', String(hasFloor)], ...basicHeaders(this.channel), ['Video', String(this.hasVideo)], ['Hear', String(!mixed.deaf)],
      ['See', String(this.hasVideo && !mixed.deaf)], ['Speak', String(!mixed.muted)], ['Talking', String(mixed.talking)], ['Mute-Detect', 'false'],
      ['Hold', 'false'], ['Member-ID', String(this.id)], ['Member-Type', this.flags.has('moderator') ? 'moderator' : 'member'],
      ['Member-Ghost', String(this.isGhost)], ['Energy-Level', String(this.energy)], ['Current-Energy', mixed.talking ? '4000' : '0'],
    ];
  }

  /** The flags as `list` shows them. */
  flagList(hasFloor: boolean): string {
    const { mixed } = this;
    const shown: [boolean, string][] = [
      [!mixed.deaf, 'hear'], [!mixed.muted, 'speak'], [mixed.talking, 'talking'], [this.hasVideo, 'video'], [hasFloor, 'floor'],
      [hasFloor && this.hasVideo, 'vid-floor'], [this.flags.has('moderator'), 'moderator'], [this.isGhost, 'ghost'], [this.flags.has('endconf'), 'endconf'],
    ];
    return shown.filter(([is]) => is).map(([, name]) => name).join('|');
  }
}
