import type { RtpPacket } from '../contracts';
import { oneByteExtension } from './rtp/rtp-packet';
import type { Stream } from './rtp-stream';
import type { TransportReceiver } from './transport/media-transport';

/** Sources told apart on one transport; the oldest is forgotten. */
const MAX_SOURCES = 32;

export interface Route {
  stream: Stream;
  mid: string | undefined;
  midExtension: number | undefined;
  /** SSRCs that the description announced. */
  ssrcs: readonly number[];
}

/**
 * Brings packets of one transport to their streams: without BUNDLE there is one; with it the SSRC decides, which is learned
 * from the description, the MID header extension or the payload type, in this order (RFC 8843 section 9.2).
 */
export class StreamRouter implements TransportReceiver {
  /** Packets of no stream. */
  unrouted = 0;
  private routes: readonly Route[] = [];
  private readonly bySsrc = new Map<number, Stream>();

  constructor(readonly onConnected: () => void, readonly onFailed: (reason: string) => void) {}

  update(routes: readonly Route[]): void {
    this.routes = routes;
    this.bySsrc.clear();
    for (const { stream, ssrcs } of routes) for (const ssrc of ssrcs) this.learn(ssrc, stream);
  }

  rtp(packet: RtpPacket, bytes: Buffer): void {
    const stream = this.routes.length === 1 ? this.routes[0]!.stream : this.bySsrc.get(packet.ssrc) ?? this.find(packet, bytes);
    if (stream === undefined || !stream.receive(packet)) this.unrouted++;
  }

  rtcp(bytes: Buffer): void {
    for (const { stream } of this.routes) {
      if (!stream.receiveRtcp(bytes)) return;
    }
  }

  private find(packet: RtpPacket, bytes: Buffer): Stream | undefined {
    const byMid = this.routes.find(({ mid, midExtension }) =>
      mid !== undefined && midExtension !== undefined && oneByteExtension(bytes, midExtension) === mid);
    const byPayloadType = this.routes.filter(({ stream }) => stream.receives.has(packet.payloadType));
    const stream = byMid?.stream ?? (byPayloadType.length === 1 ? byPayloadType[0]!.stream : undefined);
    if (stream !== undefined) this.learn(packet.ssrc, stream);
    return stream;
  }

  private learn(ssrc: number, stream: Stream): void {
    if (this.bySsrc.size >= MAX_SOURCES) this.bySsrc.delete(this.bySsrc.keys().next().value!);
    this.bySsrc.set(ssrc, stream);
  }
}
