import type { RemoteInfo } from 'node:dgram';
import type { RtpPacket } from '../../contracts';
import type { DtlsRole } from '../dtls/association';
import { newCredentials, type IceCredentials } from '../ice/credentials';
import type { SessionContext } from '../options';
import { rtcpSender } from '../rtp/rtcp';
import { parseRtp } from '../rtp/rtp-packet';
import type { Fingerprint, IceParameters } from '../sdp/description';
import type { MasterKey } from '../srtp/session-keys';
import { SrtpReceiver } from '../srtp/srtp-receiver';
import { SrtpSender } from '../srtp/srtp-sender';
import { Flow, type FlowEvents } from './flow';
import type { Peer } from './latch';
import type { SocketPair } from './port-pool';

/** Hears what arrived, in the clear and from the right source. */
export interface TransportReceiver extends FlowEvents {
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
  /** Not from the party, as far as latching or ICE tells. */
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
  private localIce: IceCredentials | undefined;
  private remoteIce: IceCredentials | undefined;

  constructor(private readonly pair: SocketPair, private readonly receiver: TransportReceiver, private readonly context: SessionContext) {
    const events: FlowEvents = {
      onConnected: () => {
        if (this.connected) receiver.onConnected();
      },
      onFailed: (reason) => receiver.onFailed(reason),
    };
    this.rtpFlow = new Flow(pair.rtp, pair.rtpPort, 1, context, events);
    this.rtcpFlow = new Flow(pair.rtcp, pair.rtcpPort, 2, context, events);
    pair.rtp.on('message', (bytes, from) => this.receive(this.rtpFlow, bytes, from));
    pair.rtcp.on('message', (bytes, from) => this.receive(this.rtcpFlow, bytes, from));
  }

  get rtpPort(): number {
    return this.pair.rtpPort;
  }

  get rtcpPort(): number {
    return this.pair.rtcpPort;
  }

  /** Ways are open and keys are there, for all flows in use. */
  get connected(): boolean {
    return this.flows.every((flow) => flow.connected);
  }

  get dtlsRole(): DtlsRole | undefined {
    return this.rtpFlow.dtlsRole;
  }

  /** Our ICE parameters; undefined where ICE is not used. */
  get ice(): IceParameters | undefined {
    return this.localIce && { ...this.localIce, candidates: this.flows.map((flow) => flow.candidate) };
  }

  /** Takes what a description says about the party's side. */
  describe(remote: RemoteEndpoint): void {
    this.rtcpMux = remote.rtcpMux;
    this.rtpFlow.latch.describe(remote.rtp);
    this.rtcpFlow.latch.describe(remote.rtcp);
  }

  /** Makes our ICE parameters and answers checks from now on. */
  enableIce(): void {
    this.localIce ??= newCredentials();
    for (const flow of [this.rtpFlow, this.rtcpFlow]) flow.enableIce(this.localIce);
  }

  /**
   * Begins checks; undefined where the other side does none. Other parameters than before in an offer are a restart, which
   * makes ours new too (RFC 8839 section 4.4.1.1).
   */
  startIce(remote: IceParameters | undefined, controlling: boolean, isOffer: boolean): void {
    if (remote === undefined) {
      this.localIce = this.remoteIce = undefined;
      for (const flow of [this.rtpFlow, this.rtcpFlow]) flow.dropIce();
      return;
    }
    this.enableIce();
    const isKnown = this.remoteIce?.ufrag === remote.ufrag && this.remoteIce.pwd === remote.pwd;
    if (isKnown) {
      for (const flow of this.flows) flow.addCandidates(remote.candidates);
      return;
    }
    if (this.remoteIce !== undefined && isOffer) {
      this.localIce = newCredentials();
      for (const flow of this.flows) flow.restartIce(this.localIce);
    }
    this.remoteIce = { ufrag: remote.ufrag, pwd: remote.pwd };
    for (const flow of this.flows) flow.startIce(this.remoteIce, remote.candidates, controlling);
  }

  startDtls(role: DtlsRole, fingerprint: Fingerprint): void {
    for (const flow of this.flows) flow.startDtls(role, fingerprint);
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
    if (Object.values(this.discarded).some((count) => count > 0)) {
      this.context.log('debug', 'media-packets-discarded', { port: this.rtpPort, ...this.discarded });
    }
    this.rtpFlow.close();
    this.rtcpFlow.close();
    this.pair.close();
  }

  private get flows(): Flow[] {
    return this.rtcpMux ? [this.rtpFlow] : [this.rtpFlow, this.rtcpFlow];
  }

  /** RFC 7983 section 7: 0 to 3 is STUN, 20 to 63 DTLS, 128 to 191 RTP or RTCP, which RFC 5761 section 4 tells apart. */
  private receive(flow: Flow, bytes: Buffer, from: RemoteInfo): void {
    const first = bytes[0] ?? 255;
    if (from.port === 0 || first > 191 || (first > 63 && first < 128)) {
      this.discarded.malformed++;
      return;
    }
    try {
      if (first >= 128) {
        const sender = rtcpSender(bytes);
        if (sender !== undefined) this.receiveRtcp(flow, bytes, from, sender);
        else this.receiveRtp(flow, bytes, from);
      } else if (first >= 20 ? !flow.receiveDtls(bytes, from.address, from.port) : !flow.receiveStun(bytes, from.address, from.port)) {
        this.discarded.foreign++;
      }
    } catch (error) {
      this.context.log('warn', 'media-packet-handler-failed', { error: String(error) });
    }
  }

  private receiveRtp(flow: Flow, bytes: Buffer, from: RemoteInfo): void {
    const now = this.context.clock.now();
    let clear: Buffer | undefined = bytes;
    if (flow.isProtected) {
      clear = this.open(flow, from, flow.mayBeParty(from.address, from.port) ? flow.receiver?.openRtp(bytes) : undefined);
      if (clear === undefined) return;
    }
    const packet = flow === this.rtpFlow ? parseRtp(clear, now) : undefined;
    if (packet === undefined) this.discarded.malformed++;
    else if (!flow.isProtected && !flow.admits(from.address, from.port, packet.ssrc, now)) this.discarded.foreign++;
    else this.receiver.rtp(packet, clear);
  }

  private receiveRtcp(flow: Flow, bytes: Buffer, from: RemoteInfo, ssrc: number): void {
    if (flow === this.rtpFlow && !this.rtcpMux) {
      this.discarded.malformed++;
      return;
    }
    let clear: Buffer | undefined = bytes;
    if (flow.isProtected) {
      clear = this.open(flow, from, flow.mayBeParty(from.address, from.port) ? flow.receiver?.openRtcp(bytes) : undefined);
      if (clear === undefined) return;
    } else if (!flow.admits(from.address, from.port, ssrc, this.context.clock.now())) {
      this.discarded.foreign++;
      return;
    }
    this.receiver.rtcp(clear);
  }

  private open(flow: Flow, from: RemoteInfo, opened: { packet: Buffer; newest: boolean } | undefined): Buffer | undefined {
    if (opened === undefined) {
      this.discarded.unauthenticated++;
      return undefined;
    }
    flow.latch.authenticated(from.address, from.port, opened.newest);
    return opened.packet;
  }
}

const sameKey = (a: MasterKey | undefined, b: MasterKey): boolean =>
  a?.profile === b.profile && a.masterKey.equals(b.masterKey) && a.masterSalt.equals(b.masterSalt);
