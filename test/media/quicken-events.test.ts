import { EventEmitter } from 'node:events';
import Parser from 'drachtio-modesl/lib/esl/Parser';
import { quickenEvents } from '../../src/media/quicken-events';

const channel = Object.fromEntries([['Event-Name', 'CHANNEL_EXECUTE'], ['Unique-ID', '0a1b'], ...Array.from({ length: 100 }, (_, n) => [`variable_${n}`, `arvo ${n} äö`])]) as Record<string, string>;
const reply = (text: string, ...rows: string[]): string => ['Content-Type: command/reply', `Reply-Text: ${text}`, ...rows, '', ''].join('\n');
const event = (type: string, body: string): string => `Content-Length: ${Buffer.byteLength(body)}\nContent-Type: text/event-${type}\n\n${body}`;

const messages: [string, string][] = [
  ['a greeting', 'Content-Type: auth/request\n\n'],
  ['a good reply', reply('+OK accepted')],
  ['a bad one', reply('-ERR invalid')],
  ['one that says neither', reply('4096')],
  ['encoded values', reply('%2BOK%0A', 'variable_sip_from: %22%C3%84ht%C3%A4ri%22%20%3Csip:a@b%3E', 'Event-Name: CHANNEL_DATA', 'Unique-ID: 0a1b')],
  ['values with a colon, none, and rows without', reply('+OK', 'Name: one: two', 'Empty: ', 'no value', 'Colon:none')],
  ['the answer to a command', 'Content-Type: api/response\nContent-Length: 9\n\n+OK 0a1b\n'],
  ['a farewell', 'Content-Type: text/disconnect-notice\nContent-Length: 5\n\nbye!\n'],
  ['an event of a channel', event('json', JSON.stringify(channel))],
  ['an event with a body', event('json', JSON.stringify({ 'Event-Name': 'BACKGROUND_JOB', 'Job-UUID': '1', 'Content-Length': '4', _body: '+OK\n' }))],
  ['an event with a reply in it', event('json', JSON.stringify({ 'Event-Name': 'API', 'Reply-Text': '+OK done' }))],
  ['an event with an empty body', event('json', JSON.stringify({ 'Event-Name': 'CUSTOM', 'Event-Subclass': 'conference::maintenance', _body: '' }))],
  ['an event in rows', event('plain', 'Event-Name: DTMF\nDTMF-Digit: %23\n\n')],
  ['an event in XML', event('xml', '<event><headers><Event-Name>DTMF</Event-Name></headers></event>')],
  ['what is no event', event('json', '{"Event-Name"')],
  ['a number', event('json', '5')],
  ['an empty value', event('json', 'null')],
];

/** What a parser tells of octets that come in pieces. */
function told(octets: Buffer, size: number): unknown[] {
  const socket = new EventEmitter();
  const parser = new Parser(socket);
  const all: unknown[] = [];
  parser.on('error', (error: unknown) => all.push((error as Error).name));
  parser.on('esl::event', (heard, headers, body) => all.push([{ ...heard as object }, Object.entries(headers as object), body]));
  for (let at = 0; at < octets.length; at += size) socket.emit('data', octets.subarray(at, at + size));
  return all;
}

describe("drachtio-modesl's messages, read quicker", () => {
  const theirs = { ...Parser.prototype };

  beforeAll(() => quickenEvents());
  afterAll(() => { Object.assign(Parser.prototype, theirs); });

  test.each(messages)('%s is the same as they read it', (_name, text) => {
    for (const size of [1, 7, 65_536]) {
      const mine = told(Buffer.from(text), size);
      const ours = { ...Parser.prototype };
      Object.assign(Parser.prototype, theirs);
      const expected = told(Buffer.from(text), size);
      Object.assign(Parser.prototype, ours);
      expect(expected).toHaveLength(expected.some((one) => typeof one === 'string') ? 2 : 1);
      expect(mine).toEqual(expected);
    }
  });

  test('all of them in one piece are told one after the other', () => {
    expect(told(Buffer.from(messages.map(([, text]) => text).join('')), 65_536).filter(Array.isArray)).toHaveLength(messages.length);
  });
});
