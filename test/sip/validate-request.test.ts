import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validateRequest } from '../../src/sip/validate-request';
import { fromWire, request, type RequestParts } from './requests';

const supported = new Set(['100rel', 'timer']);
const SDP = 'v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n';

function validate(parts: RequestParts) {
  const headers = { Contact: '<sip:ex90-1@192.0.2.10>', ...(parts.body ? { 'Content-Type': 'application/sdp' } : {}), ...parts.headers };
  return validateRequest(request({ method: 'INVITE', uri: 'sip:kela.fi@palvelu.example', ...parts, headers }), { supported });
}
const statusOf = (parts: RequestParts) => validate(parts).fault?.status;
const reasonOf = (parts: RequestParts) => validate(parts).fault?.reason;

describe('RFC 4475 requests as drachtio-srf reads them', () => {
  const check = (file: string) =>
    validateRequest(fromWire(readFileSync(join(__dirname, '../fixtures/rfc4475', file), 'utf8')), { supported }).fault?.status ?? 'taken';

  test.each([
    ['badaspec.dat', 400], ['badinv01.dat', 400], ['badvers.dat', 505], ['bext01.dat', 420], ['clerr.dat', 400], ['escruri.dat', 400],
    ['insuf.dat', 400], ['invut.dat', 415], ['ltgtruri.dat', 400], ['mcl01.dat', 400], ['mismatch01.dat', 400], ['mismatch02.dat', 400],
    ['multi01.dat', 400], ['ncl.dat', 400], ['novelsc.dat', 416], ['quotbal.dat', 400], ['scalar02.dat', 400], ['sdp01.dat', 406],
    ['trws.dat', 400], ['unkscm.dat', 416],
  ])('%s is answered %i', (file, status) => expect(check(file)).toBe(status));

  test.each(['wsinv.dat', 'esc01.dat', 'escnull.dat', 'intmeth.dat', 'longreq.dat', 'semiuri.dat', 'transports.dat', 'mpart01.dat', 'lwsdisp.dat', 'zeromf.dat', 'regescrt.dat', 'cparam01.dat', 'cparam02.dat'])(
    '%s is taken', (file) => expect(check(file)).toBe('taken'));
});

describe('request', () => {
  test('an INVITE with an offer is taken and its SDP handed on', () => {
    expect(validate({ body: SDP })).toEqual({ body: { sdp: SDP, others: [] } });
  });

  test('an INVITE without a body is taken: its offer comes with the ACK', () => {
    expect(validate({})).toEqual({ body: { others: [] } });
  });

  test('compact and folded header rows are read as what they stand for', () => {
    expect(statusOf({ headers: { 'f': '<sip:a@b.example>;tag=1', 'From': null, 'Subject': 'one\r\n two' } })).toBeUndefined();
    expect(reasonOf({ headers: { f: '<sip:a@b.example>;tag=1' } })).toBe('from is there more than once');
  });

  test.each<[string, RequestParts, number]>([
    ['a second To', { headers: { t: '<sip:other@palvelu.example>' } }, 400],
    ['a second Call-ID', { headers: { 'Call-ID': ['1@x', '2@x'] } }, 400],
    ['no Call-ID', { headers: { 'Call-ID': null } }, 400],
    ['no Via', { headers: { Via: null } }, 400],
    ['a CSeq of 2147483648', { headers: { CSeq: '2147483648 INVITE' } }, 400],
    ['a CSeq of another method', { headers: { CSeq: '1 BYE' } }, 400],
    ['Max-Forwards 256', { headers: { 'Max-Forwards': '256' } }, 400],
    ['Max-Forwards 0', { headers: { 'Max-Forwards': '0' } }, 483],
    ['a negative Expires', { headers: { Expires: '-1' } }, 400],
    ['an Expires beyond 32 bits', { headers: { Expires: '4294967296' } }, 400],
    ['a Content-Length beyond the body', { body: SDP, headers: { 'Content-Length': '9999' } }, 400],
    ['a tag that is no token', { headers: { From: '<sip:a@b.example>;tag="x y"' } }, 400],
    ['a From with an open quote', { headers: { From: '"Ahtari <sip:a@b.example>;tag=1' } }, 400],
    ['two Contacts', { headers: { Contact: '<sip:a@b.example>, <sip:c@b.example>' } }, 400],
    ['a Contact that is no SIP address', { headers: { Contact: '<tel:+358501234567>' } }, 400],
    ['a header row without a name', { headers: { 'Subject': 'x\r\n: nonsense' } }, 400],
    ['more than 200 header rows', { headers: { 'X-Row': Array.from({ length: 200 }, () => 'x') } }, 513],
    ['a header row of 9000 characters', { headers: { 'X-Row': 'x'.repeat(9000) } }, 513],
    ['a request-URI of 1100 characters', { uri: `sip:${'a'.repeat(1100)}@palvelu.example` }, 414],
    ['an unknown scheme', { uri: 'isbn:2983792873' }, 416],
    ['header fields in the request-URI', { uri: 'sip:kela.fi@palvelu.example?Subject=x' }, 400],
    ['a port of 70000', { uri: 'sip:kela.fi@palvelu.example:70000' }, 400],
    ['a required extension that is not known', { headers: { Require: 'timer, teleport' } }, 420],
    ['Accept without SDP', { headers: { Accept: 'text/plain' } }, 406],
  ])('%s is refused', (_, parts, status) => expect(statusOf(parts)).toBe(status));

  test.each<[string, RequestParts]>([
    ['a telephone number', { uri: 'tel:+358-9-1234' }],
    ['an IPv6 host', { uri: 'sip:kela.fi@[2001:db8::1]:5060;transport=tcp' }],
    ['escaped letters', { uri: 'sip:t%C3%A4hti@palvelu.example' }],
    ['no Max-Forwards, as in RFC 2543', { headers: { 'Max-Forwards': null } }],
    ['known required extensions', { headers: { Require: '100rel, Timer' } }],
    ['Accept with parameters', { headers: { Accept: 'text/plain, application/sdp;level=1' } }],
    ['an unquoted display name beyond ASCII', { headers: { From: 'Ähtäri palvelupiste <sip:a@b.example>;tag=1' } }],
    ['a From that is a telephone number', { headers: { From: '<tel:+358501234567>;tag=1' } }],
  ])('%s is taken', (_, parts) => expect(validate(parts).fault).toBeUndefined());

  test('420 names what is not supported, and nothing that could break the header', () => {
    expect(validate({ headers: { Require: 'timer, teleport, "x"' } }).fault).toMatchObject({ status: 420, headers: { Unsupported: 'teleport' } });
  });

  test('the Warning says what was wrong, in one header row whatever was sent', () => {
    const warning = validate({ headers: { CSeq: '1 "BYE\\' } }).fault?.headers.Warning;
    expect(warning).toBe(`399 etasilta "CSeq names 'BYE', the request line INVITE"`);
  });

  test('OPTIONS with Max-Forwards 0 has reached its end and is taken', () => {
    expect(statusOf({ method: 'OPTIONS', headers: { 'Max-Forwards': '0' } })).toBeUndefined();
  });

  test('Require in ACK means nothing', () => {
    expect(statusOf({ method: 'ACK', headers: { Require: 'teleport' } })).toBeUndefined();
  });
});

describe('body', () => {
  const multipart = (parts: string[], boundary = 'b1') => `preamble\r\n${parts.map((part) => `--${boundary}\r\n${part}`).join('\r\n')}\r\n--${boundary}--\r\nepilogue`;
  const sdpPart = `Content-Type: application/sdp\r\n\r\n${SDP}`;

  test('SDP is taken out of multipart/mixed, optional parts beside it are kept', () => {
    const body = multipart([sdpPart, 'Content-Type: application/xml\r\nContent-Disposition: render;handling=optional\r\n\r\n<x/>']);
    expect(validate({ body, headers: { 'Content-Type': 'multipart/mixed;boundary="b1"' } })).toEqual({
      body: { sdp: SDP, others: [{ type: 'application/xml', content: '<x/>' }] },
    });
  });

  test.each<[string, RequestParts, number]>([
    ['another type', { body: '<x/>', headers: { 'Content-Type': 'application/xml' } }, 415],
    ['no type', { body: SDP, headers: { 'Content-Type': null } }, 400],
    ['a compressed body', { body: SDP, headers: { 'Content-Encoding': 'gzip' } }, 415],
    ['multipart without boundary', { body: multipart([sdpPart]), headers: { 'Content-Type': 'multipart/mixed' } }, 400],
    ['multipart without its last delimiter', { body: `--b1\r\n${sdpPart}`, headers: { 'Content-Type': 'multipart/mixed;boundary=b1' } }, 400],
    ['a part that must be understood', { body: multipart([sdpPart, 'Content-Type: application/isup\r\nContent-Disposition: signal;handling=required\r\n\r\nx']), headers: { 'Content-Type': 'multipart/mixed;boundary=b1' } }, 415],
    ['100 parts', { body: multipart(Array.from({ length: 100 }, () => sdpPart)), headers: { 'Content-Type': 'multipart/mixed;boundary=b1' } }, 400],
  ])('%s is refused', (_, parts, status) => expect(statusOf(parts)).toBe(status));

  test('415 names what would be accepted', () => {
    expect(validate({ body: '<x/>', headers: { 'Content-Type': 'application/xml' } }).fault?.headers.Accept).toBe('application/sdp, multipart/mixed');
  });

  test('an unknown body that is optional does not stop the call', () => {
    const headers = { 'Content-Type': 'application/xml', 'Content-Disposition': 'render; handling=optional' };
    expect(validate({ body: '<x/>', headers })).toEqual({ body: { others: [{ type: 'application/xml', content: '<x/>' }] } });
  });

  const withLine = (line: string) => SDP.replace('m=audio 4000 RTP/AVP 8', line);
  test.each<[string, string, number]>([
    ['no version', SDP.slice(5), 400],
    ['no origin', SDP.replace(/o=.*\r\n/, ''), 400],
    ['a line that is no type=value', `${SDP}nonsense\r\n`, 400],
    ['a port of 70000', withLine('m=audio 70000 RTP/AVP 8'), 400],
    ['a media line without formats', withLine('m=audio 4000 RTP/AVP'), 400],
    ['25 media lines', SDP + 'm=video 4002 RTP/AVP 96\r\n'.repeat(24), 488],
    ['media that go nowhere', SDP.replace(/c=.*\r\n/, ''), 400],
    ['another network', SDP.replace('c=IN IP4', 'c=ATM IP4'), 488],
    ['another address type', SDP.replace('c=IN IP4', 'c=IN NSAP'), 488],
    ['IPv6 called IPv4', SDP.replace('c=IN IP4 192.0.2.10', 'c=IN IP4 2001:db8::1'), 400],
    ['an address of five numbers', SDP.replace('c=IN IP4 192.0.2.10', 'c=IN IP4 192.0.2.10.1'), 400],
    ['1100 lines', SDP + 'a=x\r\n'.repeat(1100), 413],
    ['40,000 bytes', SDP + `a=${'x'.repeat(1000)}\r\n`.repeat(40), 413],
  ])('SDP with %s is refused', (_, body, status) => expect(statusOf({ body })).toBe(status));

  test.each([
    ['bare line feeds', SDP.replace(/\r\n/g, '\n')],
    ['refused media without an address', SDP.replace(/c=.*\r\n/, '').replace('4000', '0')],
    ['a host name', SDP.replace('c=IN IP4 192.0.2.10', 'c=IN IP4 media.ahtari.example')],
    ['BFCP over TCP', `${SDP}m=application 5070 TCP/BFCP *\r\na=floorctrl:c-s\r\n`],
    ['far-end camera', `${SDP}m=application 5072 RTP/AVP 107\r\n`],
    ['IPv6', SDP.replace(/IP4 192.0.2.10/g, 'IP6 2001:db8::10')],
  ])('SDP with %s is taken', (_, body) => expect(validate({ body }).fault).toBeUndefined());

  test('the line that is wrong is named', () => {
    expect(reasonOf({ body: withLine('m=audio x RTP/AVP 8') })).toBe('SDP line 6: the m= line is malformed');
  });
});

test('hostile text is read in time that grows with its length only', () => {
  const long = (text: string) => text.repeat(8000 / text.length);
  for (const header of [long('"'), long('<'), long('\\"'), long(';'), long(','), long('<sip:a@'), long('"a\\'), long(' \t')]) {
    expect(() => validate({ headers: { From: header, Contact: header, Accept: header, Require: header } })).not.toThrow();
  }
});
