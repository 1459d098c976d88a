import {
  formatHostPort, formatNameAddr, formatParams, formatUri, formatVia, hostEquals, parseHostPort, parseNameAddr, parseParams, parseUri, parseVia,
  sentByEquals, splitList, uriEquals, uriScheme,
} from '../../src/embedded/sip-server/message';

describe('URIs', () => {
  test.each([
    'sip:palvelu.example', 'sip:kela.fi@palvelu.example', 'sips:a:secret@b.example:5061;transport=tcp;lr', 'sip:a@[2001:db8::1]:5060',
    'sip:user;par=u%40example.net@example.com', 'sip:a@b?Subject=x&Priority=urgent', 'sip:a@b;x=y?Subject=x;y', 'sip:my_host', 'sip:a@192.0.2.1',
    'tel:+358295123456;phone-context=fi', 'urn:service:sos', 'sip:*21#@b', 'sip:a@b.example.',
  ])('%s is read and written the same', (text) => {
    expect(formatUri(parseUri(text)!)).toBe(text);
  });

  test('are taken apart', () => {
    expect(parseUri('SIPS:a:b@C.example:5070;LR;Maddr=192.0.2.1?X=y')).toEqual({
      scheme: 'sips', user: 'a', password: 'b', host: 'C.example', port: 5070, params: new Map([['lr', ''], ['maddr', '192.0.2.1']]), headers: 'X=y',
    });
    expect(parseUri('tel:+358295123456;ext=1')).toEqual({ scheme: 'tel', host: '+358295123456', params: new Map([['ext', '1']]) });
    expect(uriScheme('h323:a@b')).toBe('h323');
  });

  test.each([
    '', 'sip', 'sip:', ':a', '1sip:a', 'sip:@b', 'sip::x@b', 'sip:a@', 'sip:a b', 'sip:a@b@c', 'sip:a@b:', 'sip:a@b:x', 'sip:a@b:70000', 'sip:a@b:-1',
    'sip:[::1', 'sip:[::g]', 'sip:[fe80::1%25eth0]', 'sip:2001:db8::1', 'sip:[::1]x', 'sip:a@b;;lr', 'sip:a@b;lr;lr', 'sip:a@b;', 'sip:a%@b', 'sip:a%4g@b',
    'sip:a"@b', 'sip:a<b', 'sip:ä@b', 'sip:a@b\u0000', 'sip:a..b', 'sip:.a', 'sip:1.2.3', 'sip:1.2.3.4.5', 'tel:', 'urn:', 'sip:a@ b',
  ])('%j is malformed', (text) => {
    expect(parseUri(text)).toBeUndefined();
  });

  test.each([
    ['sip:%61lice@atlanta.example;transport=TCP', 'sip:alice@AtLanTa.example;Transport=tcp', true],
    ['sip:carol@chicago.example', 'sip:carol@chicago.example;newparam=5', true],
    ['sip:carol@chicago.example;newparam=5', 'sip:carol@chicago.example;security=on', true],
    ['sip:biloxi.example;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.example', 'sip:biloxi.example;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.example', true],
    ['sip:alice@atlanta.example?subject=project%20x&priority=urgent', 'sip:alice@atlanta.example?priority=urgent&subject=project%20x', true],
    ['SIP:ALICE@AtLanTa.example;Transport=udp', 'sip:alice@AtLanTa.example;Transport=UDP', false],
    ['sip:bob@biloxi.example', 'sip:bob@biloxi.example:5060', false],
    ['sip:bob@biloxi.example', 'sip:bob@biloxi.example;transport=udp', false],
    ['sip:bob@biloxi.example', 'sip:bob@biloxi.example:6000;transport=tcp', false],
    ['sip:carol@chicago.example', 'sip:carol@chicago.example?Subject=next%20meeting', false],
    ['sip:carol@chicago.example;security=off', 'sip:carol@chicago.example;security=on', false],
    ['sip:a@b', 'sips:a@b', false],
    ['sip:b', 'sip:a@b', false],
    ['sip:a@[2001:db8::9:1]', 'sip:a@[2001:DB8:0:0::9:01]', true],
    ['sip:a@[2001:db8::9:1]', 'sip:a@[2001:db8::9:2]', false],
    ['nonsense', 'nonsense', true],
    ['nonsense', 'other nonsense', false],
  ])('%s and %s: equal is %s (RFC 3261 section 19.1.4, RFC 5954)', (a, b, isEqual) => {
    expect([uriEquals(a, b), uriEquals(b, a)]).toEqual([isEqual, isEqual]);
  });
});

test('hosts with and without port', () => {
  expect(parseHostPort('[2001:db8::1]:5060')).toEqual({ host: '2001:db8::1', port: 5060 });
  expect(parseHostPort('host.example')).toEqual({ host: 'host.example' });
  expect(formatHostPort('2001:db8::1', 5060)).toBe('[2001:db8::1]:5060');
  expect(hostEquals('Host.EXAMPLE', 'host.example')).toBe(true);
});

describe('name-addr', () => {
  test.each([
    ['<sip:a@b>', { uri: 'sip:a@b', params: new Map() }],
    ['sip:a@b;tag=1', { uri: 'sip:a@b', params: new Map([['tag', '1']]) }],
    ['  "A \\"B\\" \\\\C"<sip:a@b;lr>;q=0.5;ob', { displayName: 'A "B" \\C', uri: 'sip:a@b;lr', params: new Map([['q', '0.5'], ['ob', '']]) }],
    ['Kela Helsinki <sip:a@b>', { displayName: 'Kela Helsinki', uri: 'sip:a@b', params: new Map() }],
    ['"" <sip:a@b>', { uri: 'sip:a@b', params: new Map() }],
    ['<sip:a@b>;x="; , \\" >"', { uri: 'sip:a@b', params: new Map([['x', '; , " >']]) }],
    ['"<sip:x@y>" <sip:a@b>', { displayName: '<sip:x@y>', uri: 'sip:a@b', params: new Map() }],
    ['*', { uri: '*', params: new Map() }],
  ])('%s', (text, address) => {
    expect(parseNameAddr(text)).toEqual(address);
  });

  test.each(['', ' ', '<>', '<sip:a@b', '"x <sip:a@b>', '"x" sip:a@b', 'a,b <sip:c>', '<sip:a@b> x', '<sip:a@b>;', '<sip:a@b>;;x', '<sip:a@b>;=1', '<sip:a@b>;x="', '<sip:a b>', 'sip:a@b?x', 'sip:a@b, sip:c@d'])(
    '%j is malformed',
    (text) => expect(parseNameAddr(text)).toBeUndefined(),
  );

  test('what is written is read the same', () => {
    const address = { displayName: 'Ähtäri "palvelu\\piste", 1', uri: 'sip:a@b;lr', params: new Map([['tag', 'x'], ['ob', ''], ['+sip.instance', '<urn:uuid:1>']]) };
    expect(parseNameAddr(formatNameAddr(address))).toEqual(address);
  });
});

describe('Via', () => {
  test.each([
    'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport', 'SIP/2.0/TLS [2001:db8::1];branch=z9hG4bK1;received=2001:db8::2', 'SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bK56sdasks',
  ])('%s is read and written the same', (text) => {
    expect(formatVia(parseVia(text)!)).toBe(text);
  });

  test('white space is allowed around slash, colon and semicolon', () => {
    expect(parseVia('SIP / 2.0 / udp  first.example : 4000 ; ttl = 16 ; branch = z9hG4bKa7c6')).toEqual({
      transport: 'UDP', host: 'first.example', port: 4000, branch: 'z9hG4bKa7c6', params: new Map([['ttl', '16'], ['branch', 'z9hG4bKa7c6']]),
    });
  });

  test.each(['', 'SIP/2.0/UDP', 'SIP/2.0/UDP ', 'SIP/2.0 host', 'HTTP/2.0/UDP host', 'SIP/2.0/ host', 'SIP/2.0/UDP a b', 'SIP/2.0/UDP host;', 'SIP/2.0/UDP host;;rport', 'SIP/2.0/UDP 2001:db8::1', 'SIP/2.0/UDP host:0'])(
    '%j is malformed',
    (text) => expect(parseVia(text)).toBeUndefined(),
  );

  test.each([
    ['SIP/2.0/UDP a.example', 'SIP/2.0/UDP A.example:5060', true],
    ['SIP/2.0/TLS a.example', 'SIP/2.0/TLS a.example:5061', true],
    ['SIP/2.0/WSS a.example', 'SIP/2.0/WSS a.example:443', true],
    ['SIP/2.0/UDP a.example', 'SIP/2.0/UDP a.example:5062', false],
    ['SIP/2.0/UDP a.example', 'SIP/2.0/UDP b.example', false],
  ])('%s and %s: the same sender is %s', (a, b, isSame) => {
    expect(sentByEquals(parseVia(a)!, parseVia(b)!)).toBe(isSame);
  });
});

test('parameters: names in lower case, quotes where they must be', () => {
  const params = parseParams(';Expires=60 ; OB;x="a;b"', 0);
  expect(params).toEqual(new Map([['expires', '60'], ['ob', ''], ['x', 'a;b']]));
  expect(formatParams(params!)).toBe(';expires=60;ob;x="a;b"');
});

test('lists keep their empty values for the parser to refuse', () => {
  expect(splitList('a, ,"b,c",<d,e>,')).toEqual(['a', '', '"b,c"', '<d,e>', '']);
  expect(splitList('"open, <still')).toEqual(['"open, <still']);
});
