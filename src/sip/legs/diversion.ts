import { DIVERSION_REASONS, MAX_DIVERSIONS, type DiversionReason, type EarlierDiversion, type EarlierDiversions } from '../../calls';
import { parseNameAddr, splitList, type NameAddr } from '../grammar';

/**
 * Diversions of a call in SIP: `Diversion` (RFC 5806) and `History-Info` (RFC 7044), each read and written as RFC 7544 maps one to the other.
 */

const ANONYMOUS = 'anonymous@anonymous.invalid';
/** Stands for parties of a diversion that nobody has told of. */
const UNKNOWN = 'unknown@unknown.invalid';
/** Of hi-entries: RFC 4458 section 4, RFC 7544 section 5; all other reasons are 404. */
const CAUSES: Partial<Record<DiversionReason, number>> = { unconditional: 302, 'user-busy': 486, 'no-answer': 408, deflection: 480, unavailable: 503 };
const UNKNOWN_CAUSE = 404;
const REASONS: ReadonlyMap<number, DiversionReason> = new Map([
  [302, 'unconditional'], [486, 'user-busy'], [408, 'no-answer'], [480, 'deflection'], [487, 'deflection'], [503, 'unavailable'], [UNKNOWN_CAUSE, 'unknown'],
]);

/** What is read of a header; longer ones say nothing. */
const MAX_LENGTH = 8_000;
const MAX_ENTRIES = 50;
const MAX_ADDRESS = 255;

interface Headers {
  get(name: string): string | undefined;
}

/** The diversions that a request tells of: in `Diversion`, else in `History-Info`. Who wants privacy is left out. */
export function diversionsIn(headers: Headers): EarlierDiversions {
  const isPrivate = /(?:^|[;,\s])(?:history|header|session)\b/i.test(headers.get('Privacy')?.slice(0, MAX_LENGTH) ?? '');
  const diversions = entries(headers.get('Diversion')).map(inDiversion);
  return bounded(diversions.length > 0 ? diversions : inHistory(entries(headers.get('History-Info'))), isPrivate);
}

/** Why a redirection was made, where it says so: `Diversion`, or the cause of its target (RFC 4458). */
export const reasonOfMove = (headers: Headers, target: string): DiversionReason =>
  entries(headers.get('Diversion')).map(inDiversion)[0]?.reason ?? reasonOf(causeOf(target)) ?? 'unknown';

/** Both headers for a call that was diverted and now goes to `target`, a URI; none for another. */
export function diversionHeaders(diversions: EarlierDiversions, target: string): Record<string, string> {
  if (diversions.length === 0) return {};
  const diversion = diversions.map(({ by, reason, counter }) => `<${uriOf(by ?? ANONYMOUS)}>;reason=${reason};counter=${counter}${by === undefined ? ';privacy=full' : ''}`);
  return { Diversion: diversion.join(', '), 'History-Info': history(diversions, target) };
}

/** RFC 7544 section 5: each who diverted, the first one first, then where the call goes; who is reached by a diversion has its cause. */
function history(diversions: EarlierDiversions, target: string): string {
  // One that stands for more than itself comes after parties that nobody knows.
  const steps = [...diversions].reverse().flatMap(({ by = ANONYMOUS, reason, counter }) => [
    ...Array.from({ length: Math.min(counter, MAX_DIVERSIONS) - 1 }, () => ({ by: UNKNOWN, cause: UNKNOWN_CAUSE })),
    { by, cause: CAUSES[reason] ?? UNKNOWN_CAUSE },
  ]);
  const targets = [...steps.map(({ by }) => uriOf(by)), uriOf(addressOf(target) ?? UNKNOWN)];
  let index = '1';
  return targets.map((uri, at) => {
    const before = steps[at - 1];
    if (before === undefined) return `<${uri}>;index=1`;
    const from = index;
    index += '.1';
    return `<${uri};cause=${before.cause}>;index=${index};mp=${from}`;
  }).join(', ');
}

/** Entries of a header; what is none is passed over. */
const entries = (value: string | undefined): NameAddr[] => (value === undefined || value.length > MAX_LENGTH ? [] : splitList(value) ?? []).slice(0, MAX_ENTRIES)
  .flatMap((entry) => parseNameAddr(entry) ?? []).filter(({ uri }) => /^[a-z][\w+.-]*:/i.test(uri));

function inDiversion({ uri, params }: NameAddr): EarlierDiversion {
  const by = /^(?:full|name|uri)$/i.test(params.get('privacy') ?? '') ? undefined : addressOf(uri);
  const reason = params.get('reason')?.toLowerCase();
  const counter = /^\d{1,3}$/.test(params.get('counter') ?? '') ? Number(params.get('counter')) : 1;
  return { ...(by !== undefined && { by }), reason: DIVERSION_REASONS.find((known) => known === reason) ?? 'unknown', counter: Math.max(1, counter) };
}

/**
 * From the last entry back to the first, over the entries that each was made of: those that a diversion led to have a cause, or are mapped from one
 * that was left for a reason (RFC 7544 section 6, RFC 7044 section 10.3). Contacts of one party, and translated numbers, are no diversions.
 */
function inHistory(all: readonly NameAddr[]): EarlierDiversion[] {
  const diversions: EarlierDiversion[] = [];
  for (let at = all.length - 1; at > 0;) {
    const { uri, params } = all[at]!;
    const from = params.get('mp') ?? params.get('rc') ?? params.get('np') ?? params.get('index')?.replace(/\.?\d+$/, '');
    const found = all.findIndex((entry) => entry.params.get('index') === from);
    // An index that leads nowhere, or ahead: the entry before.
    const before = found >= 0 && found < at ? found : at - 1;
    const isSameParty = params.has('rc') || params.has('np');
    const cause = causeOf(uri) ?? (isSameParty ? undefined : all.slice(before, at).map((entry) => reasonIn(entry.uri)).findLast((left) => left !== undefined));
    if (cause !== undefined) diversions.push({ ...partyOf(all[before]!.uri), reason: reasonOf(cause) ?? 'unknown', counter: 1 });
    at = before;
  }
  return diversions;
}

function partyOf(uri: string): { by?: string } {
  const by = /(?:^|;)\s*history\b/i.test(escaped(uri, 'privacy') ?? '') ? undefined : addressOf(uri);
  return by === undefined ? {} : { by };
}

const reasonOf = (cause: number | undefined): DiversionReason | undefined => (cause === undefined ? undefined : REASONS.get(cause));

/** The parameter `cause` of a URI (RFC 4458). */
function causeOf(uri: string): number | undefined {
  const cause = /;cause=(\d{3})(?=[;?]|$)/i.exec(uri)?.[1];
  return cause === undefined ? undefined : Number(cause);
}

/** The SIP status of a Reason in a URI (RFC 7044 section 10.2). */
function reasonIn(uri: string): number | undefined {
  const cause = /(?:^|,)\s*SIP\s*;[^,]*?\bcause\s*=\s*([3-6]\d\d)\b/i.exec(escaped(uri, 'reason') ?? '')?.[1];
  return cause === undefined ? undefined : Number(cause);
}

/** The value of a header field in a URI. */
function escaped(uri: string, name: string): string | undefined {
  const [, headers = ''] = uri.split('?', 2);
  const value = headers.split('&').map((field) => field.split('=')).find(([field]) => field?.toLowerCase() === name)?.[1];
  try {
    return value === undefined ? undefined : decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

/** `user@host` of a URI, or its number; undefined for one that hides who it is. */
function addressOf(uri: string): string | undefined {
  const [, scheme = '', address = ''] = /^(sips?|tel):([^;?]{1,300})(?=[;?]|$)/i.exec(uri) ?? [];
  const plain = /^tel$/i.test(scheme) ? address : address.replace(/:[^@]*(?=@)/, '').replace(/:\d+$/, '');
  return plain === '' || plain.length > MAX_ADDRESS || /@(?:anonymous|unknown)\.invalid$/i.test(plain) ? undefined : plain;
}

const uriOf = (address: string): string => `${/^\+?\d+$/.test(address) ? 'tel' : 'sip'}:${address.replace(/^sips?:/i, '').replace(/[^\w.!~*'()%&=+$,/@:[\]-]/g, '_')}`;

/** No more than a call may have; who is counted beyond that is forgotten. */
function bounded(diversions: readonly EarlierDiversion[], isPrivate: boolean): EarlierDiversion[] {
  let left = MAX_DIVERSIONS;
  return diversions.flatMap(({ by, reason, counter }) => {
    const counted = Math.min(counter, left);
    left -= counted;
    return counted === 0 ? [] : { reason, counter: counted, ...(by !== undefined && !isPrivate && { by }) };
  });
}
