import type { SrfRequest, SrfResponse } from 'drachtio-srf';

/** Who is at the other end, by what its messages say. */
export interface RemoteParty {
  /** Display name or URI: the asserted identity where there is one, else To (of a callee) or From (of a caller). */
  name: string;
  /** Contact URI: the device or gateway that signals. */
  contact?: string;
  assertedIdentity?: string;
  /** Server or User-Agent header. */
  software?: string;
}

const header = (message: SrfRequest | SrfResponse, name: string): string | undefined => (message.has(name) ? message.get(name) : undefined);

/** `"Name" <sip:a@b>;tag=x` as a reader wants it: the name where there is one, else the URI without scheme. */
export function describeAddress(value: string): string {
  const [, display = '', uri = ''] = /^\s*(?:"((?:[^"\\]|\\.)*)"|[^<"]*?)\s*<([^>]*)>/.exec(value) ?? [];
  const address = (uri || value.split(';')[0] || '').trim().replace(/^sips?:/, '').split(';')[0] ?? '';
  return display ? `${display.replace(/\\(.)/g, '$1')} (${address})` : address;
}

export function readParty(message: SrfRequest | SrfResponse): RemoteParty {
  const isRequest = 'method' in message && typeof message.method === 'string';
  const identity = header(message, 'P-Asserted-Identity');
  const own = header(message, isRequest ? 'From' : 'To') ?? '';
  const contact = /<([^>]*)>/.exec(header(message, 'Contact') ?? '')?.[1];
  const software = header(message, isRequest ? 'User-Agent' : 'Server') ?? header(message, isRequest ? 'Server' : 'User-Agent');
  return {
    name: describeAddress(identity ?? own),
    ...(contact === undefined ? {} : { contact }),
    ...(identity === undefined ? {} : { assertedIdentity: identity }),
    ...(software === undefined ? {} : { software }),
  };
}

/** What a message says about why: the text of Warning or Reason (RFC 3261 section 20.43, RFC 3326). */
export function readExplanation(message: SrfRequest | SrfResponse): string | undefined {
  const warning = /^\s*\d{3}\s+\S+\s+"((?:[^"\\]|\\.)*)"/.exec(header(message, 'Warning') ?? '')?.[1];
  const reason = /;\s*text\s*=\s*"((?:[^"\\]|\\.)*)"/i.exec(header(message, 'Reason') ?? '')?.[1];
  return (warning ?? reason)?.replace(/\\(.)/g, '$1');
}
