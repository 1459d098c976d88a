import fs from 'node:fs';
import { createInterface } from 'node:readline';
import { EtasiltaError } from '../errors';
import { isCapture, layersOfAny, messagesOf, PDU_KINDS, type CapturedMessage, type PduKind } from '../h323/capture';
import { decode, encode, fromJson, PerError, toJson, type Json, type Schema } from '../h323/per';
import type { CliContext, RegisterCommands } from './context';
import { addExamples } from './examples';
import { addCallsCommand } from './h323-calls';
import { addGatekeeperCommands } from './h323-gatekeeper';
import { UsageError } from './usage-error';

const KINDS = Object.keys(PDU_KINDS).join('|');
const KIND = new RegExp(`^(${KINDS})\\s+(\\S.*)$`);
const HEX = /^([0-9a-f]{2}[\s:]*)+$/i;

/** A PDU or file that cannot be decoded or encoded. */
class H323CommandError extends EtasiltaError {}

const schemaOf = (kind: string): Schema<unknown> => PDU_KINDS[kind as PduKind] as Schema<unknown>;

const octetsOf = (hex: string): Buffer => Buffer.from(hex.replace(/[\s:]/g, ''), 'hex');

/** One line of the line mode, `KIND TEXT`, through `work`; what is wrong with it becomes the line's answer. */
function answer(line: string, work: (schema: Schema<unknown>, text: string) => string): string {
  const [, kind, text] = KIND.exec(line) ?? [];
  if (kind === undefined || text === undefined) return JSON.stringify({ error: 'line', message: `a line is ${KINDS} and a PDU` });
  try {
    return work(schemaOf(kind), text);
  } catch (error) {
    if (!(error instanceof EtasiltaError)) throw error;
    return JSON.stringify({ error: error.code, ...(error instanceof PerError && { path: error.path }), message: error.message });
  }
}

function decodeText(schema: Schema<unknown>, text: string): string {
  if (!HEX.test(text)) throw new H323CommandError('hex', 'hexadecimal digits expected, two an octet');
  return JSON.stringify(toJson(schema, decode(schema, octetsOf(text))));
}

function encodeText(schema: Schema<unknown>, text: string): string {
  return encode(schema, fromJson(schema, parse(text))).toString('hex');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new H323CommandError('json', `not JSON: ${(cause as Error).message}`);
  }
}

/** Answers every line of standard input with one line, in order. */
async function answerLines(context: CliContext, work: (schema: Schema<unknown>, text: string) => string): Promise<void> {
  for await (const line of createInterface({ input: context.stdin, crlfDelay: Infinity })) {
    if (line.trim() === '') continue;
    if (!process.stdout.write(`${answer(line.trim(), work)}\n`)) await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
  }
}

/** What is in the file or in the hexadecimal digits; a file is meant where there is one of that name. */
function* messagesIn(given: string, as: PduKind | undefined): Generator<CapturedMessage> {
  if (fs.existsSync(given)) {
    const octets = fs.readFileSync(given);
    if (isCapture(octets)) yield* messagesOf(octets);
    else yield one(octets, as);
  } else if (HEX.test(given)) {
    yield one(octetsOf(given), as);
  } else {
    throw new UsageError(`${given} is neither a file nor hexadecimal digits`, 'Give a capture file, a file with one PDU, or the octets of a PDU as hexadecimal digits.');
  }
}

const one = (octets: Buffer, as: PduKind | undefined): CapturedMessage => ({
  layers: as === undefined ? layersOfAny(octets) : [{ layer: as, value: toJson(schemaOf(as), decode(schemaOf(as), octets)) }],
});

function print(context: CliContext, messages: Iterable<CapturedMessage>): void {
  let failed: string | undefined;
  const shown: CapturedMessage[] = [];
  for (const message of messages) {
    shown.push(message);
    if (message.frame === undefined) failed ??= message.layers.find(({ error }) => error !== undefined)?.error;
  }
  if (failed !== undefined) throw new H323CommandError('undecodable', failed);
  context.print(shown, () => (shown.length === 0 ? 'no H.323 messages\n' : shown.map(asText).join('\n')));
}

function asText({ frame, source, destination, layers }: CapturedMessage): string {
  const head = frame === undefined ? [] : [`frame ${frame}  ${source} -> ${destination}`];
  return [...head, ...layers.flatMap(({ layer, value, error }) => (error === undefined ? lines(layer, value ?? null, 1) : [`  ${layer}: ${error}`]))].join('\n').concat('\n');
}

/** A value as indented lines: choices beside their names, so that the depth shows the structure of the message. */
function lines(name: string, value: Json, depth: number): string[] {
  const indent = '  '.repeat(depth);
  if (Array.isArray(value)) return value.length === 0 ? [`${indent}${name}: none`] : value.flatMap((element, index) => lines(`${name}[${index}]`, element, depth));
  if (value === null) return [`${indent}${name}`];
  if (typeof value !== 'object') return [`${indent}${name}: ${value}`];
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only && (only[1] === null || typeof only[1] !== 'object')) return lines(`${name}: ${only[0]}`, only[1], depth);
  return [`${indent}${name}`, ...entries.flatMap(([field, content]) => lines(field, content, depth + 1))];
}

export const register: RegisterCommands = (program, context) => {
  const group = program.command('h323').description('H.323: endpoints, neighbours, PDUs and captures');
  addGatekeeperCommands(group, context);
  addCallsCommand(group, context);

  group.command('decode')
    .description(`print PDUs and captures with their layers; without an argument, answer each line "${KINDS} HEX" of standard input with one line of JSON`)
    .argument('[file-or-hex]', 'a capture (pcap, pcapng), a file with one PDU, or a PDU as hexadecimal digits: TPKT, Q.931, or PER')
    .option('--as <kind>', `take the PDU for one of ${KINDS}; without it the kind that fits best`)
    .action(async (given: string | undefined, { as }: { as?: string }) => {
      if (as !== undefined && !(as in PDU_KINDS)) throw new UsageError(`--as takes ${KINDS}, not ${as}`);
      if (given === undefined) await answerLines(context, decodeText);
      else print(context, messagesIn(given, as as PduKind | undefined));
    });

  group.command('encode')
    .description(`answer each line "${KINDS} JSON" of standard input with one line of hexadecimal digits; JSON as decode writes it`)
    .action(() => answerLines(context, encodeText));

  addExamples(group, [
    'etasilta h323 registrations',
    'etasilta h323 registrations --json | jq ".[].address"',
    'etasilta h323 neighbours',
    'etasilta h323 password ex90-1@fasadi.alavus.example --password-file secret.txt',
    'etasilta h323 password ex90-1@fasadi.alavus.example --remove',
    'etasilta h323 decode call.pcapng',
    'etasilta h323 decode --json 1c0004',
    'etasilta h323 decode --as h245 "01 00 3c 80 30 31 2c"',
    'etasilta h323 decode < pdus.txt',
    `etasilta h323 encode <<< 'ras {"unregistrationConfirm":{"requestSeqNum":5}}'`,
  ]);
};
