import type { LegMessage, LegReply, PassedHeaders } from '../../calls';

/**
 * Which header fields pass from one leg to the other. Everything not named here ends at the gateway: identities, routing
 * and authentication of one side are none of the other side's business.
 */
const PASSED_IN_REQUEST: Record<string, readonly string[]> = {
  INVITE: ['Session-Expires', 'Min-SE', 'Content-Type', 'Content-Disposition', 'Accept-Language', 'Priority', 'Alert-Info', 'Subject'],
  UPDATE: ['Session-Expires', 'Min-SE', 'Content-Type'],
  INFO: ['Content-Type', 'Content-Disposition', 'Info-Package', 'Recv-Info'],
  REFER: ['Refer-To', 'Referred-By', 'Refer-Sub', 'Target-Dialog', 'Content-Type'],
  NOTIFY: ['Event', 'Subscription-State', 'Content-Type'],
  MESSAGE: ['Content-Type'],
};
const PASSED_IN_REPLY = [
  'Content-Type', 'Content-Disposition', 'Session-Expires', 'Min-SE', 'Retry-After', 'Unsupported', 'Accept', 'Warning', 'Refer-Sub',
  'Expires', 'Recv-Info',
];

/** Option tags that work end to end through the gateway (RFC 3261 section 20.37). */
export const PASSED_OPTIONS = ['timer', 'replaces'];

/** Option tags that a caller may require of us; `100rel` is answered hop by hop (RFC 3262). */
export const SUPPORTED_OPTIONS: ReadonlySet<string> = new Set([...PASSED_OPTIONS, '100rel']);

/** Methods that this gateway takes, for `Allow`. */
export const ALLOW = 'INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, REFER, NOTIFY, MESSAGE, PRACK';

interface Headers {
  get(name: string): string | undefined;
}

function pick(from: Headers, names: readonly string[]): PassedHeaders {
  const picked: PassedHeaders = {};
  for (const name of names) {
    const value = from.get(name);
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

export function passedRequest(method: string, from: Headers): PassedHeaders {
  const headers = pick(from, PASSED_IN_REQUEST[method] ?? []);
  if (method === 'INVITE' || method === 'UPDATE') {
    for (const field of ['Supported', 'Require']) {
      const tags = optionTags(from, field).filter((tag) => PASSED_OPTIONS.includes(tag));
      if (tags.length > 0) headers[field] = tags.join(', ');
    }
  }
  return headers;
}

export function passedReply(from: Headers): PassedHeaders {
  const headers = pick(from, PASSED_IN_REPLY);
  const required = optionTags(from, 'Require').filter((tag) => PASSED_OPTIONS.includes(tag));
  if (required.length > 0) headers.Require = required.join(', ');
  return headers;
}

export function optionTags(from: Headers, field: string): string[] {
  return from.get(field)?.split(',').map((tag) => tag.trim().toLowerCase()).filter(Boolean) ?? [];
}

/** A request within a dialog as calls/ sees it. */
export function toLegMessage(req: Headers & { method: string; body?: string }): LegMessage {
  return { method: req.method, headers: passedRequest(req.method, req), body: req.body || undefined };
}

/** A response as calls/ sees it. */
export function toLegReply(res: Headers & { status: number; reason?: string; body?: string }): LegReply {
  return { status: res.status, reason: res.reason, headers: passedReply(res), body: res.body || undefined };
}

/** `"Shown name" <sip:user@domain>`, with the name's quotes escaped and control characters gone. */
export function nameAddr(address: string, name?: string): string {
  // eslint-disable-next-line no-control-regex -- header injection is exactly what is kept out here
  const shown = name?.slice(0, 100).replace(/[\x00-\x1f\x7f]/g, ' ').replace(/(["\\])/g, '\\$1');
  const uri = `sip:${address.replace(/^sips?:/, '')}`;
  return shown ? `"${shown}" <${uri}>` : `<${uri}>`;
}
