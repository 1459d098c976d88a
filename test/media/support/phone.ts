import { encodeG711, decodeG711, type G711Law } from '../../../src/simulator/media/g711';
import { RtpStream, type Outgoing } from '../../../src/simulator/media/rtp-stream';
import { ToneGenerator, toneShare } from '../../../src/simulator/media/tone';
import { until } from '../../peers/harness/until';

const RATE = 8_000;
const TICK = 160;
const EVENTS = 101;
const KEYS = '0123456789*#ABCD';
const PAYLOAD_TYPES: Record<G711Law, number> = { PCMU: 0, PCMA: 8 };
/** What is judged: the last 0.4 s. */
const WINDOW = 3_200;
const LOUD = 100;
/** Each of three tones in a mix has a third. */
const PART = 0.15;
const TONES = [400, 700, 1_000, 1_300, 1_600];

/** Somebody on the phone over real RTP: says one tone, tells the tones that are heard now, presses and counts keys. */
export class Phone {
  private readonly tone: ToneGenerator;
  private readonly samples = new Int16Array(WINDOW);
  private at = 0;
  private lastPacketAt = 0;
  private law: G711Law;
  private keys: { event: number; ticks: number }[] = [];
  private stream!: RtpStream;
  private version = 0;
  private lastKey: { event: number; open: boolean } = { event: -1, open: false };
  /** Keys that the other side pressed, as RFC 4733 events. */
  digits = '';
  /** RTP packets of sound that came. */
  received = 0;

  private constructor(toneHz: number, private readonly laws: readonly G711Law[]) {
    this.tone = new ToneGenerator(toneHz, RATE);
    this.law = laws[0] ?? 'PCMA';
  }

  static async open(toneHz: number, laws: readonly G711Law[] = ['PCMA', 'PCMU']): Promise<Phone> {
    const phone = new Phone(toneHz, laws);
    phone.stream = await RtpStream.open({
      host: '127.0.0.1', clockRate: RATE, tickMs: 20, source: () => phone.next(), onPacket: (type, payload) => phone.receive(type, payload),
    });
    return phone;
  }

  sdp(direction = 'sendrecv'): string {
    return [
      'v=0', `o=- 1 ${++this.version} IN IP4 127.0.0.1`, 's=-', 'c=IN IP4 127.0.0.1', 't=0 0',
      `m=audio ${this.stream.port} RTP/AVP ${this.laws.map((law) => PAYLOAD_TYPES[law]).join(' ')} ${EVENTS}`,
      `a=rtpmap:${EVENTS} telephone-event/8000`, `a=fmtp:${EVENTS} 0-15`, `a=${direction}`, '',
    ].join('\r\n');
  }

  /** Takes the other side's description and begins to speak to it. */
  take(sdp: string): void {
    const [, port = '0', formats = ''] = /^m=audio (\d+) \S+ (.*)$/m.exec(sdp) ?? [];
    this.law = this.laws.find((law) => formats.trim().split(' ')[0] === String(PAYLOAD_TYPES[law])) ?? this.law;
    this.stream.sendTo('127.0.0.1', Number(port), undefined);
    this.stream.start();
  }

  /** Our answer: what we take of an offer is one of G.711's and the keys; other lines are refused. */
  answer(offer: string): string {
    this.take(offer);
    const others = offer.split('\r\n').filter((line) => line.startsWith('m=')).slice(1).map((line) => line.replace(/^(m=\w+) \d+/, '$1 0'));
    return [this.sdp().trimEnd(), ...others, ''].join('\r\n');
  }

  hush(): void {
    this.stream.pause();
  }

  press(digits: string): void {
    for (const digit of digits) this.keys.push({ event: KEYS.indexOf(digit), ticks: 0 });
  }

  /** Resolves when exactly these tones are heard; none is silence. */
  async hears(...tones: number[]): Promise<void> {
    await until(`${tones.join(' and ') || 'silence'} is heard`, () => this.heard().join() === tones.join()).catch((error: Error) => {
      throw new Error(`${error.message}; heard: ${this.heard().join(' and ') || 'silence'}`);
    });
  }

  /** Resolves when something is heard that is no tone. */
  async hearsSpeech(): Promise<void> {
    await until('speech is heard', () => this.loud && this.heard().length === 0);
  }

  heard(): number[] {
    return this.loud ? TONES.filter((tone) => toneShare(this.samples, RATE, tone) > PART) : [];
  }

  close(): Promise<void> {
    return this.stream.close();
  }

  private get loud(): boolean {
    return performance.now() - this.lastPacketAt < WINDOW / 8 && Math.sqrt(this.samples.reduce((sum, sample) => sum + sample * sample, 0) / WINDOW) > LOUD;
  }

  private next(): Outgoing[] {
    const [key] = this.keys;
    if (!key) return [{ payloadType: PAYLOAD_TYPES[this.law], payload: encodeG711(this.law, this.tone.next(TICK)), marker: false, clock: TICK }];
    key.ticks++;
    // 100 ms of key, its end said three times, and 60 ms of nothing.
    if (key.ticks > 8) this.keys.shift();
    const duration = Math.min(key.ticks, 5) * TICK;
    if (key.ticks > 5) return [];
    const payload = Buffer.from([key.event, key.ticks === 5 ? 0x8a : 0x0a, duration >> 8, duration & 0xff]);
    return Array.from({ length: key.ticks === 5 ? 3 : 1 }, (_, i) => (
      { payloadType: EVENTS, payload, marker: key.ticks === 1, clock: key.ticks === 1 && i === 0 ? TICK * 4 : 0 }));
  }

  private receive(type: number, payload: Buffer): void {
    const law = type === 0 ? 'PCMU' : type === 8 ? 'PCMA' : undefined;
    if (law) {
      this.received++;
      this.lastPacketAt = performance.now();
      for (const sample of decodeG711(law, payload)) this.samples[this.at++ % WINDOW] = sample;
      this.at %= WINDOW;
    } else if (type === EVENTS && payload.length >= 4) {
      const event = payload.readUInt8(0);
      const ends = (payload.readUInt8(1) & 0x80) !== 0;
      if (!ends && !(this.lastKey.open && this.lastKey.event === event)) this.digits += KEYS[event] ?? '';
      this.lastKey = { event, open: !ends };
    }
  }
}
