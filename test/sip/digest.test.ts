import { type DigestAlgorithm, digestResponse, parseAuthorization, sameResource } from '../../src/sip/digest-credentials';
import { DigestAuthenticator, type DigestOptions, type DigestOutcome, type Identity } from '../../src/sip/digest';
import { parseWire } from '../../src/sip/request';
import { authorize, challengeOf, type ClientDigest, hash, request } from './requests';

const REALM = 'palvelu.example';
const AOR = 'ex90-1@ahtari.palvelu.example';
const PASSWORD = 'sala: sana"';
const KEY = Buffer.alloc(32, 7);

const credentials = {
  username: 'ex90-1', realm: REALM, ha1Md5: hash('MD5', `ex90-1:${REALM}:${PASSWORD}`), ha1Sha256: hash('SHA-256', `ex90-1:${REALM}:${PASSWORD}`),
};
const identity: Identity = { aor: AOR, credentials };

function setUp(options: Partial<DigestOptions> = {}) {
  const clock = { now: 1_800_000_000_000 };
  const digest = new DigestAuthenticator({
    realm: REALM, key: KEY, now: () => clock.now, findIdentity: async (username) => (username === 'ex90-1' ? identity : undefined), ...options,
  });
  const header = (client: Partial<ClientDigest> = {}, challenge = digest.challenge()['WWW-Authenticate']!) =>
    authorize(challenge, { username: 'ex90-1', password: PASSWORD, ...client });
  const send = (authorization: string | null, method = 'REGISTER', uri = 'sip:palvelu.example'): Promise<DigestOutcome> =>
    digest.verify(request({ method, uri, headers: authorization === null ? {} : { Authorization: authorization } }), AOR);
  return { clock, digest, header, send };
}

describe('digest response', () => {
  const http = { method: 'GET', uri: '/dir/index.html' };
  const rfc7616 = {
    ...http, nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    qop: { value: 'auth', nc: '00000001', cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ' },
  };
  const ha1 = (algorithm: DigestAlgorithm) => hash(algorithm, 'Mufasa:http-auth@example.org:Circle of Life');

  test('the MD5 example of RFC 7616 section 3.9.1', () => {
    expect(digestResponse({ algorithm: 'MD5', ha1: ha1('MD5'), ...rfc7616 }, hash)).toBe('8ca523f5e9506fed4657c9700eebdbec');
  });

  test('the SHA-256 example of RFC 7616 section 3.9.1', () => {
    expect(digestResponse({ algorithm: 'SHA-256', ha1: ha1('SHA-256'), ...rfc7616 }, hash))
      .toBe('753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1');
  });

  test('the example of RFC 2617 section 3.5', () => {
    const ha1 = hash('MD5', 'Mufasa:testrealm@host.com:Circle Of Life');
    const qop = { value: 'auth', nc: '00000001', cnonce: '0a4f113b' };
    expect(digestResponse({ algorithm: 'MD5', ha1, ...http, nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093', qop }, hash)).toBe('6629fae49393a05397450978507c4ef1');
  });
});

describe('challenge', () => {
  test('one row for each algorithm, strongest first, with qop (RFC 8760 section 2.4)', () => {
    const { digest } = setUp();
    const { rows } = parseWire(`SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: ${digest.challenge()['WWW-Authenticate']}\r\n\r\n`);
    expect(rows.map(({ name }) => name)).toEqual(['www-authenticate', 'www-authenticate']);
    expect(rows[0]!.value).toMatch(/^Digest realm="palvelu.example", nonce="[\w-]{40}", algorithm=SHA-256, qop="auth"$/);
    expect(rows[1]!.value).toMatch(/algorithm=MD5, qop="auth"$/);
  });

  test('no two nonces are the same', () => {
    const { digest } = setUp();
    const nonces = Array.from({ length: 100 }, () => challengeOf(digest.challenge()['WWW-Authenticate']!, 'MD5').nonce);
    expect(new Set(nonces).size).toBe(100);
  });
});

describe('Authorization header', () => {
  test('finds ours among schemes and realms joined by commas', () => {
    const parsed = parseAuthorization('Basic abc==, Digest username="a, b\\"", realm="x", nonce="n", uri="sip:x", response="r", Digest realm = "y",username=u,nonce=n,uri="sip:y",response=q');
    expect(parsed.map(({ username, realm, response }) => [username, realm, response])).toEqual([['a, b"', 'x', 'r'], ['u', 'y', 'q']]);
  });

  test.each([
    ['a repeated parameter', 'Digest username="a", username="b", realm="x", nonce="n", uri="u", response="r"'],
    ['an open quote', 'Digest username="a, realm="x", nonce="n", uri="u", response="r"'],
    ['no response', 'Digest username="a", realm="x", nonce="n", uri="u"'],
    ['more than 4096 characters', `Digest username="${'a'.repeat(5000)}", realm="x", nonce="n", uri="u", response="r"`],
  ])('%s is no credentials', (_, header) => expect(parseAuthorization(header)).toEqual([]));
});

describe('verification', () => {
  test.each(['SHA-256', 'MD5'] as const)('the right password authenticates by %s', async (algorithm) => {
    const { header, send } = setUp();
    expect(await send(header({ algorithm }))).toEqual({ kind: 'authenticated', identity });
  });

  test('an algorithm left out means MD5, as in RFC 2617', async () => {
    const { header, send } = setUp();
    expect(await send(header({ algorithm: 'MD5', tamper: (h) => h.replace(', algorithm=MD5', '') }))).toMatchObject({ kind: 'authenticated' });
  });

  test('no credentials, or those of another realm, are missing', async () => {
    const { header, send } = setUp();
    expect(await send(null)).toEqual({ kind: 'missing' });
    expect(await send(header({ tamper: (h) => h.replace('realm="palvelu.example"', 'realm="other.example"') }))).toEqual({ kind: 'missing' });
  });

  test('a wrong password, an unknown user and another method are told apart from a right one only', async () => {
    const { header, send } = setUp();
    expect(await send(header({ password: 'guess' }))).toEqual({ kind: 'wrong', username: 'ex90-1', reason: 'response' });
    expect(await send(header({ username: 'nobody' }))).toEqual({ kind: 'wrong', username: 'nobody', reason: 'response' });
    expect(await send(header({ method: 'INVITE' }))).toMatchObject({ kind: 'wrong', reason: 'response' });
  });

  test('an unknown user costs the same work as a known one', async () => {
    let computed: DigestAlgorithm[] = [];
    const { header, send } = setUp({ hash: (algorithm, text) => { computed.push(algorithm); return hash(algorithm, text); } });
    const workFor = async (client: Partial<ClientDigest>) => {
      const authorization = header(client);
      computed = [];
      await send(authorization);
      return computed;
    };
    const known = await workFor({ password: 'guess' });
    expect(known).toHaveLength(2);
    expect(await workFor({ username: 'nobody' })).toEqual(known);
  });

  test('the dummy secret of an unknown user cannot be guessed as an empty or constant one', async () => {
    const { digest, send } = setUp();
    const challenge = digest.challenge()['WWW-Authenticate']!;
    const { nonce } = challengeOf(challenge, 'MD5');
    for (const ha1 of ['', '0'.repeat(32), hash('MD5', 'nobody:palvelu.example:')]) {
      const response = digestResponse({ algorithm: 'MD5', ha1, method: 'REGISTER', uri: 'sip:palvelu.example', nonce, qop: { value: 'auth', nc: '00000001', cnonce: 'c' } }, hash);
      expect(await send(`Digest username="nobody", realm="${REALM}", nonce="${nonce}", uri="sip:palvelu.example", response="${response}", algorithm=MD5, qop=auth, nc=00000001, cnonce="c"`))
        .toMatchObject({ kind: 'wrong' });
    }
  });

  test('credentials without a hash of the algorithm, or of another realm, do not authenticate', async () => {
    const noSha = setUp({ findIdentity: async () => ({ aor: AOR, credentials: { ...credentials, ha1Sha256: undefined } }) });
    expect(await noSha.send(noSha.header())).toMatchObject({ kind: 'wrong', reason: 'response' });
    const elsewhere = setUp({ findIdentity: async () => ({ aor: AOR, credentials: { ...credentials, realm: 'other.example' } }) });
    expect(await elsewhere.send(elsewhere.header())).toMatchObject({ kind: 'wrong', reason: 'response' });
  });

  test('qop is required unless legacy clients are allowed, and then their nonce is good once', async () => {
    const strict = setUp();
    expect(await strict.send(strict.header({ withoutQop: true }))).toMatchObject({ kind: 'wrong', reason: 'qop' });
    const lenient = setUp({ allowWithoutQop: true });
    const authorization = lenient.header({ withoutQop: true });
    expect(await lenient.send(authorization)).toMatchObject({ kind: 'authenticated' });
    expect(await lenient.send(authorization)).toMatchObject({ kind: 'stale' });
  });

  test.each([
    ['auth-int', 'qop=auth-int', 'qop'],
    ['a nonce count that is no number', 'nc=0000000x', 'qop'],
    ['a session algorithm', 'algorithm=SHA-256-sess', 'algorithm'],
  ])('%s is refused', async (_, parameter, reason) => {
    const { header, send } = setUp();
    const name = parameter.split('=')[0]!;
    expect(await send(header({ tamper: (h) => h.replace(new RegExp(`${name}=[\\w-]+`), parameter) }))).toMatchObject({ kind: 'wrong', reason });
  });

  test('the username may be a whole address', async () => {
    const whole = { aor: AOR, credentials: { username: AOR, realm: REALM, ha1Md5: hash('MD5', `${AOR}:${REALM}:x`), ha1Sha256: hash('SHA-256', `${AOR}:${REALM}:x`) } };
    const { header, send } = setUp({ findIdentity: async (username) => (username === AOR ? whole : undefined) });
    expect(await send(header({ username: AOR, password: 'x' }))).toEqual({ kind: 'authenticated', identity: whole });
  });
});

describe('digest-uri', () => {
  const ours = (host: string) => host === 'palvelu.example' || host === '192.0.2.1';

  test.each([
    ['sip:palvelu.example', 'sip:palvelu.example'],
    ['sip:palvelu.example', 'sip:kela.fi@palvelu.example'],
    ['sip:palvelu.example', 'sip:192.0.2.1:5060;transport=tcp'],
    ['sip:kela.fi@palvelu.example;transport=tcp', 'sip:kela.fi@PALVELU.example'],
  ])('%s is taken for %s', (digestUri, requestUri) => expect(sameResource(digestUri, requestUri, ours)).toBe(true));

  test.each([
    ['sip:vero@palvelu.example', 'sip:kela.fi@palvelu.example'],
    ['sip:other.example', 'sip:palvelu.example'],
    ['nonsense', 'sip:palvelu.example'],
  ])('%s is not taken for %s', (digestUri, requestUri) => expect(sameResource(digestUri, requestUri, ours)).toBe(false));

  test('a registration may be signed for our address or for the domain of the device', async () => {
    const { header, send } = setUp({ isOurHost: ours });
    expect(await send(header({ uri: 'sip:192.0.2.1:5060' }), 'REGISTER', 'sip:ahtari.palvelu.example')).toMatchObject({ kind: 'authenticated' });
    expect(await send(header({ uri: 'sip:192.0.2.1:5060' }), 'REGISTER', 'sip:elsewhere.example')).toMatchObject({ kind: 'wrong', reason: 'uri' });
  });

  test('credentials for another address do not authenticate', async () => {
    const { header, send } = setUp();
    expect(await send(header({ uri: 'sip:vero@palvelu.example' }), 'REGISTER', 'sip:kela@palvelu.example')).toMatchObject({ kind: 'wrong', reason: 'uri' });
  });
});

describe('nonces', () => {
  test('a replayed request is stale, never authenticated', async () => {
    const { header, send } = setUp();
    const authorization = header();
    expect(await send(authorization)).toMatchObject({ kind: 'authenticated' });
    expect(await send(authorization)).toEqual({ kind: 'stale', username: 'ex90-1' });
  });

  test('counts may arrive out of order within the window, each once', async () => {
    const { digest, header, send } = setUp();
    const challenge = digest.challenge()['WWW-Authenticate']!;
    const use = async (count: number) => (await send(header({ nc: count.toString(16).padStart(8, '0') }, challenge))).kind;
    expect(await use(3)).toBe('authenticated');
    expect(await use(1)).toBe('authenticated');
    expect(await use(1)).toBe('stale');
    expect(await use(2)).toBe('authenticated');
    expect(await use(66)).toBe('authenticated');
    expect(await use(3)).toBe('stale');
    expect(await use(4)).toBe('authenticated');
    expect(await use(0xffffffff)).toBe('authenticated');
    expect(await use(67)).toBe('stale');
    expect(await use(0)).toBe('stale');
  });

  test('a wrong guess does not use up a count', async () => {
    const { digest, header, send } = setUp();
    const challenge = digest.challenge()['WWW-Authenticate']!;
    expect(await send(header({ password: 'guess' }, challenge))).toMatchObject({ kind: 'wrong' });
    expect(await send(header({}, challenge))).toMatchObject({ kind: 'authenticated' });
  });

  test('an old nonce is stale with the right digest and plainly wrong with another', async () => {
    const { clock, header, send } = setUp({ nonceLifetimeSeconds: 60 });
    const right = header();
    const wrong = header({ password: 'guess' });
    clock.now += 61_000;
    expect(await send(right)).toMatchObject({ kind: 'stale' });
    expect(await send(wrong)).toMatchObject({ kind: 'wrong', reason: 'response' });
  });

  test('stale=true is in the challenge when asked for', () => {
    const { digest } = setUp();
    expect(challengeOf(digest.challenge(true)['WWW-Authenticate']!, 'SHA-256').stale).toBe(true);
    expect(challengeOf(digest.challenge()['WWW-Authenticate']!, 'SHA-256').stale).toBe(false);
  });

  test.each([
    ['made up', () => 'A'.repeat(40)],
    ['with one letter changed', (nonce: string) => (nonce.startsWith('B') ? 'C' : 'B') + nonce.slice(1)],
    ['padded', (nonce: string) => `${nonce}=`],
    ['cut short', (nonce: string) => nonce.slice(0, -1)],
    ['empty', () => ''],
  ])('a nonce that is %s is not ours', async (_, forge) => {
    const { digest, send } = setUp();
    const real = challengeOf(digest.challenge()['WWW-Authenticate']!, 'SHA-256').nonce;
    const challenge = `Digest realm="${REALM}", nonce="${forge(real)}", algorithm=SHA-256, qop="auth"`;
    expect(await send(authorize(challenge, { username: 'ex90-1', password: PASSWORD }))).toMatchObject({ kind: 'wrong', reason: 'nonce' });
  });

  test('a nonce signed with another key or for another realm is not ours', async () => {
    const { send, header } = setUp();
    const otherKey = setUp({ key: Buffer.alloc(32, 8) });
    expect(await send(header({}, otherKey.digest.challenge()['WWW-Authenticate']!))).toMatchObject({ kind: 'wrong', reason: 'nonce' });
    const otherRealm = setUp({ realm: 'other.example' });
    const { nonce } = challengeOf(otherRealm.digest.challenge()['WWW-Authenticate']!, 'SHA-256');
    expect(await send(authorize(`Digest realm="${REALM}", nonce="${nonce}", algorithm=SHA-256, qop="auth"`, { username: 'ex90-1', password: PASSWORD })))
      .toMatchObject({ kind: 'wrong', reason: 'nonce' });
  });

  test('a nonce from before a restart is stale, because its used counts are forgotten', async () => {
    const before = setUp();
    const challenge = before.digest.challenge()['WWW-Authenticate']!;
    const later = { now: before.clock.now + 5_000 };
    const after = setUp({ now: () => later.now });
    expect(await after.send(after.header({}, challenge))).toMatchObject({ kind: 'stale' });
  });

  test('a full table makes the oldest nonces stale instead of forgetting what was used', async () => {
    const { clock, digest, header, send } = setUp({ nonceCapacity: 2 });
    const challenges = [0, 1, 2].map(() => { clock.now += 1; return digest.challenge()['WWW-Authenticate']!; });
    for (const challenge of challenges) expect(await send(header({}, challenge))).toMatchObject({ kind: 'authenticated' });
    for (const challenge of challenges) expect(await send(header({}, challenge))).toMatchObject({ kind: 'stale' });
    expect(await send(header({ nc: '00000002' }, challenges[0]))).toMatchObject({ kind: 'stale' });
    expect(await send(header({ nc: '00000002' }, challenges[2]))).toMatchObject({ kind: 'authenticated' });
  });
});
