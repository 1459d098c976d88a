import { type BerWriter, TAG } from '../ber';
import type { ResultCode } from './result-codes';
import { RESULT } from './result-codes';
import type { Request } from './types';

/** Application tags of responses (RFC 4511 section 4.2 and following). */
export const RESPONSE = {
  bind: 0x61, searchEntry: 0x64, searchDone: 0x65, modify: 0x67, add: 0x69, delete: 0x6b, modifyDn: 0x6d, compare: 0x6f, extended: 0x78,
} as const;

/** The response that ends each kind of operation; unbind and abandon have none. */
const RESPONSE_OF: Partial<Record<Request['op'], number>> = {
  bind: RESPONSE.bind, search: RESPONSE.searchDone, modify: RESPONSE.modify, add: RESPONSE.add, delete: RESPONSE.delete,
  modifyDn: RESPONSE.modifyDn, compare: RESPONSE.compare, extended: RESPONSE.extended,
};

/** How an operation ended. */
export interface Result {
  code: ResultCode;
  matchedDn?: string;
  message?: string;
}

export interface ResponseControl {
  oid: string;
  value: Buffer;
}

/** RFC 4511 section 4.4.1. */
const NOTICE_OF_DISCONNECTION = '1.3.6.1.4.1.1466.20036';
const CONTROLS = 0xa0;

function message(writer: BerWriter, id: number, tag: number, content: () => void, controls: readonly ResponseControl[] = []): void {
  const envelope = writer.begin(TAG.sequence);
  writer.integer(id);
  const operation = writer.begin(tag);
  content();
  writer.end(operation);
  if (controls.length > 0) {
    const list = writer.begin(CONTROLS);
    for (const { oid, value } of controls) {
      const control = writer.begin(TAG.sequence);
      writer.text(oid);
      writer.octets(value);
      writer.end(control);
    }
    writer.end(list);
  }
  writer.end(envelope);
}

function resultFields(writer: BerWriter, { code, matchedDn = '', message: text = '' }: Result): void {
  writer.integer(code, TAG.enumerated);
  writer.text(matchedDn);
  writer.text(text);
}

/** The answer that ends an operation. Operations without one write nothing. */
export function writeResult(writer: BerWriter, id: number, op: Request['op'], result: Result, controls?: readonly ResponseControl[]): void {
  const tag = RESPONSE_OF[op];
  if (tag !== undefined) message(writer, id, tag, () => resultFields(writer, result), controls);
}

export function writeExtendedResult(writer: BerWriter, id: number, result: Result, name: string | undefined, value: string | undefined): void {
  message(writer, id, RESPONSE.extended, () => {
    resultFields(writer, result);
    if (name !== undefined) writer.text(name, 0x8a);
    if (value !== undefined) writer.text(value, 0x8b);
  });
}

/** Tells why the server ends the session. */
export function writeNoticeOfDisconnection(writer: BerWriter, code: ResultCode, text: string): void {
  writeExtendedResult(writer, 0, { code, message: text }, NOTICE_OF_DISCONNECTION, undefined);
}

/** Opens a SearchResultEntry; its attributes follow. Returns what `endEntry` takes. */
export function beginEntry(writer: BerWriter, id: number, dn: string): readonly [number, number, number] {
  const envelope = writer.begin(TAG.sequence);
  writer.integer(id);
  const operation = writer.begin(RESPONSE.searchEntry);
  writer.text(dn);
  return [envelope, operation, writer.begin(TAG.sequence)];
}

export function writeAttribute(writer: BerWriter, description: string, values: readonly string[], typesOnly: boolean): void {
  const attribute = writer.begin(TAG.sequence);
  writer.text(description);
  const set = writer.begin(TAG.set);
  if (!typesOnly) for (const value of values) writer.text(value);
  writer.end(set);
  writer.end(attribute);
}

export function endEntry(writer: BerWriter, [envelope, operation, attributes]: readonly [number, number, number]): void {
  writer.end(attributes);
  writer.end(operation);
  writer.end(envelope);
}

export const SUCCESS: Result = { code: RESULT.success };
