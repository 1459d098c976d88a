import dgram from 'node:dgram';
import { once } from 'node:events';
import { connectTcp, decodeMessage, FloorClient, FloorControlServer, readBfcp, TcpListener, UdpEndpoint, type BfcpDescription, type BfcpMessage, type Carrier, type FloorRequestInformation } from '../../src/bfcp';
import { rtpOf } from '../h323/support/h264-stream';

const HOST = '127.0.0.1';
const USER = 9;
const OTHERS = 8;
const FLOOR = 1;
const CONFERENCE = 77;
const H264 = '97';

/** How a party has BFCP. */
export interface FloorPartyOptions {
  role?: 'client' | 'server';
  transport?: 'udp' | 'tcp';
  /** A server's: `queue` does not give the floor while it is held. */
  policy?: 'take over' | 'queue';
  /** Whether it has any from the start; default: yes. */
  slides?: boolean;
  /** Whether it has BFCP beside its slides; default: yes. */
  floor?: boolean;
}

/** Messages of BFCP that passed, as octets and as they are understood here. */
export interface PassedMessage {
  octets: Buffer;
  message: BfcpMessage;
  reliable: boolean;
}

/** Every message of BFCP that any party sent or got. */
export const PASSED: PassedMessage[] = [];

/** A party of SIP as its descriptions, floor control and slides are concerned: sound, a picture, slides, BFCP. */
export class FloorParty {
  /** Packets of the presentation that it is shown. */
  readonly shown: Buffer[] = [];
  /** Whether its device has something that it could show, or shows what others do. */
  hasSlides: boolean;
  /** Whether it holds the other side, as its descriptions say. */
  isHolding = false;
  /** How its requests for the floor have gone, in order. */
  readonly told: string[] = [];
  private readonly slides = dgram.createSocket('udp4');
  private client: FloorClient | undefined;
  private server: FloorControlServer | undefined;
  private udp: UdpEndpoint | undefined;
  private tcp: TcpListener | undefined;
  private request: number | undefined;
  private remote = '';
  private port = 0;
  private sequence = 0;
  private version = 1;
  private last: string | undefined;
  private othersShow = false;
  private informed = false;
  private known = false;

  private constructor(private readonly options: FloorPartyOptions) {
    this.hasSlides = options.slides ?? true;
    this.slides.on('message', (packet) => { if ((packet[1]! & 0x7f) < 72 || (packet[1]! & 0x7f) > 79) this.shown.push(packet); });
  }

  static async open(options: FloorPartyOptions = {}): Promise<FloorParty> {
    const party = new FloorParty(options);
    party.slides.bind(0, HOST);
    await once(party.slides, 'listening');
    party.port = party.slides.address().port;
    const { role = 'client', transport = 'udp', policy = 'take over' } = options;
    if (role === 'server') {
      const server = (party.server = new FloorControlServer({ conferenceId: CONFERENCE, floorIds: [FLOOR], policy }));
      server.addUser(USER);
      server.addUser(OTHERS);
      const accept = { host: HOST, accept: (carrier: Parameters<FloorControlServer['serve']>[0]) => void server.serve(recorded(carrier), { userId: OTHERS }) };
      if (transport === 'udp') party.udp = await UdpEndpoint.open(accept);
      else party.tcp = await TcpListener.open(accept);
    } else if (transport === 'udp') party.udp = await UdpEndpoint.open({ host: HOST });
    return party;
  }

  /** Its offer, its lines in the places that they have got. */
  offer(): string {
    const { sections, last } = this;
    const { placed, left } = inPlaces(sections, last);
    return this.described(last === undefined ? sections : [...placed, ...left]);
  }

  /** Its answer to what it is offered. */
  answer(offer: string): string {
    const offered = split(offer);
    return this.described(inPlaces(this.sections, offer).placed.map((section, index) => withPayloadType(section, h264Of(offered[index] ?? ''))));
  }

  /** Takes the other's description; a client makes itself known to the server there. */
  async meet(remote: string): Promise<void> {
    this.remote = remote;
    if (this.server) return;
    const floor = readBfcp(remote).find(({ port }) => port !== 0);
    if (!floor) {
      this.client?.close();
      this.client = undefined;
      this.known = this.informed = false;
    } else if (!this.client) {
      const client = (this.client = await this.join(floor));
      await client.hello();
      const { floorRequests } = await client.watch([FLOOR]);
      // News may have come in one piece with the answer, and is later.
      if (!this.informed) this.look(floorRequests, floor.userId);
      this.known = true;
    }
  }

  /** Wants to show. */
  async present(): Promise<void> {
    if (this.server) this.request = this.server.request(USER, [FLOOR]).id;
    else this.take(await this.client!.request([FLOOR]));
  }

  async stop(): Promise<void> {
    const { request } = this;
    this.request = undefined;
    if (request === undefined) return;
    if (this.server) this.server.release(request);
    else await this.client!.release(request);
  }

  /** It has somebody to ask for the floor. */
  get canPresent(): boolean {
    return this.server !== undefined || this.known;
  }

  /** Whether it may show, as far as it knows. */
  get holds(): boolean {
    return this.server ? this.server.holder(FLOOR) === USER : this.told.at(-1) === 'granted';
  }

  /** Whether it is said that others show. */
  get isShown(): boolean {
    return this.server ? this.server.holder(FLOOR) === OTHERS : this.othersShow;
  }

  /** Sends a picture to where the other side takes slides. */
  show(units: readonly Buffer[]): void {
    const section = split(this.remote).find((each) => each.startsWith('m=video') && each.includes('a=content:slides')) ?? '';
    const [, port = '0'] = /^m=video (\d+)/.exec(section) ?? [];
    const host = /^c=IN IP4 (\S+)/m.exec(section)?.[1] ?? /^c=IN IP4 (\S+)/m.exec(this.remote)![1]!;
    for (const packet of rtpOf(units, { payloadType: Number(h264Of(section)), sequence: this.sequence, ssrc: 0x51de })) {
      this.sequence++;
      this.slides.send(packet, Number(port), host);
    }
  }

  /** Its device is gone without a word. */
  vanish(): void {
    this.client?.close();
    this.udp?.close();
    this.udp = undefined;
  }

  close(): void {
    this.vanish();
    this.server?.close();
    this.tcp?.close();
    this.slides.close();
  }

  private get sections(): string[][] {
    const { port, options: { role = 'client', transport = 'udp' } } = this;
    const floor = [
      `m=application ${this.udp?.port ?? this.tcp?.port ?? 9} ${transport.toUpperCase()}/BFCP *`, `a=floorctrl:${role === 'client' ? 'c-only' : 's-only'}`,
      ...(role === 'server' ? [`a=confid:${CONFERENCE}`, `a=userid:${OTHERS}`, `a=floorid:${FLOOR} mstrm:4`] : []),
      ...(transport === 'tcp' ? [`a=setup:${role === 'client' ? 'active' : 'passive'}`, 'a=connection:new'] : []),
    ];
    const h264 = [`a=rtpmap:${H264} H264/90000`, `a=fmtp:${H264} profile-level-id=42e01f;packetization-mode=1`];
    return [
      ['m=audio 40000 RTP/AVP 8', 'a=rtpmap:8 PCMA/8000', ...(this.isHolding ? ['a=sendonly'] : [])], [`m=video 40002 RTP/AVP ${H264}`, ...h264, 'a=content:main'],
      ...(this.hasSlides && this.options.floor !== false ? [floor] : []),
      ...(this.hasSlides ? [[`m=video ${port} RTP/AVP ${H264}`, ...h264, 'a=content:slides', 'a=label:4']] : []),
    ];
  }

  private described(sections: readonly string[][]): string {
    this.last = ['v=0', `o=- 5 ${this.version++} IN IP4 ${HOST}`, 's=-', `c=IN IP4 ${HOST}`, 't=0 0', ...sections.flat(), ''].join('\r\n');
    return this.last;
  }

  private async join({ address, port, conferenceId, userId }: BfcpDescription): Promise<FloorClient> {
    const peer = { address: address!, port };
    return new FloorClient(recorded(this.udp ? this.udp.connect(peer) : await connectTcp(peer)), { conferenceId: conferenceId!, userId: userId! }, {
      requestChanged: (request) => this.take(request),
      floorsChanged: (_floors, requests) => {
        this.informed = true;
        this.look(requests, userId);
      },
    });
  }

  private look(requests: readonly FloorRequestInformation[], own: number | undefined): void {
    this.othersShow = requests.some(({ overallStatus, beneficiary }) => overallStatus?.requestStatus?.status === 'granted' && beneficiary?.userId !== own);
  }

  private take({ floorRequestId, overallStatus }: FloorRequestInformation): void {
    this.request = floorRequestId;
    const status = overallStatus?.requestStatus?.status;
    if (status !== undefined && this.told.at(-1) !== status) this.told.push(status);
  }
}

function recorded(carrier: Carrier): Carrier {
  const { reliable } = carrier;
  const note = (octets: Buffer): void => void PASSED.push({ octets, message: decodeMessage(octets), reliable });
  return {
    reliable,
    send: (octets) => { note(octets); carrier.send(octets); },
    attach: (receiver) => carrier.attach({ received: (octets) => { note(octets); receiver.received(octets); }, closed: (cause) => receiver.closed(cause) }),
    close: () => carrier.close(),
  };
}

const split = (description: string): string[] => description.split(/^(?=m=)/m).slice(1);

/** Payload type of H.264 in fragments. */
const h264Of = (section: string): string => /^a=fmtp:(\d+) .*packetization-mode=1/m.exec(section)?.[1] ?? H264;

const withPayloadType = (section: readonly string[], payloadType: string): string[] =>
  section.map((line) => (section[0]!.startsWith('m=video') ? line.replace(new RegExp(`(^m=.* |^a=(?:rtpmap|fmtp):)${H264}\\b`), `$1${payloadType}`) : line));

/** The sections in the places of a description's lines, refused where there is none for one, and those that are left. */
function inPlaces(sections: readonly string[][], description = ''): { placed: string[][]; left: string[][] } {
  const left = [...sections];
  const placed = split(description).map((line) => {
    const [kind, port, protocol, ...formats] = line.split('\r\n')[0]!.split(' ');
    const isSlides = line.includes('a=content:slides');
    const index = left.findIndex(([first = '', ...rest]) => first.startsWith(`${kind} `) && first.includes(` ${protocol} `) && (isSlides || port === '0' || !rest.includes('a=content:slides')) && (!isSlides || rest.includes('a=content:slides')));
    return index >= 0 ? left.splice(index, 1)[0]! : [[kind, '0', protocol, ...formats].join(' ')];
  });
  return { placed, left };
}
