import { StreamFramer, parseDatagram } from '../../src/embedded/sip-server/message';
import type { ParsedMessage } from '../../src/embedded/sip-server/message';
import { request, response } from './messages';
import { seededRandom } from './random';

const SDP = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n\r\ns=-\r\n';
const STREAM = Buffer.concat([
  Buffer.from('\r\n\r\n'),
  request({ body: SDP }),
  Buffer.from('\r\n'),
  response(),
  Buffer.from('\r\n\r\n\r\n\r\n'),
  request({ fields: { From: undefined }, body: SDP }),
  response({ fields: { To: undefined } }),
  request({ line: 'MESSAGE sip:a@b SIP/2.0', fields: { CSeq: '2 MESSAGE' }, body: 'ääkkönen' }),
]);
const summary = (results: readonly ParsedMessage[]): string[] =>
  results.map(({ message, fault, drop, keepAlive }) =>
    keepAlive ?? drop ?? `${fault?.status ?? ''}${message!.method}${message!.status || ''} ${message!.body.toString('utf8')}`);
const EXPECTED = ['ping', `INVITE ${SDP}`, '200 ', 'ping', 'ping', `400INVITE ${SDP}`, 'malformed response: To is missing', 'MESSAGE ääkkönen'];
const pushAll = (framer: StreamFramer, chunks: readonly Buffer[]): ParsedMessage[] => chunks.flatMap((chunk) => framer.push(Buffer.from(chunk)));

describe('a stream of messages and keep-alives', () => {
  test('gives the same in one piece', () => {
    const framer = new StreamFramer('accepted');
    expect(summary(framer.push(STREAM))).toEqual(EXPECTED);
    expect([framer.broken, framer.isInMessage, framer.pendingBytes]).toEqual([false, false, 0]);
  });

  test('gives the same when it is split at any position', () => {
    for (let at = 0; at <= STREAM.length; at++) {
      expect(summary(pushAll(new StreamFramer('accepted'), [STREAM.subarray(0, at), STREAM.subarray(at)]))).toEqual(EXPECTED);
    }
  });

  test('gives the same octet by octet', () => {
    expect(summary(pushAll(new StreamFramer('accepted'), Array.from(STREAM, (octet) => Buffer.from([octet]))))).toEqual(EXPECTED);
  });

  test('gives the same in random pieces', () => {
    const random = seededRandom(5626);
    for (let round = 0; round < 200; round++) {
      const chunks: Buffer[] = [];
      for (let at = 0; at < STREAM.length; ) {
        const end = at + 1 + Math.floor(random() * 90);
        chunks.push(STREAM.subarray(at, end));
        at = end;
      }
      expect(summary(pushAll(new StreamFramer('accepted'), chunks))).toEqual(EXPECTED);
    }
  });

  test('bodies that were handed out stay as they were', () => {
    const framer = new StreamFramer('accepted');
    const results = Array.from({ length: 50 }, (_, n) => request({ body: `body ${n} `.repeat(30) }))
      .flatMap((octets) => [octets.subarray(0, 100), octets.subarray(100)])
      .flatMap((chunk) => framer.push(Buffer.from(chunk)));
    results.forEach(({ message }, n) => expect(message!.body.toString()).toBe(`body ${n} `.repeat(30)));
    expect(results).toHaveLength(50);
  });

  test('reads what a datagram reads', () => {
    const [streamed] = new StreamFramer('accepted').push(request({ body: SDP }));
    expect(streamed!.message!.serialize()).toEqual(parseDatagram(request({ body: SDP })).message!.serialize());
  });
});

test('on a connection that we opened each CRLF is a pong (RFC 5626 section 3.5.1)', () => {
  const framer = new StreamFramer('opened');
  expect(summary(pushAll(framer, [Buffer.from('\r'), Buffer.from('\n\r\n'), response(), Buffer.from('\r\n')]))).toEqual(['pong', 'pong', '200 ', 'pong']);
});

describe('what can no longer be framed', () => {
  const limits = { maxHeadBytes: 1000, maxHeaderFields: 50, maxBodyBytes: 100 };
  test.each([
    ['no Content-Length', request({ fields: { 'Content-Length': undefined } }), 400],
    ['a negative Content-Length', request({ fields: { 'Content-Length': '-1' } }), 400],
    ['two Content-Lengths', request({ fields: { 'Content-Length': ['0', '7'] } }), 400],
    ['a body beyond its bound', request({ fields: { 'Content-Length': '101' } }), 413],
    ['a head beyond its bound', request({ fields: { 'X-Filler': 'x'.repeat(1000) } }), 513],
  ])('%s is answered, the rest is not read', (_what, octets, status) => {
    for (const chunks of [[octets], Array.from(octets, (octet) => Buffer.from([octet]))]) {
      const framer = new StreamFramer('accepted', limits);
      const results = pushAll(framer, [...chunks, request()]);
      expect(results.map(({ fault }) => fault?.status)).toEqual([status]);
      expect([framer.broken, framer.pendingBytes]).toEqual([true, 0]);
    }
  });

  test('octets that are no SIP are dropped and the stream is given up', () => {
    const framer = new StreamFramer('accepted', limits);
    expect(framer.push(Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'))).toEqual([{ drop: expect.stringContaining('not SIP') }]);
    expect(framer.broken).toBe(true);
    expect(new StreamFramer('accepted', limits).push(Buffer.alloc(2000, 'x'))).toEqual([{ drop: expect.stringContaining('not SIP') }]);
  });

  test('a response is dropped, not answered', () => {
    const framer = new StreamFramer('opened', limits);
    expect(framer.push(response({ fields: { 'Content-Length': undefined } }))).toEqual([{ drop: expect.stringContaining('Content-Length') }]);
    expect(framer.broken).toBe(true);
  });

  test('more is never held than one unfinished message', () => {
    const framer = new StreamFramer('accepted', limits);
    framer.push(request({ fields: { 'Content-Length': '100' } }));
    expect(framer.isInMessage).toBe(true);
    for (let n = 0; n < 99; n++) framer.push(Buffer.from('b'));
    expect(framer.pendingBytes).toBe(99);
    expect(framer.push(Buffer.from('b'))).toHaveLength(1);
    expect(framer.isInMessage).toBe(false);
  });
});
