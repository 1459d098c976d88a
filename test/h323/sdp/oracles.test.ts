import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { asn1Module, decode, encode, type Schema } from '../../../src/h323/per';
import { encodeCallSignalling, encodeTpkt } from '../../../src/h323/q931';
import { h225, h245 } from '../../../src/h323/schemas';
import { acceptFastStart, capabilitiesOf, channelsToOpen, fastStartOf, type ProposedChannel } from '../../../src/h323/sdp';
import { channelParameters } from '../../../src/h323/sdp/channels';
import { describePeer } from '../../peers/harness';
import { CATALOGUE } from '../support/catalogue';
import { CORPUS } from '../support/corpus';
import { ErlangOracle } from '../support/erlang';
import { disagreementsAbout } from '../support/oracle-check';
import { writePcap, type Packet } from '../support/pcap';
import { Random } from '../support/random';
import { dissect, expectedFields, firstDifference } from '../support/tshark';
import { DESCRIPTIONS } from './descriptions';
import { randomDescription } from './random-description';
import { messageOf, sdp } from './support';

const COMPILE_LIMIT_MS = 900_000;

/** Every capability set and channel that is made of the known descriptions, and of as many random ones. */
function made(seed: number, count: number): { sets: h245.TerminalCapabilitySet[]; channels: h245.OpenLogicalChannel[] } {
  const random = new Random(seed);
  const parties = [...Object.values(DESCRIPTIONS), ...Array.from({ length: count }, () => randomDescription(random))];
  const sets = parties.map((party) => messageOf(capabilitiesOf(party)));
  const channels = parties.flatMap((party, index) => [
    ...channelsToOpen(party, sets[index]!).map(opening), ...fastStartOf(party), ...acceptFastStart(fastStartOf(party), party).accepted,
  ]);
  return { sets, channels };
}

const opening = (channel: ProposedChannel): h245.OpenLogicalChannel => ({
  forwardLogicalChannelNumber: 7,
  forwardLogicalChannelParameters: { dataType: channel.dataType, multiplexParameters: { h2250LogicalChannelParameters: channelParameters(channel, { rtcp: channel.media?.rtcp }) } },
});

describePeer(['erlc', 'erl'], 'what is made of descriptions, read by Erlang', () => {
  test('is what was put in, and is written the same', () => {
    const oracle = ErlangOracle.compile({ H323: asn1Module('H323', CATALOGUE) });
    const { sets, channels } = made(1, 60);
    const about = (name: 'TerminalCapabilitySet' | 'OpenLogicalChannel', values: readonly unknown[]) =>
      values.map((value) => ({ name, schema: h245[name] as Schema<unknown>, module: 'H323', type: `H245-${name}`, value }));
    expect(channels.length).toBeGreaterThan(200);
    expect(disagreementsAbout(oracle, [...about('TerminalCapabilitySet', sets), ...about('OpenLogicalChannel', channels)])).toEqual([]);
  }, COMPILE_LIMIT_MS);
});

/** A request in the tunnel of a Facility, in a connection of its own. */
function tunnelled(request: h245.RequestMessage, index: number): Packet {
  const facility = decode(h225.H323UserInformation, CORPUS.find(({ kind, message }) => kind === 'cs' && message === 'facility')!.octets);
  const userInformation = { 'h323-uu-pdu': { ...facility['h323-uu-pdu'], h245Control: [encode(h245.MultimediaSystemControlMessage, { request })] } };
  return {
    transport: 'tcp', sourcePort: 20_000 + index, destinationPort: 1720,
    payload: encodeTpkt(encodeCallSignalling({ q931: { callReference: 5, fromDestination: false, type: 'facility' }, userInformation })),
  };
}

/** What tshark writes about packets for people to read. */
function explained(packets: readonly Packet[]): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-tshark-'));
  try {
    const file = path.join(folder, 'packets.pcap');
    fs.writeFileSync(file, writePcap(packets));
    return spawnSync('tshark', ['-r', file, '-V'], { encoding: 'utf8', timeout: 60_000, maxBuffer: 1 << 28 }).stdout;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

describePeer('tshark', 'what is made of descriptions, seen by tshark', () => {
  test('is what was put in, in the tunnel of call signalling', () => {
    const { sets, channels } = made(2, 40);
    const requests: h245.RequestMessage[] = [...sets.map((terminalCapabilitySet) => ({ terminalCapabilitySet })), ...channels.map((openLogicalChannel) => ({ openLogicalChannel }))];
    const dissections = dissect(requests.map(tunnelled));
    expect(dissections).toHaveLength(requests.length);
    const faults = dissections.flatMap(({ fields, malformed }, index) => {
      const expected = expectedFields(h245.MultimediaSystemControlMessage, { request: requests[index]! });
      const difference = malformed ? 'malformed' : firstDifference(expected, fields.slice(-expected.length));
      return difference ? [`${difference}: ${JSON.stringify(requests[index]).slice(0, 600)}`] : [];
    });
    expect(faults.slice(0, 5)).toEqual([]);
  }, 200_000);

  test('has the meaning in H.241 and H.239 that tshark knows', () => {
    const levels = ['1', '1b', '1.1', '1.2', '1.3', '2', '2.1', '2.2', '3', '3.1', '3.2', '4', '4.1', '4.2', '5', '5.1'];
    const identifiers = ['42800a', '42900b', '42800b', '42800c', '42800d', '428014', '428015', '428016', '42801e', '42801f', '428020', '428028', '428029', '42802a', '428032', '428033'];
    const profiles = [['42e01f', 'Baseline'], ['4d401f', 'Main'], ['58a01f', 'Extended'], ['64001f', 'High']] as const;
    const requestFor = (id: string): h245.RequestMessage => ({ terminalCapabilitySet: messageOf(capabilitiesOf(sdp(
      'm=video 4002 RTP/AVP 97', 'a=rtpmap:97 H264/90000', `a=fmtp:97 profile-level-id=${id};packetization-mode=1;max-mbps=2000000;max-fs=60000;max-br=300000`,
    ))) });
    const text = explained([...identifiers, ...profiles.map(([id]) => id)].map(requestFor).map(tunnelled));
    expect([...text.matchAll(/unsignedMin: \d+ - Level (\S+)/g)].map(([, level]) => level)).toEqual([...levels, '3.1', '3.1', '3.1', '3.1']);
    expect([...text.matchAll(/= (\w+) Profile\.?: True/g)].map(([, profile]) => profile).slice(levels.length)).toEqual(profiles.map(([, profile]) => profile));
    for (const meaning of [
      'standard: 3 - CustomMaxMBPS', 'standard: 4 - CustomMaxFS', 'standard: 6 - CustomMaxBRandCPB', '(iPpacketization_RFC3984NonInterleaved)', '(iPpacketization_h241AnnexA(single NAL unit mode))',
    ]) expect(text).toContain(meaning);
    const room = explained([tunnelled({ terminalCapabilitySet: messageOf(capabilitiesOf(DESCRIPTIONS['room system']!)) }, 0)]);
    for (const meaning of ['(h239ControlCapability)', '(h239ExtendedVideoCapability)', 'RFC 2190 - H.263 Video Streams', 'RFC 2429 - 1998 Version of ITU-T Rec. H.263']) expect(room).toContain(meaning);
  }, 60_000);
});
