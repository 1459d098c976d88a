import { chosen } from '../../../src/h323/per';
import type { h245 } from '../../../src/h323/schemas';
import { capabilitiesOf, peerCapabilities, SdpError } from '../../../src/h323/sdp';
import { BROWSER_OFFER, ROOM_SYSTEM_OFFER } from '../../media-server/session/fixtures';
import { BARESIP_OFFER, DESCRIPTIONS, FREESWITCH_OFFER } from './descriptions';
import { capabilitySet, received, recordedSets, sdp } from './support';

/** What each entry of the table holds, in a word. */
const told = (set: h245.TerminalCapabilitySet): string[] => (set.capabilityTable ?? []).map(({ capability }) => word(capability!));

function word(capability: h245.Capability): string {
  const inner = Object.values(capability)[0] as Record<string, unknown>;
  const kind = typeof inner === 'object' ? Object.keys(inner)[0]! : '';
  const generic = JSON.stringify(capability).match(/"standard":"([\d.]+)"/)?.[1];
  return generic && kind !== 'extendedVideoCapability' ? generic : kind === 'dynamicRTPPayloadType' ? chosen(capability) : kind;
}

describe('what a party of SIP receives, told in H.245', () => {
  test('a room system: every codec that H.245 knows in the order of the description, picture, content and camera beside each other', () => {
    const set = received(capabilitiesOf(ROOM_SYSTEM_OFFER));
    expect(told(set)).toEqual([
      '0.0.7.7221.1.1.0', '0.0.7.7221.1.0', 'g722-64k', 'g729AnnexAwAnnexB', 'g729wAnnexB', 'g729AnnexA', 'g729', 'g711Alaw64k', 'g711Ulaw64k',
      '0.0.8.241.0.0.1', 'h263VideoCapability', 'h263VideoCapability', 'h261VideoCapability', 'extendedVideoCapability', '0.0.8.224.1.0', 'application',
      '0.0.8.239.1.1', 'dtmf', 'basicString',
    ]);
    expect(set.capabilityDescriptors).toEqual([{
      capabilityDescriptorNumber: 0, simultaneousCapabilities: [[1, 2, 3, 4, 5, 6, 7, 8, 9], [10, 11, 12, 13], [14], [15, 16], [17], [18], [19]],
    }]);
  });

  test('H.264: profile, level, limits over the level, bit rate and both ways of packing', () => {
    const set = received(capabilitiesOf(ROOM_SYSTEM_OFFER));
    expect(set.capabilityTable![9]!.capability).toEqual({ receiveVideoCapability: { genericVideoCapability: {
      capabilityIdentifier: { standard: '0.0.8.241.0.0.1' }, maxBitRate: 11_520, collapsing: [
        { parameterIdentifier: { standard: 41 }, parameterValue: { booleanArray: 64 } }, { parameterIdentifier: { standard: 42 }, parameterValue: { unsignedMin: 57 } },
        { parameterIdentifier: { standard: 3 }, parameterValue: { unsignedMin: 70 } }, { parameterIdentifier: { standard: 4 }, parameterValue: { unsignedMin: 15 } },
      ],
    } } });
    const { h2250Capability } = set.multiplexCapability as { h2250Capability: h245.H2250Capability };
    expect(h2250Capability.mediaPacketizationCapability.rtpPayloadType!.map(({ payloadDescriptor }) => Object.values(payloadDescriptor)[0])).toEqual(
      ['0.0.8.241.0.0.0.1', '0.0.8.241.0.0.0.0', 2_429, 2_190]);
    expect(h2250Capability.transportCapability).toBeUndefined();
  });

  test('a browser: Opus in its private name, baseline and main once each, VP8 and AV1 left out', () => {
    expect(told(received(capabilitiesOf(BROWSER_OFFER)))).toEqual([
      '1.3.6.1.4.1.17091.1.10.48', 'g722-64k', 'g711Ulaw64k', 'g711Alaw64k', '0.0.8.241.0.0.1', '0.0.8.241.0.0.1', 'receiveRTPAudioTelephonyEventCapability', 'dtmf', 'basicString',
    ]);
  });

  test('baresip and FreeSWITCH: events with their payload type', () => {
    for (const description of [BARESIP_OFFER, FREESWITCH_OFFER]) {
      expect(received(capabilitiesOf(description)).capabilityTable).toContainEqual(
        expect.objectContaining({ capability: { receiveRTPAudioTelephonyEventCapability: { dynamicRTPPayloadType: 101, audioTelephoneEvent: '0-15' } } }));
    }
  });

  test('packets of sound: as long as `a=maxptime`, or 60 ms, in the frames of each codec', () => {
    const audio = (text: string): string[] => (capabilitiesOf(text).capabilityTable).slice(0, 2).map(({ capability }) => JSON.stringify(Object.values(capability!)[0]));
    expect(audio(sdp('m=audio 4000 RTP/AVP 8 4'))).toEqual(['{"g711Alaw64k":60}', '{"g7231":{"maxAl-sduAudioFrames":2,"silenceSuppression":false}}']);
    expect(audio(sdp('m=audio 4000 RTP/AVP 8 3', 'a=maxptime:40'))).toEqual(['{"g711Alaw64k":40}', '{"gsmFullRate":{"audioUnitSize":66,"comfortNoise":false,"scrambled":false}}']);
  });

  test('G.729 without annex B is not told with it', () => {
    expect(told(received(capabilitiesOf(sdp('m=audio 4000 RTP/AVP 18', 'a=fmtp:18 annexb=no')))).slice(0, 2)).toEqual(['g729AnnexA', 'g729']);
  });

  test('a description of nothing that H.245 knows is still no empty set, which would pause the peer', () => {
    expect(told(received(capabilitiesOf(sdp('m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 speex/8000'))))).toEqual(['dtmf', 'basicString']);
  });

  test('refused lines are not told', () => {
    expect(told(received(capabilitiesOf(sdp('m=audio 4000 RTP/AVP 8', 'm=video 0 RTP/AVP 34'))))).toEqual(['g711Alaw64k', 'dtmf', 'basicString']);
  });
});

describe('what real H.323 endpoints receive', () => {
  const of = (recording: string): ReturnType<typeof peerCapabilities> => peerCapabilities(recordedSets().find((entry) => entry.recording.startsWith(recording))!.set);
  const codecs = (medium: string, { media }: ReturnType<typeof peerCapabilities>): unknown[] => media.filter((entry) => entry.medium === medium).map(({ coding }) => coding);

  test('Asterisk: G.711 and GSM; T.38 and the Cisco RTP relay are passed over', () => {
    expect(of('ast-')).toMatchObject({ content: false, userInput: { events: { payloadType: 101, events: '0-16' }, signal: true, alphanumeric: true } });
    expect(of('ast-').media.map(({ coding }) => coding)).toEqual([
      { family: 'audio', codec: 'PCMU', packetMs: 20 }, { family: 'audio', codec: 'PCMA', packetMs: 20 }, { family: 'audio', codec: 'GSM', packetMs: 80 },
    ]);
  });

  test('H323plus: H.263 in RFC 2190 packets, H.264 content with the token of H.239; Speex, iLBC and G.726 are passed over', () => {
    expect(codecs('audio', of('h323plus')).map((coding) => (coding as { codec: string }).codec)).toEqual(['PCMA', 'PCMU', 'G722', 'GSM']);
    expect(codecs('video', of('h323plus'))).toEqual([{ family: 'h263', packets: 2190, sizes: { qcif: 1, cif: 1 }, annexes: [], bitRate: 384_000 }]);
    expect(codecs('content', of('h323plus'))).toEqual([expect.objectContaining({ family: 'h264', profile: 64, fs: 792, mode: 0, bitRate: 384_000 })]);
    expect(of('h323plus').content).toBe(true);
    expect(codecs('video', of('gnugk'))).toEqual([{ family: 'h261', sizes: { cif: 1 }, bitRate: 621_700 }]);
  });
});

test.each([
  [{ maxBitRate: 24_000 }, '0.0.7.7221.1.0', ['G7221-24']], [{ maxBitRate: 320 }, '0.0.7.7221.1.0', ['G7221-32']], [{ maxBitRate: 480 }, '0.0.7.7221.1.1.0', ['G7221C-48']],
  [{ maxBitRate: 480, collapsing: [{ parameterIdentifier: { standard: 2 }, parameterValue: { booleanArray: 112 } }] }, '0.0.7.7221.1.1.0', ['G7221C-48', 'G7221C-32', 'G7221C-24']],
  [{ maxBitRate: 160 }, '0.0.7.7221.1.0', []],
])('G.722.1 of an endpoint that says %j of %s is %j', (more, standard, codecs) => {
  const genericAudioCapability = { capabilityIdentifier: { standard }, ...more } as h245.GenericCapability;
  const { media } = peerCapabilities({ capabilityTable: [{ capabilityTableEntryNumber: 1, capability: { receiveAudioCapability: { genericAudioCapability } } }] });
  expect(media.map(({ coding }) => (coding as { codec: string }).codec)).toEqual(codecs);
});

test.each(Object.entries(DESCRIPTIONS))('what is told of a party, %s, is read back as what it receives', (_, description) => {
  const told = capabilitiesOf(description);
  const peer = peerCapabilities(received(told));
  const media = told.capabilityTable.filter(({ capability }) => /Audio|Video|Data/.test(chosen(capability!)) && !('receiveRTPAudioTelephonyEventCapability' in capability!));
  expect(new Set(peer.media.map(({ entry }) => entry))).toEqual(new Set(media.map(({ capabilityTableEntryNumber }) => capabilityTableEntryNumber)));
  expect(peer.userInput).toMatchObject({ signal: true, alphanumeric: true });
});

describe('what cannot be used', () => {
  test('capabilities that are unknown, empty or only sent are passed over', () => {
    const strange = capabilitySet({ capabilityTable: [
      { capabilityTableEntryNumber: 1 },
      { capabilityTableEntryNumber: 2, capability: { transmitAudioCapability: { g711Alaw64k: 20 } } },
      { capabilityTableEntryNumber: 3, capability: { receiveVideoCapability: { genericVideoCapability: { capabilityIdentifier: { standard: '0.0.8.241.0.0.1' } } } } },
      { capabilityTableEntryNumber: 4, capability: { receiveVideoCapability: { extendedVideoCapability: { videoCapability: [] } } } },
      { capabilityTableEntryNumber: 5, capability: { receiveDataApplicationCapability: { application: { t120: { separateLANStack: null } }, maxBitRate: 640 } } },
      { capabilityTableEntryNumber: 6, capability: { receiveVideoCapability: { h261VideoCapability: { temporalSpatialTradeOffCapability: false, maxBitRate: 1, stillImageTransmission: false, videoBadMBsCap: false } } } },
      { capabilityTableEntryNumber: 7, capability: { receiveRTPAudioTelephonyEventCapability: { dynamicRTPPayloadType: 96, audioTelephoneEvent: '0-16\r\na=x' } } },
    ] });
    expect(peerCapabilities(strange)).toEqual({ media: [], userInput: { events: { payloadType: 96, events: '0-15' }, signal: false, alphanumeric: false }, content: false, descriptors: [] });
  });

  test.each([
    ['is no description', 'hello'], ['has no media', sdp()], ['has a malformed m-line', sdp('m=audio nine RTP/AVP 0')], ['has a port over 65535', sdp('m=audio 70000 RTP/AVP 0')],
    ['has too many media', sdp(...Array.from({ length: 17 }, () => 'm=audio 4000 RTP/AVP 0'))], ['has too many formats', sdp(`m=audio 4000 RTP/AVP${' 0'.repeat(65)}`)],
    ['is too long', `${sdp('m=audio 4000 RTP/AVP 0')}${'a=x\r\n'.repeat(20_000)}`], ['has too many lines', `${sdp('m=audio 4000 RTP/AVP 0')}${'a=x\r\n'.repeat(1_500)}`],
    ['has too long a line', sdp('m=audio 4000 RTP/AVP 0', `a=${'x'.repeat(2_048)}`)],
  ])('a description that %s is refused with a typed error', (_, text) => {
    expect(() => capabilitiesOf(text)).toThrow(SdpError);
    expect(() => capabilitiesOf(text)).toThrow(expect.objectContaining({ code: 'sdp-invalid', sipStatus: 400, q850: 111 }));
  });
});
