import dgram from 'node:dgram';
import { once } from 'node:events';
import { AnchoredGateway, CARRIES_SLIDES } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { sippCaller, sippDevice } from '../../support/sipp-devices';
import { addService, DOMAIN } from '../../support/test-gateway';
import { describePeer, expectAllSuccessful, until, type Sipp } from '../harness';

jest.setTimeout(60_000);

const DEVICE = 'a@laite.kunta.example';
const ROOM = `kokous.fi@${DOMAIN}`;
/** Sequence and picture parameter set and the slices of an IDR picture (RFC 6184 section 5.6); what is in them is nobody's but the parties'. */
const PICTURE = [Buffer.of(0x67, 0x42, 0xe0, 0x1f, 0x8c), Buffer.of(0x68, 0xce, 0x3c, 0x80), Buffer.of(0x65, 0x88, 0x84, 0x21, 0xa0, 0x5a)];

/** Ports of one party for its pictures. */
class Pictures {
  readonly slides = dgram.createSocket('udp4');
  private readonly camera = dgram.createSocket('udp4');
  private sequence = 0;

  async open(): Promise<Record<string, string>> {
    for (const socket of [this.slides, this.camera]) {
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
    }
    return { picture_port: String(this.camera.address().port), slides_port: String(this.slides.address().port) };
  }

  /** RTP of one picture (RFC 3550 section 5.1). */
  show(payloadType: number, port: number): void {
    const timestamp = this.sequence * 1_000;
    PICTURE.forEach((unit, index) => {
      const header = Buffer.alloc(12);
      header.writeUInt8(0x80, 0);
      header.writeUInt8(payloadType | (index === PICTURE.length - 1 ? 0x80 : 0), 1);
      header.writeUInt16BE(this.sequence++ & 0xffff, 2);
      header.writeUInt32BE(timestamp, 4);
      header.writeUInt32BE(0x51de, 8);
      this.slides.send(Buffer.concat([header, unit]), port, '127.0.0.1');
    });
  }

  close(): void {
    this.slides.close();
    this.camera.close();
  }
}

/** Bodies of the messages that begin like this, oldest first. */
const bodiesOf = (messages: string, start: string): string[][] =>
  messages.split(/(?=^(?:SIP\/2\.0 |[A-Z]+ sip:))/m).filter((message) => message.startsWith(start) && message.includes('v=0'))
    .map((message) => (/v=0[^]*?(?=\n-----|\s*$)/.exec(message)?.[0] ?? '').split(/\r?\n/));
/** Lines of the section that begins like this. */
const section = (body: readonly string[], start: RegExp, having = ''): string[] =>
  body.join('\n').split(/\n(?=m=)/).find((text) => start.test(text) && text.includes(having))?.trim().split('\n') ?? [];

describePeer('sipp', 'a presentation beside the picture, at a media server', () => {
  let anchored: AnchoredGateway;
  const open: Sipp[] = [];
  const pictures: Pictures[] = [];
  beforeAll(async () => {
    anchored = await AnchoredGateway.start({ ETASILTA_SIP_PEERS: JSON.stringify([{ name: 'partner', addresses: ['127.0.0.1'] }]) });
    await anchored.device(DEVICE, 'yksi');
    await addService(anchored.gateway.directory, ROOM, [], {}, { kind: 'room' });
  });
  afterEach(async () => {
    for (const sipp of open.splice(0)) await sipp.stop();
    for (const each of pictures.splice(0)) each.close();
  });
  afterAll(() => anchored.stop());
  const party = async (): Promise<{ pictures: Pictures; keys: Record<string, string> }> => {
    const made = new Pictures();
    pictures.push(made);
    return { pictures: made, keys: await made.open() };
  };
  const call = async (uas: string, uac = 'uac-presents') => {
    const [caller, callee] = [await party(), await party()];
    const device = await sippDevice(anchored.gateway.address('udp'), DEVICE, uas, { keys: callee.keys });
    const partner = await sippCaller(anchored.gateway.address('udp'), uac, 'yksi', { keys: caller.keys });
    open.push(device, partner);
    const operator = new Operator(anchored.gateway.dataDir);
    const id = await operator.theCall();
    return {
      caller: caller.pictures, callee: callee.pictures, messages: () => partner.messages(),
      end: async (last = (messages: string): boolean => messages.includes('CSeq: 2 ACK')) => {
        await until('the session is refreshed', () => last(partner.messages()));
        await operator.hangUp(id);
        return { atCaller: expectAllSuccessful(await partner.finished).messages, atCallee: expectAllSuccessful(await device.finished).messages };
      },
    };
  };

  (CARRIES_SLIDES ? test : test.skip)('both have one: floor control passes between them as they describe it, in every later offer too, and slides are carried', async () => {
    const { caller, callee, messages, end } = await call('uas-is-shown');
    const shown: string[] = [];
    callee.slides.on('message', (packet) => shown.push(packet.toString('hex', 12)));
    const port = await until('the caller knows where slides go', () => /^m=video (\d+)/.exec(section(bodiesOf(messages(), 'SIP/2.0 200').at(0) ?? [], /^m=video/, 'a=content:slides')[0] ?? '')?.[1]);
    await until('the callee is shown them', () => {
      caller.show(97, Number(port));
      return PICTURE.every((unit) => shown.some((packet) => packet.includes(unit.toString('hex'))));
    });
    const { atCaller, atCallee } = await end();
    const [offer] = bodiesOf(atCallee, 'INVITE');
    expect(section(offer ?? [], /^m=application/)).toEqual(['m=application 6004 UDP/BFCP *', 'c=IN IP4 127.0.0.1', 'a=floorctrl:c-s', 'a=confid:1', 'a=userid:2', 'a=floorid:1 mstrm:12']);
    expect(section(offer ?? [], /^m=video [1-9]/, 'a=content:slides')).toContain('a=label:12');
    const answers = bodiesOf(atCaller, 'SIP/2.0 200');
    expect(answers).toHaveLength(2);
    for (const answer of answers) {
      expect(answer.filter((line) => line.startsWith('m=')).map((line) => line.replace(/ \d+ /, ' N '))).toEqual([
        'm=audio N RTP/AVP 8', 'm=video N RTP/AVP 97', 'm=application N UDP/BFCP *', 'm=video N RTP/AVP 97',
      ]);
      expect(section(answer, /^m=application/)).toEqual(['m=application 5004 UDP/BFCP *', 'c=IN IP4 127.0.0.1', 'a=floorctrl:s-only', 'a=confid:1', 'a=userid:3', 'a=floorid:1 mstrm:7']);
      expect(section(answer, /^m=video [1-9]/, 'a=content:slides')).toContain('a=label:7');
    }
  });

  (CARRIES_SLIDES ? test : test.skip)('the caller adds them to a running call, and takes them away: the callee is offered both, and agrees with the caller on the floor', async () => {
    const { end } = await call('uas-is-shown-for-a-while', 'uac-presents-later');
    const { atCaller, atCallee } = await end((text) => text.includes('CSeq: 3 ACK'));
    const [, added, removed] = bodiesOf(atCallee, 'INVITE');
    expect(section(added ?? [], /^m=application/)).toEqual(['m=application 6004 UDP/BFCP *', 'c=IN IP4 127.0.0.1', 'a=floorctrl:c-s', 'a=confid:1', 'a=userid:2', 'a=floorid:1 mstrm:12']);
    expect(removed?.filter((line) => line.startsWith('m=')).map((line) => line.replace(/ [1-9]\d* /, ' N '))).toEqual([
      expect.stringMatching(/^m=audio N /), expect.stringMatching(/^m=video N /), expect.stringMatching(/^m=video 0 /), 'm=application 0 UDP/BFCP *',
    ]);
    expect(bodiesOf(atCaller, 'SIP/2.0 200').map((answer) => answer.filter((line) => /^m=\S+ [1-9]/.test(line)).length)).toEqual([2, 4, 2]);
  });

  (CARRIES_SLIDES ? test : test.skip)('the caller makes no offer: it is asked for one when it has taken slides, and its floor control reaches the callee', async () => {
    const { end } = await call('uas-is-shown-later', 'uac-presents-late');
    const { atCaller } = await end((text) => (text.match(/^ACK /gm) ?? []).length >= 2);
    expect(bodiesOf(atCaller, 'ACK').at(-1)?.filter((line) => /^m=\S+ 0 /.test(line))).toEqual([]);
  });

  test('in a meeting room the floor is the room\'s, the same in every answer; each visitor is another user of it, or has none where the media server carries no slides', async () => {
    const visitors = [await party(), await party()].map(({ keys }) => sippCaller(anchored.gateway.address('udp'), 'uac-presents', 'kokous', { keys }));
    open.push(...await Promise.all(visitors));
    const operator = new Operator(anchored.gateway.dataDir);
    await until('both are in the room, and have refreshed their sessions', () => open.every((sipp) => sipp.messages().includes('CSeq: 2 ACK')));
    for (const { id } of await operator.calls()) await operator.hangUp(id);
    const floors = await Promise.all(open.map(async (sipp) => {
      const { messages } = expectAllSuccessful(await sipp.finished);
      const answers = bodiesOf(messages, 'SIP/2.0 200');
      expect(answers).toHaveLength(2);
      const [floor = [], again] = answers.map((answer) => section(answer, /^m=application/));
      expect(again).toEqual(floor);
      if (CARRIES_SLIDES) expect(section(answers[0]!, /^m=video [1-9]/, 'a=content:slides')).toContain('a=label:11');
      return floor;
    }));
    if (!CARRIES_SLIDES) return expect(floors).toEqual([['m=application 0 UDP/BFCP *'], ['m=application 0 UDP/BFCP *']]);
    expect(floors[0]).toEqual([
      expect.stringMatching(/^m=application [1-9]\d* UDP\/BFCP \*$/), 'c=IN IP4 127.0.0.1', 'a=floorctrl:s-only', expect.stringMatching(/^a=confid:\d+$/), expect.stringMatching(/^a=userid:\d+$/), 'a=floorid:1 mstrm:11', 'a=bfcpver:2',
    ]);
    const but = (name: string, lines: readonly string[]): string[] => lines.filter((line) => !line.startsWith(name));
    expect(but('a=userid', floors[1]!)).toEqual(but('a=userid', floors[0]!));
    expect(floors[1]).not.toEqual(floors[0]);
  });

  test('the callee has none: floor control is refused in its place', async () => {
    const { end } = await call('uas-basic');
    const { atCaller } = await end();
    const answers = bodiesOf(atCaller, 'SIP/2.0 200');
    expect(answers).toHaveLength(2);
    for (const answer of answers) {
      expect(answer.filter((line) => line.startsWith('m=application'))).toEqual(['m=application 0 UDP/BFCP *']);
      expect(answer.filter((line) => line.startsWith('m=video')).map((line) => !line.startsWith('m=video 0'))).toEqual([true, CARRIES_SLIDES]);
    }
  });
});
