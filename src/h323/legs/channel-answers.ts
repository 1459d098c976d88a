import type { ChannelAnswer, IncomingChannel } from '../h245';
import { acceptChannel } from '../sdp';
import { isContent } from './channel-state';
import { hasPlace, slidesOf } from './content-description';
import type { LegParts } from './leg-state';
import { CONTENT_PLACE_MS, PEER_CAPABILITIES_MS } from './media-timing';

/** Answers the channels that the peer asks for by what the other party has described. */
export class ChannelAnswers {
  constructor(private readonly parts: LegParts) {}

  answer(request: IncomingChannel): ChannelAnswer | Promise<ChannelAnswer> {
    if (this.parts.state.awaitsAddress) return this.answerLater(request);
    return isContent(request) ? this.answerContent(request) : this.answerNow(request);
  }

  /** The session's own patience ends the waiting. */
  private async answerLater(request: IncomingChannel): Promise<ChannelAnswer> {
    const { state } = this.parts;
    state.awaited.add(request);
    state.wake();
    await state.until(() => !state.awaitsAddress, PEER_CAPABILITIES_MS);
    state.awaited.delete(request);
    return this.answerNow(request);
  }

  /** Another H.323 endpoint tells where it takes content only when its own channel is open. */
  private async answerContent(request: IncomingChannel): Promise<ChannelAnswer> {
    const { state, content } = this.parts;
    await state.until(() => !content.isEndpoints || (state.local !== undefined && hasPlace(slidesOf(state.local))), CONTENT_PLACE_MS);
    return this.answerNow(request);
  }

  private answerNow(request: IncomingChannel): ChannelAnswer {
    const { state: { local }, content } = this.parts;
    if (local === undefined) return { refuse: { dataTypeNotAvailable: null } };
    if ('h235Media' in request.dataType) return { refuse: { securityDenied: null } };
    const answer = acceptChannel(local, request);
    if ('refuse' in answer) return { refuse: answer.refuse };
    // Who may show is settled by the token before (H.239).
    if (answer.medium === 'content' && !content.isEndpoints) return { refuse: { dataTypeNotAvailable: null } };
    const { media, payloadType, bitRateLimit } = answer;
    // After the acknowledgement, which makes the channel one that can be limited.
    if (bitRateLimit !== undefined) setImmediate(() => this.limit(request, bitRateLimit));
    return { media, ...(payloadType !== undefined && { payloadType }) };
  }

  private limit({ number }: IncomingChannel, bitRate: number): void {
    const { state, session } = this.parts;
    const channel = state.over ? undefined : session.channels.find((each) => each.direction === 'receive' && each.number === number);
    const command = channel && state.limits.command(channel, bitRate);
    if (command) session.flowControl(command);
  }
}
