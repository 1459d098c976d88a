import { BerReader, BerWriter, TAG } from '../ber';
import { LdapError } from '../errors';
import { type Control, RESULT, type ResponseControl } from '../protocol';

export const CONTROL = {
  /** RFC 2696. */
  pagedResults: '1.2.840.113556.1.4.319',
  /** RFC 2891: request and response. */
  sort: '1.2.840.113556.1.4.473',
  sortResult: '1.2.840.113556.1.4.474',
  /** RFC 3296; there are no referrals here, so that there is nothing to manage. */
  manageDsaIt: '2.16.840.1.113730.3.4.2',
} as const;

/** What requests may carry, as the root DSE tells. */
export const SUPPORTED_CONTROLS = [CONTROL.pagedResults, CONTROL.sort, CONTROL.manageDsaIt];

export interface PagedResults { size: number; cookie: string }
export interface SortKey { attribute: string; rule?: string; reverse: boolean }

export interface SearchControls {
  paged?: PagedResults;
  sort?: { keys: SortKey[]; critical: boolean };
}

/** Refuses critical controls that are not known for the operation (RFC 4511 section 4.1.11). */
export function checkControls(controls: readonly Control[], known: readonly string[]): void {
  const unknown = controls.find(({ oid, critical }) => critical && !known.includes(oid));
  if (unknown) throw new LdapError(RESULT.unavailableCriticalExtension, `control ${unknown.oid} is not supported here`);
}

export function searchControls(controls: readonly Control[]): SearchControls {
  checkControls(controls, SUPPORTED_CONTROLS);
  const found: SearchControls = {};
  for (const { oid, critical, value } of controls) {
    if (oid === CONTROL.pagedResults) found.paged = pagedResults(value);
    else if (oid === CONTROL.sort) found.sort = { keys: sortKeys(value), critical };
  }
  return found;
}

/** Where the list of keys is longer, sorting is refused. */
const MAX_SORT_KEYS = 8;

function pagedResults(value: Buffer | undefined): PagedResults {
  const reader = inside(value);
  const size = reader.integer();
  const cookie = reader.octets().toString('latin1');
  reader.finish();
  if (size < 0) throw new LdapError(RESULT.protocolError, 'a page of a negative size');
  return { size, cookie };
}

function sortKeys(value: Buffer | undefined): SortKey[] {
  const list = inside(value);
  const keys: SortKey[] = [];
  while (!list.done) {
    if (keys.length >= MAX_SORT_KEYS) throw new LdapError(RESULT.unwillingToPerform, `more than ${MAX_SORT_KEYS} sort keys`);
    const reader = list.inside(TAG.sequence);
    const attribute = reader.text();
    const rule = reader.tag === 0x80 ? reader.text(0x80) : undefined;
    const reverse = reader.tag === 0x81 && reader.boolean(0x81);
    reader.finish();
    keys.push({ attribute, rule, reverse });
  }
  if (keys.length === 0) throw new LdapError(RESULT.protocolError, 'a sort control without keys');
  return keys;
}

function inside(value: Buffer | undefined): BerReader {
  if (value === undefined) throw new LdapError(RESULT.protocolError, 'a control without its value');
  return new BerReader(value).inside(TAG.sequence);
}

/** @param cookie empty: there are no more pages. */
export function pagedResultsResponse(cookie: string): ResponseControl {
  const writer = new BerWriter(64);
  const sequence = writer.begin(TAG.sequence);
  // No estimate of how many there are.
  writer.integer(0);
  writer.octets(Buffer.from(cookie, 'latin1'));
  writer.end(sequence);
  return { oid: CONTROL.pagedResults, value: writer.take() };
}

export function sortResponse(code: number, attribute?: string): ResponseControl {
  const writer = new BerWriter(64);
  const sequence = writer.begin(TAG.sequence);
  writer.integer(code, TAG.enumerated);
  if (attribute !== undefined) writer.text(attribute, 0x80);
  writer.end(sequence);
  return { oid: CONTROL.sortResult, value: writer.take() };
}
