import type { PresentParty } from './anchored-party';
import { dtmfOf, dtmfRelay, isFastUpdate } from './info';
import type { LegMessage, LegReply } from './leg';
import { takesKeyFrameRequests, takesTelephoneEvents } from './sdp';

const DONE: LegReply = { status: 200, headers: {} };

/** What the parties of an anchored call say to each other beside their media: pressed keys, wishes for key frames, messages. */
export class AnchoredSignals {
  /** `fault` is told what went wrong with what nobody waits for. */
  constructor(private readonly parties: ReadonlyMap<string, PresentParty>, private readonly fault: (error: unknown) => void) {}

  /** Listens to what comes by the party's media. */
  take(party: PresentParty): void {
    party.endpoint.onDtmf((digit) => this.relayDigit(party, digit));
    // What the media server can ask for by RTCP it has asked for.
    party.endpoint.onKeyFrameWanted?.(() => { if (!takesKeyFrameRequests(party.leg.remoteSdp)) party.keyFrames.request(); });
  }

  /** A message of a party for the others. */
  async message(from: PresentParty, message: LegMessage): Promise<LegReply> {
    const others = this.others(from);
    if (isFastUpdate(message)) {
      for (const { keyFrames } of others) keyFrames.request();
      // Whom it sees in a meeting room only the media server knows.
      if (others.length === 0) await from.endpoint.wantKeyFrame();
      return DONE;
    }
    const digit = dtmfOf(message);
    if (digit !== undefined) return this.dtmf(from, others, digit, message);
    const [first, ...rest] = await Promise.all(others.map(({ leg }) => leg.send(message)));
    return rest.find(({ status }) => status >= 300) ?? first ?? { status: 481, headers: {} };
  }

  /** Pressed keys that came as RTP events, for parties that take them only as INFO. The media server passes them to the rest. */
  private relayDigit(from: PresentParty, digit: string): void {
    for (const { leg } of this.others(from)) if (!takesTelephoneEvents(leg.remoteSdp)) leg.send(dtmfRelay(digit)).catch(this.fault);
  }

  private async dtmf(from: PresentParty, others: PresentParty[], digit: string, message: LegMessage): Promise<LegReply> {
    // Who is alone with the media server presses for it: the PIN of a meeting room.
    if (others.length === 0) await from.endpoint.takeDtmf(digit);
    await Promise.all(others.map(({ leg, endpoint }) => (takesTelephoneEvents(leg.remoteSdp) ? endpoint.sendDtmf(digit) : leg.send(message))));
    return DONE;
  }

  private others(from: PresentParty): PresentParty[] {
    return [...this.parties.values()].filter((each) => each !== from);
  }
}
