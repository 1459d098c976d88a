import { SipMessage, parseDatagram, parseMessage } from '../../src/embedded/sip-server/message';
import { request } from './messages';

const parsed = (octets: Buffer): SipMessage => {
  const { message, fault } = parseDatagram(octets);
  expect(fault).toBeUndefined();
  return message!;
};
const lines = (message: SipMessage): string[] => message.serialize().toString('utf8').split('\r\n');

describe('reading header fields', () => {
  test('a field is found by its long and compact name in any case', () => {
    const message = parsed(request({ fields: { 'Call-ID': undefined, I: 'abc@host', k: 'timer', 'X-Own': '1' } }));
    for (const name of ['Call-ID', 'call-id', 'CALL-ID', 'i', 'I']) expect(message.get(name)).toBe('abc@host');
    expect(message.get('supported')).toBe('timer');
    expect(message.get('x-oWn')).toBe('1');
    expect(message.get('constructor')).toBeUndefined();
    expect(message.has('Route')).toBe(false);
  });

  test('comma lists are split outside quotes and brackets, and only where the grammar has lists', () => {
    const message = parsed(request({
      fields: {
        Route: ['<sip:a,b@c;lr>, "x, y" <sip:d>', '<sip:e>'],
        'WWW-Authenticate': 'Digest realm="a, b", nonce="c"',
        Subject: 'a, b',
        Allow: 'INVITE,ACK , BYE',
      },
    }));
    expect(message.getAll('Route')).toEqual(['<sip:a,b@c;lr>', '"x, y" <sip:d>', '<sip:e>']);
    expect(message.getAll('WWW-Authenticate')).toEqual(['Digest realm="a, b", nonce="c"']);
    expect(message.getAll('Subject')).toEqual(['a, b']);
    expect(message.getAll('Allow')).toEqual(['INVITE', 'ACK', 'BYE']);
    expect(message.getAll('Path')).toEqual([]);
    expect(message.count('Route')).toBe(2);
  });

  test('what is parsed follows a change', () => {
    const message = parsed(request());
    expect(message.fromTag).toBe('9fxced');
    expect(message.toTag).toBeUndefined();
    message.set('To', '<sip:kela.fi@palvelu.example>;tag=xyz').set('CSeq', '2 INVITE').set('from', 'sip:a@b;tag=q');
    expect([message.toTag, message.cseq?.seq, message.fromTag]).toEqual(['xyz', 2, 'q']);
    message.prepend('Via', 'SIP/2.0/TCP host;branch=z9hG4bKnew').set('Contact', ['<sip:c@d>', '<sip:e@f>']);
    expect(message.topVia?.branch).toBe('z9hG4bKnew');
    expect(message.contacts?.map(({ uri }) => uri)).toEqual(['sip:c@d', 'sip:e@f']);
    message.remove('Contact');
    expect(message.contacts).toEqual([]);
  });

  test('absent and malformed fields read as undefined', () => {
    const { message } = parseMessage(Buffer.from('SIP/2.0 200 OK\r\nFrom: "\r\nCSeq: x\r\nContact: <\r\nMax-Forwards: x\r\nVia: x\r\n\r\n'));
    expect([message!.from, message!.to, message!.cseq, message!.contacts, message!.maxForwards, message!.topVia, message!.callId])
      .toEqual(Array.from({ length: 7 }, () => undefined));
  });
});

describe('changing header fields', () => {
  test('set takes the place of the first and removes the others', () => {
    const message = parsed(request({ fields: { Route: ['<sip:a>', '<sip:b>'], 'X-After': '1' } }));
    message.set('Route', '<sip:z>');
    expect(lines(message).slice(-5, -2)).toEqual(['Content-Length: 0', 'Route: <sip:z>', 'X-After: 1']);
    message.set('x-after', ['2', '3']).set('New', 'n');
    expect(lines(message).slice(-5, -2)).toEqual(['x-after: 2', 'x-after: 3', 'New: n']);
    message.set('X-After', []);
    expect(message.has('X-After')).toBe(false);
  });

  test('append and prepend keep fields of one name together', () => {
    const message = SipMessage.request('OPTIONS', 'sip:a@b').append('v', 'SIP/2.0/UDP one').append('To', '<sip:a@b>').append('Via', 'SIP/2.0/UDP two').prepend('Via', 'SIP/2.0/UDP zero');
    expect(lines(message)).toEqual(['OPTIONS sip:a@b SIP/2.0', 'Via: SIP/2.0/UDP zero', 'Via: SIP/2.0/UDP one', 'Via: SIP/2.0/UDP two', 'To: <sip:a@b>', 'Content-Length: 0', '', '']);
    expect(lines(message.prepend('Route', '<sip:r;lr>'))[1]).toBe('Route: <sip:r;lr>');
  });

  test('removeFirst and replaceFirst take one value out of a comma list', () => {
    const message = parsed(request({ fields: { Via: 'SIP/2.0/UDP one;branch=z9hG4bK1, SIP/2.0/UDP two;branch=z9hG4bK2' } }));
    message.replaceFirst('Via', 'SIP/2.0/UDP one;branch=z9hG4bK1;received=192.0.2.9');
    expect(message.getAll('Via')).toEqual(['SIP/2.0/UDP one;branch=z9hG4bK1;received=192.0.2.9', 'SIP/2.0/UDP two;branch=z9hG4bK2']);
    expect(message.removeFirst('Via')).toContain('received');
    expect(message.removeFirst('Via')).toContain('two');
    expect(message.removeFirst('Via')).toBeUndefined();
    expect(message.topVia).toBeUndefined();
  });

  test('a clone goes its own way', () => {
    const message = parsed(request());
    const clone = message.clone();
    clone.set('To', '<sip:other>').remove('From');
    clone.uri = 'sip:elsewhere';
    expect(message.to?.uri).toBe('sip:kela.fi@palvelu.example');
    expect(message.serialize().equals(request())).toBe(true);
  });

  test.each([
    ['a value with CRLF', () => SipMessage.request('A', 'sip:b').set('Subject', 'x\r\nEvil: 1')],
    ['a value with LF', () => SipMessage.request('A', 'sip:b').append('Subject', 'x\nEvil: 1')],
    ['a name with a colon', () => SipMessage.request('A', 'sip:b').prepend('Evil: 1\r\nX', 'x')],
    ['an empty name', () => SipMessage.request('A', 'sip:b').set('', 'x')],
    ['a reason phrase with CRLF', () => SipMessage.response(400, 'x\r\nEvil: 1')],
  ])('%s is a TypeError, never a field of its author\'s own', (_what, change) => {
    expect(change).toThrow(TypeError);
  });
});

describe('octets', () => {
  test('what nobody touched goes out as it came: spelling, folding, octets that are no UTF-8', () => {
    const octets = Buffer.concat([
      Buffer.from('NEWMETHOD sip:a@b SIP/2.0\r\nv : SIP/2.0/UDP h;branch=z9hG4bK1\r\nf:\t"Ähtäri"  <sip:a@b> ; tag=1\r\nt: <sip:c@d>\r\ni: x\r\ncSEQ: 007\r\n  NEWMETHOD\r\nX-Odd:'),
      Buffer.from([0x20, 0xff, 0xfe, 0x80, 0xc3, 0xa0, 0xa0]),
      Buffer.from('\r\nl: 2\r\n\r\n'), Buffer.from([0, 255]),
    ]);
    const message = parsed(octets);
    expect(message.from?.displayName).toBe('Ähtäri');
    expect(message.get('X-Odd')).toBe('\ufffd\ufffd\ufffdà\ufffd');
    expect(message.serialize().equals(octets)).toBe(true);
  });

  test('Unicode goes out as UTF-8 and comes back the same', () => {
    for (const name of ['Ähtäri', 'Справка', '東京', '𝄞 clef', 'plain']) {
      const message = SipMessage.response(200, name).set('Subject', name);
      const again = parseMessage(message.serialize()).message!;
      expect([again.reason, again.get('Subject')]).toEqual([name, name]);
    }
  });

  test('Content-Length is always that of the body', () => {
    const message = parsed(request({ body: 'v=0' }));
    message.body = Buffer.from('ääkkönen');
    expect(lines(message)).toContain('Content-Length: 11');
    message.remove('Content-Length');
    expect(lines(message)).toContain('Content-Length: 11');
    message.body = Buffer.alloc(0);
    expect(lines(message)).toContain('Content-Length: 0');
  });
});

describe('responses', () => {
  const incoming = parsed(request({ fields: { Via: ['SIP/2.0/UDP a;branch=z9hG4bK1', 'SIP/2.0/UDP b'], Timestamp: '54', 'Record-Route': '<sip:p;lr>' } }));

  test('carry the Vias, From, To, Call-ID and CSeq of the request (RFC 3261 section 8.2.6.2)', () => {
    const answer = SipMessage.responseTo(incoming, 486, 'Varattu – upptaget');
    expect(answer.headers.map(({ name }) => name)).toEqual(['Via', 'Via', 'From', 'To', 'Call-ID', 'CSeq']);
    expect(answer).toMatchObject({ isRequest: false, status: 486, reason: 'Varattu – upptaget', method: '', uri: '' });
  });

  test('100 carries the Timestamp too', () => {
    expect(SipMessage.responseTo(incoming, 100, 'Trying').get('Timestamp')).toBe('54');
  });

  test('do not change the request when they are changed', () => {
    SipMessage.responseTo(incoming, 200, 'OK').set('To', '<sip:x>;tag=1');
    expect(incoming.toTag).toBeUndefined();
  });
});
