import { SipMessage, parseDatagram, parseMessage, validateRequest, validateResponse } from '../../src/embedded/sip-server/message';
import { request, response } from './messages';
import type { Change } from './messages';

const ONE_CONTACT = '<sip:a@192.0.2.1>';
const OTHER_CONTACT = '<sip:b@192.0.2.1>';
const REGISTER: Change = { line: 'REGISTER sip:palvelu.example SIP/2.0', fields: { CSeq: '1 REGISTER' } };
const register = (fields: Change['fields']): Change => ({ ...REGISTER, fields: { ...REGISTER.fields, ...fields } });

const refused: [what: string, change: Change, status: number, says: string][] = [
  ['no From', { fields: { From: undefined } }, 400, 'From is missing'],
  ['no To', { fields: { To: undefined } }, 400, 'To is missing'],
  ['no Call-ID', { fields: { 'Call-ID': undefined } }, 400, 'Call-ID is missing'],
  ['no CSeq', { fields: { CSeq: undefined } }, 400, 'CSeq is missing'],
  ['two From', { fields: { From: ['<sip:a@b>;tag=1', '<sip:c@d>;tag=2'] } }, 400, 'More than one From'],
  ['two addresses in one From', { fields: { From: '<sip:a@b>;tag=1, <sip:c@d>;tag=2' } }, 400, 'From is malformed'],
  ['two tags', { fields: { From: '<sip:a@b>;tag=1;tag=2' } }, 400, 'From is malformed'],
  ['a compact and a long To', { fields: { t: '<sip:a@b>' } }, 400, 'More than one To'],
  ['a From URI with an unescaped space', { fields: { From: '<sip:a b@c>;tag=1' } }, 400, 'From is malformed'],
  ['a From URI beyond ASCII', { fields: { From: '<sip:ähtäri@palvelu.example>;tag=1' } }, 400, 'The URI in From'],
  ['an unterminated quote', { fields: { To: '"Kela <sip:a@b>' } }, 400, 'To is malformed'],
  ['an empty Call-ID', { fields: { 'Call-ID': '' } }, 400, 'Call-ID is malformed'],
  ['two words in Call-ID', { fields: { 'Call-ID': 'a b' } }, 400, 'Call-ID is malformed'],
  ['CSeq 2147483648', { fields: { CSeq: '2147483648 INVITE' } }, 400, 'CSeq is malformed or above'],
  ['CSeq -1', { fields: { CSeq: '-1 INVITE' } }, 400, 'CSeq is malformed'],
  ['CSeq without a method', { fields: { CSeq: '1' } }, 400, 'CSeq is malformed'],
  ['CSeq of another method', { fields: { CSeq: '1 BYE' } }, 400, 'The method in CSeq'],
  ['CSeq in another case', { fields: { CSeq: '1 invite' } }, 400, 'The method in CSeq'],
  ['Max-Forwards 256', { fields: { 'Max-Forwards': '256' } }, 400, 'Max-Forwards'],
  ['Max-Forwards -1', { fields: { 'Max-Forwards': '-1' } }, 400, 'Max-Forwards'],
  ['two Max-Forwards', { fields: { 'Max-Forwards': ['70', '69'] } }, 400, 'More than one Max-Forwards'],
  ['Expires 4294967296', { fields: { Expires: '4294967296' } }, 400, 'Expires'],
  ['Expires -1', { fields: { Expires: '-1' } }, 400, 'Expires'],
  ['two equal Content-Lengths', { fields: { 'Content-Length': ['0', '0'] } }, 400, 'Content-Length'],
  ['Content-Length with a plus', { fields: { 'Content-Length': '+0' } }, 400, 'Content-Length'],
  ['a body shorter than Content-Length', { fields: { 'Content-Length': '5' }, body: 'v=0' }, 400, 'Content-Length'],
  ['a Via with an empty parameter', { fields: { Via: 'SIP/2.0/UDP a;;branch=z9hG4bK1' } }, 400, 'Via is malformed'],
  ['two branches', { fields: { Via: 'SIP/2.0/UDP a;branch=z9hG4bK1;branch=z9hG4bK2' } }, 400, 'Via is malformed'],
  ['an unknown scheme', { line: 'INVITE ldap:a@b SIP/2.0' }, 416, 'ldap'],
  ['a Request-URI without a scheme', { line: 'INVITE kela SIP/2.0' }, 400, 'Request-URI'],
  ['a Request-URI without a host', { line: 'INVITE sip:kela@ SIP/2.0' }, 400, 'Request-URI'],
  ['a Request-URI with half an escape', { line: 'INVITE sip:kela%4@palvelu.example SIP/2.0' }, 400, 'Request-URI'],
  ['a Request-URI beyond ASCII', { line: 'INVITE sip:ähtäri@palvelu.example SIP/2.0' }, 400, 'Request-URI'],
  ['a Request-URI with port 0', { line: 'INVITE sip:palvelu.example:0 SIP/2.0' }, 400, 'Request-URI'],
  ['a Request-URI with an IPv4 address that is none', { line: 'INVITE sip:300.1.1.1 SIP/2.0' }, 400, 'Request-URI'],
  ['SIP/3.0', { line: 'INVITE sip:kela.fi@palvelu.example SIP/3.0' }, 505, 'version'],
  ['two Contacts in an INVITE', { fields: { Contact: [ONE_CONTACT, OTHER_CONTACT] } }, 400, 'More than one Contact'],
  ['two Contacts in one field of an INVITE', { fields: { Contact: `${ONE_CONTACT}, ${OTHER_CONTACT}` } }, 400, 'More than one Contact'],
  ['an empty Contact', { fields: { Contact: '' } }, 400, 'Contact is malformed'],
  ['Contact: * in an INVITE', { fields: { Contact: '*' } }, 400, 'Contact: *'],
  ['Contact: * without Expires', register({ Contact: '*' }), 400, 'Contact: *'],
  ['Contact: * with Expires: 1', register({ Contact: '*', Expires: '1' }), 400, 'Contact: *'],
  ['Contact: * beside another', register({ Contact: `*, ${ONE_CONTACT}`, Expires: '0' }), 400, 'Contact: *'],
  ['an address of record that is a number', register({ To: '<tel:+358295123456>' }), 400, 'address of record'],
  ['a Route without brackets closed', { fields: { Route: '<sip:a;lr' } }, 400, 'Route is malformed'],
  ['a Record-Route that is none', { fields: { 'Record-Route': '<sip:a;lr>, oops' } }, 400, 'The URI in Record-Route'],
  ['a field without a colon', { fields: { 'X: y\r\nnonsense\r\nZ': '1' } }, 400, 'without a name'],
  ['a field that begins with white space', { line: 'INVITE sip:kela.fi@palvelu.example SIP/2.0\r\n folded' }, 400, 'without a name'],
  ['a stray LF in a field', { fields: { Subject: 'a\nContact: <sip:evil@192.0.2.66>' } }, 400, 'stray'],
  ['a stray CR in a field', { fields: { Subject: 'a\rb' } }, 400, 'stray'],
  ['more fields than are read', { fields: { 'X-Filler': Array.from({ length: 300 }, (_, n) => `${n}`) } }, 513, 'header fields'],
  ['a head beyond its bound', { fields: { 'X-Filler': 'x'.repeat(40_000) } }, 513, '32768'],
  ['a body beyond its bound', { body: 'x'.repeat(300_000) }, 413, '262144'],
];

const taken: [what: string, change: Change][] = [
  ['a plain INVITE', {}],
  ['no Max-Forwards', { fields: { 'Max-Forwards': undefined } }],
  ['Max-Forwards 0', { fields: { 'Max-Forwards': '0' } }],
  ['Max-Forwards 255', { fields: { 'Max-Forwards': '255' } }],
  ['CSeq 0', { fields: { CSeq: '0 INVITE' } }],
  ['CSeq 2147483647', { fields: { CSeq: '2147483647 INVITE' } }],
  ['Expires 4294967295', { fields: { Expires: '4294967295' } }],
  ['no Content-Length', { fields: { 'Content-Length': undefined }, body: 'v=0' }],
  ['an unquoted display name beyond ASCII', { fields: { From: 'Ähtärin kirjasto <sip:a@b>;tag=1' } }],
  ['a malformed expires of a Contact', register({ Contact: '<sip:a@b>;expires=never' })],
  ['several Contacts in a REGISTER', register({ Contact: [ONE_CONTACT, OTHER_CONTACT] })],
  ['Contact: * with Expires: 0', register({ Contact: '*', Expires: '0' })],
  ['a REGISTER without Contact', register({ Contact: undefined })],
  ['the gateway dialled by H.323 URL', { line: 'INVITE h323:kela.fi@palvelu.example SIP/2.0' }],
  ['an emergency service', { line: 'INVITE urn:service:sos SIP/2.0' }],
  ['a number', { line: 'INVITE tel:+358295123456;phone-context=fi SIP/2.0' }],
  ['a scheme in capitals', { line: 'INVITE SIP:kela.fi@palvelu.example SIP/2.0' }],
  ['a dialled string with #', { line: 'INVITE sip:*21#@palvelu.example SIP/2.0' }],
  ['an unknown Require', { fields: { Require: 'nothingSupportsThis' } }],
  ['several Routes in one field', { fields: { Route: '<sip:a;lr>,<sip:b;lr>' } }],
];

describe('a request is refused', () => {
  test.each(refused)('for %s', (_what, change, status, says) => {
    expect(parseDatagram(request(change)).fault).toEqual({ status, reason: expect.stringContaining(says) });
  });
});

describe('a request is taken', () => {
  test.each(taken)('with %s', (_what, change) => {
    const { message, fault } = parseDatagram(request(change));
    expect(fault).toBeUndefined();
    expect(validateRequest(message!)).toBeUndefined();
  });
});

describe('nothing is answered', () => {
  test.each([
    ['an ACK that is malformed', request({ line: 'ACK sip:a@b SIP/2.0', fields: { CSeq: '1 INVITE' } }), 'malformed ACK'],
    ['a request without Via', request({ fields: { Via: undefined } }), 'no Via'],
    ['a Via without a host', request({ fields: { Via: 'SIP/2.0/UDP ;branch=z9hG4bK1' } }), 'no Via'],
    ['a Via with a port of six digits', request({ fields: { Via: 'SIP/2.0/UDP a:123456;branch=z9hG4bK1' } }), 'no Via'],
    ['a response without To', response({ fields: { To: undefined } }), 'To is missing'],
    ['a response with a CSeq beyond its range', response({ fields: { CSeq: '4294967296 INVITE' } }), 'CSeq'],
    ['a response of status 99', response({ line: 'SIP/2.0 099 Low' }), 'status line'],
    ['a response of status 700', response({ line: 'SIP/2.0 700 High' }), 'status line'],
    ['a response of SIP/3.0', response({ line: 'SIP/3.0 200 OK' }), 'status line'],
    ['a response with a short body', response({ fields: { 'Content-Length': '9' } }), 'Content-Length'],
    ['a response towards everybody', response({ fields: { Via: ['SIP/2.0/UDP a;branch=z9hG4bK1', 'SIP/2.0/UDP 255.255.255.255'] } }), 'broadcast'],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'), 'not SIP'],
    ['a STUN request', Buffer.from('000100002112a442000102030405060708090a0b', 'hex'), 'not SIP'],
    ['nothing', Buffer.alloc(0), 'empty'],
  ])('to %s', (_what, octets, says) => {
    expect(parseDatagram(octets)).toEqual({ drop: expect.stringContaining(says) });
  });
});

test('a response needs what lets it be matched, and no more', () => {
  const { message } = parseDatagram(response({ fields: { From: '<sip:ähtäri@b>;tag=1', Contact: 'sip:a@b?c' } }));
  expect(message).toBeDefined();
  expect(validateResponse(message!)).toBeUndefined();
});

test('keep-alives of RFC 5626 are told from messages', () => {
  expect(parseDatagram(Buffer.from('\r\n\r\n'))).toEqual({ keepAlive: 'ping' });
  expect(parseDatagram(Buffer.from('\r\n'))).toEqual({ keepAlive: 'pong' });
});

test('CRLFs before the start line are skipped (RFC 3261 section 7.5)', () => {
  expect(parseDatagram(Buffer.concat([Buffer.from('\r\n\r\n'), request()])).message?.method).toBe('INVITE');
});

test('limits are those of the caller', () => {
  const limits = { maxHeadBytes: 200, maxHeaderFields: 3, maxBodyBytes: 2 };
  expect(parseDatagram(request(), limits).fault?.status).toBe(513);
  expect(parseDatagram(request(), { ...limits, maxHeadBytes: 9999 }).fault?.status).toBe(513);
  expect(parseDatagram(request({ body: 'v=0' }), { ...limits, maxHeadBytes: 9999, maxHeaderFields: 99 }).fault?.status).toBe(413);
});

test('the sender of a head beyond its bound is still answered along its Via', () => {
  const { message, fault } = parseDatagram(request({ fields: { 'X-Filler': 'x'.repeat(40_000) } }));
  expect(fault?.status).toBe(513);
  expect(message?.topVia).toMatchObject({ host: '192.0.2.10', port: 5060 });
});

test('of a malformed Via the part before the fault is answered along', () => {
  const { message, fault } = parseDatagram(request({ fields: { Via: 'SIP/2.0/UDP a:5062;rport;branch=z9hG4bK1;branch=z9hG4bK2, SIP/2.0/UDP b' } }));
  expect(fault?.reason).toBe('Via is malformed');
  expect(message?.topVia).toMatchObject({ host: 'a', port: 5062, branch: 'z9hG4bK1' });
  expect(SipMessage.responseTo(message!, 400, 'Bad Request').getAll('Via')).toEqual(['SIP/2.0/UDP a:5062;rport;branch=z9hG4bK1', 'SIP/2.0/UDP b']);
});

test('parseMessage asks for nothing but structure', () => {
  const { message, fault } = parseMessage(Buffer.from('SIP/2.0 200 OK\r\ncseq: 1 INVITE\r\n\r\nv=0\r\n'));
  expect(fault).toBeUndefined();
  expect(message?.cseq).toEqual({ seq: 1, method: 'INVITE' });
  expect(message?.body.toString()).toBe('v=0\r\n');
});
