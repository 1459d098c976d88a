import dgram from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { aLaw } from '../../../src/embedded/media-server/processing/audio/g711';
import { H245Session, type LogicalChannel, type UserInput } from '../../../src/h323/h245';
import type { SupplementaryServices } from '../../../src/h323/h450';
import { alternative } from '../../../src/h323/per';
import { toHostPort, toTransportAddress, type HostPort } from '../../../src/h323/ras';
import type { h225, h450 } from '../../../src/h323/schemas';
import { acceptChannel, acceptFastStart, capabilitiesOf, channelsOfFastStart, channelsToOpen, fastStartOf, type DescribedChannel } from '../../../src/h323/sdp';
import {
  placeCall, serveSignalling, SPEECH, type CallEvents, type FastStartAnswer, type IncomingCall, type LocalEndpoint, type SignallingCall, type SignallingServer,
} from '../../../src/h323/signalling';
import { until, type Wav } from '../../peers/harness';
import { GATEWAY } from '../signalling/support';
import { RasEndpoint } from './ras-endpoint';

const SAMPLE_RATE = 8_000;
const PACKET_SAMPLES = 160;
const PACKET_MS = 20;
const KEPT_SAMPLES = SAMPLE_RATE * 60;
const RTP_HEADER = 12;
const PCMA = 8;

export interface H323PhoneOptions {
  /** A loopback address of its own: H.225.0 listens on its port 1720. */
  host: string;
  h323Id: string;
  /** Where the gatekeeper serves RAS, `udp/127.0.0.1:1719`. */
  ras: string;
  /** The tone that it speaks, a multiple of 10 Hz. */
  toneHz: number;
  /** Whether it tunnels H.245; default: yes. */
  tunnelling?: boolean;
  /** Whether it offers and accepts fast start; default: no. */
  fastStart?: boolean;
  /** Where it listens for calls, whatever it tells the gatekeeper; default: 1720. */
  port?: number;
  /** What it does with calls that come; default: it rings and answers. */
  answer?: (call: PhoneCall, incoming: IncomingCall) => void;
}

/** A registered H.323 telephone of G.711: speaks a tone and keeps what it hears. */
export class H323Phone {
  readonly calls: PhoneCall[] = [];
  readonly faults: Error[] = [];
  /** What the gatekeeper said when it registered. */
  confirm!: h225.RegistrationConfirm;
  private server: SignallingServer | undefined;

  private constructor(readonly options: H323PhoneOptions, readonly ras: RasEndpoint) {}

  static async open(options: H323PhoneOptions): Promise<H323Phone> {
    const ras = await RasEndpoint.open(options.ras, options.host);
    const phone = new H323Phone(options, ras);
    phone.server = await serveSignalling({ ...phone.endpoint, host: options.host, port: options.port ?? 1720 }, (call) => phone.take(call));
    const answer = await ras.register({ 'h323-ID': options.h323Id });
    const confirm = alternative(answer, 'registrationConfirm');
    if (!confirm) throw new Error(`${options.h323Id} cannot register: ${JSON.stringify(answer)}`);
    phone.confirm = confirm;
    return phone;
  }

  get endpoint(): LocalEndpoint {
    return { endpointType: { ...GATEWAY, gateway: undefined, terminal: {} }, tunnelling: this.options.tunnelling, onFault: (error) => this.faults.push(error) };
  }

  /** Calls a name: asks the gatekeeper, and goes where that sends it. */
  async dial(name: string): Promise<PhoneCall> {
    const guid = randomBytes(16);
    const answer = await this.ras.admission([{ 'h323-ID': name }], { callIdentifier: { guid } });
    const confirm = alternative(answer, 'admissionConfirm');
    const address = confirm && toHostPort(confirm.destCallSignalAddress);
    if (!address) throw new Error(`${name} is not admitted: ${JSON.stringify(answer)}`);
    const call = await PhoneCall.open(this);
    this.calls.push(call);
    call.place(address, name, guid);
    return call;
  }

  /** Calls a name without asking, as one may that was granted admission beforehand. */
  async dialUnasked(name: string, more: Partial<h225.SetupUUIE> = {}): Promise<PhoneCall> {
    const [address] = this.confirm.callSignalAddress.map(toHostPort);
    if (!address) throw new Error('the gatekeeper told no address for calls');
    const call = await PhoneCall.open(this);
    this.calls.push(call);
    call.place(address, name, randomBytes(16), more);
    return call;
  }

  /** Its connections break, with those of running calls. */
  async breakDown(): Promise<void> {
    await this.server?.close();
    this.server = undefined;
  }

  /** The last call, once there is one that is connected. */
  connected(): Promise<PhoneCall> {
    return until(`${this.options.h323Id} has a call`, () => { const last = this.calls.at(-1); return last?.connected && last; });
  }

  /** Tells the gatekeeper that a call is over, for the gateway's admissions to be found empty. */
  disengage({ callId, conferenceId }: SignallingCall): void {
    const { ras } = this;
    ras.send({ disengageRequest: {
      requestSeqNum: ras.nextSequence, endpointIdentifier: ras.endpointIdentifier, conferenceID: conferenceId, callReferenceValue: 1, disengageReason: { normalDrop: null },
      callIdentifier: { guid: callId }, answeredCall: false,
    } });
  }

  async close(): Promise<void> {
    const { ras, options: { host } } = this;
    await ras.ask({ unregistrationRequest: { requestSeqNum: ras.nextSequence, callSignalAddress: [toTransportAddress({ host, port: 1720 })], endpointIdentifier: ras.endpointIdentifier } });
    await this.closeWithoutGatekeeper();
  }

  /** Leaves without a word to the gatekeeper. */
  async closeWithoutGatekeeper(): Promise<void> {
    for (const call of this.calls) await call.close();
    await this.server?.close();
    await this.ras.close();
  }

  private take(incoming: IncomingCall): void {
    const call = new PhoneCall(this);
    this.calls.push(call);
    call.take(incoming);
  }
}

/** One call of a telephone. */
export class PhoneCall {
  readonly userInput: UserInput[] = [];
  readonly services: h450.H4501SupplementaryService[] = [];
  /** What it does of H.450; nothing, unless a test gives it that. */
  supplementary: SupplementaryServices | undefined;
  /** What the far end said of the call, in order. */
  readonly log: string[] = [];
  signalling!: SignallingCall;
  session!: H245Session;
  connected = false;
  rang = false;
  /** Whether its tone is on. */
  speaks = true;
  /** Cause and who, once it is over: `peer 16`. */
  ended: string | undefined;
  private socket = dgram.createSocket('udp4');
  private to: HostPort | undefined;
  private heardSamples: number[] = [];
  private timer: NodeJS.Timeout | undefined;
  private sequence = 0;
  private due = 0;
  private readonly tone: Buffer[];

  constructor(private readonly phone: H323Phone) {
    this.tone = tonePackets(phone.options.toneHz);
    this.listenOn(this.socket);
  }

  static async open(phone: H323Phone): Promise<PhoneCall> {
    const call = new PhoneCall(phone);
    await call.bind();
    return call;
  }

  place(address: HostPort, name: string, callId: Buffer, more: Partial<h225.SetupUUIE> = {}): void {
    const { endpoint, options: { host, h323Id, fastStart } } = this.phone;
    const offer = this.description;
    const open = ({ fastStart: accepted }: { fastStart?: FastStartAnswer }): void => {
      if (accepted && accepted !== 'refused') this.adopt(channelsOfFastStart(offer, accepted));
    };
    this.signalling = placeCall({
      address, from: host, callId, bearer: SPEECH, source: { aliases: [{ 'h323-ID': h323Id }] }, destination: { aliases: [{ 'h323-ID': name }] }, more,
      ...(fastStart && { fastStart: fastStartOf(offer) }),
    }, endpoint, {
      ...this.events,
      proceeding: open, progress: open,
      alerting: (answer) => { this.rang = true; open(answer); },
      connected: (answer) => { this.connected = true; open(answer); },
    });
    this.control(true);
  }

  take(incoming: IncomingCall): void {
    this.signalling = incoming;
    incoming.attach(this.events);
    this.control(false);
    this.bind().then(() => (this.phone.options.answer ?? ((call: PhoneCall) => call.answer()))(this, incoming), (error: Error) => this.phone.faults.push(error));
  }

  /** Rings, unless it rings already, and answers a call that came. */
  answer(rings = true): void {
    const incoming = this.signalling as IncomingCall;
    const offered = this.phone.options.fastStart ? incoming.setup.fastStart : undefined;
    const { accepted, channels } = offered ? acceptFastStart(offered, this.description) : { accepted: [], channels: [] };
    if (rings) incoming.alerting();
    incoming.connect(accepted.length > 0 ? { fastStart: accepted } : {});
    this.adopt(channels);
    this.start();
    this.connected = true;
  }

  /** Takes no media for now: the empty capability set (H.323 section 8.4.6). */
  pause(): Promise<void> {
    return this.session.setCapabilities({});
  }

  resume(): Promise<void> {
    return this.session.setCapabilities(capabilitiesOf(this.description));
  }

  /** Receives at another port from now on: the far end is asked to close its channel and to open it again. */
  async move(): Promise<void> {
    const old = this.socket;
    this.socket = dgram.createSocket('udp4');
    this.listenOn(this.socket);
    await this.bind();
    for (const channel of this.session.channels.filter(({ direction }) => direction === 'receive')) await this.session.close(channel, true);
    old.close();
  }

  press(keys: string): void {
    this.session.sendUserInput(keys);
  }

  /** What it hears from now on, so many seconds of it. */
  async hear(seconds = 1): Promise<Wav> {
    this.heardSamples = [];
    await until(`${this.phone.options.h323Id} hears ${seconds} s: ${this.heardSamples.length} samples`, () => this.heardSamples.length >= seconds * SAMPLE_RATE, 15_000 + seconds * 1_000);
    return { sampleRate: SAMPLE_RATE, samples: Int16Array.from(this.heardSamples) };
  }

  /** Channels as `send 1`, in order. */
  get channels(): string[] {
    return this.session.channels.map(({ direction, sessionId }) => `${direction} ${sessionId}`).sort();
  }

  hangUp(q850 = 16): void {
    this.signalling.release({ q850 });
    this.over('local', q850);
  }

  async close(): Promise<void> {
    if (this.ended === undefined) this.hangUp();
    await new Promise<void>((resolve) => this.socket.close(resolve));
  }

  private get events(): CallEvents {
    return {
      released: ({ by, q850 }) => this.over(by, q850),
      services: (services) => {
        this.services.push(...services);
        for (const service of services) this.supplementary?.received(service);
      },
      notified: ({ indicator }) => { this.log.push(`notified ${indicator}`); },
    };
  }

  get description(): string {
    const { host } = this.phone.options;
    return ['v=0', `o=- 1 1 IN IP4 ${host}`, 's=-', `c=IN IP4 ${host}`, 't=0 0', `m=audio ${this.socket.address().port} RTP/AVP ${PCMA}`, 'a=rtpmap:8 PCMA/8000', ''].join('\r\n');
  }

  private async bind(): Promise<void> {
    this.socket.bind(0, this.phone.options.host);
    await once(this.socket, 'listening');
  }

  private listenOn(socket: dgram.Socket): void {
    socket.on('message', (packet) => {
      if (packet.length <= RTP_HEADER || (packet[1]! & 0x7f) !== PCMA) return;
      for (const sample of aLaw.decode(packet.subarray(RTP_HEADER))) this.heardSamples.push(sample);
      if (this.heardSamples.length > KEPT_SAMPLES) this.heardSamples.splice(0, this.heardSamples.length - KEPT_SAMPLES);
    });
  }

  private control(starts: boolean): void {
    this.session = new H245Session({
      control: this.signalling.control, terminalType: 50, random: randomBytes, timers: { firstAnswer: 60_000 },
      handlers: {
        ready: () => this.openChannels(),
        remoteCapabilities: () => undefined,
        channelRequested: (request) => {
          const answer = acceptChannel(this.description, request);
          return 'refuse' in answer ? { refuse: answer.refuse } : { media: answer.media };
        },
        channelOpened: () => undefined,
        channelClosed: ({ direction }) => { if (direction === 'send') this.to = undefined; },
        userInput: (input) => { this.userInput.push(input); },
        failed: (error) => this.phone.faults.push(error),
        ended: () => undefined,
      },
    });
    if (starts) this.start();
  }

  private start(): void {
    this.session.start(capabilitiesOf(this.description));
  }

  private adopt(channels: readonly DescribedChannel[]): void {
    for (const channel of channels) {
      this.session.adopt(channel);
      if (channel.direction === 'send') this.speakTo(channel);
    }
  }

  private openChannels(): void {
    for (const proposed of channelsToOpen(this.description, this.session.remoteCapabilities)) {
      if (this.session.channels.some(({ direction, sessionId }) => direction === 'send' && sessionId === proposed.sessionId)) continue;
      this.session.open(proposed).then((channel) => this.speakTo(channel), (error: Error) => this.phone.faults.push(error));
    }
  }

  private speakTo({ media }: Pick<LogicalChannel, 'media'>): void {
    this.to = media.rtp;
    if (this.timer) return;
    this.due = Date.now();
    this.timer = setInterval(() => {
      for (; this.due <= Date.now(); this.due += PACKET_MS) this.speak();
    }, PACKET_MS);
  }

  private speak(): void {
    const sequence = this.sequence++;
    if (!this.to || !this.speaks || this.ended !== undefined) return;
    const header = Buffer.alloc(RTP_HEADER);
    header.writeUInt16BE(0x8000 | PCMA, 0);
    header.writeUInt16BE(sequence & 0xffff, 2);
    header.writeUInt32BE((sequence * PACKET_SAMPLES) >>> 0, 4);
    header.writeUInt32BE(this.phone.options.toneHz, 8);
    this.socket.send(Buffer.concat([header, this.tone[sequence % this.tone.length]!]), this.to.port, this.to.host);
  }

  private over(by: string, q850: number): void {
    if (this.ended !== undefined) return;
    this.ended = `${by} ${q850}`;
    clearInterval(this.timer);
    void this.session.end();
    this.phone.disengage(this.signalling);
  }
}

/** A tenth of a second, which holds whole waves. */
function tonePackets(hz: number): Buffer[] {
  return Array.from({ length: 5 }, (_, packet) => Buffer.from(aLaw.encode(Int16Array.from({ length: PACKET_SAMPLES },
    (__, i) => Math.round(8_000 * Math.sin((2 * Math.PI * hz * (packet * PACKET_SAMPLES + i)) / SAMPLE_RATE))))));
}
