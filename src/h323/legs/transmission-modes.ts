import type { Capabilities, LogicalChannel, ModeAnswer } from '../h245';
import type { h245 } from '../schemas';
import { canSend, capabilitiesOf, channelsInModes, hasCodecOf, isInMode, mediumOf, modeOf, modesReceived, type DescribedChannel, type Medium, type Mode } from '../sdp';
import type { MediaSession } from './secure-session';

/** Modes of one request that are looked at. */
const MAX_MODES = 16;

/** What modes are about: the media of one leg. */
export interface ModeParts {
  readonly session: Pick<MediaSession, 'channels' | 'remoteCapabilities' | 'requestMode' | 'setCapabilities' | 'close'>;
  /** Description of the other party; undefined before there is one. */
  local(): string | undefined;
  /** Channels may be opened. */
  ready(): boolean;
  /** Offers the other party that the peer's channels are these; its answer is `local` then. */
  offer(channels: readonly DescribedChannel[]): Promise<void>;
  /** Closes and opens channels as they are wanted now. */
  renew(): void;
  /** Resolves when it holds, or the peer has taken its time. */
  until(holds: () => boolean): Promise<void>;
}

/**
 * Modes of transmission in one leg (H.245 section B.9). What the peer asks for is sent to it where the other party can do that, which is
 * asked by a new offer where its description does not say so. A peer whose codec the other party gives up is asked for another mode.
 */
export class TransmissionModes {
  private asked: Mode | undefined;

  constructor(private readonly parts: ModeParts) {}

  /** What the peer asked for, while the other party sends that. */
  get mode(): Mode | undefined {
    const local = this.parts.local();
    return this.asked && local !== undefined && canSend(this.asked, local, this.capabilities) ? this.asked : undefined;
  }

  /** The answer to the peer's request; channels are changed after it. */
  async answer(request: readonly h245.ModeDescription[]): Promise<ModeAnswer> {
    const { parts } = this;
    if (parts.local() === undefined || !parts.ready()) return { refuse: { requestDenied: null } };
    const modes = request.slice(0, MAX_MODES).map(modeOf);
    const known = modes.flatMap((mode) => mode ?? []);
    if (this.firstPossible(modes) < 0 && known.length > 0) await parts.offer(channelsInModes(parts.session.channels, known, this.capabilities));
    const index = this.firstPossible(modes);
    if (index < 0) return { refuse: { modeUnavailable: null } };
    this.asked = modes[index];
    setImmediate(() => parts.renew());
    return index === 0 ? 'mostPreferred' : 'lessPreferred';
  }

  /** Whether a channel to the peer goes on as it is: in the mode asked for, else in a codec that the other party has. */
  keeps(channel: LogicalChannel): boolean {
    const local = this.parts.local();
    const { mode } = this;
    return mode ? isInMode(channel, mode) : local === undefined || hasCodecOf(local, channel);
  }

  /** The channels as the other party is told of them: in a mode the codec that the peer wants is the one for both ways, as in SIP. */
  told(channels: readonly DescribedChannel[]): DescribedChannel[] {
    if (!this.mode) return [...channels];
    return channels.map((channel) => {
      const medium = mediumOf(channel.dataType);
      const towards = channels.find(({ direction, dataType }) => direction === 'send' && mediumOf(dataType) === medium);
      return towards && channel.direction === 'receive' ? { ...channel, dataType: towards.dataType, payloadType: towards.payloadType, parameters: towards.parameters } : channel;
    });
  }

  /**
   * Asks the peer to send what the other party receives, where it sends a codec that that one has no more; who does not, or knows no
   * modes, is asked to close the channel and to open another.
   */
  async ask(): Promise<void> {
    const { session, until } = this.parts;
    const local = this.parts.local();
    if (local === undefined) return;
    const wayward = (): LogicalChannel[] => session.channels.filter((channel) => channel.direction === 'receive' && !hasCodecOf(local, channel));
    const media = wayward().map(({ dataType }) => mediumOf(dataType));
    if (media.length === 0) return;
    const isOpen = (medium: Medium | undefined): boolean => session.channels.some(({ direction, dataType }) => direction === 'receive' && mediumOf(dataType) === medium);
    await session.setCapabilities(capabilitiesOf(local));
    const modes = modesReceived(local, session.channels.filter((channel) => channel.direction === 'receive' && hasCodecOf(local, channel)));
    if (modes.length > 0) await session.requestMode(modes).then(() => until(() => wayward().length === 0 && media.every(isOpen)), () => undefined);
    await Promise.all(wayward().map((channel) => session.close(channel, true).catch(() => undefined)));
  }

  /** The peer has other capabilities: what it asked for before holds no longer. */
  forget(): void {
    this.asked = undefined;
  }

  private get capabilities(): Capabilities {
    return this.parts.session.remoteCapabilities;
  }

  private firstPossible(modes: readonly (Mode | undefined)[]): number {
    const local = this.parts.local();
    return local === undefined ? -1 : modes.findIndex((mode) => mode && canSend(mode, local, this.capabilities));
  }
}
