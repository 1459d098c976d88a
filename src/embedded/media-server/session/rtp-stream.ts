import { EventEmitter } from 'node:events';
import type { Codec, MediaKind, OutgoingRtp, RtpPacket, RtpStream, StreamCounters } from '../contracts';
import type { SessionContext } from './options';
import { Reception } from './rtp/reception';
import { readRtcp, writeBye, writeFullIntraRequest, writeNack, writePictureLoss, writeReport, type ReportBlock } from './rtp/rtcp';
import { writeRtp } from './rtp/rtp-packet';
import { SentPackets } from './rtp/sent-packets';
import { receives, sends } from './sdp/direction';
import type { Agreement } from './sdp/agreement';
import type { MediaTransport } from './transport/media-transport';

const KEY_FRAME_INTERVAL_MS = 500;
const KEY_FRAME_REQUEST_INTERVAL_MS = 100;
/** RFC 3550 section 6.2: at least five seconds apart, the first after half of that, each randomised. */
const REPORT_INTERVAL_MS = 5_000;
const MAX_PAYLOAD_BYTES = 65_000;
/** A longer gap is no loss that retransmission mends; a key frame does. */
const MAX_NACK_GAP = 32;

export interface StreamIdentity {
  kind: MediaKind;
  index: number;
  content: 'main' | 'slides';
  ssrc: number;
  cname: string;
}

/** See the contract. Made by a session, which gives it agreements and a transport. */
export class Stream extends EventEmitter implements RtpStream {
  readonly kind: MediaKind;
  readonly index: number;
  readonly content: 'main' | 'slides';
  readonly ssrc: number;
  /** When something came last, or when it first could have. */
  heardAt: number;
  private readonly cname: string;
  private readonly reception = new Reception();
  private readonly sentPackets: SentPackets | undefined;
  private packetsSent = 0;
  private bytesSent = 0;
  private sentSinceReport = false;
  private lastTimestamp = 0;
  private lastSentAt = 0;
  private nextReportAt: number;
  private keyFrameSentAt = -Infinity;
  private keyFrameAskedAt = -Infinity;
  private cancelKeyFrame: (() => void) | undefined;
  private firSequence = 0;
  private lastFirHeard = -1;
  private open = true;

  constructor(identity: StreamIdentity, private agreement: Agreement, private transport: MediaTransport, private readonly context: SessionContext) {
    super();
    ({ kind: this.kind, index: this.index, content: this.content, ssrc: this.ssrc, cname: this.cname } = identity);
    this.sentPackets = this.kind === 'video' ? new SentPackets() : undefined;
    this.heardAt = context.clock.now();
    this.nextReportAt = this.heardAt + REPORT_INTERVAL_MS / 2;
  }

  get codec(): Codec {
    return this.agreement.codec;
  }

  get receives(): ReadonlyMap<number, Codec> {
    return this.agreement.receives;
  }

  get telephoneEvent(): Codec | undefined {
    return this.agreement.telephoneEvent;
  }

  get canSend(): boolean {
    return this.open && sends(this.agreement.direction);
  }

  get canReceive(): boolean {
    return this.open && receives(this.agreement.direction);
  }

  get ptime(): number {
    return this.agreement.ptime;
  }

  get counters(): StreamCounters {
    const { packets, bytes, lost, jitter } = this.reception;
    return { packetsReceived: packets, bytesReceived: bytes, packetsLost: lost, packetsSent: this.packetsSent, bytesSent: this.bytesSent,
      jitterMs: (jitter * 1_000) / this.codec.clockRate };
  }

  /** SSRC of what is received; undefined before anything was. */
  get remoteSsrc(): number | undefined {
    return this.reception.ssrc;
  }

  send(packet: OutgoingRtp): void {
    if (!this.open || !sends(this.agreement.direction) || packet.payload.length > MAX_PAYLOAD_BYTES) return;
    const bytes = this.transport.sendRtp(writeRtp(packet, packet.payloadType ?? this.agreement.codec.payloadType, this.ssrc));
    if (bytes === undefined) return;
    this.packetsSent++;
    this.bytesSent += packet.payload.length;
    this.sentSinceReport = true;
    this.lastTimestamp = packet.timestamp;
    this.lastSentAt = this.context.clock.now();
    if (this.agreement.feedback.nack) this.sentPackets?.add(packet.sequenceNumber, bytes);
  }

  requestKeyFrame(): void {
    const { pli, fir } = this.agreement.feedback;
    const byRtcp = pli || fir;
    if (this.kind !== 'video' || !this.canReceive || (byRtcp && this.reception.ssrc === undefined) || this.cancelKeyFrame !== undefined) return;
    const { clock } = this.context;
    const wait = this.keyFrameSentAt + KEY_FRAME_INTERVAL_MS - clock.now();
    if (wait > 0) {
      // Asked again too soon: once more at the end of the interval, for the frame may have been lost.
      this.cancelKeyFrame = clock.wakeAfter(wait, () => {
        this.cancelKeyFrame = undefined;
        this.requestKeyFrame();
      });
      return;
    }
    this.keyFrameSentAt = clock.now();
    if (!byRtcp || this.reception.ssrc === undefined) this.emit('keyFrameWanted');
    else this.sendFeedback(pli ? writePictureLoss(this.ssrc, this.reception.ssrc)
      : writeFullIntraRequest(this.ssrc, this.reception.ssrc, this.firSequence++ & 0xff));
  }

  /** Takes the outcome of a negotiation; tells `changed` where it is another than before. */
  renegotiated(agreement: Agreement, transport: MediaTransport): void {
    const couldReceive = this.canReceive;
    const changed = JSON.stringify(describeAgreement(agreement)) !== JSON.stringify(describeAgreement(this.agreement));
    this.agreement = agreement;
    this.transport = transport;
    if (!couldReceive && this.canReceive) this.heardAt = this.context.clock.now();
    if (changed) this.emit('changed');
  }

  /** Takes a packet that is for this line; false where its payload type was not negotiated. */
  receive(packet: RtpPacket): boolean {
    const codec = this.agreement.receives.get(packet.payloadType);
    if (codec === undefined || !this.canReceive) return false;
    this.heardAt = packet.arrivedAt;
    const gap = this.reception.packet(packet.ssrc, packet.sequenceNumber, packet.timestamp, packet.payload.length, packet.arrivedAt, codec.clockRate);
    if (gap > 0 && gap <= MAX_NACK_GAP && this.kind === 'video' && this.agreement.feedback.nack) this.reportLoss(packet, gap);
    this.emit('rtp', packet);
    return true;
  }

  /** Takes a compound RTCP packet; what concerns other streams passes by. */
  receiveRtcp(bytes: Buffer): boolean {
    const now = this.context.clock.now();
    return readRtcp(bytes, {
      senderReport: (ssrc, ntpMiddle) => this.reception.senderReport(ssrc, ntpMiddle, now),
      pictureLoss: (mediaSsrc) => {
        if (mediaSsrc === this.ssrc) this.keyFrameAsked(now);
      },
      fullIntraRequest: (mediaSsrc, sequence) => {
        if (mediaSsrc !== this.ssrc || sequence === this.lastFirHeard) return;
        this.lastFirHeard = sequence;
        this.keyFrameAsked(now);
      },
      nack: (mediaSsrc, packetId, mask) => {
        if (mediaSsrc === this.ssrc && this.sentPackets !== undefined) this.repeat(packetId, mask, now);
      },
    });
  }

  /** Sends the report that is due; called about once a second. */
  tick(now: number): void {
    if (now < this.nextReportAt) return;
    this.nextReportAt = now + REPORT_INTERVAL_MS * (0.5 + Math.random());
    this.transport.sendRtcp(this.report(this.reception.report(now), now));
  }

  /** Says goodbye and closes; nothing is sent or told afterwards but `closed`. */
  close(): void {
    if (!this.open) return;
    this.cancelKeyFrame?.();
    if (this.packetsSent > 0 || this.reception.packets > 0) {
      this.sendFeedback(writeBye(this.ssrc));
    }
    this.open = false;
    this.emit('closed');
    this.removeAllListeners();
  }

  private keyFrameAsked(now: number): void {
    if (now - this.keyFrameAskedAt < KEY_FRAME_REQUEST_INTERVAL_MS) return;
    this.keyFrameAskedAt = now;
    this.emit('keyFrameRequested');
  }

  private repeat(packetId: number, mask: number, now: number): void {
    for (let offset = 0; offset <= 16; offset++) {
      if (offset > 0 && (mask & (1 << (offset - 1))) === 0) continue;
      const bytes = this.sentPackets!.repeat((packetId + offset) & 0xffff, now);
      if (bytes !== undefined) this.transport.resend(bytes);
    }
  }

  private reportLoss(packet: RtpPacket, gap: number): void {
    const lost = Array.from({ length: gap }, (_, index) => (packet.sequenceNumber - gap + index) & 0xffff);
    this.sendFeedback(writeNack(this.ssrc, packet.ssrc, lost));
  }

  /** Feedback travels behind an (empty) report, as RFC 4585 section 3.1 has it. */
  private sendFeedback(feedback: Buffer): void {
    this.transport.sendRtcp(Buffer.concat([this.report(undefined, this.context.clock.now()), feedback]));
  }

  private report(block: ReportBlock | undefined, now: number): Buffer {
    const sender = this.sentSinceReport ? {
      wallTime: this.context.clock.wallNow(),
      rtpTimestamp: (this.lastTimestamp + Math.round(((now - this.lastSentAt) * this.codec.clockRate) / 1_000)) % 2 ** 32,
      packets: this.packetsSent,
      bytes: this.bytesSent,
    } : undefined;
    if (block !== undefined) this.sentSinceReport = false;
    return writeReport(this.ssrc, this.cname, sender, block);
  }
}

const describeAgreement = (agreement: Agreement): unknown =>
  ({ ...agreement, receives: [...agreement.receives], written: undefined });
