import fs from 'node:fs';
import path from 'node:path';
import { asn1Module, decode, encode, type Schema } from '../../src/h323/per';
import { decodeQ931, encodeCallSignalling, encodeTpkt } from '../../src/h323/q931';
import { h225, h245, h460 } from '../../src/h323/schemas';
import { describePeer } from '../peers/harness';
import { CATALOGUE } from './support/catalogue';
import { CORPUS } from './support/corpus';
import { ErlangOracle } from './support/erlang';
import { disagreementsAbout } from './support/oracle-check';
import type { Packet } from './support/pcap';
import { publishedModules } from './support/published-modules';
import { dissect, expectedFields, firstDifference } from './support/tshark';

/**
 * All that the stack has sent in the tests of a whole run (`keep-sent.ts`; `npm test` calls this after them), read by codecs that others
 * wrote: it holds the same for them.
 */
const LIMIT_MS = 900_000;
const FOLDER = process.env.ETASILTA_TEST_SENT!;
/** Of one run of tshark, which says a hundred times as much about each. */
const PACKETS = 1_000;

interface Signalling {
  payload: Buffer;
  information: h225.H323UserInformation;
}

const ras: h225.RasMessage[] = [];
const signalling: Signalling[] = [];
const control: h245.MultimediaSystemControlMessage[] = [];
const channels: h245.OpenLogicalChannel[] = [];

beforeAll(() => {
  const lines = new Set(fs.readdirSync(FOLDER).flatMap((name) => fs.readFileSync(path.join(FOLDER, name), 'utf8').trimEnd().split('\n')));
  for (const line of lines) {
    const [kind, hex = ''] = line.split(' ');
    const octets = Buffer.from(hex, 'hex');
    if (kind === 'ras') ras.push(decode(h225.RasMessage, octets));
    else if (kind === 'h245') control.push(decode(h245.MultimediaSystemControlMessage, octets));
    else takeSignalling(octets);
  }
});

function takeSignalling(payload: Buffer): void {
  const information = decode(h225.H323UserInformation, decodeQ931(payload).userUser!.octets);
  signalling.push({ payload, information });
  const { control: tunnelled, opened } = insideOf(information);
  control.push(...tunnelled);
  channels.push(...opened);
}

function insideOf(information: h225.H323UserInformation): { control: h245.MultimediaSystemControlMessage[]; opened: h245.OpenLogicalChannel[] } {
  const pdu = information['h323-uu-pdu'];
  const body = Object.values(pdu['h323-message-body'])[0] as { fastStart?: Buffer[]; parallelH245Control?: Buffer[] } | null;
  return {
    control: [...pdu.h245Control ?? [], ...body?.parallelH245Control ?? []].map((octets) => decode(h245.MultimediaSystemControlMessage, octets)),
    opened: (body?.fastStart ?? []).map((octets) => decode(h245.OpenLogicalChannel, octets)),
  };
}

/** Without what no codec of today can know: alternatives and additions of later versions, which pass as they came. */
const known = <T>(values: readonly T[]): T[] => values.filter((value) => !JSON.stringify(value).includes('"..."'));

describePeer(['erlc', 'erl'], 'every PDU that was sent in any test', () => {
  test("is read alike by Erlang's PER", () => {
    const published = publishedModules();
    const ours = 'missing' in published;
    const oracle = ErlangOracle.compile(ours ? { H323: asn1Module('H323', CATALOGUE) } : published as Record<string, string>);
    const about = <T>(schema: Schema<T>, values: readonly T[], standard: string, module: string, type: string) => known(values).map((value) => ({
      name: type, schema: schema as Schema<unknown>, value: value as unknown, module: ours ? 'H323' : module, type: ours ? `${standard}-${type.replaceAll('-', '')}` : type,
    }));
    const all = [
      ...about(h225.RasMessage, ras, 'H225', 'H323-MESSAGES', 'RasMessage'),
      ...about(h225.H323UserInformation, signalling.map(({ information }) => information), 'H225', 'H323-MESSAGES', 'H323-UserInformation'),
      ...about(h245.MultimediaSystemControlMessage, control, 'H245', 'MULTIMEDIA-SYSTEM-CONTROL', 'MultimediaSystemControlMessage'),
      ...about(h245.OpenLogicalChannel, channels, 'H245', 'MULTIMEDIA-SYSTEM-CONTROL', 'OpenLogicalChannel'),
    ];
    console.log(`${ras.length} messages of RAS, ${signalling.length} of call signalling, ${control.length} of H.245, ${channels.length} channels of fast start; ${all.length} compared`);
    expect(all.length).toBeGreaterThan(0);
    expect(disagreementsAbout(oracle, all)).toEqual([]);
  }, LIMIT_MS);
});

describePeer('tshark', 'every PDU that was sent in any test', () => {
  test('of RAS is dissected as what was put in', () => {
    expect(faults(known(ras).filter(hasPlainContents).map((value, i) => ({
      packet: { transport: 'udp', sourcePort: 20_000 + (i % PACKETS), destinationPort: 1719, payload: encode(h225.RasMessage, value) }, expected: expectedFields(h225.RasMessage, value),
    })))).toEqual([]);
  }, LIMIT_MS);

  test('of call signalling is dissected as what was put in, with what it tunnels', () => {
    expect(faults(signalling.filter(({ information }) => isComparable([information, insideOf(information)])).map(({ payload, information }, i) => ({
      packet: { transport: 'tcp', sourcePort: 20_000 + (i % PACKETS), destinationPort: 1720, payload: encodeTpkt(payload) }, expected: fieldsOf(information),
    })))).toEqual([]);
  }, LIMIT_MS);

  test('of H.245 is dissected as what was put in', () => {
    const messages = control.filter(isComparable).map((message) => ({ message, carrier: facility(encode(h245.MultimediaSystemControlMessage, message)) }));
    expect(faults(messages.map(({ message, carrier }, i) => ({
      packet: {
        transport: 'tcp', sourcePort: 20_000 + (i % PACKETS), destinationPort: 1720,
        payload: encodeTpkt(encodeCallSignalling({ q931: { callReference: 5, fromDestination: false, type: 'facility' }, userInformation: carrier })),
      },
      expected: [...expectedFields(h225.H323UserInformation, carrier), ...expectedFields(h245.MultimediaSystemControlMessage, message)],
    })))).toEqual([]);
  }, LIMIT_MS);
});

interface Dissected {
  packet: Packet;
  expected: string[];
}

function faults(subjects: readonly Dissected[]): string[] {
  const found: string[] = [];
  for (let at = 0; at < subjects.length && found.length < 5; at += PACKETS) {
    const some = subjects.slice(at, at + PACKETS);
    const dissections = dissect(some.map(({ packet }) => packet));
    if (dissections.length !== some.length) return [`${dissections.length} dissections of ${some.length} packets`];
    for (const [i, { fields, malformed }] of dissections.entries()) {
      const { packet, expected } = some[i]!;
      const difference = malformed ? 'malformed' : firstDifference(expected, fields);
      if (difference) found.push(`${difference}: ${packet.payload.toString('hex')}`);
    }
  }
  return found.slice(0, 5);
}

/** Of H.460.18, tshark shows the message that a parameter holds, too. */
const hasPlainContents = (value: h225.RasMessage): boolean => !/"id":\{"standard":18\},"parameters":.*"raw"/.test(JSON.stringify(value));

/**
 * Left out: supplementary services, which another dissector shows in its own words, messages of H.460.19, whose contents are shown instead of
 * what carries them, and octets that were not understood, which are taken for a message.
 */
const isComparable = (value: unknown): boolean => !BEYOND.test(JSON.stringify(value));
const BEYOND = new RegExp(`"\\.\\.\\."|"h4501SupplementaryService"|"functionNotSupported"|${h460.MEDIA_TRAVERSAL.messageIdentifier}`);

/** A message that carries one of H.245. */
function facility(octets: Buffer): h225.H323UserInformation {
  const recorded = decode(h225.H323UserInformation, CORPUS.find(({ kind, message }) => kind === 'cs' && message === 'facility')!.octets);
  return { ...recorded, 'h323-uu-pdu': { ...recorded['h323-uu-pdu'], h245Control: [octets] } };
}

function fieldsOf(information: h225.H323UserInformation): string[] {
  const fields = expectedFields(h225.H323UserInformation, information);
  const { control: messages, opened } = insideOf(information);
  insert(fields, 'fastStart=', opened.flatMap((channel) => expectedFields(h245.OpenLogicalChannel, channel)));
  insert(fields, 'h245Control=', messages.flatMap((message) => expectedFields(h245.MultimediaSystemControlMessage, message)));
  return fields;
}

function insert(fields: string[], after: string, inner: string[]): void {
  const at = fields.findIndex((field) => field.startsWith(after));
  if (at >= 0) fields.splice(at + 1, 0, ...inner);
}
