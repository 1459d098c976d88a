import { chosen } from '../../../src/h323/per';
import type { h245 } from '../../../src/h323/schemas';
import { capabilitiesOf, channelsToOpen, descriptionOf } from '../../../src/h323/sdp';
import { linesOf, opened, PARTY, received, sdp } from './support';

const description = (fmtp: string | undefined, ...more: string[]): string =>
  sdp('m=video 4002 RTP/AVP 97', 'a=rtpmap:97 H264/90000', ...(fmtp === undefined ? [] : [`a=fmtp:97 ${fmtp}`]), ...more);

const genericOf = (set: { capabilityTable: h245.CapabilityTableEntry[] }): h245.GenericCapability =>
  set.capabilityTable.flatMap(({ capability }) => (capability && 'receiveVideoCapability' in capability && 'genericVideoCapability' in capability.receiveVideoCapability
    ? [capability.receiveVideoCapability.genericVideoCapability] : []))[0]!;

/** The parameters of the capability that a description is told as: number to value. */
function parameters(fmtp: string | undefined, ...more: string[]): Record<string, number> {
  const generic = genericOf(capabilitiesOf(description(fmtp, ...more)));
  return Object.fromEntries([['rate', generic.maxBitRate!], ...generic.collapsing!.map(({ parameterIdentifier, parameterValue }) =>
    [`${String(Object.values(parameterIdentifier)[0])} ${chosen(parameterValue)}`, Object.values(parameterValue)[0] as number])]);
}

/** How the description of a party is answered by one that receives the same. */
function back(fmtp: string): string[] {
  const text = description(fmtp);
  const set = received(capabilitiesOf(text));
  return linesOf(descriptionOf(opened(text, text, set, set), set, { ...PARTY, offer: text }), /^a=fmtp/);
}

describe('H.264 in SDP (RFC 6184) and H.245 (H.241)', () => {
  // H.264 table A-1 with level_idc, and H.241's number, as Wireshark, OPAL and H323plus have it.
  test.each([
    ['42800a', 15, 640], ['42900b', 19, 1_280], ['42800b', 22, 1_920], ['42800c', 29, 3_840], ['42800d', 36, 7_680], ['428014', 43, 20_000], ['428015', 50, 40_000],
    ['428016', 57, 40_000], ['42801e', 64, 100_000], ['42801f', 71, 140_000], ['428020', 78, 200_000], ['428028', 85, 200_000], ['428029', 92, 500_000], ['42802a', 99, 500_000],
    ['428032', 106, 1_350_000], ['428033', 113, 2_400_000],
  ])('profile-level-id %s is level %i, of %i00 bit/s, and back', (id, level, rate) => {
    expect(parameters(`profile-level-id=${id}`)).toEqual({ '41 booleanArray': 64, '42 unsignedMin': level, rate });
    expect(back(`profile-level-id=${id};packetization-mode=1`)).toEqual([`a=fmtp:97 profile-level-id=${id};packetization-mode=1`]);
  });

  test.each([['42e01f', 64], ['42001f', 64], ['4d401f', 32], ['58a01f', 16], ['64001f', 8], ['640c1f', 8]])('profile-level-id %s is profile %i, and back with its constraints', (id, profile) => {
    expect(parameters(`profile-level-id=${id}`)).toMatchObject({ '41 booleanArray': profile, '42 unsignedMin': 71 });
    expect(back(`profile-level-id=${id};packetization-mode=1`)).toEqual([`a=fmtp:97 profile-level-id=${id};packetization-mode=1`]);
  });

  test('level 1b: constraint_set3_flag at level 1.1, level_idc 9 in the high profile', () => {
    expect(parameters('profile-level-id=640009')).toMatchObject({ '42 unsignedMin': 19 });
    expect(parameters('profile-level-id=64100b')).toMatchObject({ '42 unsignedMin': 22 });
    expect(back('profile-level-id=640009;packetization-mode=0')).toEqual(['a=fmtp:97 profile-level-id=640009;packetization-mode=0']);
  });

  test('without parameters it is baseline at level 1 in single NAL units', () => {
    expect(parameters(undefined)).toEqual({ '41 booleanArray': 64, '42 unsignedMin': 15, rate: 640 });
  });

  test('levels between and above those of H.241 count as the next lower', () => {
    expect(parameters('profile-level-id=428034')).toMatchObject({ '42 unsignedMin': 113 });
    expect(parameters('profile-level-id=428018')).toMatchObject({ '42 unsignedMin': 57 });
  });

  test('what an EX90 says: limits over the level, in units of 500, 256 and 25 kbit/s', () => {
    expect(parameters('profile-level-id=428016;max-br=5000;max-mbps=245000;max-fs=9000;max-smbps=245000;packetization-mode=1', 'b=TIAS:6000000')).toEqual({
      '41 booleanArray': 64, '42 unsignedMin': 57, '3 unsignedMin': 490, '4 unsignedMin': 36, '6 unsignedMin': 200, rate: 60_000,
    });
    expect(back('profile-level-id=428016;max-br=5000;max-mbps=245000;max-fs=9000;packetization-mode=1')).toEqual([
      'a=fmtp:97 profile-level-id=428016;packetization-mode=1;max-mbps=245000;max-fs=9216;max-br=5000',
    ]);
  });

  test('limits at or under the level are void', () => {
    expect(parameters('profile-level-id=42801f;max-mbps=108000;max-fs=1000;max-br=x')).toEqual({ '41 booleanArray': 64, '42 unsignedMin': 71, rate: 140_000 });
  });

  test('limits beyond what H.241 can say are the most that it can', () => {
    expect(parameters('profile-level-id=428033;max-mbps=2000000000')).toMatchObject({ '3 unsignedMin': 65_535 });
  });

  test.each(['profile-level-id=4280', 'profile-level-id=42801fff', 'profile-level-id=zz801f', 'profile-level-id=f4001f', 'profile-level-id=42801f;packetization-mode=3'])(
    'parameters that are wrong or of other profiles are passed over: %s', (fmtp) => {
      expect(genericOf(capabilitiesOf(description(fmtp)))).toBeUndefined();
    });

  test('720p towards a system that has it as a custom size at a lower level, and towards one at level 3.1', () => {
    const low = description('profile-level-id=428016;max-mbps=108000;max-fs=3600;packetization-mode=1');
    const high = description('profile-level-id=42801f;packetization-mode=1');
    for (const [one, other] of [[low, high], [high, low]] as const) {
      expect(channelsToOpen(one, received(capabilitiesOf(other)))).toMatchObject([{ dataType: { videoData: { genericVideoCapability: { collapsing: [
        { parameterValue: { booleanArray: 64 } }, { parameterValue: { unsignedMin: 57 } }, { parameterValue: { unsignedMin: 216 } }, { parameterValue: { unsignedMin: 15 } },
      ] } } } }]);
    }
  });
});

describe('H.261 and H.263', () => {
  const answer = (...lines: string[]): string[] => {
    const text = sdp(...lines);
    const set = received(capabilitiesOf(text));
    return linesOf(descriptionOf(opened(text, text, set, set), set, { ...PARTY, offer: text }), /^(m=|b=T|a=(rtpmap|fmtp))/);
  };

  test('H.261: sizes and rate', () => {
    expect(answer('m=video 4002 RTP/AVP 31', 'b=AS:384', 'a=fmtp:31 CIF=2;QCIF=1')).toEqual(['m=video 4002 RTP/AVP 31', 'b=TIAS:384000', 'a=rtpmap:31 H261/90000', 'a=fmtp:31 CIF=2;QCIF=1']);
    expect(answer('m=video 4002 RTP/AVP 31')).toEqual(['m=video 4002 RTP/AVP 31', 'b=TIAS:768000', 'a=rtpmap:31 H261/90000', 'a=fmtp:31 CIF=1;QCIF=1']);
  });

  test('H.263 in packets of RFC 2190', () => {
    expect(answer('m=video 4002 RTP/AVP 34', 'a=fmtp:34 CIF4=4;CIF=1;F=1')).toEqual(['m=video 4002 RTP/AVP 34', 'b=TIAS:768000', 'a=rtpmap:34 H263/90000', 'a=fmtp:34 CIF4=4;CIF=1;F=1']);
  });

  test.each(['H263-1998', 'H263-2000'])('%s with its annexes', (name) => {
    expect(answer('m=video 4002 RTP/AVP 98', `a=rtpmap:98 ${name}/90000`, 'a=fmtp:98 CIF=1;QCIF=1;I=1;J=1;T=1;K=1')).toEqual([
      'm=video 4002 RTP/AVP 98', 'b=TIAS:768000', `a=rtpmap:98 ${name}/90000`, 'a=fmtp:98 CIF=1;QCIF=1;I=1;J=1;T=1',
    ]);
  });

  test('of two, the sizes and annexes of both at the longer interval', () => {
    const one = sdp('m=video 4002 RTP/AVP 98', 'a=rtpmap:98 H263-1998/90000', 'a=fmtp:98 CIF=1;QCIF=1;I=1;J=1');
    const other = sdp('m=video 4002 RTP/AVP 98', 'a=rtpmap:98 H263-1998/90000', 'a=fmtp:98 CIF4=2;CIF=2;J=1;T=1', 'b=TIAS:256000');
    expect(channelsToOpen(one, received(capabilitiesOf(other)))).toMatchObject([{ dataType: { videoData: { h263VideoCapability: {
      cifMPI: 2, maxBitRate: 2_560, h263Options: { advancedIntraCodingMode: false, deblockingFilterMode: true, modifiedQuantizationMode: false },
    } } } }]);
  });
});
