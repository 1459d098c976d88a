import { capabilitiesOf, type DescribedChannel } from '../sdp';
import type { ChannelOpening } from './channel-opening';
import { slidesOf } from './content-description';
import type { LegDescription } from './leg-description';
import type { LegParts } from './leg-state';
import { GATHER_MS } from './media-timing';
import { willing } from './willing';

/** Changes that are told in a row without the other side's doing; a peer that opens and closes for ever is left alone then. */
const MAX_CHANGES = 16;

/** Changes of the peer's channels: those that this side makes, and the telling of the peer's own to the other party. */
export class LegChanges {
  /** Changes that this side makes are under way; what the peer does meanwhile belongs to them. */
  private changing = 0;
  private changes = 0;
  /** The other side is being told. */
  private telling = false;
  private told: NodeJS.Timeout | undefined;
  private limitTold: NodeJS.Timeout | undefined;

  constructor(private readonly parts: LegParts, private readonly description: LegDescription, private readonly opening: ChannelOpening) {}

  /** Nobody makes a change, and the other side has been told of something. */
  get isCalm(): boolean {
    return this.changing === 0 && this.description.shown !== undefined;
  }

  /** What the peer does from now on is the other side's doing. */
  forgive(): void {
    this.changes = 0;
  }

  /** What the peer does meanwhile belongs to the change; what is not told with it is told afterwards. */
  async change(work: () => Promise<void>): Promise<void> {
    this.changing++;
    try {
      await work();
    } finally {
      this.changing--;
      this.noticed();
    }
  }

  /** What happens in it is known to the other side already. */
  unnoticed(work: () => void): void {
    this.changing++;
    work();
    this.changing--;
  }

  /** Opens what is missing: beyond fast start, after a pause, and where the peer takes its media elsewhere. */
  openMore(): void {
    this.change(() => this.opening.openAndAwait()).catch((error: unknown) => this.parts.fault(error));
  }

  /** Tells the other side once of all that the peer does in a moment. */
  noticed(): void {
    const { state, state: { limits }, session, events } = this.parts;
    if (this.changing > 0 || state.over) return;
    const rate = limits.newRate(session.channels);
    if (rate !== undefined) events.rate?.(rate);
    if (state.over || this.description.shown === undefined || this.changes >= MAX_CHANGES) return;
    this.told ??= setTimeout(() => {
      this.told = undefined;
      this.tell().catch((error: unknown) => this.parts.fault(error));
    }, GATHER_MS);
  }

  /** As {@link noticed}, of a limit that the peer has set. */
  limitNoticed(): void {
    const { state } = this.parts;
    if (state.over) return;
    this.limitTold ??= setTimeout(() => {
      this.limitTold = undefined;
      this.noticed();
    }, state.limits.waitMs);
  }

  /** Offers the other side that the peer's channels are these; what it answers holds from then on. */
  async propose(channels: readonly DescribedChannel[]): Promise<void> {
    const { parts: { state }, description } = this;
    if (this.telling || state.over || description.shown === undefined || this.changes >= MAX_CHANGES) return;
    this.changes++;
    const offer = description.described(channels);
    // Whatever comes of it, what is so in the end is told.
    description.shown = '';
    await this.offer(offer);
    this.noticed();
  }

  /** Tells the other side what is so now, and follows its answer. */
  async tell(): Promise<void> {
    const { parts: { state, session }, description } = this;
    const isSame = description.current === description.shown;
    if (this.telling || this.changing > 0 || state.over || (isSame && state.limits.isShown(session.channels))) return;
    if (!isSame) this.changes++;
    this.telling = true;
    const before = state.local;
    const answer = await this.offer(await description.reoffer(), before);
    if (state.over) return;
    if (answer !== undefined) description.answered(answer);
    if (state.offersContent && !state.hasSlides) {
      state.offersContent = false;
      description.shown = description.current;
    }
    if (state.hasSlides && (before === undefined || slidesOf(before) === undefined)) await session.setCapabilities(capabilitiesOf(state.local!));
    await this.change(() => this.opening.openAndAwait());
  }

  end(): void {
    clearTimeout(this.told);
    clearTimeout(this.limitTold);
  }

  /** Resolves with the answer, which is the other party's description from then on as far as the offer left it a choice. */
  private async offer(offer: string, before = this.parts.state.local): Promise<string | undefined> {
    const { state, events } = this.parts;
    this.telling = true;
    const answer = await events.changed(offer).finally(() => { this.telling = false; });
    if (answer !== undefined && !state.over) state.local = before === undefined ? answer : willing(answer, offer, before);
    return answer;
  }
}
