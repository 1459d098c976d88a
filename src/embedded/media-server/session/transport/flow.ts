import type { Socket } from 'node:dgram';
import { DtlsAssociation, type DtlsRole } from '../dtls/association';
import { IceAgent } from '../ice/agent';
import { candidatePriority, type Candidate } from '../ice/candidate';
import type { IceCredentials } from '../ice/credentials';
import type { SessionContext } from '../options';
import type { Fingerprint } from '../sdp/description';
import { SrtpReceiver } from '../srtp/srtp-receiver';
import { SrtpSender } from '../srtp/srtp-sender';
import { Latch, type Peer } from './latch';

export interface FlowEvents {
  /** The way is open and the keys are there. */
  onConnected(): void;
  onFailed(reason: string): void;
}

/** One socket of a transport with what finds its way (ICE or latching) and what protects it (SRTP keys from SDP or DTLS). */
export class Flow {
  readonly latch = new Latch();
  /** Nothing leaves or is heard in the clear once this is set, keys or not. */
  isProtected = false;
  sender: SrtpSender | undefined;
  receiver: SrtpReceiver | undefined;
  private ice: IceAgent | undefined;
  private dtls: DtlsAssociation | undefined;
  private dtlsStart: (() => void) | undefined;
  private open = true;

  constructor(
    private readonly socket: Socket,
    readonly port: number,
    /** 1 for RTP, 2 for RTCP (RFC 8445 section 13). */
    private readonly component: number,
    private readonly context: SessionContext,
    private readonly events: FlowEvents,
  ) {}

  get target(): Peer | undefined {
    return this.ice === undefined ? this.latch.target : this.ice.target;
  }

  get connected(): boolean {
    return (this.ice === undefined || this.ice.selected !== undefined) && (!this.isProtected || this.sender !== undefined);
  }

  get dtlsRole(): DtlsRole | undefined {
    return this.dtls?.options.role;
  }

  get candidate(): Candidate {
    return { foundation: '1', component: this.component, priority: candidatePriority('host', this.component),
      host: this.context.advertisedAddress, port: this.port, type: 'host' };
  }

  /** Sends what is already protected; false where nobody knows where to. */
  send(bytes: Buffer): boolean {
    const { target } = this;
    if (target === undefined || !this.open) return false;
    this.socket.send(bytes, target.port, target.host);
    return true;
  }

  /** Answers connectivity checks from now on. */
  enableIce(local: IceCredentials): void {
    this.ice ??= new IceAgent(local, {
      component: this.component,
      clock: this.context.clock,
      send: (bytes, host, port) => {
        if (this.open) this.socket.send(bytes, port, host);
      },
      onSelected: () => {
        this.dtlsStart?.();
        this.dtlsStart = undefined;
        if (this.connected) this.events.onConnected();
      },
      onFailed: (reason) => this.events.onFailed(reason),
    });
  }

  restartIce(local: IceCredentials): void {
    this.ice?.restart(local);
  }

  startIce(remote: IceCredentials, candidates: readonly Candidate[], controlling: boolean): void {
    this.ice?.start(remote, candidates, controlling, this.context.address);
  }

  addCandidates(candidates: readonly Candidate[]): void {
    this.ice?.addCandidates(candidates, this.context.address);
  }

  /** The other side does no ICE. */
  dropIce(): void {
    this.ice?.close();
    this.ice = undefined;
  }

  /** Begins a DTLS association, or goes on with the one that there is with the same certificate in the same role. */
  startDtls(role: DtlsRole, fingerprint: Fingerprint): void {
    const before = this.dtls?.closed === false ? this.dtls.options : undefined;
    if (before?.role === role && before.fingerprint.value.equals(fingerprint.value)) return;
    this.dtls?.close();
    this.isProtected = true;
    this.sender = this.receiver = undefined;
    const dtls = new DtlsAssociation({
      role,
      fingerprint,
      certificate: this.context.certificate(),
      clock: this.context.clock,
      addressProven: this.ice !== undefined,
      send: (bytes) => this.send(bytes),
      onConnected: ({ local, remote }) => {
        this.sender = new SrtpSender(local);
        this.receiver = new SrtpReceiver(remote);
        if (this.connected) this.events.onConnected();
      },
      onFailed: (reason) => this.events.onFailed(reason),
      onClosed: () => this.events.onFailed('the other side ended DTLS'),
    });
    this.dtls = dtls;
    if (this.ice === undefined || this.ice.selected !== undefined) dtls.start();
    else this.dtlsStart = () => dtls.start();
  }

  /** Whether unprotected media from there is heard. */
  admits(host: string, port: number, ssrc: number, now: number): boolean {
    return this.ice === undefined ? this.latch.admits(host, port, ssrc, now) : this.ice.admits(host, port);
  }

  /** Whether a source may be tried with the keys: with ICE only one that checks have proven. */
  mayBeParty(host: string, port: number): boolean {
    return this.ice === undefined || this.ice.admits(host, port);
  }

  /** Takes a STUN message; false where it was dropped. */
  receiveStun(bytes: Buffer, host: string, port: number): boolean {
    return this.ice?.receive(bytes, host, port) ?? false;
  }

  /** Takes a DTLS datagram; false where it was dropped. Without ICE, handshakes are learned from as unprotected media is. */
  receiveDtls(bytes: Buffer, host: string, port: number): boolean {
    if (this.dtls === undefined || !this.admits(host, port, Number.NaN, this.context.clock.now())) return false;
    this.dtls.receive(bytes);
    return true;
  }

  close(): void {
    this.dtls?.close();
    this.ice?.close();
    this.open = false;
  }
}
