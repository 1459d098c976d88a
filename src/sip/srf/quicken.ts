import parser from 'drachtio-srf/lib/sip-parser/parser';
import SipMessage, { type SrfMessage } from 'drachtio-srf/lib/sip-parser/message';
import { headerName, parseMessage } from './parse';

/**
 * Gives drachtio-srf's messages a parser and accessors that do the same in a fraction of the time: its own ask the environment for every header
 * of every message, and go through all headers for every one that is read. Messages made before keep working.
 */
export function quickenMessages(): void {
  const { parseSipMessage: parseWhole } = parser;
  if (parseWhole === parseSipMessage) return;
  whole = parseWhole;
  Object.assign(parser, { parseSipMessage, getHeaderName: headerName });
  Object.assign(SipMessage.prototype, { get, set, has, getHeaderName });
}

let whole = parser.parseSipMessage;

function parseSipMessage(raw: string, lazy?: boolean): ReturnType<typeof whole> {
  return lazy === true ? parseMessage(raw, (text) => whole(text, true)) : whole(raw, lazy);
}

/** The key under which a message has a header, however either is spelt. */
function getHeaderName(this: SrfMessage, name: string): string | undefined {
  const lower = name.toLowerCase();
  for (const key in this.headers) if (key === lower || (key.length === lower.length && key.toLowerCase() === lower)) return key;
  return undefined;
}

function get(this: SrfMessage, name: string): string | undefined {
  const key = this.getHeaderName(headerName(name));
  return key ? this.headers[key] : undefined;
}

function has(this: SrfMessage, name: string): boolean {
  return Boolean(this.getHeaderName(name));
}

/** Sets one header, or all of an object; a value that is there already stays before it. */
function set(this: SrfMessage, name: string | Record<string, string>, value?: string): SrfMessage {
  for (const [given, text] of typeof name === 'string' ? [[name, value] as const] : Object.entries(name)) {
    const key = headerName(given);
    this.headers[key] = key in this.headers ? `${this.headers[key]},${text}` : `${text}`;
  }
  return this;
}
