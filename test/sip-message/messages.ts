/** Messages for the tests: a well-formed request with single fields changed, and the torture corpus. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const FIELDS: Readonly<Record<string, string>> = {
  Via: 'SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK74bf9',
  'Max-Forwards': '70',
  From: '"Palvelupiste" <sip:ex90@ahtari.example>;tag=9fxced',
  To: '<sip:kela.fi@palvelu.example>',
  'Call-ID': '38482762@192.0.2.10',
  CSeq: '1 INVITE',
  Contact: '<sip:ex90@192.0.2.10>',
};

export interface Change {
  line?: string;
  /** By name: another value, several fields, or undefined for none. Names not among the usual ones are added. */
  fields?: Readonly<Record<string, string | readonly string[] | undefined>>;
  body?: string;
}

/** An INVITE, or what `change` makes of it; Content-Length is that of the body where `change` does not say otherwise. */
export function request({ line = 'INVITE sip:kela.fi@palvelu.example SIP/2.0', fields = {}, body = '' }: Change = {}): Buffer {
  return message(line, { ...FIELDS, 'Content-Length': String(Buffer.byteLength(body)), ...fields }, body);
}

export function response({ line = 'SIP/2.0 200 OK', fields = {}, body = '' }: Change = {}): Buffer {
  return request({ line, fields: { 'Max-Forwards': undefined, ...fields }, body });
}

function message(line: string, fields: NonNullable<Change['fields']>, body: string): Buffer {
  const lines = Object.entries(fields).flatMap(([name, value]) =>
    (value === undefined ? [] : typeof value === 'string' ? [value] : value).map((text) => `${name}: ${text}\r\n`));
  return Buffer.from(`${line}\r\n${lines.join('')}\r\n${body}`);
}

/** Every torture message, valid or not. */
export const corpus: readonly Buffer[] = ['rfc4475', 'rfc5118'].flatMap((rfc) => {
  const folder = join(__dirname, '../fixtures', rfc);
  return readdirSync(folder).filter((name) => name.endsWith('.dat')).sort().map((name) => readFileSync(join(folder, name)));
});
