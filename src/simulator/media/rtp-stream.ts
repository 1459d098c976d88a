import { randomBytes, randomInt } from 'node:crypto';
import { Reception } from './reception';
import { encodeReport, encodeRtp, parseReport, parseRtp } from './rtp-packet';
import { openRtpSockets, type RtpSockets } from './rtp-sockets';

/** One packet to send. `clock`: what the timestamp advances by before the packet, in units of the clock rate. */
export interface Outgoing {
  payloadType: number;
  payload: Buffer;
  marker: boolean;
  clock: number;
}

/** Makes what is sent at each tick of the stream's pace; `missed`: ticks that went by unused, because the process was late. */
export type Source = (missed: number) => Outgoing[];

export interface StreamOptions {
  /** Local address. */
  host: string;
  /** Timestamp units a second. */
  clockRate: number;
  tickMs: number;
  source: Source;
  /** Gets each received packet of the stream. */
  onPacket(payloadType: number, payload: Buffer, marker: boolean): void;
}

/** What a stream did so far. */
export interface StreamCounts {
  sent: number;
  received: number;
  lost: number;
  jitterMs: number;
  /** What the far end said it lost of ours, where it said so. */
  farLost?: number;
}

/** A process later than this leaves ticks out instead of catching up in a burst. */
const CATCH_UP_TICKS = 5;
/** RFC 3550 section 6.2: at least 5 s between reports, half of it before the first. */
const REPORT_MS = 5_000;

/** One RTP stream each way with its RTCP, on a pair of UDP sockets of its own. */
export class RtpStream {
  private readonly ssrc = randomBytes(4).readUInt32BE();
  private sequence = randomInt(0x1_0000);
  private timestamp = randomInt(0x1_0000_0000);
  private readonly cname = `${randomBytes(8).toString('hex')}@simulator`;
  private readonly reception: Reception;
  private remote: { host: string; port: number; rtcpPort: number } | undefined;
  private pace: NodeJS.Timeout | undefined;
  private reports: NodeJS.Timeout | undefined;
  private sent = 0;
  private sentOctets = 0;
  private farLost: number | undefined;
  private closed = false;

  private constructor(private readonly options: StreamOptions, private readonly sockets: RtpSockets) {
    this.reception = new Reception(options.clockRate);
    sockets.rtp.on('message', (bytes) => this.receive(bytes));
    sockets.rtcp.on('message', (bytes) => this.receiveReport(bytes));
  }

  /** Binds the sockets. Throws SimulatorError `rtp-port`. */
  static async open(options: StreamOptions): Promise<RtpStream> {
    return new RtpStream(options, await openRtpSockets(options.host));
  }

  /** RTP port; RTCP is on the next one. */
  get port(): number {
    return this.sockets.port;
  }

  get counts(): StreamCounts {
    return {
      sent: this.sent, received: this.reception.packets, lost: this.reception.lost, jitterMs: this.reception.jitterMs,
      ...(this.farLost === undefined ? {} : { farLost: this.farLost }),
    };
  }

  /** Where packets go from now on. */
  sendTo(host: string, port: number, rtcpPort = port + 1): void {
    this.remote = { host, port, rtcpPort };
  }

  /** Starts sending at the stream's pace. */
  start(): void {
    if (this.pace !== undefined || this.closed) return;
    const started = performance.now();
    let ticks = 0;
    const tick = (): void => {
      // Against the start, so that late timers do not add up.
      const due = Math.floor((performance.now() - started) / this.options.tickMs) + 1;
      const missed = Math.max(0, due - ticks - CATCH_UP_TICKS);
      ticks += missed;
      for (let first = true; ticks < due; ticks++, first = false) {
        for (const packet of this.options.source(first ? missed : 0)) this.send(packet);
      }
      this.pace = setTimeout(tick, Math.max(0, started + ticks * this.options.tickMs - performance.now()));
    };
    this.pace = setTimeout(tick, 0);
    this.reports ??= setTimeout(() => this.sendReport(), REPORT_MS / 2);
  }

  /** Stops sending, as on hold; reports go on. */
  pause(): void {
    clearTimeout(this.pace);
    this.pace = undefined;
  }

  /** Says goodbye in RTCP and closes the sockets. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.pause();
    clearTimeout(this.reports);
    await new Promise<void>((resolve) => {
      if (this.remote === undefined) resolve();
      else this.sockets.rtcp.send(this.encodeReport(true), this.remote.rtcpPort, this.remote.host, () => resolve());
    });
    await Promise.all([this.sockets.rtp, this.sockets.rtcp].map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))));
  }

  private send({ payloadType, payload, marker, clock }: Outgoing): void {
    this.timestamp = (this.timestamp + clock) % 0x1_0000_0000;
    if (this.remote === undefined) return;
    const packet = { payloadType, marker, sequence: this.sequence, timestamp: this.timestamp, ssrc: this.ssrc, payload };
    this.sequence = (this.sequence + 1) & 0xffff;
    this.sent++;
    this.sentOctets += payload.length;
    this.sockets.rtp.send(encodeRtp(packet), this.remote.port, this.remote.host, () => undefined);
  }

  private receive(bytes: Buffer): void {
    const packet = parseRtp(bytes);
    if (packet === undefined) return;
    this.reception.add(packet, performance.now());
    this.options.onPacket(packet.payloadType, packet.payload, packet.marker);
  }

  private receiveReport(bytes: Buffer): void {
    const report = parseReport(bytes);
    if (report === undefined) return;
    if (report.senderReport !== undefined) this.reception.addSenderReport(report.senderReport, performance.now());
    const aboutUs = report.blocks.find((block) => block.ssrc === this.ssrc);
    if (aboutUs !== undefined) this.farLost = Math.max(0, aboutUs.cumulativeLost);
  }

  private sendReport(): void {
    if (this.remote !== undefined) this.sockets.rtcp.send(this.encodeReport(false), this.remote.rtcpPort, this.remote.host, () => undefined);
    this.reports = setTimeout(() => this.sendReport(), REPORT_MS);
  }

  private encodeReport(bye: boolean): Buffer {
    const block = this.reception.report(performance.now());
    const sender = this.sent === 0 ? undefined
      : { time: Date.now(), rtpTimestamp: this.timestamp, packets: this.sent, octets: this.sentOctets };
    return encodeReport(this.ssrc, sender, block === undefined ? [] : [block], this.cname, bye);
  }
}
