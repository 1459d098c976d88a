import sdpTransform from 'sdp-transform';
import { capabilitiesOf, descriptionOf, type DescribedChannel } from '../../../src/h323/sdp';
import { BROWSER_OFFER, PHONE_OFFER, ROOM_SYSTEM_OFFER } from '../../media-server/session/fixtures';
import { BARESIP_OFFER, DESCRIPTIONS, FREESWITCH_OFFER } from './descriptions';
import { linesOf, opened, PARTY, received, recordedSets, sdp } from './support';

const asterisk = recordedSets().find(({ recording }) => recording.startsWith('ast-'))!.set;
const sound = (direction: 'send' | 'receive', more: Partial<DescribedChannel> = {}): DescribedChannel => ({
  direction, number: 101, sessionId: 1, dataType: { audioData: { g711Ulaw64k: 20 } }, payloadType: 0, media: { rtp: { host: '127.0.0.2', port: 5_000 } }, ...more,
});

describe('the H.323 party as the answer to an offer', () => {
  test('sound both ways: what it receives, in packets as long as it wants, and its events', () => {
    expect(descriptionOf([sound('send'), sound('receive')], asterisk, { ...PARTY, offer: BARESIP_OFFER })).toBe([
      'v=0', 'o=- 1 1 IN IP4 127.0.0.9', 's=-', 'c=IN IP4 127.0.0.9', 't=0 0',
      'm=audio 5000 RTP/AVP 0 101', 'c=IN IP4 127.0.0.2', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-16', 'a=ptime:20', 'a=maxptime:20', 'a=sendrecv',
      'm=video 0 RTP/AVP 96 97 34 98 99 100', '',
    ].join('\r\n'));
  });

  test('the direction says which channels are open, inactive none', () => {
    const direction = (...channels: DescribedChannel[]): string[] => linesOf(descriptionOf(channels, asterisk, { ...PARTY, offer: PHONE_OFFER }), /^(m=|a=(send|recv|inactive))/);
    expect(direction(sound('send'), sound('receive'))).toEqual(['m=audio 5000 RTP/AVP 0 101', 'a=sendrecv']);
    expect(direction(sound('send'))).toEqual(['m=audio 5000 RTP/AVP 0 101', 'a=recvonly']);
    expect(direction(sound('receive'))).toEqual(['m=audio 9 RTP/AVP 0 101', 'a=sendonly']);
    expect(direction()).toEqual(['m=audio 9 RTP/AVP 0 101', 'a=inactive']);
  });

  test('a medium is kept without channels when it is to be, and refused otherwise', () => {
    const lines = (keep?: ('audio' | 'video')[]): string[] => linesOf(descriptionOf([], received(capabilitiesOf(BARESIP_OFFER)), { ...PARTY, offer: BARESIP_OFFER, keep }), /^(m=|a=inactive)/);
    expect(lines()).toEqual(['m=audio 9 RTP/AVP 96 101', 'a=inactive', 'm=video 0 RTP/AVP 96 97 34 98 99 100']);
    expect(lines(['audio', 'video'])).toEqual(['m=audio 9 RTP/AVP 96 101', 'a=inactive', 'm=video 9 RTP/AVP 96', 'a=inactive']);
    expect(lines([])).toEqual(['m=audio 0 RTP/AVP 96 9 0 8 101', 'm=video 0 RTP/AVP 96 97 34 98 99 100']);
  });

  test('no events where the offerer does not know them, or the party does not take them', () => {
    expect(linesOf(descriptionOf([sound('send')], asterisk, { ...PARTY, offer: sdp('m=audio 4000 RTP/AVP 0') }), /^m=/)).toEqual(['m=audio 5000 RTP/AVP 0']);
    expect(linesOf(descriptionOf([sound('send')], undefined, { ...PARTY, offer: PHONE_OFFER }), /^m=/)).toEqual(['m=audio 5000 RTP/AVP 0']);
  });

  test('two codecs, one each way: the one that it receives first', () => {
    const sent = sound('receive', { dataType: { audioData: { g711Alaw64k: 20 } }, payloadType: 8 });
    expect(linesOf(descriptionOf([sent, sound('send')], asterisk, { ...PARTY, offer: PHONE_OFFER }), /^(m=|a=sendrecv)/)).toEqual(['m=audio 5000 RTP/AVP 0 8 101', 'a=sendrecv']);
  });

  test('H.264 in one packing each way: both', () => {
    const set = capabilitiesOf(BARESIP_OFFER);
    const [, sent, , back] = opened(BARESIP_OFFER, BARESIP_OFFER, set, set);
    const fragmented = { ...back!, payloadType: 97, parameters: { mediaPacketization: { rtpPayloadType: { payloadDescriptor: { oid: '0.0.8.241.0.0.0.1' }, payloadType: 97 } } } };
    expect(linesOf(descriptionOf([sent!, fragmented], set, { ...PARTY, offer: BARESIP_OFFER }), /^m=video/)).toEqual(['m=video 14476 RTP/AVP 96 97']);
  });

  test('offered anew, H.264 is packed as the number says in the description of the other party', () => {
    const set = capabilitiesOf(BARESIP_OFFER);
    const channels = opened(BARESIP_OFFER, BARESIP_OFFER, set, set).map(({ parameters: _told, ...channel }) => channel);
    const [answered] = linesOf(descriptionOf(channels, set, { ...PARTY, offer: BARESIP_OFFER }), /^a=fmtp:96/);
    expect(answered).toBe('a=fmtp:96 profile-level-id=42e01f;packetization-mode=0');
    expect(linesOf(descriptionOf(channels, set, { ...PARTY, local: BARESIP_OFFER }), /^a=fmtp:96 pro/)).toEqual([answered]);
  });

  test('reports that are taken elsewhere, and IPv6', () => {
    const media = { rtp: { host: '2001:db8:0:0:0:0:0:2', port: 5_000 }, rtcp: { host: '2001:db8:0:0:0:0:0:2', port: 6_001 } };
    expect(linesOf(descriptionOf([sound('send', { media })], asterisk, { ...PARTY, offer: PHONE_OFFER }), /^(c=|a=rtcp)/)).toEqual([
      'c=IN IP4 127.0.0.9', 'c=IN IP6 2001:db8:0:0:0:0:0:2', 'a=rtcp:6001 IN IP6 2001:db8:0:0:0:0:0:2',
    ]);
  });

  test('lines keep their place, protocol and name; a second line of a medium is refused', () => {
    const offer = sdp('m=application 5070 UDP/BFCP *', 'm=audio 4000 RTP/SAVP 0', 'a=mid:a', 'm=audio 4002 RTP/AVP 0', 'm=text 4004 RTP/AVP 98', 'a=rtpmap:98 t140/1000');
    expect(linesOf(descriptionOf([sound('send')], undefined, { ...PARTY, offer }), /^(m=|a=mid)/)).toEqual([
      'm=application 0 UDP/BFCP *', 'm=audio 5000 RTP/SAVP 0', 'a=mid:a', 'm=audio 0 RTP/AVP 0', 'm=text 0 RTP/AVP 98',
    ]);
  });

  test('key frames by RTCP only where the endpoint is said to heed it', () => {
    const set = capabilitiesOf(BARESIP_OFFER);
    const channels = opened(BARESIP_OFFER, BARESIP_OFFER, set, set);
    expect(linesOf(descriptionOf(channels, set, { ...PARTY, offer: BARESIP_OFFER }), /rtcp-fb/)).toEqual([]);
    expect(linesOf(descriptionOf(channels, set, { ...PARTY, offer: BARESIP_OFFER, rtcpFeedback: true }), /rtcp-fb/)).toEqual(['a=rtcp-fb:* nack pli', 'a=rtcp-fb:* ccm fir']);
  });
});

describe('two room systems, one of them on H.323', () => {
  const set = received(capabilitiesOf(ROOM_SYSTEM_OFFER));
  const channels = opened(ROOM_SYSTEM_OFFER, ROOM_SYSTEM_OFFER, set, set);

  test('sound, picture, slides and camera are answered as they are offered', () => {
    expect(linesOf(descriptionOf(channels, set, { ...PARTY, offer: ROOM_SYSTEM_OFFER }), /^(m=|b=TIAS|a=(rtpmap|fmtp|content|send))/)).toEqual([
      'm=audio 2334 RTP/AVP 101', 'a=rtpmap:101 G7221/32000', 'a=fmtp:101 bitrate=48000', 'a=sendrecv',
      'm=video 2336 RTP/AVP 97', 'b=TIAS:1152000', 'a=rtpmap:97 H264/90000', 'a=fmtp:97 profile-level-id=428016;packetization-mode=0;max-mbps=35000;max-fs=3840', 'a=sendrecv', 'a=content:main',
      'm=application 0 UDP/BFCP *',
      'm=video 2338 RTP/AVP 97', 'b=TIAS:1152000', 'a=rtpmap:97 H264/90000', 'a=fmtp:97 profile-level-id=428016;packetization-mode=0;max-mbps=35000;max-fs=3840', 'a=sendrecv', 'a=content:slides',
      'm=application 2340 RTP/AVP 105', 'a=rtpmap:105 H224/4800', 'a=sendrecv',
    ]);
  });

  test('as an offer: a line for each medium that has channels', () => {
    expect(linesOf(descriptionOf(channels, set, PARTY), /^(m=|a=content)/)).toEqual([
      'm=audio 2334 RTP/AVP 101', 'm=video 2336 RTP/AVP 97', 'a=content:main', 'm=video 2338 RTP/AVP 97', 'a=content:slides', 'm=application 2340 RTP/AVP 105',
    ]);
  });

  test('as an offer while re-routed: sound stays, inactive, with the first codec that the party has', () => {
    expect(linesOf(descriptionOf([], set, PARTY), /^(m=|a=(rtpmap|inactive))/)).toEqual(['m=audio 9 RTP/AVP 96', 'a=rtpmap:96 G7221/32000', 'a=inactive']);
  });
});

test('the constraints of a profile are answered as they were offered, the level of both', () => {
  const set = capabilitiesOf(BARESIP_OFFER);
  const lower = capabilitiesOf(BARESIP_OFFER.replaceAll('42e01f', '42e014'));
  const channels = opened(BARESIP_OFFER, BARESIP_OFFER, set, lower);
  expect(linesOf(descriptionOf(channels, lower, { ...PARTY, offer: BARESIP_OFFER }), /^a=fmtp:9[67] pro/)).toEqual(['a=fmtp:96 profile-level-id=42e014;packetization-mode=0']);
});

/** What an offer has, line for line, by payload type. */
const formats = (text: string): { type: string; port: number; protocol: string; payloads: number[]; rtp: Map<number, string> }[] => sdpTransform.parse(text).media.map((media) => ({
  type: media.type, port: media.port, protocol: media.protocol, payloads: String(media.payloads).split(' ').map(Number),
  rtp: new Map(media.rtp.map(({ payload, codec, rate }) => [payload, `${codec}/${rate}`.toUpperCase()])),
}));

const PARTIES = Object.entries(DESCRIPTIONS).filter(([name]) => name !== 'browser');

describe.each(PARTIES)('an offer of %s, answered for an endpoint that receives as', (_, offer) => {
  test.each(PARTIES)('%s', (_name, endpoint) => {
    const ofEndpoint = received(capabilitiesOf(endpoint));
    const channels = opened(offer, endpoint, received(capabilitiesOf(offer)), ofEndpoint);
    const answer = descriptionOf(channels, ofEndpoint, { ...PARTY, offer });
    const [offered, answered] = [formats(offer), formats(answer)];
    expect(answered.map(({ type, protocol }) => [type, protocol])).toEqual(offered.map(({ type, protocol }) => [type, protocol]));
    expect(answered[0]!.port).toBe(formats(endpoint)[0]!.port);
    answered.forEach((line, index) => {
      if (line.port === 0) return;
      // Formats have the offer's numbers; events have the endpoint's.
      for (const [payload, name] of line.rtp) {
        if (name.startsWith('TELEPHONE-EVENT')) expect([...offered[index]!.rtp.values()]).toContain(name);
        else if (offered[index]!.rtp.has(payload)) expect(offered[index]!.rtp.get(payload)).toBe(name);
        else expect(offered[index]!.payloads).toContain(payload);
      }
    });
    // What it says is all it can: the answer, offered, gets the same channels.
    const again = opened(answer, endpoint, received(capabilitiesOf(answer)), ofEndpoint);
    expect(linesOf(descriptionOf(again, ofEndpoint, { ...PARTY, offer: answer }), /^(m=|a=(rtpmap|fmtp))/)).toEqual(linesOf(answer, /^(m=|a=(rtpmap|fmtp))/));
  });
});

test('offers of browsers and FreeSWITCH are answered in their protocol, VP8 left out', () => {
  const set = received(capabilitiesOf(BARESIP_OFFER));
  const video = { direction: 'send' as const, number: 102, sessionId: 2, payloadType: 102, media: { rtp: { host: '127.0.0.2', port: 5_002 } } };
  const { capability } = set.capabilityTable!.find(({ capability: entry }) => entry && 'receiveVideoCapability' in entry)!;
  const dataType = { videoData: (capability as { receiveVideoCapability: never }).receiveVideoCapability };
  expect(linesOf(descriptionOf([{ ...video, dataType }], set, { ...PARTY, offer: BROWSER_OFFER }), /^(m=video|a=fmtp:102)/)).toEqual([
    'm=video 5002 UDP/TLS/RTP/SAVPF 102', 'a=fmtp:102 profile-level-id=42001f;packetization-mode=1',
  ]);
  expect(linesOf(descriptionOf([{ ...video, dataType, payloadType: 103 }], set, { ...PARTY, offer: FREESWITCH_OFFER }), /^(m=video|a=rtpmap:103)/)).toEqual(['m=video 5002 RTP/AVP 103', 'a=rtpmap:103 H264/90000']);
});
