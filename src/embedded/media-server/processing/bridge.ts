import { MediaError, type Codec, type MediaBridge, type RtpPacket } from '../contracts';
import type { Attachment } from './attachment';
import { sameCoding } from './audio/codecs';
import type { Frame } from './audio/frame';
import type { MediaParty } from './party';

/**
 * Two parties' media joined. Packets pass as they are while both sides speak the same codec and nothing is played on top;
 * else what one says is decoded and encoded for the other.
 */
export class Bridge implements MediaBridge, Attachment {
  private closed = false;
  /** What each sends at present, which need not be the first codec negotiated. */
  private readonly sends = new Map<MediaParty, Codec>();

  constructor(private readonly a: MediaParty, private readonly b: MediaParty, private readonly now: () => number) {
    if (a === b) throw new MediaError('same_party', 'a party is not bridged with itself', 400, 127);
    a.attach(this);
    b.attach(this);
    this.videoChanged();
  }

  /** The other's camera on the main line, the other's slides on the line for slides; each controls the other's camera. */
  videoChanged(): void {
    for (const party of [this.a, this.b]) {
      for (const [content, line] of party.video) line.outlet.select(this.other(party).video.get(content), this.now());
      if (party.camera) party.camera.other = this.other(party).camera;
    }
  }

  listens(to: MediaParty): boolean {
    const other = this.other(to);
    return other.audio !== undefined && (!this.forwards(other) || other.recordsWhatItHears);
  }

  forwards(to: MediaParty): boolean {
    const from = this.other(to);
    if (to.playing || to.audio === undefined || from.audio === undefined || !from.audio.stream.canReceive || from.muted) return false;
    return sameCoding(this.sends.get(from) ?? from.audio.stream.codec, to.audio.stream.codec);
  }

  frame(to: MediaParty): Frame | undefined {
    return this.other(to).said;
  }

  arrived(from: MediaParty, packet: RtpPacket, codec: Codec, event: boolean): void {
    const to = this.other(from);
    if (!event) this.sends.set(from, codec);
    if (to.audio === undefined || from.audio === undefined || !this.forwards(to)) return;
    if (!event) to.audio.sender.forward(from.audio.stream, packet);
    else if (this.forwardsEvents(from, to)) to.audio.sender.forward(from.audio.stream, packet, to.audio.stream.telephoneEvent?.payloadType);
  }

  digit(from: MediaParty, digit: string, durationMs: number): void {
    const to = this.other(from);
    if (!this.forwardsEvents(from, to)) to.sendDtmf(digit, durationMs);
  }

  detach(party: MediaParty): void {
    if (this.closed) return;
    this.closed = true;
    this.other(party).attach(undefined);
  }

  close(): void {
    if (this.closed) return;
    this.a.attach(undefined);
  }

  /** Telephone-events pass as packets when both sides count their duration alike; else they are made anew. */
  private forwardsEvents(from: MediaParty, to: MediaParty): boolean {
    const there = to.audio?.stream.telephoneEvent;
    return there !== undefined && there.clockRate === from.audio?.stream.telephoneEvent?.clockRate && this.forwards(to);
  }

  private other(party: MediaParty): MediaParty {
    return party === this.a ? this.b : this.a;
  }
}
