import { decode, encode, type Schema } from '../../src/h323/per';
import { encodeCallSignalling, encodeTpkt } from '../../src/h323/q931';
import { h225, h245 } from '../../src/h323/schemas';
import { describePeer } from '../peers/harness';
import { CORPUS } from './support/corpus';
import type { Packet } from './support/pcap';
import { Random } from './support/random';
import { randomValue } from './support/random-value';
import { dissect, expectedFields, firstDifference } from './support/tshark';

/** tshark 4.0 gives up on signed tokens and on integers of more than four octets. */
const signed = (schema: Schema<unknown>): boolean =>
  schema.form.kind === 'SEQUENCE' && schema.form.root.some((component) => component.name === 'toBeSigned' || (!component.optional && signed(component.schema)));
/** It takes the octets that a message was not understood by for a message. */
const RESTRICTIONS = { smallIntegers: true, avoid: (schema: Schema<unknown>) => signed(schema) || schema === h245.FunctionNotSupported };

interface Subject {
  packet: Packet;
  expected: string[];
}

const ras = (value: h225.RasMessage): Subject => ({
  packet: { transport: 'udp', sourcePort: 40_000, destinationPort: 1719, payload: encode(h225.RasMessage, value) }, expected: expectedFields(h225.RasMessage, value),
});

/** A call signalling message without what other dissectors would go on with, `control` in its tunnel. */
function callSignalling(value: h225.H323UserInformation, port: number, control?: h245.MultimediaSystemControlMessage): Subject {
  const { h4501SupplementaryService: _services, tunnelledSignallingMessage: _tunnelled, h245Control: _control, ...pdu } = value['h323-uu-pdu'];
  const [name, body] = Object.entries(pdu['h323-message-body'])[0] as [string, Record<string, unknown> | null];
  const { fastStart: _fastStart, parallelH245Control: _parallel, ...rest } = body ?? {};
  const userInformation = {
    'h323-uu-pdu': { ...pdu, 'h323-message-body': { [name]: body && rest } as never, ...(control && { h245Control: [encode(h245.MultimediaSystemControlMessage, control)] }) },
  };
  const fields = expectedFields(h225.H323UserInformation, userInformation);
  return {
    packet: {
      transport: 'tcp', sourcePort: port, destinationPort: 1720,
      payload: encodeTpkt(encodeCallSignalling({ q931: { callReference: 5, fromDestination: false, type: 'facility' }, userInformation })),
    },
    expected: control ? [...fields, ...expectedFields(h245.MultimediaSystemControlMessage, control)] : fields,
  };
}

/** Packets that a frame can hold, each with what tshark says of it. */
function faults(subjects: readonly Subject[]): string[] {
  const fitting = subjects.filter(({ packet }) => packet.payload.length < 60_000);
  const dissections = dissect(fitting.map(({ packet }) => packet));
  expect(dissections).toHaveLength(fitting.length);
  return dissections.flatMap(({ fields, malformed }, i) => {
    const { expected, packet } = fitting[i]!;
    const difference = malformed ? 'malformed' : firstDifference(expected, fields);
    return difference ? [`${difference}: ${packet.payload.toString('hex').slice(0, 600)}`] : [];
  }).slice(0, 8);
}

describePeer('tshark', 'tshark sees in our PDUs what was put in', () => {
  test('random values of RAS', () => {
    const random = new Random(11);
    expect(faults(Array.from({ length: 300 }, () => ras(randomValue(h225.RasMessage, random, RESTRICTIONS))))).toEqual([]);
  }, 200_000);

  test('random values of call signalling', () => {
    const random = new Random(12);
    expect(faults(Array.from({ length: 300 }, (_, i) => callSignalling(randomValue(h225.H323UserInformation, random, RESTRICTIONS), 20_000 + i)))).toEqual([]);
  }, 200_000);

  test('random values of H.245, tunnelled', () => {
    const random = new Random(13);
    const facility = CORPUS.find(({ kind, message }) => kind === 'cs' && message === 'facility')!;
    const carrier = decode(h225.H323UserInformation, facility.octets);
    expect(faults(Array.from({ length: 300 }, (_, i) =>
      callSignalling(carrier, 20_000 + i, randomValue(h245.MultimediaSystemControlMessage, random, RESTRICTIONS))))).toEqual([]);
  }, 200_000);
});
