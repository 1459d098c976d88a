import type { RemoteInfo } from 'node:dgram';
import type { RtpPacket } from '../../contracts';
import type { SessionContext } from '../options';
import { rtcpSender } from '../rtp/rtcp';
import { parseRtp } from '../rtp/rtp-packet';
import type { MasterKey } from '../srtp/session-keys';
import { SrtpReceiver } from '../srtp/srtp-receiver';
import { SrtpSender } from '../srtp/srtp-sender';
import { Flow } from './flow';
import type { Peer } from './latch';
import type { SocketPair } from './port-pool';

/** Hears what arrived, in the clear and from the right source. */
export interface TransportReceiver {
  rtp(packet: RtpPacket, bytes: Buffer): void;
  rtcp(bytes: Buffer): void;
}

/** Where the party receives. */
export interface RemoteEndpoint {
  rtp: Peer | undefined;
  rtcp: Peer | undefined;
  rtcpMux: boolean;
}

/** Packets dropped, by reason. */
export interface Discarded {
  malformed: number;
  /** Not from the source that was latched on to. */
  foreign: number;
  /** Forged, replayed, or protected where no key is known yet. */
  unauthenticated: number;
}

/**
 * A pair of sockets that carries one line's media, or that of a BUNDLE. Tells the kinds of packets apart by their first
 * byte (RFC 7983) and lets nothing through that is not from the party.
 */
export class MediaTransport {
  readonly discarded: Discarded = { malformed: 0, foreign: 0, unauthenticated: 0 };
  rtcpMux = false;
  private readonly rtpFlow: Flow;
  private readonly rtcpFlow: Flow;
  private keys: { local: MasterKey; remote: MasterKey } | undefined;

  constructor(private readonly pair: SocketPair, private readonly receiver: TransportReceiver, private readonly context: SessionContext) {
    this.rtpFlow = new Flow(pair.rtp);
    this.rtcpFlow = new Flow(pair.rtcp);
    pair.rtp.on('message', (bytes, from) => this.receive(this.rtpFlow, bytes, from));
    pair.rtcp.on('message', (bytes, from) => this.receive(this.rtcpFlow, bytes, from));
  }

  get rtpPort(): number {
    return this.pair.rtpPort;
  }

  get rtcpPort(): number {
    return this.pair.rtcpPort;
  }

  /** Takes what a description says about the party's side. */
  describe(remote: RemoteEndpoint): void {
    this.rtcpMux = remote.rtcpMux;
    this.rtpFlow.latch.describe(remote.rtp);
    this.rtcpFlow.latch.describe(remote.rtcp);
  }

  /** SRTP with keys from descriptions. A key given again keeps its state: replay windows and rollover counters go on. */
  protect(local: MasterKey, remote: MasterKey): void {
    const sender = sameKey(this.keys?.local, local) ? this.rtpFlow.sender : new SrtpSender(local);
    const receiver = sameKey(this.keys?.remote, remote) ? this.rtpFlow.receiver : new SrtpReceiver(remote);
    this.keys = { local, remote };
    for (const flow of [this.rtpFlow, this.rtcpFlow]) {
      flow.isProtected = true;
      flow.sender = sender;
      flow.receiver = receiver;
    }
  }

  /** Protects and sends; the bytes that left, or undefined where none could. */
  sendRtp(packet: Buffer): Buffer | undefined {
    const flow = this.rtpFlow;
    if (flow.isProtected && flow.sender === undefined) return undefined;
    const bytes = flow.sender === undefined ? packet : flow.sender.protectRtp(packet);
    return flow.send(bytes) ? bytes : undefined;
  }

  /** Sends what `sendRtp` returned once more. */
  resend(bytes: Buffer): void {
    this.rtpFlow.send(bytes);
  }

  sendRtcp(packet: Buffer): void {
    const flow = this.rtcpMux ? this.rtpFlow : this.rtcpFlow;
    if (flow.isProtected && flow.sender === undefined) return;
    flow.send(flow.sender === undefined ? packet : flow.sender.protectRtcp(packet));
  }

  close(): void {
    this.rtpFlow.close();
    this.rtcpFlow.close();
    this.pair.close();
  }

  /** RFC 7983 section 7: 128 to 191 is RTP or RTCP, which payload type 64 to 95 (RFC 5761 section 4) tells apart. */
  private receive(flow: Flow, bytes: Buffer, from: RemoteInfo): void {
    const first = bytes[0] ?? 0;
    if (from.port === 0 || first < 128 || first > 191) {
      this.discarded.malformed++;
      return;
    }
    try {
      const sender = rtcpSender(bytes);
      if (sender !== undefined) this.receiveRtcp(flow, bytes, from, sender);
      else this.receiveRtp(flow, bytes, from);
    } catch (error) {
      this.context.log('warn', 'media-packet-handler-failed', { error: String(error) });
    }
  }

  private receiveRtp(flow: Flow, bytes: Buffer, from: RemoteInfo): void {
    const now = this.context.clock.now();
    let clear = bytes;
    if (flow.isProtected) {
      const opened = flow.receiver?.openRtp(bytes);
      if (opened === undefined) {
        this.discarded.unauthenticated++;
        return;
      }
      flow.latch.authenticated(from.address, from.port, opened.newest);
      clear = opened.packet;
    }
    const packet = flow === this.rtpFlow ? parseRtp(clear, now) : undefined;
    if (packet === undefined) {
      this.discarded.malformed++;
    } else if (!flow.isProtected && !flow.latch.admits(from.address, from.port, packet.ssrc, now)) {
      this.discarded.foreign++;
    } else {
      this.receiver.rtp(packet, clear);
    }
  }

  private receiveRtcp(flow: Flow, bytes: Buffer, from: RemoteInfo, ssrc: number): void {
    if (flow === this.rtpFlow && !this.rtcpMux) {
      this.discarded.malformed++;
      return;
    }
    let clear = bytes;
    if (flow.isProtected) {
      const opened = flow.receiver?.openRtcp(bytes);
      if (opened === undefined) {
        this.discarded.unauthenticated++;
        return;
      }
      flow.latch.authenticated(from.address, from.port, opened.newest);
      clear = opened.packet;
    } else if (!flow.latch.admits(from.address, from.port, ssrc, this.context.clock.now())) {
      this.discarded.foreign++;
      return;
    }
    this.receiver.rtcp(clear);
  }
}

const sameKey = (a: MasterKey | undefined, b: MasterKey): boolean =>
  a?.profile === b.profile && a.masterKey.equals(b.masterKey) && a.masterSalt.equals(b.masterSalt);
