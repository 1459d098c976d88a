import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const RATE = 8_000;
const FRAME_SAMPLES = 160;
/** What a tone is looked for in: as long as a busy machine leaves a tone whole. */
const WINDOW_SAMPLES = 1_200;
/** Softer than this is no sound but the noise of coding. */
const SILENCE_POWER = 10_000;

/** G.711 µ-law of a 16-bit sample (ITU-T G.711 table 2a). */
function toMuLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), 32_635) + 132;
  let exponent = 7;
  for (let mask = 0x4000; (magnitude & mask) === 0 && exponent > 0; mask >>= 1) exponent--;
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff;
}

function fromMuLaw(byte: number): number {
  const code = ~byte & 0xff;
  const magnitude = ((((code & 0x0f) << 3) + 132) << ((code >> 4) & 7)) - 132;
  return (code & 0x80) !== 0 ? -magnitude : magnitude;
}

/** A telephone without signalling: it says a tone in G.711 over RTP, and keeps what it hears. */
export class RtpPhone {
  private readonly heard: number[] = [];
  private timer: NodeJS.Timeout | undefined;
  private sequence = 1;
  private timestamp = 0;
  /** Payload types of what has come. */
  readonly payloadTypes = new Set<number>();

  private constructor(private readonly socket: Socket, readonly port: number) {
    socket.on('message', (packet: Buffer) => {
      this.payloadTypes.add((packet[1] ?? 0) & 0x7f);
      if (((packet[1] ?? 0) & 0x7f) !== 0) return;
      for (const byte of packet.subarray(12)) this.heard.push(fromMuLaw(byte));
    });
    socket.on('error', () => undefined);
  }

  static async open(): Promise<RtpPhone> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new RtpPhone(socket, socket.address().port);
  }

  /** The phone's session description. */
  sdp(direction = 'sendrecv'): string {
    return [
      'v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', `m=audio ${this.port} RTP/AVP 0 101`, 'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-16', 'a=ptime:20', `a=${direction}`, '',
    ].join('\r\n');
  }

  /** Says a tone to the port that a description of the server names. */
  talk(serverSdp: string, frequencyHz: number): void {
    this.hush();
    let at = 0;
    const to = portOf(serverSdp);
    this.timer = setInterval(() => {
      const payload = Buffer.alloc(FRAME_SAMPLES);
      for (let i = 0; i < FRAME_SAMPLES; i++, at++) payload[i] = toMuLaw(Math.round(8_000 * Math.sin((2 * Math.PI * frequencyHz * at) / RATE)));
      this.send(to, 0, payload, false);
      this.timestamp += FRAME_SAMPLES;
    }, 20);
  }

  hush(): void {
    clearInterval(this.timer);
  }

  /** Presses keys (RFC 4733): for each one the event, and its end three times. */
  press(serverSdp: string, digits: string): void {
    const to = portOf(serverSdp);
    for (const digit of digits) {
      const event = '0123456789*#ABCD'.indexOf(digit);
      for (const [duration, end] of [[160, 0], [320, 0], [800, 1], [800, 1], [800, 1]] as const) {
        const payload = Buffer.from([event, end === 1 ? 0x8a : 0x0a, duration >> 8, duration & 0xff]);
        this.send(to, 101, payload, duration === 160);
      }
      this.timestamp += 1_600;
    }
  }

  /** Milliseconds of sound that have come. */
  get heardMs(): number {
    return (this.heard.length * 1000) / RATE;
  }

  /** Forgets what was heard so far. */
  forget(): void {
    this.heard.length = 0;
  }

  /** The largest share that a frequency has in any window of what was heard, 0 to 1. */
  share(frequencyHz: number): number {
    let best = 0;
    for (let start = 0; start + WINDOW_SAMPLES <= this.heard.length; start += WINDOW_SAMPLES / 4) {
      best = Math.max(best, shareOf(this.heard.slice(start, start + WINDOW_SAMPLES), frequencyHz));
    }
    return best;
  }

  /** Resolves when the tone is heard: alone, or with `least` among others. */
  async hears(frequencyHz: number, least = 0.5): Promise<void> {
    const until = Date.now() + 8_000;
    while (this.share(frequencyHz) < least) {
      if (Date.now() > until) throw new Error(`${frequencyHz} Hz is not heard: ${this.heardMs} ms, share ${this.share(frequencyHz).toFixed(3)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  close(): void {
    this.hush();
    this.socket.close();
  }

  private send(port: number, payloadType: number, payload: Buffer, marker: boolean): void {
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = payloadType | (marker ? 0x80 : 0);
    header.writeUInt16BE(this.sequence++ & 0xffff, 2);
    header.writeUInt32BE(this.timestamp >>> 0, 4);
    header.writeUInt32BE(this.port, 8);
    this.socket.send(Buffer.concat([header, payload]), port, '127.0.0.1');
  }
}

const portOf = (sdp: string): number => Number(/^m=audio (\d+)/m.exec(sdp)?.[1]);

/** Power of one frequency against that of all (one bin of a Fourier transform). */
function shareOf(samples: readonly number[], frequencyHz: number): number {
  let [energy, re, im] = [0, 0, 0];
  samples.forEach((sample, i) => {
    const angle = (2 * Math.PI * frequencyHz * i) / RATE;
    energy += sample * sample;
    re += sample * Math.cos(angle);
    im += sample * Math.sin(angle);
  });
  return energy < SILENCE_POWER * samples.length ? 0 : (2 * (re * re + im * im)) / (samples.length * energy);
}
