import { warning } from '../errors';
import { type OwnNames, aorOf } from './aor';
import { contactHeader, type RegisteredContact, readContacts } from './contacts';
import type { Identity } from './digest';
import { parseCount, parseNameAddr, parseSipUri, splitList } from './grammar';
import type { Binding, Location } from './location';
import { type Answer, flowOf, type Headers, headerRows, isStream, type SipRequest } from './request';
import { steadyNow } from './steady-clock';

export interface RegistrarOptions {
  names: OwnNames;
  now?(): number;
  /** Seconds. A shorter wish is refused with 423, a longer one shortened, none gets `defaultExpires`. */
  minExpires?: number;
  maxExpires?: number;
  defaultExpires?: number;
  /** Contacts of one AOR; a further one takes the place of the one that is worth least. */
  maxContacts?: number;
  /** Seconds in which an outbound client must show life on its connection (RFC 5626 section 4.4.1 Flow-Timer). */
  flowTimer?: number;
}

/** What an endpoint may require of a registration. */
export const REGISTER_OPTIONS: ReadonlySet<string> = new Set(['path', 'outbound']);

const refusal = (status: number, text: string, headers: Headers = {}): Answer => ({ status, headers: { Warning: warning(text), ...headers } });

/** The registrar of RFC 3261 section 10.3, with Path (RFC 3327) and outbound (RFC 5626). */
export class Registrar {
  private readonly options: Required<RegistrarOptions>;

  constructor(private readonly location: Location, options: RegistrarOptions) {
    this.options = { now: steadyNow, minExpires: 60, maxExpires: 7200, defaultExpires: 3600, maxContacts: 10, flowTimer: 120, ...options };
  }

  /**
   * Carries out an authenticated REGISTER, wholly or not at all, and says what to answer.
   * @param identity whom the credentials belong to; it may register only its own AOR.
   */
  register(req: SipRequest, identity: Identity): Answer {
    const aor = aorOf(req.get('to'), this.options.names);
    const flow = flowOf(req);
    if (!aor) return refusal(400, 'To is no SIP address of record');
    if (aor !== identity.aor) return refusal(403, 'These credentials may not register this address');
    if (!flow) return refusal(400, 'Unknown transport');

    const wanted = readContacts(req, this.options.defaultExpires);
    if ('fault' in wanted) return refusal(400, wanted.fault);
    const callId = req.get('call-id') ?? '';
    const cseq = parseCount(req.get('cseq')?.split(/\s/)[0], 0x7fff_ffff);
    if (cseq === undefined || callId === '') return refusal(400, 'Call-ID or CSeq is missing or malformed');
    const path = splitList(req.get('path') ?? '');
    if (!path || path.length > 8) return refusal(400, 'Path is malformed or too long');

    const current = this.location.bindingsOf(aor);
    const overtaken = (binding: Binding | undefined) => binding?.callId === callId && binding.cseq >= cseq;
    if (wanted.all) {
      if (current.some(overtaken)) return refusal(400, 'An earlier or the same CSeq has been seen with this Call-ID');
      current.forEach((binding) => this.location.unregister(binding));
      return this.listing(aor, req);
    }

    const outbound = this.outboundOf(req, path);
    if (outbound === 'no-first-hop' && wanted.contacts.some(({ regId }) => regId !== undefined)) return { status: 439 };
    const { minExpires, maxExpires } = this.options;
    // An interval of an hour or more is never too brief (section 10.3 step 7).
    if (wanted.contacts.some(({ expires }) => expires > 0 && expires < minExpires && expires < 3600)) {
      return { status: 423, headers: { 'Min-Expires': String(minExpires) } };
    }
    const keyOf = (contact: RegisteredContact) =>
      (outbound === 'yes' && contact.instance && contact.regId !== undefined ? `${contact.instance}#${contact.regId}` : contact.uriKey);
    const previous = new Map(current.map((binding) => [binding.key, binding]));
    if (wanted.contacts.some((contact) => overtaken(previous.get(keyOf(contact))))) {
      return refusal(400, 'An earlier or the same CSeq has been seen with this Call-ID');
    }
    const added = new Set(wanted.contacts.filter(({ expires }) => expires > 0).map(keyOf));
    if (added.size > this.options.maxContacts) return refusal(403, `More than ${this.options.maxContacts} contacts`);
    const fresh = [...added].filter((key) => !previous.has(key)).length;
    if (this.location.size + fresh > this.location.capacity) return { status: 503, headers: { 'Retry-After': '60' } };

    const now = this.options.now();
    for (const contact of wanted.contacts) {
      const key = keyOf(contact);
      const known = this.location.bindingsOf(aor).find((binding) => binding.key === key);
      if (contact.expires === 0) {
        if (known) this.location.unregister(known);
        continue;
      }
      this.location.put({
        aor, key, contact: contact.uri, params: contact.params, q: contact.q, registeredAt: known?.registeredAt ?? now, refreshedAt: now,
        expiresAt: now + Math.min(contact.expires, maxExpires) * 1000, callId, cseq, path, userAgent: req.get('user-agent')?.slice(0, 256), flow,
        state: 'reachable',
      });
    }
    this.dropSurplus(aor, added);
    const usesOutbound = outbound === 'yes' && isStream(flow.transport) && wanted.contacts.some(({ expires, regId }) => expires > 0 && regId !== undefined);
    return this.listing(aor, req, usesOutbound);
  }

  /** An endpoint that comes back with a new address each time must not lock itself out, so the least valuable contact goes. */
  private dropSurplus(aor: string, keep: ReadonlySet<string>): void {
    const bindings = this.location.bindingsOf(aor);
    const surplus = bindings.length - this.options.maxContacts;
    if (surplus <= 0) return;
    bindings
      .filter(({ key }) => !keep.has(key))
      .sort((a, b) => Number(a.state === 'reachable') - Number(b.state === 'reachable') || a.refreshedAt - b.refreshedAt)
      .slice(0, surplus)
      .forEach((binding) => this.location.unregister(binding));
  }

  /** Whether reg-id counts: the client and its first hop both speak outbound (RFC 5626 section 6). */
  private outboundOf(req: SipRequest, path: readonly string[]): 'yes' | 'no' | 'no-first-hop' {
    const supported = splitList(req.get('supported') ?? '') ?? [];
    if (!supported.some((tag) => tag.toLowerCase() === 'outbound')) return 'no';
    if ((splitList(req.get('via') ?? '') ?? []).length <= 1) return 'yes';
    // The last Path value was added by the proxy next to the client.
    const firstHop = parseSipUri(parseNameAddr(path.at(-1) ?? '')?.uri ?? '');
    return firstHop?.params.has('ob') ? 'yes' : 'no-first-hop';
  }

  /**
   * 200 with every contact. Those of this REGISTER come first: drachtio-server takes the first one's `expires` for how long it
   * keeps the connection for requests to that contact.
   */
  private listing(aor: string, req: SipRequest, usesOutbound = false): Answer {
    const now = this.options.now();
    // Devices set their clocks by it, so it is the machine's clock.
    const headers: Headers = { Date: new Date(Date.now()).toUTCString() };
    const contacts = this.location.bindingsOf(aor).map((binding) => contactHeader(binding, now));
    if (contacts.length > 0) headers.Contact = headerRows('Contact', contacts);
    // RFC 3327 section 5.3: the stored path is echoed. RFC 5626 section 6: Require tells the client that outbound is in use.
    const path = req.get('path');
    if (path) headers.Path = path;
    if (path) headers.Supported = 'path';
    if (usesOutbound) Object.assign(headers, { 'Require': 'outbound', 'Flow-Timer': String(this.options.flowTimer) });
    return { status: 200, headers };
  }
}
