import { ownNames } from '../../src/sip/aor';
import { callerIdentity } from '../../src/sip/caller-identity';
import { DigestAuthenticator } from '../../src/sip/digest';
import { Edge, type EdgeOptions, type IncomingRequest } from '../../src/sip/edge';
import { Guard } from '../../src/sip/guard';
import { Location } from '../../src/sip/location';
import { Registrar } from '../../src/sip/registrar';
import type { Headers, SipResponse } from '../../src/sip/request';
import { Trust, type TrustedPeer, type TrustOptions } from '../../src/sip/trust';
import { authorize, hash, request, type RequestParts, type Source } from './requests';

const REALM = 'palvelu.example';
const AOR = 'ex90-1@ahtari.palvelu.example';
const PASSWORD = 'sala';
const identity = { aor: AOR, credentials: { username: 'ex90-1', realm: REALM, ha1Sha256: hash('SHA-256', `ex90-1:${REALM}:${PASSWORD}`) } };
const desk = { aor: 'desk@palvelu.example', credentials: { username: 'desk@palvelu.example', realm: REALM, ha1Sha256: hash('SHA-256', `desk@palvelu.example:${REALM}:${PASSWORD}`) } };
const other = { aor: 'ex90-1@alavus.palvelu.example', credentials: { username: 'ex90-1', realm: REALM, ha1Sha256: hash('SHA-256', `ex90-1:${REALM}:muu`) } };

function setUp({ peers, challenge, ...options }: { peers?: TrustedPeer[] } & Pick<TrustOptions, 'challenge'> & Partial<EdgeOptions> = {}) {
  const clock = { now: 1_800_000_000_000 };
  const now = () => clock.now;
  const names = ownNames(REALM, ['192.0.2.1']);
  const location = new Location({ now });
  const registrar = new Registrar(location, { names, now });
  const digest = new DigestAuthenticator({
    realm: REALM, key: Buffer.alloc(32, 1), now, isOurHost: names.isOurHost,
    findIdentity: async (username, aor) => (username === desk.aor ? desk : [identity, other].find((known) => known.credentials.username === username && known.aor === aor)),
  });
  const trust = new Trust({ digest, location, names, peers, challenge, ownsAddress: async (address) => address.endsWith('.palvelu.example') });
  const guard = new Guard();
  const edge = new Edge({ guard, trust, names, supported: new Set(['path', 'outbound']), now, ...options });

  const admit = async (req: IncomingRequest) => {
    const sent: { status: number; headers: Headers }[] = [];
    const res: SipResponse = { send: (status, { headers = {} }) => sent.push({ status, headers }) };
    const admitted = await edge.admit(req, res);
    return { admitted, sent, status: sent[0]?.status, headers: sent[0]?.headers ?? {} };
  };
  const make = (parts: RequestParts) => request({ ...parts, headers: { Contact: '<sip:ex90-1@192.0.2.10>', ...parts.headers } }) as IncomingRequest;
  const send = (parts: RequestParts) => admit(make(parts));
  /** What a client does: the request, and again with credentials. */
  const authenticate = async (parts: RequestParts, password = PASSWORD) => {
    const { method = 'REGISTER', uri = 'sip:palvelu.example' } = parts;
    const challenge = (await send(parts)).headers['WWW-Authenticate'] ?? '';
    return send({ ...parts, headers: { ...parts.headers, Authorization: authorize(challenge, { username: 'ex90-1', password, method, uri }) } });
  };
  const register = async (source: Source) => {
    const parts = { source };
    const { admitted } = await authenticate(parts);
    return registrar.register(make(parts), admitted!.identity!);
  };
  return { clock, edge, guard, location, make, admit, send, authenticate, register };
}

const invite: RequestParts = { method: 'INVITE', uri: 'sip:kela.fi@palvelu.example' };
const tls: Source = { address: '203.0.113.5', port: 40001, protocol: 'tls' };

describe('an endpoint', () => {
  test('is challenged and then admitted by its credentials', async () => {
    const { send, authenticate } = setUp();
    const first = await send(invite);
    expect([first.status, first.admitted]).toEqual([401, undefined]);
    const { admitted, sent } = await authenticate(invite);
    expect(sent).toEqual([]);
    expect(admitted).toMatchObject({ caller: { kind: 'endpoint', aor: AOR, how: 'digest' }, identity });
  });

  test('with a wrong password is challenged as if it had sent none', async () => {
    const { send, authenticate } = setUp();
    const shape = (headers: Headers) => headers['WWW-Authenticate']!.replace(/nonce="[^"]*"/g, '');
    const [none, wrong] = [await send(invite), await authenticate(invite, 'guess')];
    expect([wrong.status, shape(wrong.headers)]).toEqual([none.status, shape(none.headers)]);
  });

  test('gets the same answer for every address, whether there is such a one or not', async () => {
    const { send } = setUp();
    const uris = ['sip:kela.fi@palvelu.example', 'sip:nobody@palvelu.example', 'sip:ex90-1@ahtari.palvelu.example', 'sip:x@elsewhere.example'];
    const answers = await Promise.all(uris.map((uri) => send({ ...invite, uri })));
    expect(new Set(answers.map(({ status, headers }) => `${status} ${headers['WWW-Authenticate']!.replace(/nonce="[^"]*"/g, '')}`)).size).toBe(1);
  });

  test('may not call in another device\'s name', async () => {
    const { send, authenticate } = setUp();
    const authorization = async (username: string) =>
      authorize((await send(invite)).headers['WWW-Authenticate']!, { username, password: PASSWORD, method: 'INVITE', uri: invite.uri });
    const call = async (username: string, from: string) => send({ ...invite, headers: { From: `<sip:${from}>;tag=1`, Authorization: await authorization(username) } });
    expect((await call(desk.aor, desk.aor)).admitted?.caller).toMatchObject({ aor: desk.aor });
    expect((await call(desk.aor, AOR)).status).toBe(403);
    expect((await call(desk.aor, 'nobody@ahtari.palvelu.example')).status).toBe(403);
    expect((await authenticate({ ...invite, headers: { From: '<sip:ex90-1@alavus.palvelu.example>;tag=1' } })).status).toBe(401);
  });

  test('a nonce that was used up is answered with stale, and not held against the sender', async () => {
    const { send, guard, clock } = setUp();
    const challenge = (await send(invite)).headers['WWW-Authenticate']!;
    const again = () => send({ ...invite, headers: { Authorization: authorize(challenge, { username: 'ex90-1', password: PASSWORD, method: 'INVITE', uri: invite.uri }) } });
    expect((await again()).admitted).toBeDefined();
    const replayed = await again();
    expect([replayed.status, /stale=true/.test(replayed.headers['WWW-Authenticate']!)]).toEqual([401, true]);
    expect(guard.counters(clock.now).failures).toEqual({ 'challenged': 0, 'call-challenged': 1, 'credentials': 0, 'invalid': 0 });
  });
});

describe('the flow of a registration', () => {
  test('calls over the very connection that registered need no credentials', async () => {
    const { register, send } = setUp();
    expect((await register(tls)).status).toBe(200);
    expect((await send({ ...invite, source: tls })).admitted).toMatchObject({ caller: { kind: 'endpoint', aor: AOR, how: 'flow' } });
  });

  test.each<[string, Source, RequestParts['headers']]>([
    ['another port', { ...tls, port: 40002 }, {}],
    ['another transport', { ...tls, protocol: 'tcp' }, {}],
    ['another name in From', tls, { From: '<sip:ex90-1@alavus.palvelu.example>;tag=1' }],
  ])('but not with %s', async (_, source, headers) => {
    const { register, send } = setUp();
    await register(tls);
    expect((await send({ ...invite, source, headers })).status).toBe(401);
  });

  test('UDP has no connection and is challenged always', async () => {
    const { register, send } = setUp();
    const udp = { ...tls, protocol: 'udp' };
    await register(udp);
    expect((await send({ ...invite, source: udp })).status).toBe(401);
  });

  test('a setting challenges every call', async () => {
    const { register, send } = setUp({ challenge: 'always' });
    await register(tls);
    expect((await send({ ...invite, source: tls })).status).toBe(401);
  });

  test('a connection that was lost, or whose registration expired, counts for nothing', async () => {
    const { register, send, location, clock } = setUp();
    await register(tls);
    location.mark(location.contactsFor(AOR)[0]!, 'unreachable');
    expect((await send({ ...invite, source: tls })).status).toBe(401);
    clock.now += 1;
    await register({ ...tls, port: 40003 });
    clock.now += 3_600_000;
    expect((await send({ ...invite, source: { ...tls, port: 40003 } })).status).toBe(401);
  });

  test('registering itself is challenged on every connection', async () => {
    const { register, send } = setUp();
    await register(tls);
    expect((await send({ source: tls })).status).toBe(401);
  });
});

describe('a trusted peer', () => {
  const peer: TrustedPeer = { name: 'kunta', addresses: ['198.51.100.0/28', '2001:db8:7::/48'], transports: ['tls', 'tcp'] };
  const from = (uri: string) => ({ From: `<${uri}>;tag=1` });
  const source = { address: '198.51.100.5', port: 5061, protocol: 'tls' };

  test('calls without credentials from its addresses and transports only', async () => {
    const { send } = setUp({ peers: [peer] });
    const headers = from('sip:vd@kunta.example');
    expect((await send({ ...invite, source, headers })).admitted?.caller).toEqual({ kind: 'peer', peer });
    expect((await send({ ...invite, source: { ...source, address: '2001:db8:7::99' }, headers })).admitted?.caller).toEqual({ kind: 'peer', peer });
    expect((await send({ ...invite, source: { ...source, address: '198.51.100.99' }, headers })).status).toBe(401);
    expect((await send({ ...invite, source: { ...source, protocol: 'udp' }, headers })).status).toBe(401);
  });

  test('may not call in the name of domains that are not its own', async () => {
    const { send } = setUp({ peers: [{ ...peer, domains: ['kunta.example'] }] });
    expect((await send({ ...invite, source, headers: from('sip:x@elsewhere.example') })).status).toBe(403);
    expect((await send({ ...invite, source, headers: from('sip:x@kunta.example') })).admitted).toBeDefined();
  });

  test('nor of our own devices, which show credentials wherever they call from', async () => {
    const { send, authenticate } = setUp({ peers: [peer] });
    expect((await send({ ...invite, source, headers: from(`sip:${AOR}`) })).status).toBe(401);
    expect((await authenticate({ ...invite, source })).admitted?.caller).toEqual({ kind: 'endpoint', aor: AOR, how: 'digest' });
  });

  test('registers nothing without credentials', async () => {
    const { send } = setUp({ peers: [peer] });
    expect((await send({ source })).status).toBe(401);
  });
});

describe('who is shown to the called party', () => {
  const claims = {
    'From': '"Ähtäri\u202e\u0007" <sip:EX90-1@ahtari.palvelu.example>;tag=1', 'P-Asserted-Identity': '"Ministry" <sip:minister@state.example>', 'Remote-Party-ID': '<sip:x@y.example>',
  };
  const peer = (assertsIdentity: boolean) => ({ kind: 'peer', peer: { name: 'kunta', addresses: [], assertsIdentity } }) as const;

  test('an endpoint is who it authenticated as, whatever its headers claim', () => {
    expect(callerIdentity(request({ headers: claims }), { kind: 'endpoint', aor: AOR, how: 'digest' })).toEqual({ address: AOR, displayName: 'Ähtäri' });
  });

  test('a peer is its From, or its asserted identity where that is believed', () => {
    expect(callerIdentity(request({ headers: claims }), peer(false)).address).toBe('ex90-1@ahtari.palvelu.example');
    expect(callerIdentity(request({ headers: claims }), peer(true))).toEqual({ address: 'minister@state.example', displayName: 'Ministry' });
  });

  test('a caller who asks for privacy is not shown', () => {
    expect(callerIdentity(request({ headers: { ...claims, Privacy: 'header;id' } }), peer(true))).toEqual({});
  });
});

describe('the edge', () => {
  test('answers an invalid request with what was wrong, before it asks who sent it', async () => {
    const { send, guard, clock } = setUp();
    expect(await send({ ...invite, headers: { 'Max-Forwards': '300' } })).toMatchObject({ status: 400, headers: { Warning: '399 etasilta "Max-Forwards is no number from 0 to 255"' } });
    expect(guard.counters(clock.now).failures.invalid).toBe(1);
  });

  test('a request for a dialog that is not there gets 481', async () => {
    const { send } = setUp();
    expect((await send({ ...invite, headers: { To: '<sip:kela.fi@palvelu.example>;tag=9' } })).status).toBe(481);
  });

  test('OPTIONS is challenged, or answered to anybody alike when so configured', async () => {
    const capabilities = { Allow: 'INVITE, OPTIONS' };
    expect((await setUp().send({ method: 'OPTIONS' })).status).toBe(401);
    const { send } = setUp({ publicCapabilities: capabilities });
    const answers = await Promise.all(['sip:palvelu.example', 'sip:nobody@palvelu.example', `sip:${AOR}`].map((uri) => send({ method: 'OPTIONS', uri })));
    expect(answers.map(({ status, headers }) => [status, headers])).toEqual(Array(3).fill([200, capabilities]));
  });

  test('a scanner gets slower answers, then none, while a registered endpoint beside it is served', async () => {
    jest.useFakeTimers();
    const { send, authenticate, edge, clock } = setUp();
    expect((await authenticate({})).admitted).toBeDefined();
    const outcomes: string[] = [];
    for (let i = 0; i < 120; i++) {
      const answer = send({ ...invite, headers: { From: `<sip:${i}@ahtari.palvelu.example>;tag=1` } });
      const delayed = edge.delayed > 0;
      await jest.advanceTimersByTimeAsync(5000);
      const { status } = await answer;
      outcomes.push(status === undefined ? 'nothing' : delayed ? 'late' : 'at once');
      clock.now += 50;
    }
    jest.useRealTimers();
    expect([...new Set(outcomes)]).toEqual(['at once', 'late', 'nothing']);
    expect((await authenticate(invite)).admitted).toBeDefined();
  });

  test('an ignored INVITE leaves nothing behind in drachtio-srf', async () => {
    const { admit, make, guard, clock } = setUp();
    for (let i = 0; i < 40; i++) guard.failed('192.0.2.10', undefined, 'invalid', clock.now);
    const req = make({ ...invite });
    const pending = new Map([[req.get('call-id')!, { req }], ['another', { req: {} }]]);
    Object.assign(req, { socket: 's', agent: { mapServer: new Map([['s', { pendingNetworkInvites: pending }]]) } });
    expect(await admit(req)).toMatchObject({ admitted: undefined, sent: [] });
    expect([...pending.keys()]).toEqual(['another']);
  });

  test('more delayed answers than the bound are not given at all', async () => {
    const { send, guard, edge, clock } = setUp({ maxDelayed: 2 });
    for (let i = 0; i < 20; i++) guard.failed('192.0.2.10', undefined, 'invalid', clock.now);
    const waiting = [send(invite), send(invite)];
    expect(edge.delayed).toBe(2);
    expect((await send(invite)).sent).toEqual([]);
    edge.close();
    expect((await Promise.all(waiting)).map(({ sent }) => sent)).toEqual([[], []]);
  });

  test('a CANCEL on the heels of an INVITE is not lost', async () => {
    const { admit, make, send } = setUp();
    const challenge = (await send(invite)).headers['WWW-Authenticate']!;
    const authorization = () => authorize(challenge, { username: 'ex90-1', password: PASSWORD, method: 'INVITE', uri: invite.uri });
    const early = make({ ...invite, headers: { Authorization: authorization() } });
    const outcome = admit(early);
    (early as unknown as NodeJS.EventEmitter).emit('cancel');
    expect(await outcome).toMatchObject({ admitted: undefined, sent: [] });
  });

  test('a CANCEL after admission aborts the signal', async () => {
    const { admit, make, send } = setUp();
    const challenge = (await send(invite)).headers['WWW-Authenticate']!;
    const req = make({ ...invite, headers: { Authorization: authorize(challenge, { username: 'ex90-1', password: PASSWORD, method: 'INVITE', uri: invite.uri }) } });
    const { admitted } = await admit(req);
    expect(admitted!.cancelled.aborted).toBe(false);
    (req as unknown as NodeJS.EventEmitter).emit('cancel');
    expect(admitted!.cancelled.aborted).toBe(true);
  });
});
