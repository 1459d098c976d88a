import type { h245 } from '../../../src/h323/schemas';
import { acceptChannel, capabilitiesOf, channelsToOpen, type Acceptance, type RequestedChannel } from '../../../src/h323/sdp';
import { BROWSER_OFFER, PHONE_OFFER, ROOM_SYSTEM_OFFER } from '../../media-server/session/fixtures';
import { BARESIP_OFFER, DESCRIPTIONS } from './descriptions';
import { capabilitySet, openedIn, received, recordedSets, sdp } from './support';

const recorded = (recording: string): h245.TerminalCapabilitySet => recordedSets().find((entry) => entry.recording.startsWith(recording))!.set;
const h264 = (profile: number, level: number, customs: Record<number, number> = {}, maxBitRate = 20_000): h245.VideoCapability => ({ genericVideoCapability: {
  capabilityIdentifier: { standard: '0.0.8.241.0.0.1' }, maxBitRate,
  collapsing: [
    { parameterIdentifier: { standard: 41 }, parameterValue: { booleanArray: profile } }, { parameterIdentifier: { standard: 42 }, parameterValue: { unsignedMin: level } },
    ...Object.entries(customs).map(([number, value]) => ({ parameterIdentifier: { standard: Number(number) }, parameterValue: { unsignedMin: value } })),
  ],
} });
/** An endpoint that receives the video in packets of RFC 6184 and the audio. */
const endpoint = (video: h245.VideoCapability[], audio: h245.AudioCapability[] = [{ g711Alaw64k: 20 }]): h245.TerminalCapabilitySet => received({
  multiplexCapability: capabilitiesOf(BARESIP_OFFER).multiplexCapability,
  capabilityTable: [...audio.map((receiveAudioCapability) => ({ receiveAudioCapability })), ...video.map((receiveVideoCapability) => ({ receiveVideoCapability }))]
    .map((capability, index) => ({ capabilityTableEntryNumber: index + 1, capability })),
});
const h264Line = (fmtp: string, ...more: string[]): string => sdp('m=audio 4000 RTP/AVP 8', 'm=video 4002 RTP/AVP 97', 'a=rtpmap:97 H264/90000', `a=fmtp:97 ${fmtp}`, ...more);

describe('which channels are opened', () => {
  test('towards Asterisk: the first codec of the description that it receives, in packets as long as the description wants', () => {
    expect(channelsToOpen(BARESIP_OFFER, recorded('ast-'))).toEqual([{
      medium: 'audio', sessionId: 1, dataType: { audioData: { g711Ulaw64k: 20 } }, payloadType: 0, parameters: {},
      media: { rtp: { host: '127.0.0.1', port: 33_390 }, rtcp: { host: '127.0.0.1', port: 33_391 } },
    }]);
  });

  test('towards H323plus: picture in the packets that it names; content, too, where the description has it', () => {
    const channels = channelsToOpen(ROOM_SYSTEM_OFFER, recorded('h323plus'));
    expect(channels.map(({ medium, sessionId, payloadType }) => [medium, sessionId, payloadType])).toEqual([['audio', 1, 9], ['video', 2, 34], ['content', 0, 97]]);
    expect(channels[1]).toMatchObject({
      dataType: { videoData: { h263VideoCapability: { qcifMPI: 1, cifMPI: 1, maxBitRate: 3_840 } } },
      parameters: { mediaPacketization: { rtpPayloadType: { payloadDescriptor: { 'rfc-number': 2_190 }, payloadType: 34 } } },
    });
    expect(channels[2]!.parameters).toEqual({ associatedSessionID: 2, mediaPacketization: { rtpPayloadType: { payloadDescriptor: { oid: '0.0.8.241.0.0.0.0' }, payloadType: 97 } } });
  });

  test('packets are no longer than the peer receives', () => {
    expect(channelsToOpen(PHONE_OFFER, endpoint([]))).toMatchObject([{ dataType: { audioData: { g711Alaw64k: 20 } } }]);
    expect(channelsToOpen(PHONE_OFFER, endpoint([], [{ g711Alaw64k: 60 }]))).toMatchObject([{ dataType: { audioData: { g711Alaw64k: 30 } } }]);
  });

  test('H.264: the same profile, the lower level and limits, the lower bit rate, never in packets that the peer does not name', () => {
    const local = h264Line('profile-level-id=42801f;packetization-mode=1;max-mbps=245000;max-fs=8192', 'b=TIAS:1500000');
    const videoOf = (set: h245.TerminalCapabilitySet): unknown => channelsToOpen(local, set).find(({ medium }) => medium === 'video')?.dataType;
    expect(videoOf(endpoint([h264(64, 85)]))).toEqual({ videoData: h264(64, 71, { 3: 490, 4: 32 }, 15_000) });
    expect(videoOf(endpoint([h264(64, 64, { 3: 216 }, 7_680)]))).toEqual({ videoData: h264(64, 64, { 3: 216 }, 7_680) });
    expect(videoOf(endpoint([h264(8, 85), h264(64 | 32, 36)]))).toEqual({ videoData: h264(64, 36, {}, 15_000) });
    expect(videoOf(endpoint([h264(8, 85)]))).toBeUndefined();
    expect(videoOf({ ...endpoint([h264(64, 85)]), multiplexCapability: undefined })).toBeUndefined();
  });

  test('the admitted rate limits picture', () => {
    expect(channelsToOpen(h264Line('profile-level-id=42801f;packetization-mode=1'), endpoint([h264(64, 71)]), { videoBitRate: 512_000 })[1])
      .toMatchObject({ dataType: { videoData: { genericVideoCapability: { maxBitRate: 5_120 } } } });
  });

  test('payload types are those of the description, but not the one that the peer has for events', () => {
    const opus = sdp('m=audio 4000 RTP/AVP 101 102', 'a=rtpmap:101 opus/48000/2', 'a=rtpmap:102 telephone-event/8000');
    const peer = received(capabilitiesOf(sdp('m=audio 4000 RTP/AVP 96 101', 'a=rtpmap:96 opus/48000/2', 'a=rtpmap:101 telephone-event/8000')));
    expect(channelsToOpen(opus, peer)).toMatchObject([{ payloadType: 96 }]);
    expect(channelsToOpen(opus.replaceAll('101', '111'), peer)).toMatchObject([{ payloadType: 111 }]);
  });

  test('what the description does not send is not opened', () => {
    expect(channelsToOpen(sdp('m=audio 4000 RTP/AVP 8', 'a=recvonly'), endpoint([]))).toEqual([]);
    expect(channelsToOpen(sdp('m=audio 4000 RTP/AVP 8', 'a=sendonly'), endpoint([]))).toHaveLength(1);
  });

  test('only the media that are asked for', () => {
    expect(channelsToOpen(ROOM_SYSTEM_OFFER, recorded('h323plus'), { media: ['content'] }).map(({ medium }) => medium)).toEqual(['content']);
  });

  test('the codec that the peer sends, for peers that want one both ways', () => {
    const peer = endpoint([], [{ 'g722-64k': 20 }, { g711Alaw64k: 20 }]);
    const theirs = { direction: 'receive' as const, number: 1, sessionId: 1, dataType: { audioData: { g711Alaw64k: 20 } }, payloadType: 8, media: { rtp: { host: '192.0.2.1', port: 4_000 } } };
    expect(channelsToOpen(BARESIP_OFFER, peer)).toMatchObject([{ payloadType: 9 }]);
    expect(channelsToOpen(BARESIP_OFFER, peer, { symmetricWith: [theirs] })).toMatchObject([{ payloadType: 8 }]);
    expect(channelsToOpen(BARESIP_OFFER, peer, { symmetricWith: [{ ...theirs, dataType: { audioData: { g729: 2 } } }] })).toMatchObject([{ payloadType: 9 }]);
  });

  test('what the peer does not receive at the same time is not opened beside each other', () => {
    const set = (simultaneousCapabilities: number[][]): h245.TerminalCapabilitySet =>
      ({ ...endpoint([h264(64, 71)], [{ 'g722-64k': 20 }, { g711Alaw64k: 20 }]), capabilityDescriptors: [{ capabilityDescriptorNumber: 0, simultaneousCapabilities }] });
    const mediaOf = (sets: number[][]): unknown => channelsToOpen(BARESIP_OFFER, set(sets)).map(({ medium, payloadType }) => [medium, payloadType]);
    expect(mediaOf([[1, 2], [3]])).toEqual([['audio', 9], ['video', 96]]);
    expect(mediaOf([[1, 2, 3]])).toEqual([['audio', 9]]);
    expect(mediaOf([[2, 3], [1, 3]])).toEqual([['audio', 9], ['video', 96]]);
    expect(mediaOf([[2], [3]])).toEqual([['audio', 9], ['video', 96]]);
  });

  test('of several entries for a codec the one with the largest pictures', () => {
    expect(channelsToOpen(h264Line('profile-level-id=42801f;packetization-mode=1'), endpoint([h264(64, 22), h264(64, 85), h264(64, 50)]))[1])
      .toMatchObject({ dataType: { videoData: { genericVideoCapability: { collapsing: [{}, { parameterValue: { unsignedMin: 71 } }] } } } });
  });

  test('nothing towards the empty set', () => {
    expect(channelsToOpen(ROOM_SYSTEM_OFFER, capabilitySet({}))).toEqual([]);
  });
});

describe('a channel that the peer wants to open', () => {
  const request = (dataType: h245.DataType, more: Partial<RequestedChannel> = {}): RequestedChannel => ({ number: 1, sessionId: 1, dataType, payloadType: 8, ...more });
  const cause = (answer: Acceptance): unknown => ('refuse' in answer ? Object.keys(answer.refuse)[0] : 'accepted');
  const sound = { audioData: { g711Alaw64k: 20 } } as const;
  const picture = (video: h245.VideoCapability, oid = '0.0.8.241.0.0.0.1'): RequestedChannel => request({ videoData: video }, {
    sessionId: 2, payloadType: 109, parameters: { mediaPacketization: { rtpPayloadType: { payloadDescriptor: { oid }, payloadType: 109 } } },
  });

  test('is accepted where the description receives it, as one of its formats', () => {
    expect(acceptChannel(PHONE_OFFER, request(sound))).toEqual({
      medium: 'audio', media: { rtp: { host: '127.0.0.1', port: 40_000 }, rtcp: { host: '127.0.0.1', port: 40_001 } }, format: expect.objectContaining({ name: 'PCMA', payloadType: 8 }),
    });
  });

  test('tells the number that the description has for the format, when the peer has another', () => {
    expect(acceptChannel(BARESIP_OFFER, picture(h264(64, 71)))).toMatchObject({ payloadType: 97, format: { payloadType: 97 } });
    expect(acceptChannel(BARESIP_OFFER, { ...picture(h264(64, 71)), payloadType: 97 })).not.toHaveProperty('payloadType');
  });

  test('is judged by the limits of H.264, not by its bit rate, which flow control holds', () => {
    const local = h264Line('profile-level-id=42801f;packetization-mode=1;max-fs=5120', 'b=AS:1024');
    expect(acceptChannel(local, picture(h264(64, 71, { 4: 20 })))).toMatchObject({ medium: 'video', bitRateLimit: 1_024_000 });
    expect(acceptChannel(local, picture(h264(64, 71, {}, 10_240)))).not.toHaveProperty('bitRateLimit');
    expect(cause(acceptChannel(local, picture(h264(64, 71, { 3: 300 }))))).toBe('dataTypeNotSupported');
    expect(cause(acceptChannel(local, picture(h264(64, 78))))).toBe('dataTypeNotSupported');
    expect(cause(acceptChannel(local, picture(h264(8, 71))))).toBe('dataTypeNotSupported');
  });

  test('single NAL units are received by who takes fragments, and not the other way round', () => {
    expect(cause(acceptChannel(h264Line('profile-level-id=42801f;packetization-mode=1'), picture(h264(64, 71), '0.0.8.241.0.0.0.0')))).toBe('accepted');
    expect(cause(acceptChannel(h264Line('profile-level-id=42801f;packetization-mode=0'), picture(h264(64, 71))))).toBe('dataTypeNotSupported');
    expect(cause(acceptChannel(h264Line('profile-level-id=42801f;packetization-mode=1'), picture(h264(64, 71), '0.0.8.241.0.0.0.2')))).toBe('dataTypeNotSupported');
  });

  test.each<[string, string, string, RequestedChannel]>([
    ['of a codec that the description has not', 'dataTypeNotSupported', PHONE_OFFER, request({ audioData: { 'g722-64k': 20 } })],
    ['of a medium that it has not', 'dataTypeNotSupported', PHONE_OFFER, request({ videoData: h264(64, 71) }, { sessionId: 2 })],
    ['of T.120', 'dataTypeNotSupported', ROOM_SYSTEM_OFFER, request({ data: { application: { t120: { separateLANStack: null } }, maxBitRate: 640 } }, { sessionId: 3 })],
    ['of T.120 both ways', 'unsuitableReverseParameters', ROOM_SYSTEM_OFFER, request({ data: { application: { t120: { separateLANStack: null } }, maxBitRate: 640 } }, { sessionId: 3, reverse: {} })],
    ['of a vendor', 'unknownDataType', PHONE_OFFER, request({ nonStandard: { nonStandardIdentifier: { object: '1.2.3' }, data: Buffer.alloc(1) } })],
    ['of a vendor within sound', 'unknownDataType', PHONE_OFFER, request({ audioData: { nonStandard: { nonStandardIdentifier: { object: '1.2.3' }, data: Buffer.alloc(1) } } })],
    ['of an unknown generic capability', 'unknownDataType', PHONE_OFFER, request({ audioData: { genericAudioCapability: { capabilityIdentifier: { standard: '1.2.3' } } } })],
    ['of nothing', 'dataTypeNotSupported', PHONE_OFFER, request({ nullData: null })],
    ['in the session of pictures', 'invalidSessionID', PHONE_OFFER, request(sound, { sessionId: 2 })],
    ['in the session of data', 'invalidSessionID', PHONE_OFFER, request(sound, { sessionId: 3 })],
    ['while the description only sends', 'dataTypeNotAvailable', sdp('m=audio 4000 RTP/AVP 8', 'a=sendonly'), request(sound)],
    ['while it has no address', 'dataTypeNotAvailable', sdp('m=audio 4000 RTP/AVP 8', 'c=IN IP4 0.0.0.0'), request(sound)],
    ['in longer packets than it receives', 'dataTypeNotSupported', sdp('m=audio 4000 RTP/AVP 8', 'a=maxptime:20'), request({ audioData: { g711Alaw64k: 30 } })],
  ])('%s is refused: %s', (_, expected, local, channel) => {
    expect(cause(acceptChannel(local, channel))).toBe(expected);
  });

  test('encrypted media are judged by what they are', () => {
    const h235Media = { encryptionAuthenticationAndIntegrity: {}, mediaType: sound };
    expect(cause(acceptChannel(PHONE_OFFER, request({ h235Media })))).toBe('accepted');
  });
});

const PARTIES = Object.entries(DESCRIPTIONS).filter(([name]) => name !== 'browser');

test.each(PARTIES.flatMap(([from, one]) => PARTIES.map(([to, other]) => [from, to, one, other] as const)))('what %s opens, %s accepts', (_from, _to, one, other) => {
  const channels = channelsToOpen(one, received(capabilitiesOf(other)));
  expect(channels[0]?.medium).toBe('audio');
  for (const channel of channels) expect(openedIn(other, channel, 1, 'send').media).toBeDefined();
});

test('towards a browser, whose address is found by ICE, channels are opened as well', () => {
  expect(channelsToOpen(BARESIP_OFFER, received(capabilitiesOf(BROWSER_OFFER))).map(({ medium }) => medium)).toEqual(['audio', 'video']);
});
