import { SupplementaryServices } from '../../../src/h323/h450';
import type { EarlierDiversions } from '../../../src/calls';
import { divertingLegInformation1, divertingLegInformation2, divertingLegInformation3, diversionsOf } from '../../../src/h323/legs/diversion';
import { decode, encode } from '../../../src/h323/per';
import { encodeCallSignalling, encodeTpkt } from '../../../src/h323/q931';
import { h450 } from '../../../src/h323/schemas';
import { describePeer } from '../../peers/harness';
import { SimulatedTime } from '../h245/support/time';
import type { Packet } from '../support/pcap';
import { dissect } from '../support/tshark';

/** A service in a Facility, as it goes over the wire. */
const facility = (service: h450.H4501SupplementaryService, index: number): Packet => ({
  transport: 'tcp', sourcePort: 20_000 + index, destinationPort: 1720,
  payload: encodeTpkt(encodeCallSignalling({
    q931: { callReference: 5, fromDestination: false, type: 'facility' },
    userInformation: { 'h323-uu-pdu': { 'h323-message-body': { empty: null }, h4501SupplementaryService: [encode(h450.H4501SupplementaryService, service)], h245Tunnelling: true } },
  })),
});
/** What a side sends when it invokes something. */
function invoked(invoke: (services: SupplementaryServices) => void): h450.H4501SupplementaryService {
  const sent: h450.H4501SupplementaryService[] = [];
  invoke(new SupplementaryServices({ send: (service) => { sent.push(service); }, handlers: {}, clear: () => undefined, clock: new SimulatedTime() }));
  return sent[0]!;
}
const KELA = { destinationAddress: [{ 'h323-ID': 'kela.fi@palvelu.example' }, { dialledDigits: '9890101' }] };
const EARLIER: EarlierDiversions = [{ by: 'huone@talo.kunta.example', reason: 'no-answer', counter: 2 }, { by: '9890101', reason: 'user-busy', counter: 1 }];

describePeer('tshark', 'tshark reads what this program sends of H.450', () => {
  test.each([
    ['callTransferInitiate', invoked((services) => { void services.invoke('callTransferInitiate', { callIdentity: '', reroutingNumber: KELA }); }), ['callIdentity=', 'reroutingNumber', 'operation=9']],
    ['callTransferInitiate of a second call', invoked((services) => { void services.invoke('callTransferInitiate', { callIdentity: '4711', reroutingNumber: KELA }); }), ['callIdentity=4711']],
    ['divertingLegInformation1', divertingLegInformation1({ to: 'toinen', reason: 'user-busy' }), ['diversionReason=2', 'nominatedNr']],
    ['divertingLegInformation2', divertingLegInformation2(EARLIER)!, ['diversionCounter=3', 'diversionReason=3', 'originalDiversionReason=2', 'divertingNr', 'originalCalledNr']],
    ['divertingLegInformation3', divertingLegInformation3('toinen'), ['presentationAllowedIndicator=1', 'redirectionNr']],
  ])('%s', (_name, service, expected) => {
    const [dissection] = dissect([facility(service, 1)], 'h450\\.[123]|h450');
    expect(dissection!.malformed).toBe(false);
    const { fields } = dissection!;
    expect(expected.filter((wanted) => !fields.some((field) => field === wanted || field.split('=')[0] === wanted))).toEqual([]);
  });
});

describe('divertingLegInformation2 tells of the last diversion, of the first, and how many there were', () => {
  const again = (diversions: EarlierDiversions): EarlierDiversions => {
    const { serviceApdu } = divertingLegInformation2(diversions)!;
    const [ros] = 'rosApdus' in serviceApdu ? serviceApdu.rosApdus : [];
    return diversionsOf(decode(h450.DivertingLegInformation2Arg, (ros as { invoke: h450.Invoke }).invoke.argument!));
  };
  const [LAST, FIRST] = EARLIER as [EarlierDiversions[0], EarlierDiversions[0]];
  const BETWEEN = { by: 'valissa@talo.kunta.example', reason: 'deflection', counter: 1 } as const;

  test('what is written is read again', () => expect(again(EARLIER)).toEqual(EARLIER));
  test('one', () => expect(again([FIRST])).toEqual([FIRST]));
  test('three: of the one between there is only the number', () => expect(again([{ ...LAST, counter: 1 }, BETWEEN, FIRST])).toEqual(EARLIER));
  test('reasons that H.450.3 has not are unknown', () => expect(again([BETWEEN])).toEqual([{ ...BETWEEN, reason: 'unknown' }]));
  test('who is not to be named is not', () => expect(again([{ reason: 'no-answer', counter: 2 }, FIRST])).toEqual([{ reason: 'no-answer', counter: 2 }, FIRST]));
  test('who came first is not known where one stands for several', () => expect(again([LAST])).toEqual([LAST]));
  test('a call that was not diverted has none', () => expect(divertingLegInformation2([])).toBeUndefined());
});
