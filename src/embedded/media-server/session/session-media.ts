import { randomInt, randomUUID } from 'node:crypto';
import { MediaError, type MediaKind } from '../contracts';
import type { Line } from './line';
import type { SessionContext } from './options';
import { Stream } from './rtp-stream';
import type { Agreement } from './sdp/agreement';
import type { CryptoAttribute } from './sdp/crypto-attribute';
import type { MediaLine } from './sdp/description';
import type { Security } from './sdp/line-plan';
import { writeDescription, type LocalDescription } from './sdp/write';
import { StreamRouter, type Route } from './stream-router';
import { MediaTransport } from './transport/media-transport';
import type { FlowEvents } from './transport/flow';
import type { PortPool } from './transport/port-pool';

/** What a negotiation found for one line. */
export interface Established {
  kind: MediaKind;
  content: 'main' | 'slides';
  security: Security;
  agreement: Agreement;
  transport: MediaTransport;
  /** The other side's line. */
  remote: MediaLine;
  /** Our key and theirs, for SDES. */
  keys: { local: CryptoAttribute; remote: CryptoAttribute } | undefined;
}

export interface SessionMediaEvents extends FlowEvents {
  /** One of the streams wants a key frame and cannot ask for it by RTCP. */
  onKeyFrameWanted(): void;
}

/** Lines, streams and transports of one session. Negotiation decides, this carries out. */
export class SessionMedia {
  readonly lines: Line[] = [];
  readonly cname = randomUUID();
  readonly streamId = randomUUID();
  private readonly sessionId = String(randomInt(2 ** 47));
  private readonly transports = new Map<MediaTransport, StreamRouter>();
  private readonly ssrcs: number[] = [];
  private version = 0;
  private closed = false;

  constructor(
    private readonly ports: PortPool,
    readonly context: SessionContext,
    /** Told when a transport came up, and when one cannot. */
    private readonly events: SessionMediaEvents,
  ) {}

  get streams(): Stream[] {
    return this.lines.flatMap((line) => (line.live === undefined ? [] : [line.live.stream]));
  }

  /** Every line in use has its way and its keys. */
  get connected(): boolean {
    const transports = this.lines.flatMap((line) => line.live?.transport ?? []);
    return transports.length > 0 && transports.every((transport) => transport.connected);
  }

  /** Our SSRC on a line, the same for all of the session. */
  ssrcOf(index: number): number {
    return (this.ssrcs[index] ??= randomInt(1, 2 ** 32));
  }

  /** Opens a pair of ports; rejects with MediaError when there is none. What no line uses in the end, `releaseUnused` closes. */
  async openTransport(): Promise<MediaTransport> {
    const pair = await this.ports.open();
    if (this.closed) {
      pair.close();
      throw new MediaError('SESSION_CLOSED', 'the media session was closed while its ports were opened', 481, 16);
    }
    const router = new StreamRouter(() => this.events.onConnected(), (reason) => this.events.onFailed(reason));
    const transport = new MediaTransport(pair, router, this.context);
    this.transports.set(transport, router);
    return transport;
  }

  /** Whether several lines share this transport. */
  isBundled(transport: MediaTransport): boolean {
    return this.lines.filter((line) => line.live?.transport === transport).length > 1;
  }

  /** Whether no line before this one is on the transport: the first one's description counts for all (RFC 8843 section 7.1.3). */
  isFirstOn(transport: MediaTransport, index: number): boolean {
    return !this.lines.slice(0, index).some((line) => line.live?.transport === transport);
  }

  /** Puts a line into effect; the stream stays where kind and content do. */
  establish(index: number, { kind, content, security, agreement, transport, remote, keys }: Established): void {
    const line = this.lines[index]!;
    const before = line.live?.stream;
    let stream = before;
    if (stream?.kind === kind && stream.content === content) {
      stream.renegotiated(agreement, transport);
    } else {
      before?.close();
      stream = new Stream({ kind, index, content, ssrc: this.ssrcOf(index), cname: this.cname }, agreement, transport, this.context);
      stream.on('keyFrameWanted', () => this.events.onKeyFrameWanted());
    }
    line.live = { stream, transport, security, agreement, crypto: keys?.local, midExtension: remote.midExtension,
      ssrcs: remote.ssrcs, bandwidth: remote.bandwidth };
    if (keys !== undefined) transport.protect(keys.local, keys.remote);
  }

  refuse(index: number): void {
    const line = this.lines[index]!;
    line.live?.stream.close();
    line.live = undefined;
  }

  /** Closes transports that neither a line nor `alsoUsed` has, and routes the packets of the others. */
  settle(alsoUsed: ReadonlySet<MediaTransport> = new Set()): void {
    for (const [transport, router] of this.transports) {
      const routes = this.lines.flatMap((line): Route[] => (line.live?.transport === transport
        ? [{ stream: line.live.stream, mid: line.mid, midExtension: line.live.midExtension, ssrcs: line.live.ssrcs }] : []));
      router.update(routes);
      if (routes.length > 0 || alsoUsed.has(transport)) continue;
      transport.close();
      this.transports.delete(transport);
    }
  }

  /** Writes a description with the next version (RFC 3264 section 8). */
  write(lines: LocalDescription['lines'], bundle: readonly string[]): string {
    this.version++;
    return writeDescription({ sessionId: this.sessionId, version: this.version, address: this.context.advertisedAddress, bundle, lines });
  }

  close(): void {
    this.closed = true;
    for (const line of this.lines) line.live?.stream.close();
    this.lines.length = 0;
    for (const transport of this.transports.keys()) transport.close();
    this.transports.clear();
  }
}
