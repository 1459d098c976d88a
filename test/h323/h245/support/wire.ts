import type { ControlChannel, ControlReceiver } from '../../../../src/h323/contracts';
import { decode, encode } from '../../../../src/h323/per';
import { h245 } from '../../../../src/h323/schemas';
import { showSent } from '../../../../src/h323/sent';
import type { SimulatedTime } from './time';

/** One end of a control channel. What goes in is encoded, comes out of the other end in order after a while, and is decoded there. */
export class WireEnd implements ControlChannel {
  readonly sent: h245.MultimediaSystemControlMessage[] = [];
  private receiver: ControlReceiver | undefined;
  private far: WireEnd | undefined;
  private lastDue = 0;
  private gone = false;

  constructor(private readonly time: SimulatedTime, private readonly delay: () => number) {}

  static pair(time: SimulatedTime, delay: () => number): [WireEnd, WireEnd] {
    const ends: [WireEnd, WireEnd] = [new WireEnd(time, delay), new WireEnd(time, delay)];
    [ends[0].far, ends[1].far] = [ends[1], ends[0]];
    return ends;
  }

  attach(receiver: ControlReceiver): void {
    this.receiver = receiver;
  }

  send(message: h245.MultimediaSystemControlMessage): void {
    if (this.gone) return;
    const octets = encode(h245.MultimediaSystemControlMessage, message);
    showSent('h245', octets);
    this.sent.push(message);
    this.lastDue = Math.max(this.lastDue, this.time.now() + this.delay());
    this.time.wakeAfter(this.lastDue - this.time.now(), () => this.far?.deliver(octets));
  }

  open(): void {
    this.receiver?.opened();
  }

  deliver(octets: Buffer): void {
    if (!this.gone) this.receiver?.received(decode(h245.MultimediaSystemControlMessage, octets));
  }

  /** As from the other end, without one. */
  say(message: h245.MultimediaSystemControlMessage): void {
    this.deliver(encode(h245.MultimediaSystemControlMessage, message));
  }

  close(): void {
    if (this.gone) return;
    this.gone = true;
    this.receiver?.closed();
  }
}
