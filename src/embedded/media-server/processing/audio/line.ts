import type { Codec, RtpPacket, RtpStream } from '../../contracts';
import type { Frame } from './frame';
import { AudioReceiver } from './receiver';
import { AudioSender } from './sender';
import { TelephoneEventReceiver } from './telephone-event';

/** The rate of the work when nothing asks for more. */
export const DEFAULT_WORK_RATE = 16_000;

/** What the line tells and asks of whom it belongs to. */
export interface LineOwner {
  digit(digit: string, durationMs: number): void;
  /** Sound or a telephone-event arrived; whether it is decoded is asked by `listening`. */
  arrived(packet: RtpPacket, codec: Codec, event: boolean): void;
  /** Whether this party's sound is wanted as samples. */
  readonly listening: boolean;
  /** A packet cost an error; nothing reaches the session that delivered it. */
  fault(where: string, error: unknown): void;
}

const TELEPHONE_EVENT = 'TELEPHONE-EVENT';

/** One audio m-line: its receiver, its sender, its digits. */
export class AudioLine {
  readonly sender: AudioSender;
  private readonly receiver: AudioReceiver;
  private readonly events: TelephoneEventReceiver;
  private heldBack = false;

  constructor(readonly stream: RtpStream, private readonly owner: LineOwner, rate: number, random: () => number) {
    this.sender = new AudioSender(stream, rate, random);
    this.receiver = new AudioReceiver(rate);
    this.events = new TelephoneEventReceiver((digit, durationMs) => owner.digit(digit, durationMs));
    stream.on('rtp', this.onRtp);
    stream.on('changed', this.onChanged);
  }

  /** The rate at which work on this party's sound is done; matters to codecs that have several. */
  setRate(rate: number): void {
    this.receiver.setRate(rate);
    this.sender.setRate(rate);
  }

  /** The next 20 ms of what the party says, when somebody listens. */
  frame(now: number): Frame | undefined {
    this.events.tick(now);
    if (!this.owner.listening) {
      this.heldBack = true;
      return undefined;
    }
    return this.receiver.frame();
  }

  close(): void {
    this.stream.off('rtp', this.onRtp);
    this.stream.off('changed', this.onChanged);
    this.receiver.close();
    this.sender.close();
  }

  private readonly onChanged = (): void => this.sender.changed();

  private readonly onRtp = (packet: RtpPacket): void => {
    try {
      this.receive(packet);
    } catch (error) {
      this.owner.fault('audio packet', error);
    }
  };

  private receive(packet: RtpPacket): void {
    const codec = this.stream.receives.get(packet.payloadType);
    if (codec === undefined || !this.stream.canReceive) return;
    const event = codec.name === TELEPHONE_EVENT;
    if (event) this.events.packet(packet.payload, packet.timestamp, codec.clockRate, packet.arrivedAt);
    if (this.owner.listening) {
      // Sound from before somebody listened is not kept.
      if (this.heldBack) this.receiver.close();
      this.heldBack = false;
      this.receiver.receive(packet, event ? undefined : codec);
    }
    this.owner.arrived(packet, codec, event);
  }
}
