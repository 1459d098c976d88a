import { SupplementaryServices } from '../../../src/h323/h450';
import { diversionHeader, diversionIn } from '../../../src/calls';
import { divertingLegInformation1, divertingLegInformation2, divertingLegInformation3 } from '../../../src/h323/legs/diversion';
import { encode } from '../../../src/h323/per';
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
const EARLIER = { by: 'huone@talo.kunta.example', reason: 'no-answer', counter: 2 } as const;

describePeer('tshark', 'tshark reads what this program sends of H.450', () => {
  test.each([
    ['callTransferInitiate', invoked((services) => { void services.invoke('callTransferInitiate', { callIdentity: '', reroutingNumber: KELA }); }), ['callIdentity=', 'reroutingNumber', 'operation=9']],
    ['callTransferInitiate of a second call', invoked((services) => { void services.invoke('callTransferInitiate', { callIdentity: '4711', reroutingNumber: KELA }); }), ['callIdentity=4711']],
    ['divertingLegInformation1', divertingLegInformation1({ to: 'toinen', reason: 'user-busy' }), ['diversionReason=2', 'nominatedNr']],
    ['divertingLegInformation2', divertingLegInformation2(EARLIER, 'kela.fi@palvelu.example'), ['diversionCounter=2', 'diversionReason=3', 'divertingNr', 'originalCalledNr']],
    ['divertingLegInformation3', divertingLegInformation3('toinen'), ['presentationAllowedIndicator=1', 'redirectionNr']],
  ])('%s', (_name, service, expected) => {
    const [dissection] = dissect([facility(service, 1)], 'h450\\.[123]|h450');
    expect(dissection!.malformed).toBe(false);
    const { fields } = dissection!;
    expect(expected.filter((wanted) => !fields.some((field) => field === wanted || field.split('=')[0] === wanted))).toEqual([]);
  });
});

describe('Diversion (RFC 5806)', () => {
  test('what is written is read again', () => expect(diversionIn(diversionHeader(EARLIER))).toEqual(EARLIER));

  test.each([
    ['"Asiakas" <sip:kela@palvelu.example;user=phone>;reason="do-not-disturb";privacy=off', { by: 'kela@palvelu.example', reason: 'unknown', counter: 1 }],
    ['<sip:a@b>;counter=3;reason=unconditional, <sip:c@d>;reason=user-busy', { by: 'a@b', reason: 'unconditional', counter: 3 }],
    ['nonsense', undefined], [undefined, undefined],
  ])('%s', (header, expected) => expect(diversionIn(header)).toEqual(expected));

  test('an address cannot bring another header with it', () => expect(diversionHeader({ ...EARLIER, by: 'a>\r\nVia: x' })).not.toMatch(/[\r\n]|>.*>/));
});
