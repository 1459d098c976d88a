import type { Socket } from 'node:dgram';
import type { SrtpReceiver } from '../srtp/srtp-receiver';
import type { SrtpSender } from '../srtp/srtp-sender';
import { Latch, type Peer } from './latch';

/** One socket of a transport with what protects it: RTP (and RTCP when multiplexed), or RTCP alone. */
export class Flow {
  readonly latch = new Latch();
  /** Nothing leaves or is heard in the clear once this is set, keys or not. */
  isProtected = false;
  sender: SrtpSender | undefined;
  receiver: SrtpReceiver | undefined;
  private open = true;

  constructor(private readonly socket: Socket) {}

  get target(): Peer | undefined {
    return this.latch.target;
  }

  /** Sends what is already protected; false where nobody knows where to. */
  send(bytes: Buffer): boolean {
    const { target } = this;
    if (target === undefined || !this.open) return false;
    this.socket.send(bytes, target.port, target.host);
    return true;
  }

  close(): void {
    this.open = false;
  }
}
