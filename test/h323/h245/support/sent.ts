import { asn1Module, decode, encode } from '../../../../src/h323/per';
import { encodeCallSignalling, encodeTpkt } from '../../../../src/h323/q931';
import { h225, h245, h460 } from '../../../../src/h323/schemas';
import { describePeer } from '../../../peers/harness';
import { CATALOGUE } from '../../support/catalogue';
import { CORPUS } from '../../support/corpus';
import { ErlangOracle } from '../../support/erlang';
import { disagreementsAbout } from '../../support/oracle-check';
import type { Packet } from '../../support/pcap';
import { publishedModules } from '../../support/published-modules';
import { dissect, expectedFields, firstDifference } from '../../support/tshark';
import { SENT } from './wire';

const LIMIT_MS = 900_000;
/** tshark has dissectors of its own for many ports below. */
const FIRST_PORT = 50_000;
const SCHEMA = h245.MultimediaSystemControlMessage;

/** What was sent, but for what no codec of today can know. */
const known = (): h245.MultimediaSystemControlMessage[] => [...SENT.values()].map((octets) => decode(SCHEMA, octets)).filter((value) => !JSON.stringify(value).includes('"..."'));

/** Last in a file of tests: what their sessions sent is read by codecs that others wrote, and holds the same for them. */
export function checkWhatWasSent(): void {
  describePeer(['erlc', 'erl'], 'every PDU that was sent', () => {
    test("is read alike by Erlang's PER, which sends the same octets", () => {
      const published = publishedModules();
      const [modules, module, type] = 'missing' in published
        ? [{ H323: asn1Module('H323', CATALOGUE) }, 'H323', 'H245-MultimediaSystemControlMessage']
        : [published, 'MULTIMEDIA-SYSTEM-CONTROL', 'MultimediaSystemControlMessage'];
      const about = known().map((value) => ({ name: 'sent', schema: SCHEMA as never, module, type, value }));
      expect(about.length).toBeGreaterThan(0);
      expect(disagreementsAbout(ErlangOracle.compile(modules as Record<string, string>), about)).toEqual([]);
    }, LIMIT_MS);
  });

  describePeer('tshark', 'every PDU that was sent', () => {
    test('is dissected by tshark as what was put in', () => {
      // tshark takes the octets of a message that is not supported for a message, and shows what those of H.460.19 hold.
      const values = known().filter((value) => !('indication' in value && 'functionNotSupported' in value.indication) && !JSON.stringify(value).includes(h460.MEDIA_TRAVERSAL.messageIdentifier));
      const dissections = dissect(values.map(tunnelled));
      expect(dissections).toHaveLength(values.length);
      const carrier = expectedFields(h225.H323UserInformation, facility(encode(SCHEMA, values[0]!)));
      const faults = dissections.flatMap(({ fields, malformed }, i) => {
        const difference = malformed ? 'malformed' : firstDifference([...carrier, ...expectedFields(SCHEMA, values[i]!)], fields);
        return difference ? [`${difference}: ${encode(SCHEMA, values[i]!).toString('hex')}`] : [];
      });
      expect(faults.slice(0, 5)).toEqual([]);
    }, LIMIT_MS);
  });
}

function facility(control: Buffer): h225.H323UserInformation {
  const recorded = decode(h225.H323UserInformation, CORPUS.find(({ kind, message }) => kind === 'cs' && message === 'facility')!.octets);
  return { ...recorded, 'h323-uu-pdu': { ...recorded['h323-uu-pdu'], h245Control: [control] } };
}

function tunnelled(message: h245.MultimediaSystemControlMessage, index: number): Packet {
  const userInformation = facility(encode(SCHEMA, message));
  const payload = encodeTpkt(encodeCallSignalling({ q931: { callReference: 5, fromDestination: false, type: 'facility' }, userInformation }));
  return { transport: 'tcp', sourcePort: FIRST_PORT + index, destinationPort: 1720, payload };
}
