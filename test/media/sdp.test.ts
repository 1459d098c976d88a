import { canAgree, partyAnswer, serverOffer, serverReoffer, shapeOffer } from '../../src/media/sdp';

const sdp = (...lines: string[]): string => ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...lines, ''].join('\r\n');
const lines = (text: string, pattern: RegExp): string[] => text.split('\r\n').filter((line) => pattern.test(line));
const SYSTEM = sdp(
  'm=audio 2000 RTP/AVP 9 8 101', 'a=rtpmap:9 G722/8000', 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:101 telephone-event/8000',
  'm=video 2002 RTP/AVP 97 98', 'a=rtpmap:97 H264/90000', 'a=fmtp:97 profile-level-id=428020;packetization-mode=0',
  'a=rtpmap:98 H264/90000', 'a=fmtp:98 profile-level-id=428020;packetization-mode=1;max-fs=8160',
);
const SERVER = sdp(
  'm=audio 4000 RTP/AVP 102 9 8 0 101', 'a=rtpmap:102 opus/48000/2', 'a=rtpmap:9 G722/8000', 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:101 telephone-event/8000',
  'm=video 4002 RTP/AVP 104 103', 'a=rtpmap:103 H264/90000', 'a=rtpmap:104 VP8/90000', 'a=rtcp-fb:103 nack pli',
);

test('An offer has the other one\'s codecs first and its H.264, in each way of packing that it knows', () => {
  const { sdp: offer } = shapeOffer(SERVER, 'rtp', { like: SYSTEM, video: true });
  expect(lines(offer, /^m=/)).toEqual(['m=audio 4000 RTP/AVP 9 8 102 0 101', 'm=video 4002 RTP/AVP 103 96 104']);
  expect(lines(offer, /^a=fmtp:(103|96)/)).toEqual(['a=fmtp:103 profile-level-id=428020;packetization-mode=1;max-fs=8160', 'a=fmtp:96 profile-level-id=428020;packetization-mode=0']);
  expect(lines(offer, /^a=(rtpmap|rtcp-fb):96/)).toEqual(['a=rtpmap:96 H264/90000', 'a=rtcp-fb:96 nack pli']);
});

test('Without another one the offer is the server\'s, with H.264 that everybody has', () => {
  const { sdp: offer } = shapeOffer(SERVER, 'rtp', { video: true });
  expect(lines(offer, /^m=/)).toEqual(['m=audio 4000 RTP/AVP 102 9 8 0 101', 'm=video 4002 RTP/AVP 103 104 96']);
  expect(lines(offer, /^a=fmtp:(103|96)/)).toEqual(['a=fmtp:103 profile-level-id=42e01f;packetization-mode=1', 'a=fmtp:96 profile-level-id=42e01f;packetization-mode=0']);
});

test('A way of packing that the other one does not know is not offered', () => {
  const whole = SYSTEM.replace(/a=rtpmap:98.*\r\na=fmtp:98.*\r\n/, '');
  expect(lines(shapeOffer(SERVER, 'rtp', { like: whole, video: true }).sdp, /^a=fmtp:/)).toEqual(['a=fmtp:103 profile-level-id=428020;packetization-mode=0']);
});

test('A BUNDLE names the lines alone that a party is shown, and that are in use', () => {
  const bundled = SERVER.replace('t=0 0', 't=0 0\r\na=group:BUNDLE a v s c').replace('m=video', 'a=mid:a\r\nm=video')
    + ['a=mid:v', 'm=video 4000 RTP/SAVP 103', 'a=mid:s', 'a=content:slides', 'm=application 4000 RTP/AVP 100', 'a=mid:c', ''].join('\r\n');
  const group = (options: Parameters<typeof shapeOffer>[2], known?: ReadonlySet<number>): string[] => lines(shapeOffer(bundled, 'webrtc', options, known).sdp, /^a=group/);
  expect(group({ video: true })).toEqual(['a=group:BUNDLE a v']);
  expect(group({ video: true, slides: true, camera: true })).toEqual(['a=group:BUNDLE a v s c']);
  // It was shown slides before, and has none now.
  expect(group({ video: true }, new Set([0, 1, 2]))).toEqual(['a=group:BUNDLE a v']);
});

test('Lines that a party is not shown are refused for it: video where there is none, a kind offered twice', () => {
  const twice = SERVER + ['m=video 4004 RTP/SAVP 103', 'a=rtpmap:103 H264/90000', ''].join('\r\n');
  const once = shapeOffer(twice, 'rtp', { video: true });
  expect(lines(once.sdp, /^m=/)).toHaveLength(2);
  const none = shapeOffer(twice, 'rtp', { video: false });
  expect(lines(none.sdp, /^m=/)).toEqual(['m=audio 4000 RTP/AVP 102 9 8 0 101']);
  expect(lines(none.serverAnswer(sdp('m=audio 2000 RTP/AVP 9')), /^m=/)).toEqual(['m=audio 2000 RTP/AVP 9', 'm=video 0 RTP/AVP 104 103', 'm=video 0 RTP/SAVP 103']);
});

test('Every line of an SRTP offer says so', () => {
  const keyed = SERVER.replace('m=audio 4000 RTP/AVP', 'm=audio 4000 RTP/SAVP').replaceAll(/(m=.*\r\n)/g, '$1a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0\r\n');
  expect(lines(shapeOffer(keyed, 'srtp', { video: true }).sdp, /^m=/)).toEqual(['m=audio 4000 RTP/SAVP 102 9 8 0 101', 'm=video 4002 RTP/SAVP 103 104 96']);
});

test('Every line of a WebRTC offer has the transport of RFC 8827 and the fingerprint', () => {
  const dtls = SERVER.replaceAll('RTP/AVP', 'RTP/SAVPF').replace('a=rtpmap:102', 'a=fingerprint:sha-256 AA:BB\r\na=setup:actpass\r\na=rtpmap:102');
  const { sdp: offer } = shapeOffer(dtls, 'webrtc', { video: true });
  expect(lines(offer, /^m=/).every((line) => line.includes(' UDP/TLS/RTP/SAVPF '))).toBe(true);
  expect(lines(offer, /^a=fingerprint:/)).toHaveLength(2);
  expect(lines(offer, /^a=setup:actpass/)).toHaveLength(2);
});

test('A party\'s offer is given to the server with what the other one has first; of H.264 in the same packets', () => {
  const browser = sdp(
    'm=audio 9 UDP/TLS/RTP/SAVPF 111 9 0 8', 'a=rtpmap:111 opus/48000/2',
    'm=video 9 UDP/TLS/RTP/SAVPF 96 102 104 106', 'a=rtpmap:96 VP8/90000', 'a=rtpmap:102 H264/90000', 'a=fmtp:102 packetization-mode=0;profile-level-id=42e01f',
    'a=rtpmap:104 H264/90000', 'a=fmtp:104 packetization-mode=1;profile-level-id=4d001f', 'a=rtpmap:106 H264/90000', 'a=fmtp:106 packetization-mode=1;profile-level-id=42e01f',
  );
  expect(lines(serverOffer(browser, SYSTEM, true), /^m=/)).toEqual(['m=audio 9 UDP/TLS/RTP/SAVPF 9 8 111 0', 'm=video 9 UDP/TLS/RTP/SAVPF 106 102 104 96']);
  expect(lines(serverOffer(browser, undefined, true), /^m=/)).toEqual(['m=audio 9 UDP/TLS/RTP/SAVPF 111 9 0 8', 'm=video 9 UDP/TLS/RTP/SAVPF 106 96 102 104']);
});

test('What is in use stays in use when a party makes a new offer, and its pictures are offered in that codec alone', () => {
  const offer = sdp(
    'm=audio 2000 RTP/AVP 9 8 101', 'a=rtpmap:101 telephone-event/8000',
    'm=video 2002 RTP/AVP 96 97 98', 'a=rtpmap:96 VP8/90000', 'a=rtpmap:97 H264/90000', 'a=fmtp:97 packetization-mode=0', 'a=rtpmap:98 H264/90000', 'a=fmtp:98 packetization-mode=1',
  );
  const answer = (video: string): string => sdp('m=audio 4000 RTP/AVP 8 101', 'a=rtpmap:101 telephone-event/8000', video, 'a=rtpmap:97 H264/90000');
  expect(lines(serverReoffer(offer, answer('m=video 4002 RTP/AVP 97'), true), /^m=/)).toEqual(['m=audio 2000 RTP/AVP 8 9 101', 'm=video 2002 RTP/AVP 97']);
  expect(lines(serverReoffer(offer, answer('m=video 0 RTP/AVP 97'), true), /^m=/)).toEqual(['m=audio 2000 RTP/AVP 8 9 101', 'm=video 2002 RTP/AVP 98 97']);
});

test('Keys in a plain line are taken, and answered in a plain line', () => {
  const keyed = sdp('m=audio 2000 RTP/AVP 8', 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0');
  expect(lines(serverOffer(keyed, undefined, true), /^m=/)).toEqual(['m=audio 2000 RTP/SAVP 8']);
  const answer = sdp('m=audio 4000 RTP/SAVP 8', 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:b3RoZXI=');
  expect(partyAnswer(answer, keyed)).toContain('m=audio 4000 RTP/AVP 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:b3RoZXI=');
});

test('A party without ICE begins DTLS, one with ICE leaves it to the server', () => {
  const offer = sdp('a=setup:actpass', 'm=audio 2000 UDP/TLS/RTP/SAVP 8', 'm=video 2002 UDP/TLS/RTP/SAVP 97', 'a=setup:actpass');
  expect(lines(serverOffer(offer, undefined, true), /^a=setup/)).toEqual(['a=setup:active', 'a=setup:active']);
  expect(lines(serverOffer(`${offer}a=ice-ufrag:abcd\r\n`, undefined, true), /^a=setup/)).toEqual(['a=setup:actpass', 'a=setup:actpass']);
});

test('Parties with Opus send the server one channel', () => {
  const stereo = sdp('m=audio 2000 RTP/AVP 96', 'a=rtpmap:96 opus/48000/2', 'a=fmtp:96 stereo=1;sprop-stereo=1;useinbandfec=1');
  expect(serverOffer(stereo, undefined, true)).toContain('a=fmtp:96 stereo=0;sprop-stereo=0;useinbandfec=1');
  expect(shapeOffer(SERVER, 'rtp', { video: false }).serverAnswer(stereo)).toContain('a=fmtp:96 stereo=0;sprop-stereo=0;useinbandfec=1');
});

test('Formats that are no numbers are passed on, whatever is in them', () => {
  const offer = sdp('m=audio 2000 RTP/AVP ( 8 [', 'a=rtpmap:( PCMU/8000', 'a=rtpmap:8', 'a=rtpmap:8 PCMA/8000');
  expect(lines(serverOffer(offer, sdp('m=audio 4000 RTP/AVP 8'), false), /^m=/)).toEqual(['m=audio 2000 RTP/AVP 8 ( [']);
});

test.each<[string, boolean, string[]]>([
  ['has an offered format', true, ['m=audio 1 RTP/AVP 8']],
  ['has an offered codec under another number', true, ['m=audio 1 RTP/AVP 120', 'a=rtpmap:120 opus/48000/2']],
  ['has one in its second line', true, ['m=audio 0 RTP/AVP 8', 'm=video 1 RTP/AVP 97', 'a=rtpmap:97 H264/90000']],
  ['refuses all', true, ['m=audio 0 RTP/AVP 3']],
  ['has another codec', false, ['m=audio 1 RTP/AVP 3']],
  ['has events alone', false, ['m=audio 1 RTP/AVP 101', 'a=rtpmap:101 telephone-event/8000']],
  ['has the codec of another line', false, ['m=audio 1 RTP/AVP 97', 'a=rtpmap:97 H264/90000']],
])('An answer that %s is of use: %s', (_, isOfUse, lines) => {
  const offer = ['v=0', 'm=audio 2 RTP/AVP 0 8 102 101', 'a=rtpmap:102 opus/48000/2', 'a=rtpmap:101 telephone-event/8000', 'm=video 4 RTP/AVP 99', 'a=rtpmap:99 H264/90000'].join('\r\n');
  expect(canAgree(offer, ['v=0', ...lines].join('\r\n'))).toBe(isOfUse);
});
