import { asn1Module, decode, type Schema } from '../../../src/h323/per';
import { decodeQ931, encodeTpkt } from '../../../src/h323/q931';
import { h225, h245 } from '../../../src/h323/schemas';
import { TpktConnection } from '../../../src/h323/signalling/tpkt-connection';
import { describePeer } from '../../peers/harness';
import { CATALOGUE } from '../support/catalogue';
import { ErlangOracle } from '../support/erlang';
import { disagreementsAbout } from '../support/oracle-check';
import { publishedModules } from '../support/published-modules';
import { dissect, expectedFields, firstDifference } from '../support/tshark';

const LIMIT_MS = 900_000;
/** Every payload that was sent in this file's tests, once. */
const SENT = new Map<string, Buffer>();

const send = TpktConnection.prototype.send;
jest.spyOn(TpktConnection.prototype, 'send').mockImplementation(function record(this: TpktConnection, payload: Buffer) {
  SENT.set(payload.toString('hex'), payload);
  send.call(this, payload);
});

interface Sent {
  /** The whole payload; absent for H.245 in a connection of its own. */
  signalling?: { payload: Buffer; information: h225.H323UserInformation };
  control: Buffer[];
  channels: Buffer[];
}

/** Q.931 messages begin with 8 and 2, messages of H.245 never do: 8 would be an unfinished extension. */
function sent(): Sent[] {
  return [...SENT.values()].map((payload) => {
    if (payload[0] !== 8 || payload[1] !== 2) return { control: [payload], channels: [] };
    const information = decode(h225.H323UserInformation, decodeQ931(payload).userUser!.octets);
    const pdu = information['h323-uu-pdu'];
    const body = Object.values(pdu['h323-message-body'])[0] as { fastStart?: Buffer[] } | null;
    return { signalling: { payload, information }, control: pdu.h245Control ?? [], channels: body?.fastStart ?? [] };
  });
}

/** Last in a file of tests: what was sent is read by codecs that others wrote, and holds the same for them. */
export function checkWhatWasSent(): void {
  describePeer(['erlc', 'erl'], 'every PDU that was sent', () => {
    test("is read alike by Erlang's PER", () => {
      const published = publishedModules();
      const ours = 'missing' in published;
      const oracle = ErlangOracle.compile(ours ? { H323: asn1Module('H323', CATALOGUE) } : published as Record<string, string>);
      const subject = (schema: Schema<unknown>, standard: string, module: string, type: string) => (octets: Buffer) => ({
        name: type, schema, module: ours ? 'H323' : module, type: ours ? `${standard}-${type.replaceAll('-', '')}` : type, value: decode(schema, octets),
      });
      const all = sent();
      expect(all.length).toBeGreaterThan(0);
      expect(disagreementsAbout(oracle, [
        ...all.flatMap(({ signalling }) => (signalling ? [decodeQ931(signalling.payload).userUser!.octets] : [])).map(subject(h225.H323UserInformation as Schema<unknown>, 'H225', 'H323-MESSAGES', 'H323-UserInformation')),
        ...all.flatMap(({ control }) => control).map(subject(h245.MultimediaSystemControlMessage as Schema<unknown>, 'H245', 'MULTIMEDIA-SYSTEM-CONTROL', 'MultimediaSystemControlMessage')),
        ...all.flatMap(({ channels }) => channels).map(subject(h245.OpenLogicalChannel as Schema<unknown>, 'H245', 'MULTIMEDIA-SYSTEM-CONTROL', 'OpenLogicalChannel')),
      ])).toEqual([]);
    }, LIMIT_MS);
  });

  describePeer('tshark', 'every message that was sent', () => {
    test('is dissected by tshark as what was put in', () => {
      const messages = sent().filter((one): one is Sent & { signalling: object } => one.signalling !== undefined);
      const dissections = dissect(messages.map(({ signalling }, i) => ({ transport: 'tcp', sourcePort: 20_000 + i, destinationPort: 1720, payload: encodeTpkt(signalling!.payload) })));
      expect(dissections).toHaveLength(messages.length);
      const faults = dissections.flatMap(({ fields, malformed }, i) => {
        const { signalling, control, channels } = messages[i]!;
        const { information, payload } = signalling!;
        const expected = expectedFields(h225.H323UserInformation, information);
        insert(expected, 'fastStart=', channels.flatMap((octets) => expectedFields(h245.OpenLogicalChannel, decode(h245.OpenLogicalChannel, octets))));
        insert(expected, 'h245Control=', control.flatMap((octets) => expectedFields(h245.MultimediaSystemControlMessage, decode(h245.MultimediaSystemControlMessage, octets))));
        // Supplementary services are shown by a dissector of another vocabulary.
        const services = information['h323-uu-pdu'].h4501SupplementaryService !== undefined;
        const difference = malformed ? 'malformed' : services ? undefined : firstDifference(expected, fields);
        return difference ? [`${difference}: ${payload.toString('hex')}`] : [];
      });
      expect(faults.slice(0, 5)).toEqual([]);
    }, LIMIT_MS);
  });
}

function insert(fields: string[], after: string, inner: string[]): void {
  const at = fields.findIndex((field) => field.startsWith(after));
  if (at >= 0) fields.splice(at + 1, 0, ...inner);
}
