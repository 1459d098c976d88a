import { MediaError, type SessionFactory } from '../../../src/embedded/media-server/contracts';
import { BROWSER_OFFER, ENCRYPTED_DESKTOP_OFFER, PHONE_OFFER, ROOM_SYSTEM_OFFER } from './fixtures';
import { loopbackFactory, matching, negotiate } from './support';

let factory: SessionFactory;
beforeEach(() => {
  factory = loopbackFactory();
});
afterEach(() => {
  factory.close();
  expect(factory.ports.used).toBe(0);
});

describe('answering a room system', () => {
  test('every line is answered in its place, unknown ones with port 0', async () => {
    const session = factory.create({ transport: 'rtp', video: true });
    const answer = await session.answer(ROOM_SYSTEM_OFFER);
    expect(matching(answer, /^m=/).map((line) => line.replace(/ [1-9]\d* /, ' PORT '))).toEqual([
      'm=audio PORT RTP/AVP 9 8 0',
      'm=video PORT RTP/AVP 97 98',
      'm=application 0 UDP/BFCP *',
      'm=video PORT RTP/AVP 97 98',
      'm=application PORT RTP/AVP 105',
    ]);
    expect(matching(answer, /^a=content/)).toEqual(['a=content:slides']);
    expect(session.streams.map(({ index, kind, content }) => ({ index, kind, content }))).toEqual([
      { index: 0, kind: 'audio', content: 'main' }, { index: 1, kind: 'video', content: 'main' }, { index: 3, kind: 'video', content: 'slides' },
      { index: 4, kind: 'application', content: 'main' }]);
  });

  test('wideband audio wins, H.264 stays in the order of the offer; what the device can take is passed on', async () => {
    const session = factory.create({ transport: 'rtp', video: true });
    const answer = await session.answer(ROOM_SYSTEM_OFFER);
    const [audio, video] = session.streams;
    expect(audio?.codec.name).toBe('G722');
    expect(video?.codec).toMatchObject({ name: 'H264', payloadType: 97, fmtp: { 'profile-level-id': '428016', 'max-fs': '3600' } });
    expect(matching(answer, /^a=fmtp:98/)[0]).toContain('max-mbps=35000');
    expect(matching(answer, /^b=/)).toContain('b=TIAS:1152000');
    expect(matching(answer, /^a=rtcp-fb/)).toContain('a=rtcp-fb:98 nack pli');
  });

  test('options.codecs rules over the order of the offer', async () => {
    const session = factory.create({ transport: 'rtp', video: false, codecs: ['PCMU', 'G722'] });
    const answer = await session.answer(ROOM_SYSTEM_OFFER);
    expect(matching(answer, /^m=audio/)[0]).toMatch(/ 0 9$/);
    expect(matching(answer, /^m=video/).every((line) => line.startsWith('m=video 0 '))).toBe(true);
    expect(session.streams.map(({ kind }) => kind)).toEqual(['audio', 'application']);
  });
});

describe('answering keys in the description', () => {
  test('the first key with full protection is taken, those without encryption are passed over', async () => {
    const session = factory.create({ transport: 'rtp', video: true });
    const answer = await session.answer(ENCRYPTED_DESKTOP_OFFER);
    expect(matching(answer, /^m=/).map((line) => line.split(' ')[2])).toEqual(['RTP/SAVP', 'RTP/SAVP', 'UDP/BFCP', 'UDP/UDT/IX']);
    const crypto = matching(answer, /^a=crypto/);
    expect(crypto).toHaveLength(2);
    expect(crypto[0]).toMatch(/^a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:[A-Za-z0-9+/]{40}$/);
    expect(crypto[0]).not.toContain('WVNfX19z');
  });

  test('a protected line without a usable key is refused', async () => {
    const session = factory.create({ transport: 'rtp', video: false });
    const offer = ENCRYPTED_DESKTOP_OFFER.replaceAll('AES_CM_128_HMAC_SHA1', 'F8_128_HMAC_SHA1');
    await expect(session.answer(offer)).rejects.toMatchObject({ code: 'NOTHING_SHARED', sipStatus: 488 });
  });
});

describe('answering a browser', () => {
  test('lines are bundled on one pair of ports, data channels, simulcast and header extensions refused', async () => {
    const session = factory.create({ transport: 'rtp', video: true });
    const answer = await session.answer(BROWSER_OFFER);
    expect(factory.ports.used).toBe(2);
    expect(matching(answer, /^m=/).map((line) => line.replace(/ [1-9]\d* /, ' PORT '))).toEqual([
      'm=audio PORT UDP/TLS/RTP/SAVPF 111 9 0 8 110 126',
      'm=video PORT UDP/TLS/RTP/SAVPF 102 125 127 96',
      'm=application 0 UDP/DTLS/SCTP webrtc-datachannel',
    ]);
    expect(matching(answer, /^a=(group|setup|mid|rtcp-mux|simulcast|rid|extmap|ice-options)/).sort()).toEqual(['a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid',
      'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid', 'a=group:BUNDLE 0 1', 'a=ice-options:trickle', 'a=mid:0', 'a=mid:1', 'a=mid:2', 'a=rtcp-mux', 'a=rtcp-mux',
      'a=setup:active', 'a=setup:active']);
    expect(matching(answer, /^a=rtcp-fb:(102|96) /)).toEqual(expect.arrayContaining(['a=rtcp-fb:102 nack', 'a=rtcp-fb:102 nack pli', 'a=rtcp-fb:102 ccm fir', 'a=rtcp-fb:96 nack']));
    expect(matching(answer, /transport-cc|goog-remb|rtx/)).toEqual([]);
    expect(session.streams.map(({ codec, telephoneEvent }) => [codec.name, telephoneEvent?.payloadType])).toEqual([['OPUS', 110], ['H264', undefined]]);
    expect(session.connected).toBe(false);
  });

  test('an offer that is passive, active or fixed in its role gets the other one', async () => {
    for (const [offered, answered] of [['active', 'passive'], ['passive', 'active'], ['actpass', 'active']]) {
      const session = factory.create({ transport: 'rtp', video: true });
      const answer = await session.answer(BROWSER_OFFER.replaceAll('a=setup:actpass', `a=setup:${offered}`));
      expect(matching(answer, /^a=setup/)).toEqual([`a=setup:${answered}`, `a=setup:${answered}`]);
    }
  });
});

describe('H.264', () => {
  const offer = (...formats: string[]): string => 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n'
    + `m=video 40000 RTP/AVP ${formats.map((_format, index) => 96 + index).join(' ')}\r\n`
    + formats.map((format, index) => `a=rtpmap:${96 + index} H264/90000\r\na=fmtp:${96 + index} ${format}\r\n`).join('');
  const answered = async (...formats: string[]): Promise<string[]> => {
    const session = factory.create({ transport: 'rtp', video: true });
    return session.answer(offer(...formats)).then((answer) => matching(answer, /^a=fmtp/), (error: MediaError) => [error.code]);
  };

  test('each profile and packetisation mode is answered as it is, in the order of the offer', async () => {
    expect(await answered('profile-level-id=640028;packetization-mode=1', 'profile-level-id=42801f', 'profile-level-id=42E01F;packetization-mode=1;max-fs=3600')).toEqual([
      'a=fmtp:96 profile-level-id=640028;packetization-mode=1',
      'a=fmtp:97 profile-level-id=42801f',
      'a=fmtp:98 profile-level-id=42E01F;packetization-mode=1;max-fs=3600']);
  });

  test.each(['profile-level-id=42e01f;packetization-mode=2', 'profile-level-id=7a001f;packetization-mode=1', 'profile-level-id=nonsense'])('%s cannot be had', async (format) => {
    expect(await answered(format)).toEqual(['NOTHING_SHARED']);
  });

  test('an answer in another packetisation mode or profile than offered is no answer to it', async () => {
    for (const [format, accepted] of [['42e01f;packetization-mode=1', true], ['42801f;packetization-mode=0', true], ['4d001f;packetization-mode=0', false], ['640028;packetization-mode=1', false]] as const) {
      const session = factory.create({ transport: 'rtp', video: true, codecs: ['H264', 'PCMU'] });
      const sdp = await session.offer();
      expect(matching(sdp, /^a=fmtp:\d+ profile/)).toHaveLength(3);
      await session.accept(PHONE_OFFER.replace('a=ptime:30\r\n', '') + `m=video 40002 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\na=fmtp:99 profile-level-id=${format}\r\n`);
      expect(session.streams.map((stream) => stream.kind)).toEqual(accepted ? ['audio', 'video'] : ['audio']);
      if (accepted) expect(session.streams[1]?.codec).toMatchObject({ payloadType: 99 });
    }
  });
});

describe('answering a phone', () => {
  test('packet time and telephone-event are taken over, the payload types are the phone\'s', async () => {
    const session = factory.create({ transport: 'rtp', video: true });
    await session.answer(PHONE_OFFER);
    const [audio] = session.streams;
    expect(audio).toMatchObject({ ptime: 30, codec: { name: 'PCMU', payloadType: 0 }, telephoneEvent: { payloadType: 101, clockRate: 8_000 } });
    expect([...audio!.receives.keys()]).toEqual([0, 8, 101]);
  });

  test.each([
    ['a=sendonly', 'recvonly', false, true],
    ['a=recvonly', 'sendonly', true, false],
    ['a=inactive', 'inactive', false, false],
    ['a=sendrecv', 'sendrecv', true, true],
  ])('%s is answered with %s', async (offered, answered, canSend, canReceive) => {
    const session = factory.create({ transport: 'rtp', video: false });
    const answer = await session.answer(`${PHONE_OFFER}${offered}\r\n`);
    expect(matching(answer, /^a=(sendrecv|sendonly|recvonly|inactive)$/)).toEqual([`a=${answered}`]);
    expect(session.streams[0]).toMatchObject({ canSend, canReceive });
  });

  test('the unspecified address is hold too', async () => {
    const session = factory.create({ transport: 'rtp', video: false });
    const answer = await session.answer(PHONE_OFFER.replace('c=IN IP4 127.0.0.1', 'c=IN IP4 0.0.0.0'));
    expect(answer).toContain('a=recvonly');
    expect(session.streams[0]?.canSend).toBe(false);
  });

  test('only shared codecs are answered, and none shared is 488', async () => {
    const session = factory.create({ transport: 'rtp', video: false, codecs: ['OPUS'] });
    const refusal = session.answer(PHONE_OFFER);
    await expect(refusal).rejects.toBeInstanceOf(MediaError);
    await expect(refusal).rejects.toMatchObject({ sipStatus: 488, q850: 88, message: expect.stringContaining('PCMU,PCMA') });
    expect(session.streams).toHaveLength(0);
  });
});

describe('what is no session description', () => {
  test.each([
    ['nothing', ''],
    ['no m-line', 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n'],
    ['a malformed m-line', PHONE_OFFER.replace('m=audio 40000', 'm=audio many')],
    ['a port beyond 65535', PHONE_OFFER.replace('m=audio 40000', 'm=audio 70000')],
    ['too many m-lines', PHONE_OFFER + 'm=audio 1 RTP/AVP 0\r\n'.repeat(20)],
    ['too long a line', `${PHONE_OFFER}a=${'x'.repeat(5_000)}\r\n`],
    ['too much of it', PHONE_OFFER + 'a=x\r\n'.repeat(20_000)],
  ])('%s is refused with 400', async (_what, sdp) => {
    await expect(factory.create({ transport: 'rtp', video: true }).answer(sdp)).rejects.toMatchObject({ code: 'BAD_SDP', sipStatus: 400 });
  });
});

describe('negotiating again', () => {
  test('a new offer keeps streams, ports and SSRCs, and may change the order of codecs', async () => {
    const [a, b] = [factory.create({ transport: 'rtp', video: true }), factory.create({ transport: 'rtp', video: true })];
    await negotiate(a, b);
    const before = { streams: [...a.streams, ...b.streams], ssrcs: a.streams.map((s) => s.ssrc), ports: matching(a.localSdp, /^m=/) };
    expect(a.streams[0]?.codec.name).toBe('OPUS');
    const changed = jest.fn();
    a.streams[0]?.on('changed', changed);
    await negotiate(a, b, { codecs: ['PCMA', 'H264'] });
    expect([...a.streams, ...b.streams]).toEqual(before.streams);
    expect(a.streams.map((s) => s.ssrc)).toEqual(before.ssrcs);
    expect(matching(a.localSdp, /^m=/).map((line) => line.split(' ')[1])).toEqual(before.ports.map((line) => line.split(' ')[1]));
    expect(a.streams[0]?.codec.name).toBe('PCMA');
    expect(changed).toHaveBeenCalledTimes(1);
    expect(matching(a.localSdp, /^o=/)[0]).toMatch(/ 2 IN IP4 127.0.0.1$/);
  });

  test('video is added and given up by either side, in the same place', async () => {
    const [a, b] = [factory.create({ transport: 'rtp', video: false }), factory.create({ transport: 'rtp', video: true })];
    await negotiate(a, b);
    expect(a.streams).toHaveLength(1);
    await negotiate(b, a);
    expect(matching(a.localSdp, /^m=video/)[0]).toMatch(/^m=video 0 /);
    await negotiate(a, b, { video: true });
    expect(b.streams.map((s) => s.kind)).toEqual(['audio', 'video']);
    const closed = jest.fn();
    a.streams[1]?.on('closed', closed);
    await negotiate(b, a, { video: false });
    expect(closed).toHaveBeenCalledTimes(1);
    expect([a.streams.length, b.streams.length]).toEqual([1, 1]);
    expect(factory.ports.used).toBe(4);
    expect(matching(a.localSdp, /^m=/)).toHaveLength(2);
  });

  test('a refused change leaves the session as it was', async () => {
    const [a, b] = [factory.create({ transport: 'rtp', video: false, codecs: ['PCMU'] }), factory.create({ transport: 'rtp', video: false })];
    await negotiate(a, b);
    const stream = a.streams[0];
    await expect(a.answer(await b.offer({ codecs: ['OPUS'] }))).rejects.toMatchObject({ sipStatus: 488 });
    expect(a.streams).toEqual([stream]);
    expect(a.streams[0]?.codec.name).toBe('PCMU');
    await negotiate(b, a, { codecs: ['PCMU'] });
    expect(b.streams[0]?.codec.name).toBe('PCMU');
  });

  test('an offer of the other side takes back ours that waits', async () => {
    const [a, b] = [factory.create({ transport: 'rtp', video: false }), factory.create({ transport: 'rtp', video: false })];
    await negotiate(a, b);
    const pending = await a.offer({ video: true });
    expect(factory.ports.used).toBe(6);
    await b.accept(await a.answer(await b.offer()));
    expect(factory.ports.used).toBe(4);
    await expect(a.accept(pending)).rejects.toMatchObject({ code: 'NO_OFFER_PENDING' });
  });

  test('an offer of unknown codecs is a clear error, of codecs for one kind has the other line refused', async () => {
    const session = factory.create({ transport: 'rtp', video: true, codecs: ['G729'] });
    await expect(session.offer()).rejects.toMatchObject({ code: 'NOTHING_TO_OFFER', message: expect.stringContaining('G729') });
    expect(factory.ports.used).toBe(0);
    expect(matching(await session.offer({ codecs: ['G722'] }), /^m=/)).toEqual([expect.stringMatching(/^m=audio [1-9]\d* RTP\/AVP 9 101$/), 'm=video 0 RTP/AVP 0']);
  });

  test('an offer that drops a line is refused', async () => {
    const session = factory.create({ transport: 'rtp', video: true });
    await session.answer(ROOM_SYSTEM_OFFER);
    await expect(session.answer(PHONE_OFFER)).rejects.toMatchObject({ code: 'BAD_SDP', sipStatus: 400 });
    expect(session.streams).toHaveLength(4);
  });

  test('two negotiations at once are refused with 491, and none starts after close', async () => {
    const session = factory.create({ transport: 'rtp', video: false });
    const first = session.offer();
    await expect(session.offer()).rejects.toMatchObject({ sipStatus: 491 });
    await first;
    session.close();
    session.close();
    await expect(session.offer()).rejects.toMatchObject({ code: 'SESSION_CLOSED' });
  });
});

describe('ports', () => {
  test('used up, they are a clear refusal; given back, they serve again', async () => {
    const small = loopbackFactory({ portMin: 28_900, portMax: 28_903 });
    const [first, second, third] = [0, 1, 2].map(() => small.create({ transport: 'rtp', video: false }));
    await first!.offer();
    await second!.offer();
    expect(small.ports).toEqual({ used: 4, total: 4 });
    await expect(third!.offer()).rejects.toMatchObject({ code: 'NO_PORTS', sipStatus: 503, message: 'no RTP port is left: 4 of 4 in use' });
    first!.close();
    expect(matching(await third!.offer(), /^m=audio/)[0]).toMatch(/^m=audio 289\d[02] /);
    small.close();
    expect(small.ports.used).toBe(0);
  });

  test('an offer that cannot have all its ports has none', async () => {
    const small = loopbackFactory({ portMin: 28_910, portMax: 28_911 });
    await expect(small.create({ transport: 'rtp', video: true }).offer()).rejects.toMatchObject({ code: 'NO_PORTS' });
    expect(small.ports.used).toBe(0);
    small.close();
  });

  test('an address that is not of this machine is a clear error', async () => {
    const elsewhere = loopbackFactory({ address: '192.0.2.1' });
    await expect(elsewhere.create({ transport: 'rtp', video: false }).offer()).rejects.toMatchObject({ code: 'BIND_FAILED', sipStatus: 500 });
    expect(elsewhere.ports.used).toBe(0);
    elsewhere.close();
  });
});
