import { randomUUID } from 'node:crypto';
import type { ConferenceMember, ConferenceOptions, MediaConference, MediaEndpoint, Prompt, PromptLanguage } from '../calls';
import type { Channel } from './channel';
import { missing, PooledEndpoint, type Whereabouts } from './endpoint';
import { settled } from './event-socket';
import { gone, isGone, MediaError } from './media-error';
import type { Prompts } from './prompts';

const JOIN_MS = 5_000;

interface JoinOptions {
  muted?: boolean;
  keepsOpen?: boolean;
  interpreter?: boolean;
}

/** The conferences of one media server, by the names that calls give them. */
export class Conferences {
  private readonly byName = new Map<string, PooledConference>();

  open(name: string, options: ConferenceOptions, prompts: Prompts): MediaConference {
    let conference = this.byName.get(name);
    if (!conference) {
      const made = (conference = new PooledConference(name, options, prompts, () => {
        if (this.byName.get(name) === made) this.byName.delete(name);
      }));
      this.byName.set(name, made);
    }
    return conference;
  }

  /** The server is gone, and they with it. */
  clear(): void {
    this.byName.clear();
  }
}

/**
 * A conference without a leg of its own: it is there on the server while somebody is in it. (drachtio-fsmrf keeps a control
 * leg in each, which its `destroy` then waits for in vain.)
 */
class PooledConference implements MediaConference {
  /** The server's name for it: other gateways may use the same server and the same names. */
  private readonly key = `etasilta-${randomUUID()}`;
  private readonly members = new Set<Member>();
  private locked = false;
  private recording: string | undefined;
  private over = false;

  constructor(
    readonly name: string, private readonly options: ConferenceOptions, private readonly prompts: Prompts, private readonly onOver: () => void,
  ) {}

  async join(endpoint: MediaEndpoint, options: JoinOptions = {}): Promise<ConferenceMember> {
    if (this.over || !(endpoint instanceof PooledEndpoint)) throw gone(`conference ${this.name}`);
    if (this.locked) throw new MediaError('conference-locked', `conference ${this.name} is locked`, { sipStatus: 403, q850: 21 });
    if (this.members.size >= this.options.maxMembers) {
      throw new MediaError('conference-full', `conference ${this.name} has its ${this.options.maxMembers} members`, { sipStatus: 486, q850: 17 });
    }
    const member = new Member(this.key, endpoint, options.keepsOpen ?? false);
    this.members.add(member);
    try {
      await member.enter(`${this.key}@${this.options.layout}${options.muted ? '+flags{mute}' : ''}`, () => this.left(member));
      if (options.interpreter) await member.act('vid-res-id', 'interpreter');
      await this.arrange(member);
    } catch (error) {
      this.left(member);
      throw error;
    }
    return member;
  }

  async play(prompt: Prompt, language: PromptLanguage): Promise<void> {
    const said = await this.command('play', this.prompts(prompt, language));
    if (said?.includes('not found')) throw missing(prompt, language);
  }

  async lock(locked: boolean): Promise<void> {
    this.locked = locked;
    await this.command(locked ? 'lock' : 'unlock');
  }

  async record(file: string): Promise<void> {
    this.recording = file;
    await this.command('record', file);
  }

  async destroy(): Promise<void> {
    if (this.over) return;
    this.over = true;
    this.onOver();
    await Promise.allSettled([...this.members].map((member) => member.leave()));
  }

  /** By way of any member's channel, but of one who is about to leave; undefined when nobody is there. */
  private async command(...words: readonly string[]): Promise<string | undefined> {
    for (const { id, channel, endpoint } of [...this.members]) {
      if (id === undefined || !channel || endpoint.released) continue;
      try {
        return await channel.api('conference', this.key, ...words);
      } catch (error) {
        // It has gone of itself: the others are still there.
        if (!isGone(error)) throw error;
      }
    }
    return undefined;
  }

  /** What was asked for when nobody was there. */
  private async arrange(first: Member): Promise<void> {
    if ([...this.members].some((member) => member !== first && member.id !== undefined)) return;
    if (this.recording !== undefined) await this.command('record', this.recording);
  }

  private left(member: Member): void {
    if (!this.members.delete(member)) return;
    const kept = [...this.members].some(({ keepsOpen }) => keepsOpen);
    if (this.members.size === 0 || (member.keepsOpen && !kept)) void this.destroy();
  }
}

/** One endpoint's time in a conference. */
class Member implements ConferenceMember, Whereabouts {
  /** The server's number for it; undefined before and after. */
  id: string | undefined;
  channel: Channel | undefined;
  private gone: Promise<unknown> = Promise.resolve();

  constructor(private readonly conference: string, readonly endpoint: PooledEndpoint, readonly keepsOpen: boolean) {}

  async enter(argument: string, onLeft: () => void): Promise<void> {
    const channel = await this.endpoint.channel();
    await this.endpoint.moved();
    this.channel = channel;
    this.endpoint.whereabouts = this;
    let stopListening = (): void => undefined;
    try {
      await settled(JOIN_MS, 'the media server does not let the endpoint into the conference', (resolve, reject) => {
        stopListening = channel.onConference((action, event) => {
          if (action !== 'add-member') return;
          this.id = event.getHeader('Member-ID');
          resolve(undefined);
        });
        this.gone = channel.run('conference', argument).catch(() => undefined).then(() => {
          this.id = undefined;
          if (this.endpoint.whereabouts === this) this.endpoint.whereabouts = undefined;
          reject(gone('the conference'));
          onLeft();
        });
      });
    } finally {
      stopListening();
    }
  }

  async overlay(_channel: Channel, file: string): Promise<void> {
    if (this.id !== undefined) await this.channel?.api('conference', this.conference, 'play', file, this.id);
  }

  async hush(): Promise<void> {
    if (this.id !== undefined) await this.channel?.api('conference', this.conference, 'stop', 'all', this.id);
  }

  async act(command: string, ...words: readonly string[]): Promise<void> {
    if (this.id === undefined) throw gone('the member');
    await this.channel?.api('conference', this.conference, command, this.id, ...words);
  }

  async mute(muted: boolean): Promise<void> {
    await this.act(muted ? 'mute' : 'unmute');
  }

  async leave(): Promise<void> {
    if (this.id === undefined) return;
    await this.act('hup');
    await this.gone;
  }
}
