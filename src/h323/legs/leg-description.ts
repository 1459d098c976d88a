import type { DescribedChannel, Medium } from '../sdp';
import { describedOf, stateOf } from './channel-state';
import { PartyDescriptions } from './description';
import type { CallEncryption } from './encryption';
import type { LegParts } from './leg-state';
import type { Firewall } from './traversal';

/** The H.323 party as SIP sees it: its channels and capabilities in SDP, with the floor of what is presented. */
export class LegDescription {
  private readonly descriptions: PartyDescriptions;
  /** The channels that the other side was told of last; nothing is told of changes before anything was. */
  shown: string | undefined;
  /** The last offer to the other party. */
  private offered = '';

  /** `firewall`: the one that the peer is behind. */
  constructor(private readonly parts: LegParts, host: () => string, private readonly firewall?: Firewall, private readonly encryption?: CallEncryption) {
    this.descriptions = new PartyDescriptions(host);
  }

  /** What descriptions of fast start begin with, so that they are the same session. */
  get identity(): PartyDescriptions['identity'] {
    return this.descriptions.identity;
  }

  /** The open channels, with the addresses that hold. */
  get channels(): DescribedChannel[] {
    const { firewall, encryption, parts: { state, session } } = this;
    const channels = state.limits.limit(session.channels);
    return firewall && !encryption ? channels.map((channel) => firewall.seen(channel)) : channels;
  }

  /** The channels, as far as a description tells of them. */
  get current(): string {
    const { state, session } = this.parts;
    return stateOf(session.channels) + (state.keepsContent ? '\ncontent' : '');
  }

  /** An offer for one who has made none, before there are channels: what the peer can do. */
  early(): string {
    return this.descriptions.offer(this.parts.session.remoteCapabilities);
  }

  /** As an offer to the other party. */
  async reoffer(): Promise<string> {
    if (this.parts.state.keepsContent) await this.parts.content.prepare();
    return (this.offered = this.describe());
  }

  /** As the answer to the other party's offer. */
  async answer(offer: string): Promise<string> {
    const { state, content } = this.parts;
    if (state.keepsContent) await content.prepare(offer);
    const answer = this.describe(offer);
    content.agree(offer, answer, 'answerer');
    return answer;
  }

  /** The other party's answer to {@link reoffer}. */
  answered(answer: string): void {
    this.parts.content.agree(this.offered, answer, 'offerer');
  }

  /** What the other side is told from now on. */
  describe(offer?: string): string {
    const { state: { limits }, session, modes } = this.parts;
    this.shown = this.current;
    limits.show(session.channels);
    return this.described([...modes.told(this.channels), ...this.promised], offer);
  }

  /** As if these were the channels. */
  described(channels: readonly DescribedChannel[], offer?: string): string {
    const { state: { local }, session: { remoteCapabilities }, content } = this.parts;
    return this.descriptions.describe(describedOf(channels), remoteCapabilities, {
      // What is encrypted towards the peer comes from the relay here.
      offer, local, keep: this.kept(), ...(this.encryption?.agreed && { mediaHost: this.encryption.settings.told }), complete: (sdp) => content.describe(sdp, { offer, local }),
    });
  }

  /** What the peer will send when the other party has told where it receives. */
  private get promised(): DescribedChannel[] {
    const { state, session } = this.parts;
    return state.awaitsAddress ? state.awaited.with(session.channels) : [];
  }

  /** Pictures that were in the call stay in it while no channel is open. */
  private kept(): Medium[] {
    const { state: { ready, local, keepsContent }, session } = this.parts;
    const content: Medium[] = keepsContent ? ['content'] : [];
    const isPaused = (ready || session.channels.length > 0) && local !== undefined && /^m=video [1-9]/m.test(local) && !session.remoteCapabilities.capabilityTable;
    return isPaused ? ['audio', 'video', ...content] : ['audio', ...content];
  }
}
