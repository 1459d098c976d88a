import dgram from 'node:dgram';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { PresentationToken } from '../../../src/h323/h239';
import { H245Session, type H245Error, type H245Options, type IncomingChannel, type LogicalChannel } from '../../../src/h323/h245';
import { MediaEncryption, type CallEncryption } from '../../../src/h323/legs/encryption';
import { SecureSession, type MediaSession } from '../../../src/h323/legs/secure-session';
import { alternative } from '../../../src/h323/per';
import { toHostPort, type HostPort } from '../../../src/h323/ras';
import { acceptChannel, acceptFastStart, capabilitiesOf, channelsOfFastStart, channelsToOpen, fastStartOf, mediumOf, type Medium } from '../../../src/h323/sdp';
import { placeCall, serveSignalling, videoBearer, type FastStartAnswer, type IncomingCall, type LocalEndpoint, type SignallingCall, type SignallingServer } from '../../../src/h323/signalling';
import { GATEWAY } from '../signalling/support';
import { INSIDE_PORTS, Pinhole, registrationFrom } from './firewall';
import { rtpOf } from './h264-stream';
import { RasEndpoint } from './ras-endpoint';

const MEDIA = ['audio', 'video', 'content'] as const;
const OTHERS: readonly Medium[] = ['audio', 'video'];
const CHANNEL = 301;
const SSRC = 0x239;

export interface PresentingRoomOptions {
  /** A loopback address of its own: H.225.0 listens on its port 1720. */
  host: string;
  h323Id: string;
  /** Where the gatekeeper serves RAS, `udp/127.0.0.1:1719`. */
  ras: string;
  tunnelling?: boolean;
  /** Offers fast start for its sound and picture, and accepts it. */
  fastStart?: boolean;
  /** Without H.239: a room of sound and one picture. */
  content?: boolean;
  /** Whether it lets others show; default: yes. */
  yields?: () => boolean;
  /** Encrypts its media, and takes none in clear (H.235.6). */
  encryption?: boolean;
  /**
   * Address that the room has behind a firewall, and says that it has; `host` is the firewall's then, which lets in what answers the room
   * (H.460.18, H.460.19).
   */
  inside?: string;
}

/** A room with an H.323 system that shows and is shown presentations (H.239). */
export class PresentingRoom {
  readonly faults: Error[] = [];
  readonly calls: PresentingCall[] = [];
  private server: SignallingServer | undefined;
  private readonly encryption: MediaEncryption | undefined;
  /** The way of content. */
  private readonly pinhole: Pinhole;

  private constructor(readonly options: PresentingRoomOptions, private readonly ras: RasEndpoint, private readonly sockets: Map<Medium, dgram.Socket>) {
    const { host, encryption } = options;
    this.pinhole = new Pinhole(sockets.get('content')!);
    this.encryption = encryption ? new MediaEncryption({ required: true, host, told: host, ports: [10_000, 29_999] }) : undefined;
  }

  static async open(options: PresentingRoomOptions): Promise<PresentingRoom> {
    const sockets = new Map<Medium, dgram.Socket>();
    for (const medium of MEDIA) {
      const socket = dgram.createSocket('udp4');
      socket.bind(0, options.host);
      await once(socket, 'listening');
      sockets.set(medium, socket);
    }
    const room = new PresentingRoom(options, await RasEndpoint.open(options.ras, options.host), sockets);
    const { host, inside } = options;
    room.server = await serveSignalling({ ...room.endpoint, host, port: inside === undefined ? 1720 : 0 }, (call) => room.take(call));
    const answer = await room.ras.register({ 'h323-ID': options.h323Id }, inside === undefined ? {} : registrationFrom(inside));
    if (!alternative(answer, 'registrationConfirm')) throw new Error(`${options.h323Id} cannot register: ${JSON.stringify(answer)}`);
    sockets.get('content')!.on('message', (packet, from) => {
      if (inside === undefined || room.pinhole.letsIn(from)) room.calls.at(-1)?.shown.push(packet);
    });
    return room;
  }

  /** Calls a name: asks the gatekeeper, and goes where that sends it. */
  async dial(name: string): Promise<PresentingCall> {
    const guid = randomBytes(16);
    const confirm = alternative(await this.ras.admission([{ 'h323-ID': name }], { callIdentifier: { guid } }), 'admissionConfirm');
    if (!confirm) throw new Error(`${name} is not admitted`);
    const { host, h323Id, fastStart } = this.options;
    const { description } = this;
    const encryption = this.encryption?.placing();
    const call = new PresentingCall(this);
    const open = ({ fastStart: accepted }: { fastStart?: FastStartAnswer }): void => {
      if (accepted && accepted !== 'refused') call.adopt(channelsOfFastStart(description, accepted));
    };
    call.begin(placeCall({
      address: toHostPort(confirm.destCallSignalAddress)!, from: host, callId: guid, bearer: videoBearer(1_920_000),
      source: { aliases: [{ 'h323-ID': h323Id }] }, destination: { aliases: [{ 'h323-ID': name }] }, ...(fastStart && { fastStart: fastStartOf(description) }),
      ...(encryption && { more: { tokens: encryption.offeredTokens } }),
    }, this.endpoint, {
      proceeding: open, alerting: open, progress: open,
      connected: (answer) => {
        encryption?.answered(answer.tokens, true);
        call.connected = true;
        open(answer);
      },
      released: ({ q850 }) => { call.ended = `released ${q850}`; },
    }), encryption);
    this.calls.push(call);
    return call;
  }

  /** Content goes out of the port that it comes in at. */
  send(packet: Buffer, to: HostPort): void {
    this.pinhole.send(packet, to);
  }

  /** Keeps its firewall open for content. */
  keepOpen(request: IncomingChannel): void {
    if (this.options.inside !== undefined && mediumOf(request.dataType) === 'content') this.pinhole.keepOpen(request, SSRC);
  }

  async close(): Promise<void> {
    for (const call of this.calls) call.hangUp();
    await this.server?.close();
    await this.ras.close();
    this.pinhole.close();
    for (const socket of this.sockets.values()) socket.close();
  }

  /** The room as a session description: what its system can do. */
  get description(): string {
    const { inside, content = true } = this.options;
    const host = inside ?? this.options.host;
    const port = (medium: Medium): number => (inside === undefined ? this.sockets.get(medium)!.address().port : INSIDE_PORTS[medium]);
    const picture = ['a=rtpmap:97 H264/90000', 'a=fmtp:97 profile-level-id=42e01f;packetization-mode=1'];
    return [
      'v=0', `o=- 1 1 IN IP4 ${host}`, 's=-', `c=IN IP4 ${host}`, 't=0 0', `m=audio ${port('audio')} RTP/AVP 8`, 'a=rtpmap:8 PCMA/8000', `m=video ${port('video')} RTP/AVP 97`, 'b=TIAS:1920000', ...picture,
      ...(content ? [`m=video ${port('content')} RTP/AVP 97`, 'a=content:slides', 'b=TIAS:1920000', ...picture] : []), '',
    ].join('\r\n');
  }

  private get endpoint(): LocalEndpoint {
    return { endpointType: { ...GATEWAY, gateway: undefined, terminal: {} }, tunnelling: this.options.tunnelling, onFault: (error) => this.faults.push(error) };
  }

  private take(incoming: IncomingCall): void {
    const call = new PresentingCall(this);
    this.calls.push(call);
    incoming.attach({ released: ({ q850 }) => { call.ended = `released ${q850}`; } });
    const offered = this.options.fastStart ? incoming.setup.fastStart : undefined;
    const { accepted, channels } = offered ? acceptFastStart(offered, this.description) : { accepted: [], channels: [] };
    const encryption = this.encryption?.taking();
    const tokens = encryption?.answer(incoming.setup.body.tokens);
    incoming.alerting();
    incoming.connect({ ...(accepted.length > 0 && { fastStart: accepted }), ...(tokens && { tokens }) });
    call.begin(incoming, encryption);
    call.adopt(channels);
    call.connected = true;
  }
}

/** One call of such a room. */
export class PresentingCall {
  connected = false;
  ended: string | undefined;
  session!: MediaSession;
  /** Packets of the presentation that it is shown. */
  readonly shown: Buffer[] = [];
  /** What it was told of its token. */
  readonly told: string[] = [];
  /** What it said and heard of H.239, as generic messages. */
  readonly token: PresentationToken;
  fastUpdates = 0;
  private signalling!: SignallingCall;
  private channel: LogicalChannel | undefined;
  private sequence = 0;

  constructor(private readonly room: PresentingRoom) {
    const tell = (what: string) => (): void => void this.told.push(what);
    this.token = new PresentationToken({
      send: (message) => void this.session.sendGeneric(message), symmetryBreaking: () => randomInt(1, 128),
      events: {
        requested: () => {
          this.told.push('requested');
          if (room.options.yields?.() ?? true) this.token.grant();
          else this.token.refuse();
        },
        released: tell('released'), refused: tell('refused'),
        granted: () => { this.told.push('granted'); this.openContent(); },
        revoked: () => { this.told.push('revoked'); this.closeContent(); },
      },
    });
  }

  begin(signalling: SignallingCall, encryption?: CallEncryption): void {
    const { room } = this;
    this.signalling = signalling;
    const options: H245Options = {
      control: signalling.control, terminalType: 50, random: randomBytes, timers: { firstAnswer: 60_000 },
      handlers: {
        ready: () => this.openMedia(),
        remoteCapabilities: () => undefined,
        channelRequested: (request) => {
          const answer = acceptChannel(room.description, request);
          room.keepOpen(request);
          return 'refuse' in answer ? { refuse: answer.refuse } : { media: answer.media };
        },
        channelOpened: () => undefined,
        channelClosed: ({ direction, dataType }, _cause, reopen) => {
          if (direction === 'receive' || mediumOf(dataType) !== 'content') return;
          this.channel = undefined;
          if (reopen && this.token.state === 'owned') setImmediate(() => void this.openContent());
        },
        generic: (message) => room.options.content !== false && this.token.received(message),
        miscellaneousCommand: ({ type }) => { if ('videoFastUpdatePicture' in type) this.fastUpdates++; },
        failed: (error) => room.faults.push(error),
        ended: () => undefined,
      },
    };
    this.session = encryption ? new SecureSession(options, encryption, { host: () => room.options.host }) : new H245Session(options);
    this.session.start(capabilitiesOf(room.description));
  }

  adopt(channels: Parameters<H245Session['adopt']>[0][]): void {
    for (const channel of channels) this.session.adopt(channel);
  }

  /** Wants to show: asks for the token, and opens the channel when it has it. */
  present(): void {
    this.token.request(CHANNEL);
  }

  /** Shows no more, in the order of the two that is usual. */
  stop({ release = true } = {}): void {
    this.closeContent();
    if (release) this.token.release();
  }

  /** Misses what it needs to see the presentation, and asks for a key frame. */
  missesPicture(): void {
    for (const channel of this.session.channels) if (channel.direction === 'receive' && mediumOf(channel.dataType) === 'content') this.session.command(channel, { videoFastUpdatePicture: null });
  }

  /** Presses keys, as user input of H.245. */
  press(digits: string): void {
    for (const digit of digits) this.session.sendUserInput(digit);
  }

  /** Opens the channel of content whether it has the token or not. */
  openContent(): Promise<void> {
    const [wanted] = channelsToOpen(this.room.description, this.session.remoteCapabilities, { media: ['content'] });
    if (!wanted) return Promise.resolve();
    return this.session.open(wanted).then((channel) => { this.channel = channel; }, (error: H245Error) => { this.told.push(error.message); });
  }

  /** Sends a picture, where it has a channel. */
  show(units: readonly Buffer[]): void {
    if (!this.channel) return;
    for (const packet of rtpOf(units, { payloadType: this.channel.payloadType, sequence: this.sequence, ssrc: SSRC })) {
      this.sequence++;
      this.room.send(packet, this.channel.media.rtp);
    }
  }

  /** Channels of content, as `send` and `receive`. */
  get content(): string {
    return (this.session?.channels ?? []).filter(({ dataType }) => mediumOf(dataType) === 'content').map(({ direction }) => direction).sort().join();
  }

  get channels(): number {
    return this.session?.channels.length ?? 0;
  }

  hangUp(): void {
    this.token.close();
    if (this.ended !== undefined) return;
    this.ended = 'local';
    this.signalling.release();
    void this.session.end();
  }

  private closeContent(): void {
    const { channel } = this;
    this.channel = undefined;
    if (channel) this.session.close(channel).catch(() => undefined);
  }

  private openMedia(): void {
    for (const proposed of channelsToOpen(this.room.description, this.session.remoteCapabilities, { media: OTHERS })) {
      if (this.session.channels.some(({ direction, dataType }) => direction === 'send' && mediumOf(dataType) === proposed.medium)) continue;
      this.session.open(proposed).catch((error: Error) => this.room.faults.push(error));
    }
  }
}
