import { answerWithContent, offerWithFloor } from '../../src/calls/content';

const sdp = (...lines: string[]): string => ['v=0', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...lines, ''].join('\r\n');
const slides = (port: number, label: number): string[] => [`m=video ${port} RTP/AVP 97`, 'a=content:slides', `a=label:${label}`];
const floor = (port: number, roles: string, ...more: string[]): string[] => [`m=application ${port} UDP/BFCP *`, ...more, `a=floorctrl:${roles}`];
const ROOM = sdp('m=audio 2000 RTP/AVP 8', 'm=video 2002 RTP/AVP 97', 'a=content:main', ...floor(5070, 'c-s'), ...slides(2004, 12));
const SERVER = sdp('m=audio 4000 RTP/AVP 8', 'm=video 4002 RTP/AVP 97', 'm=video 4004 RTP/AVP 97', 'a=content:slides');
const SERVER_ANSWER = sdp('m=audio 4000 RTP/AVP 8', 'm=video 4002 RTP/AVP 97', 'm=application 0 UDP/BFCP *', 'm=video 4004 RTP/AVP 97', 'a=content:slides');
const mediaOf = (text: string): string[] => text.trim().split('\r\n').slice(4);

test('An offer with slides gets the other one\'s floor control, with its own address, and the label that its floor names', () => {
  expect(mediaOf(offerWithFloor(SERVER, ROOM))).toEqual([
    'm=audio 4000 RTP/AVP 8', 'm=video 4002 RTP/AVP 97', 'm=video 4004 RTP/AVP 97', 'a=content:slides', 'a=label:12', 'm=application 5070 UDP/BFCP *', 'c=IN IP4 192.0.2.1', 'a=floorctrl:c-s',
  ]);
});

test('A key that the session has for floor control over DTLS goes with it', () => {
  const secured = ROOM.replace('t=0 0', 't=0 0\r\na=fingerprint:sha-256 AA\r\na=setup:actpass').replace('UDP/BFCP', 'UDP/TLS/BFCP');
  expect(mediaOf(offerWithFloor(SERVER, secured)).slice(5)).toEqual([
    'm=application 5070 UDP/TLS/BFCP *', 'c=IN IP4 192.0.2.1', 'a=fingerprint:sha-256 AA', 'a=setup:actpass', 'a=floorctrl:c-s',
  ]);
});

test('An offer without slides has no floor to control', () => {
  const camera = SERVER.replace(/m=video 4004.*\r\na=content:slides\r\n/, '');
  expect(offerWithFloor(camera, ROOM)).toBe(camera);
});

test('A later offer of the media server has floor control where the party had it', () => {
  expect(mediaOf(offerWithFloor(SERVER_ANSWER, sdp(...floor(5072, 's-only'), ...slides(3004, 7))))[2]).toBe('m=application 5072 UDP/BFCP *');
});

test.each<[string, string, string, string]>([
  ['what the other one answered holds for a later offer, too', 'c-s', 's-only', 's-only'],
  ['of what the other one offered the role is answered that fits', 's-only', 'c-only s-only c-s', 'c-only'],
  ['both may do both', 'c-s', 'c-s', 'c-s'],
])('Floor control is answered in one role: %s', (_what, offered, others, answered) => {
  const offer = ROOM.replace('a=floorctrl:c-s', `a=floorctrl:${offered}`);
  const other = sdp(...floor(5072, others, 'c=IN IP4 192.0.2.7'), ...slides(3004, 7));
  expect(mediaOf(answerWithContent(offer, SERVER_ANSWER, other))).toEqual([
    'm=audio 4000 RTP/AVP 8', 'm=video 4002 RTP/AVP 97', 'm=application 5072 UDP/BFCP *', 'c=IN IP4 192.0.2.7', `a=floorctrl:${answered}`, 'm=video 4004 RTP/AVP 97', 'a=content:slides', 'a=label:7',
  ]);
});

test.each<[string, string | undefined, string]>([
  ['has no floor control', sdp(...slides(3004, 7)), SERVER_ANSWER],
  ['has no slides', sdp(...floor(5072, 's-only')), SERVER_ANSWER],
  ['carries it over another protocol', sdp('m=application 5072 TCP/BFCP *', ...slides(3004, 7)), SERVER_ANSWER],
  ['is not known', undefined, SERVER_ANSWER],
  ['has it, but the media server carries no slides', sdp(...floor(5072, 's-only'), ...slides(3004, 7)), SERVER_ANSWER.replace('4004', '0')],
])('Floor control is refused in its place when the other one %s', (_what, other, answer) => {
  expect(mediaOf(answerWithContent(ROOM, answer, other))[2]).toBe('m=application 0 UDP/BFCP *');
});
