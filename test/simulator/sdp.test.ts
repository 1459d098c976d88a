import { answerDirection, readSdp, writeAnswer, writeOffer, type LocalMedia } from '../../src/simulator/media/sdp';

const local: LocalMedia = { host: '192.0.2.1', audioPort: 5000, videoPort: 5002, laws: ['PCMA', 'PCMU'], direction: 'sendrecv', sessionId: 1, version: 1 };
const mediaLines = (sdp: string): string[] => sdp.split('\r\n').filter((line) => line.startsWith('m='));
const offer = (...lines: string[]): string => ['v=0', 'o=- 1 1 IN IP4 192.0.2.9', 's=-', 'c=IN IP4 192.0.2.9', 't=0 0', ...lines, ''].join('\r\n');

test('our own offer is understood by our own reader', () => {
  expect(readSdp(writeOffer(local))).toMatchObject([
    { type: 'audio', host: '192.0.2.1', port: 5000, laws: ['PCMA', 'PCMU'], eventPayloadType: 101, direction: 'sendrecv' },
    { type: 'video', port: 5002, h264PayloadType: 97 },
  ]);
});

test('every line of an offer is answered in place, those that we do not do with port 0', () => {
  const lines = readSdp(offer(
    'm=audio 4000 RTP/AVP 9 8 0 96', 'a=rtpmap:96 telephone-event/8000',
    'm=video 4002 RTP/AVP 98 99', 'a=rtpmap:98 H264/90000', 'a=rtpmap:99 H264/90000', 'a=fmtp:99 profile-level-id=42e01f;packetization-mode=1',
    'm=application 4004 UDP/BFCP *', 'm=application 4006 RTP/AVP 100', 'a=rtpmap:100 H224/4800', 'm=video 4008 RTP/AVP 98', 'a=rtpmap:98 H264/90000',
  ));
  expect(mediaLines(writeAnswer(local, lines))).toEqual([
    'm=audio 5000 RTP/AVP 8 96', 'm=video 5002 RTP/AVP 99', 'm=application 0 UDP/BFCP *', 'm=application 0 RTP/AVP 100', 'm=video 0 RTP/AVP 98',
  ]);
  expect(mediaLines(writeAnswer({ ...local, videoPort: undefined }, lines))[1]).toBe('m=video 0 RTP/AVP 98 99');
});

test('encrypted media and codecs that we do not speak are refused', () => {
  const lines = readSdp(offer('m=audio 4000 RTP/SAVP 8', 'm=audio 4002 RTP/AVP 96', 'a=rtpmap:96 opus/48000/2'));
  expect(mediaLines(writeAnswer(local, lines))).toEqual(['m=audio 0 RTP/SAVP 8', 'm=audio 0 RTP/AVP 96']);
});

test.each([
  ['m=audio 65535 RTP/AVP 8'], ['m=audio 70000 RTP/AVP 8'], ['m=audio 4000 RTP/AVP 8', 'c=IN IP4 media.example'], ['m=audio 4000 RTP/AVP 8', 'c=IN IP4 192.0.2'],
])('a place where no packets can be sent is refused: %s %s', (...lines) => {
  expect(mediaLines(writeAnswer(local, readSdp(offer(...lines))))).toEqual([(lines[0] ?? '').replace(/audio \d+/, 'audio 0')]);
});

test.each([
  ['sendrecv', 'sendrecv', 'sendrecv'], ['sendonly', 'sendrecv', 'recvonly'], ['recvonly', 'sendrecv', 'sendonly'], ['inactive', 'sendrecv', 'inactive'],
  ['sendrecv', 'sendonly', 'sendonly'], ['sendonly', 'sendonly', 'inactive'], ['sendrecv', 'inactive', 'inactive'],
] as const)('offered %s, wanted %s: answered %s (RFC 3264 section 6.1)', (theirs, ours, answer) => {
  expect(answerDirection(theirs, ours)).toBe(answer);
});

test('an address and a direction of one line win over those of the session', () => {
  expect(readSdp(offer('a=sendonly', 'm=audio 4000 RTP/AVP 8', 'c=IN IP4 192.0.2.77', 'a=inactive', 'a=rtcp:4009'))[0])
    .toMatchObject({ host: '192.0.2.77', direction: 'inactive', rtcpPort: 4009 });
});

test('a description that is no end is refused', () => {
  expect(() => readSdp(`v=0\r\n${'a=x\r\n'.repeat(20_000)}`)).toThrow(expect.objectContaining({ code: 'sdp-invalid', sipStatus: 488 }));
});
