import { type NameAddr, parseNameAddr, parseSipUri, splitList } from './grammar';
import type { SipRequest } from './request';
import type { Caller } from './trust';

/** Who is shown to the called party. */
export interface CallerIdentity {
  /** `user@host`, lower case; undefined when the caller has no SIP address or a peer asks for its privacy. */
  address?: string;
  displayName?: string;
}

/**
 * The identity that the gateway stands for: of an endpoint the authenticated AOR, whatever headers say; of a peer its
 * P-Asserted-Identity where that is believed (RFC 3325 section 9), else From. Every other header that claims who calls
 * (Remote-Party-ID, ms-...) is read by nobody and passed on to nobody. Shown names are freed of control characters.
 */
export function callerIdentity(req: Pick<SipRequest, 'get'>, caller: Caller): CallerIdentity {
  const from = parseNameAddr(req.get('from') ?? '');
  if (caller.kind === 'endpoint') return { address: caller.aor, displayName: shown(from) };
  const asserted = caller.peer.assertsIdentity ? (splitList(req.get('p-asserted-identity') ?? '') ?? []).map(parseNameAddr).find((one) => one && addressOf(one)) : undefined;
  if (asserted && /(?:^|;)\s*id\b/i.test(req.get('privacy') ?? '')) return {};
  const identity = asserted ?? from;
  return { address: identity && addressOf(identity), displayName: shown(identity) };
}

function addressOf({ uri }: NameAddr): string | undefined {
  const parsed = parseSipUri(uri);
  return parsed?.user && `${parsed.user}@${parsed.host}`.toLowerCase();
}

function shown(identity: NameAddr | undefined): string | undefined {
  // eslint-disable-next-line no-control-regex -- a shown name must not end a header row or move a terminal's cursor
  return identity?.displayName?.replace(/[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+/g, ' ').trim().slice(0, 100) || undefined;
}
