/** An array is one header with several values, as variables set by `push` are. */
export type HeaderValue = string | readonly string[];
export type Header = readonly [name: string, value: HeaderValue];

export type EventFormat = 'plain' | 'json' | 'xml';

/** mod_event_socket leaves these as they are, so that paths and lists stay legible. */
const LEGIBLE: Readonly<Record<string, string>> = { '%2C': ',', '%2F': '/', '%24': '$' };

/** Nothing here has to be encoded; most values are so, and an event has a hundred. */
const PLAIN = /^[\w.!~*'(),/$-]*$/;

/** URL-encodes a value as the event socket's plain form does; lone surrogates become U+FFFD. */
export function encodeValue(value: string): string {
  if (PLAIN.test(value)) return value;
  return encodeURIComponent(value.replace(/\p{Surrogate}/gu, '\uFFFD')).replace(/%2C|%2F|%24/g, (code) => LEGIBLE[code] as string);
}

const asText = (value: HeaderValue): string => (typeof value === 'string' ? value : `ARRAY::${value.join('|:')}`);

const escapeXml = (text: string): string =>
  text.replace(/[&<>]/g, (sign) => (sign === '&' ? '&amp;' : sign === '<' ? '&lt;' : '&gt;'));

/** Names of headers may come from channel variables: XML wants them narrower. */
const xmlName = (name: string): string => name.replace(/^[^A-Za-z_]|[^\w.-]/g, '_');

/** `Name: value` lines, values URL-encoded. */
export const plainHeaders = (headers: readonly Header[]): string =>
  headers.map(([name, value]) => `${name}: ${encodeValue(asText(value))}\n`).join('');

/** One event of the event socket. Each form is made once, however many listen. */
export class ServerEvent {
  private readonly forms = new Map<EventFormat, string>();
  private readonly byName = new Map<string, HeaderValue>();

  constructor(readonly headers: readonly Header[], readonly body = '') {
    for (const [name, value] of headers) if (!this.byName.has(name)) this.byName.set(name, value);
  }

  get(name: string): string | undefined {
    const value = this.byName.get(name);
    return value === undefined ? undefined : asText(value);
  }

  serialize(format: EventFormat): string {
    let text = this.forms.get(format);
    if (text === undefined) this.forms.set(format, (text = this.make(format)));
    return text;
  }

  private make(format: EventFormat): string {
    const length = Buffer.byteLength(this.body);
    if (format === 'plain') {
      return this.body === '' ? `${plainHeaders(this.headers)}\n` : `${plainHeaders(this.headers)}Content-Length: ${length}\n\n${this.body}`;
    }
    if (format === 'json') {
      const fields = this.headers.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
      if (this.body !== '') fields.push(`"Content-Length":"${length}"`, `"_body":${JSON.stringify(this.body)}`);
      return `{${fields.join(',')}}`;
    }
    const headers = this.headers.map(([name, value]) => `    <${xmlName(name)}>${escapeXml(encodeValue(asText(value)))}</${xmlName(name)}>\n`);
    const body = this.body === '' ? '' : `  <Content-Length>${length}</Content-Length>\n  <body>${escapeXml(this.body)}</body>\n`;
    return `<event>\n  <headers>\n${headers.join('')}  </headers>\n${body}</event>`;
  }
}
