import { agreeOnBfcp, answerBfcp, formatBfcp, offerBfcp, readBfcp, type BfcpCapabilities, type BfcpDescription, type BfcpTransport, type FloorControlRole, type Setup } from '../../src/bfcp';
import { mutate } from '../h323/support/mutate';
import { Random } from '../h323/support/random';

const ours: BfcpCapabilities = { transports: ['UDP/BFCP', 'TCP/BFCP'], roles: ['s-only', 'c-only'], address: '192.0.2.1', port: 5070, conferenceId: 4321, userId: 10, floors: [{ floorId: 1, labels: ['11'] }] };
const section = (lines: string[], session = 'v=0\r\nc=IN IP4 192.0.2.9\r\n'): BfcpDescription => readBfcp(`${session}m=audio 4000 RTP/AVP 0\r\n${lines.join('\r\n')}\r\n`)[0]!;

describe('BFCP in session descriptions', () => {
  test('an offer as RFC 8856 shows it is read', () => {
    expect(section(['m=application 50000 TCP/BFCP *', 'c=IN IP6 2001:db8::1', 'a=floorctrl:s-only', 'a=confid:4321', 'a=userid:1234', 'a=floorid:1 mstrm:10', 'a=floorid:2 mstrm:11 12', 'a=bfcpver:1', 'a=setup:actpass', 'a=connection:new'])).toEqual({
      transport: 'TCP/BFCP', address: '2001:db8::1', port: 50_000, roles: ['s-only'], conferenceId: 4321, userId: 1234,
      floors: [{ floorId: 1, labels: ['10'] }, { floorId: 2, labels: ['11', '12'] }], versions: [1], setup: 'actpass', connection: 'new', index: 1,
    });
  });

  test('older descriptions are read: m-stream, bare lines ends, no attributes', () => {
    expect(section(['m=application 5070 UDP/BFCP *', 'a=floorid:1 m-stream:10'])).toMatchObject({ floors: [{ floorId: 1, labels: ['10'] }], address: '192.0.2.9', roles: [], versions: [] });
    expect(readBfcp('v=0\nm=application 5070 UDP/BFCP *\na=floorctrl: c-s\n')[0]).toMatchObject({ roles: ['c-s'], index: 0 });
  });

  test('numbers that no field can hold and other applications are left out', () => {
    expect(section(['m=application 5070 UDP/BFCP *', 'a=confid:4294967296', 'a=userid:65536', 'a=floorid:x', 'a=bfcpver:3'])).toEqual({ transport: 'UDP/BFCP', address: '192.0.2.9', port: 5070, roles: [], floors: [], versions: [], index: 1 });
    expect(readBfcp('v=0\r\nm=application 5072 RTP/AVP 100\r\na=rtpmap:100 H224/4800\r\n')).toEqual([]);
  });

  test('what is formatted reads the same', () => {
    for (const transport of ['UDP/BFCP', 'TCP/BFCP'] as const) {
      const { index: _index, ...read } = readBfcp(`v=0\r\n${formatBfcp(offerBfcp({ ...ours, transports: [transport] }))}`)[0]!;
      expect(read).toEqual(offerBfcp({ ...ours, transports: [transport] }));
    }
    expect(formatBfcp(offerBfcp(ours))).toBe('m=application 5070 UDP/BFCP *\r\nc=IN IP4 192.0.2.1\r\na=floorctrl:c-s\r\na=confid:4321\r\na=userid:10\r\na=floorid:1 mstrm:11\r\na=bfcpver:2 1\r\n');
  });

  test.each<[FloorControlRole[], FloorControlRole | undefined]>([
    [['c-only'], 's-only'], [['s-only'], 'c-only'], [['c-s'], 's-only'], [['c-only', 's-only'], 's-only'], [[], 's-only'],
  ])('offered %p is answered with %p', (roles, answered) => {
    const offer = section(['m=application 5070 UDP/BFCP *', ...(roles.length > 0 ? [`a=floorctrl:${roles.join(' ')}`] : []), 'a=confid:1', 'a=userid:2']);
    expect(answerBfcp(offer, ours).roles).toEqual([answered]);
    expect(agreeOnBfcp(offer, answerBfcp(offer, ours), 'answerer')).toMatchObject({ role: answered === 's-only' ? 'server' : 'client', conferenceId: answered === 's-only' ? 4321 : 1, userId: answered === 's-only' ? 10 : 2 });
  });

  test.each<[string, string[], Partial<BfcpCapabilities>]>([
    ['a transport that is not spoken here', ['m=application 5070 UDP/TLS/BFCP *'], {}],
    ['two clients', ['m=application 5070 UDP/BFCP *', 'a=floorctrl:c-only'], { roles: ['c-only'] }],
    ['a server that does not say which conference', ['m=application 5070 UDP/BFCP *', 'a=floorctrl:s-only'], {}],
    ['a version that is not known', ['m=application 5070 TCP/BFCP *', 'a=bfcpver:2'], {}],
    ['what is refused already', ['m=application 0 UDP/BFCP *'], {}],
  ])('%s is refused with port 0', (_name, lines, capabilities) => {
    const offer = section(lines);
    const answer = answerBfcp(offer, { ...ours, ...capabilities });
    expect(formatBfcp(answer)).toBe(`m=application 0 ${offer.transport} *\r\n`);
    expect(agreeOnBfcp(offer, answer, 'offerer')).toBeUndefined();
  });

  test.each<[Setup | undefined, 'active' | 'passive' | undefined, Setup]>([
    ['active', undefined, 'passive'], ['passive', undefined, 'active'], ['actpass', undefined, 'passive'], ['actpass', 'active', 'active'], [undefined, undefined, 'passive'], ['holdconn', undefined, 'holdconn'],
  ])('TCP: setup %p is answered with %p preferred by %p, and just one side connects', (offered, preferred, answered) => {
    const offer = section(['m=application 5070 TCP/BFCP *', ...(offered ? [`a=setup:${offered}`] : [])]);
    const answer = answerBfcp(offer, { ...ours, ...(preferred && { setup: preferred }) });
    expect(answer).toMatchObject({ setup: answered, connection: 'new', port: answered === 'active' ? 9 : 5070 });
    const sides = (['offerer', 'answerer'] as const).map((side) => agreeOnBfcp(offer, answer, side)?.connects);
    expect(sides).toEqual(answered === 'holdconn' ? [undefined, undefined] : [answered === 'passive', answered === 'active']);
  });

  test.each<[BfcpTransport, string | undefined, 1 | 2]>([['UDP/BFCP', undefined, 2], ['UDP/BFCP', '1', 1], ['UDP/BFCP', '1 2', 2], ['TCP/BFCP', undefined, 1], ['TCP/BFCP', '1 2', 1]])('%s with bfcpver %p comes to version %p', (transport, versions, agreed) => {
    const offer = section([`m=application 5070 ${transport} *`, ...(versions ? [`a=bfcpver:${versions}`] : [])]);
    expect(agreeOnBfcp(offer, answerBfcp(offer, ours), 'answerer')?.version).toBe(agreed);
  });

  test('both sides agree on who serves, whatever each can be', () => {
    const random = new Random(1);
    const roles = [['s-only'], ['c-only'], ['s-only', 'c-only'], ['c-only', 's-only']] as const;
    for (let i = 0; i < 500; i++) {
      const [one, other] = [ours, ours].map((each) => ({ ...each, roles: random.pick(roles), transports: [random.pick(['UDP/BFCP', 'TCP/BFCP'] as const)] }));
      const offer = offerBfcp(one!);
      const answer = answerBfcp(offer, other!);
      const [offerer, answerer] = [agreeOnBfcp(offer, answer, 'offerer'), agreeOnBfcp(offer, answer, 'answerer')];
      expect(offerer === undefined).toBe(answerer === undefined);
      if (!offerer || !answerer) continue;
      expect(new Set([offerer.role, answerer.role]).size).toBe(2);
      expect({ ...offerer, role: 0, connects: 0, remote: 0 }).toEqual({ ...answerer, role: 0, connects: 0, remote: 0 });
      expect(offerer.connects !== answerer.connects).toBe(offerer.reliable);
    }
  });

  test('broken descriptions are read without harm', () => {
    const random = new Random(2);
    const whole = Buffer.from(`v=0\r\nc=IN IP4 192.0.2.9\r\n${formatBfcp(offerBfcp({ ...ours, transports: ['TCP/BFCP'] }))}`);
    for (let i = 0; i < 20_000; i++) {
      for (const description of readBfcp(mutate(whole, random).toString('latin1'))) {
        const answer = formatBfcp(answerBfcp(description, ours));
        if (readBfcp(`v=0\r\n${answer}`).length !== 1) throw new Error(`not read again: ${answer}`);
      }
    }
  });
});
