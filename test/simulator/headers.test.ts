import { createHash } from 'node:crypto';
import { answerChallenge, readChallenges } from '../../src/simulator/digest';
import { describeAddress } from '../../src/simulator/party';
import { parseServerAddress } from '../../src/simulator/stack';

describe('digest challenges', () => {
  test('several rows, quoting and unknown algorithms', () => {
    const response = [
      'SIP/2.0 401 Unauthorized',
      'WWW-Authenticate: Digest realm="a, \\"b\\"", nonce="n1", algorithm=SHA-256, qop="auth,auth-int", opaque="o"',
      'www-authenticate : digest realm="c",nonce="n2",stale=TRUE',
      'WWW-Authenticate: Digest realm="d", nonce="n3", algorithm=SHA-512-256',
      'WWW-Authenticate: Basic realm="e"',
      'Proxy-Authenticate: Digest realm="f", nonce="n4", algorithm=MD5', '', '',
    ].join('\r\n');
    expect(readChallenges(response)).toEqual([
      { answerHeader: 'Authorization', realm: 'a, "b"', nonce: 'n1', opaque: 'o', algorithm: 'SHA-256', qop: true, stale: false },
      { answerHeader: 'Authorization', realm: 'c', nonce: 'n2', algorithm: 'MD5', qop: false, stale: true },
      { answerHeader: 'Proxy-Authorization', realm: 'f', nonce: 'n4', algorithm: 'MD5', qop: false, stale: false },
    ]);
  });

  test('without qop the answer is that of RFC 2069, from which the RFC 2617 errata give this one', () => {
    const challenge = { answerHeader: 'Authorization', realm: 'testrealm@host.com', nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093', algorithm: 'MD5', qop: false, stale: false } as const;
    expect(answerChallenge(challenge, 'GET', '/dir/index.html', 'Mufasa', 'Circle Of Life')).toContain('response="670fd8c2df070c60b045671b8b24ff02"');
  });

  test('with qop the response covers nonce count and client nonce', () => {
    const challenge = { answerHeader: 'Authorization', realm: 'r', nonce: 'n', algorithm: 'SHA-256', qop: true, stale: false } as const;
    const header = answerChallenge(challenge, 'REGISTER', 'sip:r', 'u', 'p');
    const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
    const cnonce = /cnonce="(\w+)"/.exec(header)?.[1];
    expect(header).toContain(`response="${hash(`${hash('u:r:p')}:n:00000001:${cnonce}:auth:${hash('REGISTER:sip:r')}`)}"`);
    expect(header).not.toContain('"p"');
  });
});

test.each([
  ['"Kela, Seinäjoki" <sip:kela@palvelu.example>;tag=1', 'Kela, Seinäjoki (kela@palvelu.example)'],
  ['"a \\"b\\"" <sips:c@d;transport=tcp>', 'a "b" (c@d)'],
  ['<sip:kela@palvelu.example>', 'kela@palvelu.example'],
  ['sip:kela@palvelu.example;tag=1', 'kela@palvelu.example'],
])('%s is shown as %s', (value, shown) => {
  expect(describeAddress(value)).toBe(shown);
});

test.each([
  ['sip:192.0.2.1', { host: '192.0.2.1', port: 5060, transport: 'udp', uri: 'sip:192.0.2.1;transport=udp' }],
  ['sip:host.example;transport=TLS', { host: 'host.example', port: 5061, transport: 'tls' }],
  ['sips:host.example', { host: 'host.example', port: 5061, transport: 'tls' }],
  ['sip:[::1]:5070;transport=tcp', { host: '::1', port: 5070, transport: 'tcp' }],
])('%s is a server address', (uri, address) => {
  expect(parseServerAddress(uri)).toMatchObject(address);
});
