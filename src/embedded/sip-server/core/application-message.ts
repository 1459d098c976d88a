import type { SipMessage } from '../message';
import { parseMessage } from '../message';
import { Refusal } from './refusal';

/** What the stack alone may set (RFC 3261 section 8.1.1): an application that sends these is not obeyed. */
const STACK_HEADERS: ReadonlySet<string> = new Set(['Via', 'Route', 'Record-Route', 'RSeq', 'Content-Length']);
/** Where `@localhost` stands for the address that the message leaves from. */
const LOCALHOST_HEADERS: ReadonlySet<string> = new Set(['From', 'To', 'Contact', 'P-Asserted-Identity']);

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * The SIP part of an application's frame. Only its structure is looked at; a header field that could not be sent as it is
 * (a name that is no token, a line break in the value) cannot come out of the parser. Throws Refusal.
 */
export function readApplicationMessage(octets: Buffer): SipMessage {
  const parsed = parseMessage(octets.includes(HEAD_END) ? octets : Buffer.concat([octets, HEAD_END]));
  if (parsed.message === undefined || parsed.fault !== undefined) throw new Refusal(`invalid message: ${parsed.fault?.reason ?? parsed.drop ?? 'empty'}`);
  return parsed.message;
}

/** The header fields that an application may set, without those in `except`. */
export function ownHeaders(message: SipMessage, except: ReadonlySet<string>): { name: string; value: string }[] {
  return message.headers.filter(({ name }) => !STACK_HEADERS.has(name) && !except.has(name));
}

/** Replaces `@localhost` by `authority` in the headers where drachtio-server does so too. */
export function localised(name: string, value: string, authority: string): string {
  return LOCALHOST_HEADERS.has(name) && value.includes('@localhost') ? value.replaceAll(/@localhost(?::\d+)?/g, `@${authority}`) : value;
}

/** Gives `target` the body of an application's message; an SDP body needs no Content-Type. Throws Refusal. */
export function takeBody(target: SipMessage, source: SipMessage): void {
  if (source.body.length === 0) return;
  target.body = source.body;
  if (target.has('Content-Type')) return;
  if (source.body.subarray(0, 3).toString('latin1') !== 'v=0') throw new Refusal('missing content-type');
  target.set('Content-Type', 'application/sdp');
}
