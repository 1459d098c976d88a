import type { LogicalChannel } from '../h245';
import { acceptChannel, awaitsAddress, channelsToOpen, mediumOf, type Medium, type ProposedChannel } from '../sdp';
import { isContent } from './channel-state';
import type { LegParts } from './leg-state';
import type { Firewall } from './traversal';

/** Content is opened when somebody shows it, and other media at once. */
const WITHOUT_CONTENT: readonly Medium[] = ['audio', 'video', 'camera'];

/** Opens channels to the peer: what the other party's description and the peer's capabilities allow, one change at a time. */
export class ChannelOpening {
  private opening: Promise<void> = Promise.resolve();

  constructor(private readonly parts: LegParts, private readonly firewall?: Firewall) {}

  /** Opens what is missing, closes what is superfluous, and waits for the peer to open its own. */
  openAndAwait(): Promise<void> {
    return (this.opening = this.opening.catch(() => undefined).then(() => this.openMissing()));
  }

  /** @param reopen the peer may go on with it elsewhere */
  closeContent(direction: LogicalChannel['direction'], reopen = false): void {
    const { session } = this.parts;
    for (const channel of session.channels) if (isContent(channel) && channel.direction === direction) session.close(channel, reopen).catch(() => undefined);
  }

  private async openMissing(): Promise<void> {
    const { state, state: { local, awaited }, session, content, modes } = this.parts;
    if (local === undefined || state.over || !state.ready) return;
    const isOpen = (medium: Medium, direction: LogicalChannel['direction']): boolean =>
      session.channels.some((channel) => channel.direction === direction && mediumOf(channel.dataType) === medium);
    const shows = state.hasContent && content.isPartys;
    const choose = (): ProposedChannel[] => channelsToOpen(local, session.remoteCapabilities, {
      symmetricWith: [...session.channels, ...awaited], mode: modes.mode, ...(!shows && { media: WITHOUT_CONTENT }),
    });
    // The peer chooses its codecs in the same moment: those that go both ways need no second thought.
    if (awaitsAddress(local)) await state.until(() => choose().every(({ medium }) => [...awaited].some((channel) => mediumOf(channel.dataType) === medium)));
    const wanted = choose();
    const superfluous = session.channels.filter((channel) => channel.direction === 'send' && (!wanted.some(({ medium }) => medium === mediumOf(channel.dataType)) || !modes.keeps(channel)));
    await Promise.all(superfluous.map((channel) => session.close(channel).catch(() => undefined)));
    const missing = wanted.filter(({ medium }) => !isOpen(medium, 'send'));
    // One that is refused is no fault: the call has the others.
    await Promise.all(missing.map((channel) => this.open(channel).catch(() => { if (channel.medium === 'content') content.unshown(); })));
    if (shows && !isOpen('content', 'send')) content.unshown();
    const expected = wanted.filter((channel) => channel.medium !== 'content' && !('refuse' in acceptChannel(local, { ...channel, number: 0 })));
    await state.until(() => expected.every(({ medium }) => !isOpen(medium, 'send') || isOpen(medium, 'receive')));
    await modes.ask();
  }

  private open(channel: ProposedChannel): Promise<LogicalChannel> {
    const { session, content } = this.parts;
    const request = channel.medium === 'content' ? { ...channel, number: content.channelNumber } : channel;
    return session.open(this.firewall?.opening(request) ?? request);
  }
}
