import dgram from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { H245Session, type H245Handlers, type LogicalChannel } from '../../../src/h323/h245';
import { MediaEncryption, type CallEncryption } from '../../../src/h323/legs/encryption';
import { SecureSession, type MediaSession } from '../../../src/h323/legs/secure-session';
import type { HostPort } from '../../../src/h323/ras';
import type { h245 } from '../../../src/h323/schemas';
import { acceptChannel, capabilitiesOf, channelsToOpen, mediumOf, modeOf, type Medium, type Mode } from '../../../src/h323/sdp';
import { placeCall, serveSignalling, SPEECH, videoBearer, type IncomingCall, type LocalEndpoint, type OutgoingCall, type SignallingServer } from '../../../src/h323/signalling';
import type { ControlChannel } from '../../../src/h323/contracts';
import { GATEWAY } from '../signalling/support';
import { INSIDE_PORTS, Pinhole } from './firewall';

const MEDIA = ['audio', 'video', 'camera'] as const;

/** Both directions of one medium: what arrives goes back to where the peer wants it. */
interface Loop {
  socket: dgram.Socket;
  packets: number;
  /** Sequence numbers are the loop's own, so that the echo is a stream of its own. */
  ssrc: number;
  to?: HostPort;
  payloadType?: number;
  /** Port that the room says. */
  told: number;
  pinhole: Pinhole;
}

const RTP_HEADER = 12;

export interface EchoRoomOptions {
  host: string;
  video: boolean;
  /** It has a camera that others may control (H.281 in H.224), and controls theirs; default: no. */
  camera?: boolean;
  tunnelling?: boolean;
  /**
   * Address that the room has behind a firewall, and says that it has; `host` is the firewall's then, from whose own ports all that the
   * room sends comes. The firewall lets in what answers that.
   */
  inside?: string;
  /** Encrypts its media (H.235.6); keys are made anew as often, milliseconds, where it is the master. */
  encryption?: { required: boolean; refreshMs?: number };
  /** Sends in other modes when it is asked to; default: it refuses. */
  modes?: boolean;
  /** H.245's: 50 is a terminal, and less than a gateway; 190 a multipoint control unit, which is master. */
  terminalType?: number;
}

/** What a call of the room saw. */
export interface RoomCall {
  session: MediaSession;
  userInput: string[];
  fastUpdates: number;
  /** What the far end takes of its channels, in 100 bit/s; undefined: all. */
  limits: (number | undefined)[];
  /** Modes that it was asked for. */
  modes: h245.ModeDescription[][];
  ended?: string;
  release(): void;
}

/** A room with an H.323 system, as far as others see it: answers and calls, sends back whatever picture and sound it gets. */
export class EchoRoom {
  readonly calls: RoomCall[] = [];
  readonly faults: Error[] = [];
  /** What its camera was told to do: H.224 packets, oldest first. */
  readonly controlled: Buffer[] = [];
  /** Told of a call before it is answered. */
  onCall: (callId: Buffer) => void = () => undefined;
  /** Shown every RTP packet that comes, before it goes back. */
  onPacket: (medium: Medium, packet: Buffer) => void = () => undefined;
  private controls = 0;
  private readonly encryption: MediaEncryption | undefined;
  private constructor(private readonly options: EchoRoomOptions, private readonly loops: Map<Medium, Loop>, private server: SignallingServer | undefined) {
    const { host, encryption } = options;
    this.encryption = encryption && new MediaEncryption({ ...encryption, host, told: host, ports: [10_000, 29_999] });
  }

  static async open(options: EchoRoomOptions): Promise<EchoRoom> {
    const loops = new Map<Medium, Loop>();
    for (const medium of MEDIA) {
      const socket = dgram.createSocket('udp4');
      socket.bind(0, options.host);
      await once(socket, 'listening');
      const told = options.inside === undefined ? socket.address().port : INSIDE_PORTS[medium];
      const loop: Loop = { socket, packets: 0, ssrc: randomBytes(4).readUInt32BE(), told, pinhole: new Pinhole(socket) };
      socket.on('message', (packet, from) => {
        if (options.inside !== undefined && !loop.pinhole.letsIn(from)) return;
        loop.packets++;
        room.onPacket(medium, packet);
        if (medium === 'camera') return void room.controlled.push(packet.subarray(RTP_HEADER));
        if (!loop.to || packet.length < 12 || (packet[1]! & 0x7f) >= 72 && (packet[1]! & 0x7f) <= 76) return;
        packet.writeUInt32BE(loop.ssrc, 8);
        if (loop.payloadType !== undefined) packet[1] = (packet[1]! & 0x80) | loop.payloadType;
        loop.pinhole.send(packet, loop.to);
      });
      loops.set(medium, loop);
    }
    const room = new EchoRoom(options, loops, undefined);
    room.server = await serveSignalling({ ...room.endpoint, host: options.host, port: options.inside === undefined ? 1720 : 0 }, (call) => room.answer(call));
    return room;
  }

  /** Where it takes a medium, at its host, in clear. */
  port(medium: Medium): number {
    return this.loops.get(medium)!.socket.address().port;
  }

  /** Whether a channel to the far end's camera is open. */
  get canControl(): boolean {
    return this.loops.get('camera')?.to !== undefined;
  }

  /** Controls the far end's camera with an H.224 packet. */
  control(packet: Buffer): void {
    const loop = this.loops.get('camera')!;
    if (!loop.to) throw new Error('there is no channel for camera control');
    const header = Buffer.alloc(RTP_HEADER);
    header.writeUInt16BE(0x8000 | (loop.payloadType ?? 0), 0);
    header.writeUInt16BE(this.controls++, 2);
    header.writeUInt32BE(loop.ssrc, 8);
    loop.pinhole.send(Buffer.concat([header, packet]), loop.to);
  }

  packets(medium: Medium): number {
    return this.loops.get(medium)?.packets ?? 0;
  }

  /** TCP port of call signalling: 1720, or one that nobody is told. */
  get signallingPort(): number {
    return this.server?.port ?? 0;
  }

  /** Calls a name at the gateway. */
  call(address: HostPort, name: string, callId: Buffer): OutgoingCall {
    const encryption = this.encryption?.placing();
    const call = placeCall({
      address, from: this.options.host, callId, bearer: this.options.video ? videoBearer(1_920_000) : SPEECH,
      source: { aliases: [{ 'h323-ID': 'huone' }] }, destination: { aliases: [{ 'h323-ID': name }] },
      ...(encryption && { more: { tokens: encryption.offeredTokens } }),
    }, this.endpoint, { connected: ({ tokens }) => encryption?.answered(tokens, true), released: ({ q850 }) => { current.ended = `released ${q850}`; } });
    const current = this.take(call.control, () => call.release(), encryption);
    return call;
  }

  async close(): Promise<void> {
    for (const { session } of this.calls) await session.end();
    await this.server?.close();
    for (const { socket, pinhole } of this.loops.values()) {
      pinhole.close();
      socket.close();
    }
  }

  private get endpoint(): LocalEndpoint {
    return { endpointType: { ...GATEWAY, gateway: undefined, terminal: {} }, tunnelling: this.options.tunnelling, onFault: (error) => this.faults.push(error) };
  }

  private answer(call: IncomingCall): void {
    this.onCall(call.callId);
    const encryption = this.encryption?.taking();
    const tokens = encryption?.answer(call.setup.body.tokens);
    const taken = this.take(call.control, () => call.release(), encryption);
    call.attach({ released: ({ q850 }) => { taken.ended = `released ${q850}`; } });
    call.alerting();
    call.connect({ ...(tokens && { tokens }) });
  }

  /** The room as a session description: what its system can do. */
  private get description(): string {
    const port = (medium: Medium): number => this.loops.get(medium)!.told;
    const host = this.options.inside ?? this.options.host;
    return [
      'v=0', `o=- 1 1 IN IP4 ${host}`, 's=-', `c=IN IP4 ${host}`, 't=0 0',
      `m=audio ${port('audio')} RTP/AVP 9 8 0`, 'a=rtpmap:9 G722/8000', 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:0 PCMU/8000',
      ...(this.options.video ? [`m=video ${port('video')} RTP/AVP 98 97`, 'b=TIAS:1920000', 'a=rtpmap:98 H264/90000', 'a=fmtp:98 profile-level-id=42e01f;packetization-mode=0', 'a=rtpmap:97 H264/90000', 'a=fmtp:97 profile-level-id=42e01f;packetization-mode=1'] : []),
      ...(this.options.camera ? [`m=application ${port('camera')} RTP/AVP 100`, 'a=rtpmap:100 H224/4800'] : []), '',
    ].join('\r\n');
  }

  private take(control: ControlChannel, release: () => void, encryption?: CallEncryption): RoomCall {
    const { description } = this;
    const loopOf = ({ dataType }: Pick<LogicalChannel, 'dataType'>): Loop | undefined => this.loops.get(mediumOf(dataType) ?? 'audio');
    const openMissing = (mode?: Mode): void => {
      for (const channel of channelsToOpen(description, session.remoteCapabilities, { mode })) {
        if (session.channels.some(({ direction, sessionId }) => direction === 'send' && sessionId === channel.sessionId)) continue;
        session.open(channel).then((opened) => {
          const loop = loopOf(opened);
          if (loop) Object.assign(loop, { to: opened.media.rtp, payloadType: opened.payloadType });
        }, (error: Error) => this.faults.push(error));
      }
    };
    let isReady = false;
    const handlers: H245Handlers = {
      ready: () => {
        isReady = true;
        openMissing();
      },
      // What the far end can do besides is used at once.
      remoteCapabilities: ({ capabilityTable }) => {
        isReady &&= capabilityTable !== undefined;
        if (isReady) setImmediate(() => openMissing());
      },
      channelRequested: (request) => {
        const answer = acceptChannel(description, request);
        const loop = this.options.inside !== undefined && !('refuse' in answer) ? loopOf(request) : undefined;
        loop?.pinhole.keepOpen(request, loop.ssrc);
        return 'refuse' in answer ? { refuse: answer.refuse } : { media: answer.media };
      },
      channelOpened: () => undefined,
      channelClosed: (channel, _cause, reopen) => {
        if (channel.direction !== 'send') return;
        Object.assign(loopOf(channel) ?? {}, { to: undefined });
        if (reopen) setImmediate(() => openMissing());
      },
      flowControl: ({ maximumBitRate }) => { taken.limits.push(maximumBitRate); },
      modeRequested: (modes) => {
        taken.modes.push(modes);
        const mode = this.options.modes ? modeOf(modes[0]!) : undefined;
        if (!mode) return { refuse: { requestDenied: null } };
        setImmediate(() => {
          void Promise.all(session.channels.filter(({ direction }) => direction === 'send').map((channel) => session.close(channel))).then(() => openMissing(mode));
        });
        return 'mostPreferred';
      },
      userInput: ({ text }) => { taken.userInput.push(text); },
      miscellaneousCommand: ({ type }) => {
        if (!('videoFastUpdatePicture' in type)) return;
        taken.fastUpdates++;
        // A picture that is sent back can begin anew only where it comes from.
        const shown = session.channels.find(({ direction, sessionId }) => direction === 'receive' && sessionId === 2);
        if (shown) session.command(shown, { videoFastUpdatePicture: null });
      },
      failed: (error) => this.faults.push(error),
      ended: () => undefined,
    };
    const options = { control, terminalType: this.options.terminalType ?? 50, random: randomBytes, handlers };
    const session = encryption ? new SecureSession(options, encryption, { host: () => this.options.host }) : new H245Session(options);
    const taken: RoomCall = { session, userInput: [], fastUpdates: 0, limits: [], modes: [], release };
    this.calls.push(taken);
    session.start(capabilitiesOf(description));
    return taken;
  }
}
