import dgram from 'node:dgram';
import { once } from 'node:events';
import { connectTcp, FloorClient, FloorControlServer, readBfcp, TcpListener, UdpEndpoint, type BfcpDescription, type FloorRequestInformation } from '../../src/bfcp';
import { rtpOf } from '../h323/support/h264-stream';

const HOST = '127.0.0.1';
const USER = 9;
const OTHERS = 8;
const FLOOR = 1;
const CONFERENCE = 77;

/** How a party has BFCP. */
export interface FloorPartyOptions {
  role?: 'client' | 'server';
  transport?: 'udp' | 'tcp';
  /** A server's: `queue` does not give the floor while it is held. */
  policy?: 'take over' | 'queue';
}

/** A party of SIP as its descriptions, floor control and slides are concerned: sound, a picture, slides, BFCP. */
export class FloorParty {
  /** Packets of the presentation that it is shown. */
  readonly shown: Buffer[] = [];
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

  private constructor(private readonly options: FloorPartyOptions) {
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
      const accept = { host: HOST, accept: (carrier: Parameters<FloorControlServer['serve']>[0]) => void server.serve(carrier, { userId: OTHERS }) };
      if (transport === 'udp') party.udp = await UdpEndpoint.open(accept);
      else party.tcp = await TcpListener.open(accept);
    } else if (transport === 'udp') party.udp = await UdpEndpoint.open({ host: HOST });
    return party;
  }

  /** What it says of itself; `slides` false: without them, in the lines that there were. */
  description({ slides = true, lines }: { slides?: boolean; lines?: string } = {}): string {
    const { port, options: { role = 'client', transport = 'udp' } } = this;
    const floor = [
      `m=application ${this.udp?.port ?? this.tcp?.port ?? 9} ${transport.toUpperCase()}/BFCP *`, `a=floorctrl:${role === 'client' ? 'c-only' : 's-only'}`,
      ...(role === 'server' ? [`a=confid:${CONFERENCE}`, `a=userid:${OTHERS}`, `a=floorid:${FLOOR} mstrm:4`] : []), ...(transport === 'tcp' ? [`a=setup:${role === 'client' ? 'active' : 'passive'}`, 'a=connection:new'] : []),
    ];
    const h264 = ['a=rtpmap:97 H264/90000', 'a=fmtp:97 profile-level-id=42e01f;packetization-mode=1'];
    const sections = [
      ['m=audio 40000 RTP/AVP 8', 'a=rtpmap:8 PCMA/8000'], ['m=video 40002 RTP/AVP 97', ...h264, 'a=content:main'],
      ...(slides ? [floor, [`m=video ${port} RTP/AVP 97`, ...h264, 'a=content:slides', 'a=label:4']] : []),
    ];
    return ['v=0', `o=- 5 ${this.version++} IN IP4 ${HOST}`, 's=-', `c=IN IP4 ${HOST}`, 't=0 0', ...(lines === undefined ? sections.flat() : inOrder(sections, lines)), ''].join('\r\n');
  }

  /** Takes the other's description; a client makes itself known to the server there. */
  async meet(remote: string): Promise<void> {
    this.remote = remote;
    const [floor] = readBfcp(remote).filter(({ port }) => port !== 0);
    if (!floor || this.client || this.server) return;
    const client = (this.client = await this.join(floor));
    await client.hello();
    await client.watch([FLOOR]);
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
    const section = this.remote.split(/^(?=m=)/m).find((each) => each.startsWith('m=video') && each.includes('a=content:slides')) ?? '';
    const [, port = '0', payloadType = '0'] = /^m=video (\d+) \S+ (\d+)/.exec(section) ?? [];
    const host = /^c=IN IP4 (\S+)/m.exec(section)?.[1] ?? /^c=IN IP4 (\S+)/m.exec(this.remote)![1]!;
    for (const packet of rtpOf(units, { payloadType: Number(payloadType), sequence: this.sequence, ssrc: 0x51de })) {
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

  private othersShow = false;

  private async join({ address, port, conferenceId, userId }: BfcpDescription): Promise<FloorClient> {
    const peer = { address: address!, port };
    return new FloorClient(this.udp ? this.udp.connect(peer) : await connectTcp(peer), { conferenceId: conferenceId!, userId: userId! }, {
      requestChanged: (request) => this.take(request),
      floorsChanged: (_floors, requests) => { this.othersShow = requests.some(({ overallStatus, beneficiary }) => overallStatus?.requestStatus?.status === 'granted' && beneficiary?.userId !== userId); },
    });
  }

  private take({ floorRequestId, overallStatus }: FloorRequestInformation): void {
    this.request = floorRequestId;
    const status = overallStatus?.requestStatus?.status;
    if (status !== undefined && this.told.at(-1) !== status) this.told.push(status);
  }
}

/** The sections for the lines of a description, refused where there is none for one. */
function inOrder(sections: readonly string[][], lines: string): string[] {
  const left = [...sections];
  return lines.split(/^(?=m=)/m).slice(1).flatMap((line) => {
    const [kind, , protocol] = line.split(' ');
    const wantsSlides = line.includes('a=content:slides');
    const index = left.findIndex((section) => section[0]!.startsWith(`${kind} `) && section.includes('a=content:slides') === wantsSlides);
    if (index >= 0 && !/^m=\S+ 0 /.test(line)) return left.splice(index, 1)[0]!;
    return [`${kind} 0 ${protocol} ${line.split('\r\n')[0]!.split(' ').slice(3).join(' ')}`];
  });
}
