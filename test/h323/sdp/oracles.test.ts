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
import { Random } from '../support/random';
import { dissect, expectedFields, firstDifference } from '../support/tshark';
import { DESCRIPTIONS } from './descriptions';
import { randomDescription } from './random-description';
import { messageOf } from './support';

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

describePeer('tshark', 'what is made of descriptions, seen by tshark', () => {
  test('in the H.245 tunnel of call signalling', () => {
    const facility = decode(h225.H323UserInformation, CORPUS.find(({ kind, message }) => kind === 'cs' && message === 'facility')!.octets);
    const { 'h323-uu-pdu': { h245Control: _control, ...pdu } } = facility;
    const { sets, channels } = made(2, 40);
    const requests: h245.RequestMessage[] = [...sets.map((terminalCapabilitySet) => ({ terminalCapabilitySet })), ...channels.map((openLogicalChannel) => ({ openLogicalChannel }))];
    const dissections = dissect(requests.map((request, index) => ({
      transport: 'tcp', sourcePort: 20_000 + index, destinationPort: 1720,
      payload: encodeTpkt(encodeCallSignalling({
        q931: { callReference: 5, fromDestination: false, type: 'facility' },
        userInformation: { 'h323-uu-pdu': { ...pdu, h245Control: [encode(h245.MultimediaSystemControlMessage, { request })] } },
      })),
    })));
    expect(dissections).toHaveLength(requests.length);
    const faults = dissections.flatMap(({ fields, malformed }, index) => {
      const expected = expectedFields(h245.MultimediaSystemControlMessage, { request: requests[index]! });
      const difference = malformed ? 'malformed' : firstDifference(expected, fields.slice(-expected.length));
      return difference ? [`${difference}: ${JSON.stringify(requests[index]).slice(0, 600)}`] : [];
    });
    expect(faults.slice(0, 5)).toEqual([]);
  }, 200_000);
});
