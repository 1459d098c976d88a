import fs from 'node:fs';
import path from 'node:path';
import parser from 'drachtio-srf/lib/sip-parser/parser';
import SipMessage from 'drachtio-srf/lib/sip-parser/message';
import { quickenMessages } from '../../src/sip/srf';

const FIXTURES = path.join(__dirname, '../fixtures');
const torture = ['rfc4475', 'rfc5118'].flatMap((folder) => fs.readdirSync(path.join(FIXTURES, folder)).filter((name) => name.endsWith('.dat'))
  .map((name): [string, string] => [`${folder}/${name}`, fs.readFileSync(path.join(FIXTURES, folder, name), 'utf8')]));

const SDP = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n';
const INVITE = ['INVITE sip:kela@palvelu.example SIP/2.0', 'v: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1', 'f: "Ähtäri" <sip:ex90-1@laite.example>;tag=1',
  'To:<sip:kela@palvelu.example>', 'i: call-1', 'CSeq: 1 INVITE'];
const message = (lines: string[], body = '', length: string | number = Buffer.byteLength(body)): string => [...lines, `Content-Length: ${length}`, '', body].join('\r\n');

const shapes: [string, string][] = [
  ['compact names, no space after the colon', message(INVITE, SDP)],
  ['rows of one name', message([...INVITE, 'Via: SIP/2.0/TCP b', 'ALLOW: INVITE', 'allow: ACK'])],
  ['folded rows', message([...INVITE, 'Subject: one\r\n  two\r\n\tthree', 'Reason:\r\n SIP;cause=200'])],
  ['names that keep their spelling', message([...INVITE, 'X-Room: 1', 'P-Charging-Vector: a', 'P-Asserted-Identity: <sip:a@b>', 'Diversion: <sip:c@d>', 'x-room: 2'])],
  ['escaped and spaced names', message([...INVITE, 'Us%65r-Agent: x', 'Server \t: y', 'Empty:', 'Spaces:   z  '])],
  ['a row that is none', message([...INVITE, 'no colon here'])],
  ['a name with a space in it', message([...INVITE, 'two words: x'])],
  ['a length that is too long', message(INVITE, SDP, 9_999)],
  ['a length that is too short', message(INVITE, SDP, 5)],
  ['a length that is no number', message(INVITE, SDP, 'many')],
  ['an empty length', message(INVITE, SDP, '')],
  ['a body of letters beyond ASCII', message(INVITE, 'terveisiä Ähtäristä')],
  ['a body with empty lines', message(INVITE, 'one\r\n\r\ntwo\r\n\r\nthree')],
  ['no length', [...INVITE, '', 'one\r\n\r\ntwo'].join('\r\n')],
  ['a body of several parts', message([...INVITE, 'Content-Type: multipart/mixed;boundary="b"'], `--b\r\nContent-Type: application/sdp\r\n\r\n${SDP}\r\n--b--\r\n`)],
  ['several parts announced, none there', message([...INVITE, 'c: multipart/mixed'], 'text')],
  ['no empty line', INVITE.join('\r\n')],
  ['a line end at the end', `${INVITE.join('\r\n')}\r\n`],
  ['a response', message(['SIP/2.0 180 Ringing', ...INVITE.slice(1)])],
  ['a response without words', message(['SIP/2.0 200', ...INVITE.slice(1)])],
  ['no start line', message(['hello', ...INVITE.slice(1)])],
  ['nothing', ''],
  ['the header of the RFC alone', '\r\n\r\n'],
];

describe("drachtio-srf's messages, read quicker", () => {
  const theirs = parser.parseSipMessage;
  const own = { ...Object.fromEntries(['get', 'has', 'set', 'getHeaderName'].map((name) => [name, SipMessage.prototype[name as 'get']])) };
  const asTheirs = <T>(work: () => T): T => {
    const mine = Object.fromEntries(Object.keys(own).map((name) => [name, SipMessage.prototype[name as 'get']]));
    Object.assign(SipMessage.prototype, own);
    try {
      return work();
    } finally {
      Object.assign(SipMessage.prototype, mine);
    }
  };
  beforeAll(() => quickenMessages());

  test.each([...torture, ...shapes])('%s is what it was', (_name, raw) => {
    expect(parser.parseSipMessage).not.toBe(theirs);
    expect(parser.parseSipMessage(raw, true)).toEqual(theirs(raw, true));
  });

  test('messages cut anywhere are what they were', () => {
    const raw = message([...INVITE, 'Subject: one\r\n two', 'X-Room: 1'], SDP);
    for (let end = 0; end <= raw.length; end++) expect(parser.parseSipMessage(raw.slice(0, end), true)).toEqual(theirs(raw.slice(0, end), true));
  });

  test.each(shapes.filter(([, raw]) => theirs(raw, true) !== undefined))('headers of %s are found under every spelling', (_name, raw) => {
    const found = new SipMessage(raw);
    for (const name of ['Via', 'v', 'FROM', 'from', 'f', 'To', 'Call-ID', 'call-id', 'i', 'X-Room', 'x-room', 'X-ROOM', 'P-Asserted-Identity', 'diversion', 'Diversion', 'nothing', '']) {
      expect([name, found.get(name), found.has(name)]).toEqual(asTheirs(() => [name, found.get(name), found.has(name)]));
    }
  });

  test('headers are set, and added to, as before', () => {
    const build = (): Record<string, string> => {
      const built = new SipMessage(message(INVITE));
      built.set('Contact', '<sip:a@b>').set('m', '<sip:c@d>').set({ 'X-Room': '1', Allow: 'ACK' });
      return { ...built.headers };
    };
    expect(build()).toEqual(asTheirs(build));
    expect(build().contact).toBe('<sip:a@b>,<sip:c@d>');
  });
});
