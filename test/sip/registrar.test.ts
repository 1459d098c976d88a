import { ownNames } from '../../src/sip/aor';
import type { Identity } from '../../src/sip/digest';
import { type Binding, Location } from '../../src/sip/location';
import { Registrar, type RegistrarOptions } from '../../src/sip/registrar';
import { parseWire } from '../../src/sip/request';
import { routeFor } from '../../src/sip/route-for';
import { request, type RequestParts, type Source } from './requests';

const AOR = 'ex90-1@ahtari.palvelu.example';
const CONTACT = '<sip:ex90-1@192.0.2.10:5060>';
const INSTANCE = '"<urn:uuid:00000000-0000-1000-8000-000a95a0e128>"';

type Fields = NonNullable<RequestParts['headers']>;

function setUp(options: Partial<RegistrarOptions> = {}, capacity?: number) {
  const clock = { now: 1_800_000_000_000 };
  const location = new Location({ now: () => clock.now, capacity });
  const registrar = new Registrar(location, { names: ownNames('palvelu.example', ['192.0.2.1']), now: () => clock.now, ...options });
  const events: string[] = [];
  for (const event of ['registered', 'refreshed', 'unregistered', 'expired', 'flow-lost', 'flow-found'] as const) {
    location.on(event, (binding: Binding) => events.push(`${event} ${binding.contact}`));
  }
  let cseq = 0;
  const register = (headers: Fields, { source, identity = { aor: AOR, credentials: { username: 'ex90-1', realm: 'palvelu.example' } } }: { source?: Source; identity?: Identity } = {}) => {
    clock.now += 1;
    const answer = registrar.register(request({ headers: { CSeq: `${++cseq} REGISTER`, ...headers }, source }), identity);
    const { rows } = parseWire(`SIP/2.0 200 OK\r\n${Object.entries(answer.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
    return { status: answer.status, headers: answer.headers ?? {}, contacts: rows.filter(({ name }) => name === 'contact').map(({ value }) => value) };
  };
  return { clock, location, register, events, uris: () => location.contactsFor(AOR).map(({ contact }) => contact) };
}

afterEach(() => jest.useRealTimers());

describe('registration (RFC 3261 section 10.3)', () => {
  test('a contact is bound, listed with its expiry and found for calls', () => {
    const { register, uris, events } = setUp();
    const { status, contacts } = register({ Contact: `${CONTACT};q=0.5`, Expires: '600' });
    expect(status).toBe(200);
    expect(contacts).toEqual(['<sip:ex90-1@192.0.2.10:5060>;expires=600;q=0.5']);
    expect(uris()).toEqual(['sip:ex90-1@192.0.2.10:5060']);
    expect(events).toEqual(['registered sip:ex90-1@192.0.2.10:5060']);
  });

  test('the expiry is the contact\'s own, else the header\'s, else the default, and at most the maximum', () => {
    const { register } = setUp();
    expect(register({ Contact: `${CONTACT};expires=300`, Expires: '600' }).contacts[0]).toContain('expires=300');
    expect(register({ Contact: CONTACT }).contacts[0]).toContain('expires=3600');
    expect(register({ Contact: CONTACT, Expires: '86400' }).contacts[0]).toContain('expires=7200');
    expect(register({ Contact: `${CONTACT};expires=280297596632815` }).contacts[0]).toContain('expires=7200');
    expect(register({ Contact: `${CONTACT};expires=soon` }).contacts[0]).toContain('expires=3600');
  });

  test('too brief an interval is refused with what would do, and changes nothing', () => {
    const { register, uris } = setUp();
    const { status, headers } = register({ Contact: `${CONTACT}, <sip:ex90-1@192.0.2.11>;expires=5` });
    expect([status, headers['Min-Expires']]).toEqual([423, '60']);
    expect(uris()).toEqual([]);
  });

  test('expires 0 takes one binding away, Contact * all of them', () => {
    const { register, uris, events } = setUp();
    register({ Contact: `${CONTACT}, <sip:ex90-1@192.0.2.11>, <sip:ex90-1@192.0.2.12>` });
    expect(register({ Contact: `${CONTACT};expires=0` }).contacts).toHaveLength(2);
    expect(register({ Contact: '*', Expires: '0' }).contacts).toEqual([]);
    expect(uris()).toEqual([]);
    expect(events.filter((event) => event.startsWith('unregistered'))).toHaveLength(3);
  });

  test.each<[string, Fields]>([
    ['* without Expires 0', { Contact: '*', Expires: '60' }],
    ['* beside another contact', { Contact: `*, ${CONTACT}`, Expires: '0' }],
    ['a contact that is no SIP address', { Contact: '<tel:+358501234567>' }],
    ['a contact with its parameters outside brackets', { Contact: 'sip:ex90-1@192.0.2.10?Route=%3Csip:sip.example.com%3E' }],
    ['a q above 1', { Contact: `${CONTACT};q=1.5` }],
    ['21 contacts', { Contact: Array.from({ length: 21 }, (_, i) => `<sip:ex90-1@192.0.2.${i}>`).join(', ') }],
    ['a contact of 1100 characters', { Contact: `<sip:${'a'.repeat(1100)}@192.0.2.10>` }],
    ['a To that is no SIP address', { Contact: CONTACT, To: '<isbn:2983792873>' }],
  ])('%s is refused and changes nothing', (_, headers) => {
    const { register, uris } = setUp();
    register({ Contact: '<sip:ex90-1@192.0.2.99>' });
    expect(register(headers).status).toBe(400);
    expect(uris()).toEqual(['sip:ex90-1@192.0.2.99']);
  });

  test('without Contact it lists what there is', () => {
    const { register } = setUp();
    register({ Contact: CONTACT });
    expect(register({}).contacts).toEqual(['<sip:ex90-1@192.0.2.10:5060>;expires=3600']);
  });

  test('an overtaken request is refused: same Call-ID, CSeq not higher', () => {
    const { register, uris } = setUp();
    register({ Contact: CONTACT, CSeq: '7 REGISTER' });
    expect(register({ Contact: `${CONTACT};expires=0`, CSeq: '7 REGISTER' }).status).toBe(400);
    expect(register({ Contact: '*', Expires: '0', CSeq: '6 REGISTER' }).status).toBe(400);
    expect(uris()).toHaveLength(1);
    expect(register({ 'Contact': `${CONTACT};expires=0`, 'CSeq': '1 REGISTER', 'Call-ID': 'after-reboot' }).status).toBe(200);
    expect(uris()).toEqual([]);
  });

  test('an authenticated device may register only its own address', () => {
    const { register, location } = setUp();
    const other: Identity = { aor: 'ex90-1@alavus.palvelu.example', credentials: { username: 'ex90-1', realm: 'palvelu.example' } };
    expect(register({ Contact: CONTACT }, { identity: other }).status).toBe(403);
    expect(register({ Contact: CONTACT, To: '<sip:nobody@ahtari.palvelu.example>' }).status).toBe(403);
    expect(location.size).toBe(0);
  });

  test('letter case and our own address in To mean the same AOR', () => {
    const { register, location } = setUp();
    register({ Contact: CONTACT, To: '<sip:EX90-1@Ahtari.Palvelu.Example>' });
    const identity: Identity = { aor: 'desk@palvelu.example', credentials: { username: 'desk', realm: 'palvelu.example' } };
    expect(register({ Contact: CONTACT, To: '<sip:desk@192.0.2.1:5060>' }, { identity }).status).toBe(200);
    expect([location.contactsFor(AOR).length, location.contactsFor('desk@palvelu.example').length]).toEqual([1, 1]);
  });

  test('contacts that differ only in what section 19.1.4 ignores are one', () => {
    const { register, uris } = setUp();
    register({ Contact: '<sip:ex90-1@Host.example;transport=tcp>' });
    register({ Contact: '<sip:%65x90-1@host.EXAMPLE;transport=TCP;ob>' });
    expect(uris()).toEqual(['sip:%65x90-1@host.EXAMPLE;transport=TCP;ob']);
  });

  test('calls go to the highest q first, among equals to the freshest', () => {
    const { register, uris } = setUp();
    register({ Contact: '<sip:a@192.0.2.1>;q=0.5' });
    register({ Contact: '<sip:b@192.0.2.2>' });
    register({ Contact: '<sip:c@192.0.2.3>' });
    expect(uris()).toEqual(['sip:c@192.0.2.3', 'sip:b@192.0.2.2', 'sip:a@192.0.2.1']);
  });
});

describe('bounds', () => {
  test('a device that comes back with a new address each time replaces its oldest contact', () => {
    const { register, uris } = setUp({ maxContacts: 3 });
    for (let port = 1; port <= 5; port++) expect(register({ Contact: `<sip:ex90-1@192.0.2.10:${port}>` }).status).toBe(200);
    expect(uris().map((uri) => uri.split(':')[2])).toEqual(['5', '4', '3']);
  });

  test('a contact that does not answer goes before one that does', () => {
    const { location, register, uris } = setUp({ maxContacts: 2 });
    register({ Contact: '<sip:ex90-1@192.0.2.10:1>' });
    register({ Contact: '<sip:ex90-1@192.0.2.10:2>' });
    location.mark(location.contactsFor(AOR)[0]!, 'unreachable');
    register({ Contact: '<sip:ex90-1@192.0.2.10:3>' });
    expect(uris().map((uri) => uri.split(':')[2])).toEqual(['3', '1']);
  });

  test('more contacts at once than allowed are refused', () => {
    const { register } = setUp({ maxContacts: 2 });
    expect(register({ Contact: '<sip:a@192.0.2.1>, <sip:b@192.0.2.2>, <sip:c@192.0.2.3>' }).status).toBe(403);
  });

  test('a full registrar refuses new bindings and keeps refreshing old ones', () => {
    const { register } = setUp({}, 2);
    register({ Contact: '<sip:a@192.0.2.1>, <sip:b@192.0.2.2>' });
    const { status, headers } = register({ Contact: '<sip:c@192.0.2.3>' });
    expect([status, headers['Retry-After']]).toEqual([503, '60']);
    expect(register({ Contact: '<sip:b@192.0.2.2>' }).status).toBe(200);
  });
});

describe('outbound and Path', () => {
  const outbound = (uri: string, regId = 1) => ({ Supported: 'path, outbound', Contact: `<${uri}>;reg-id=${regId};+sip.instance=${INSTANCE}` });
  const tcp = (port: number): { source: Source } => ({ source: { address: '203.0.113.5', port, protocol: 'tcp' } });

  test('a new flow of the same instance and reg-id replaces the old one (RFC 5626 section 6)', () => {
    const { location, register } = setUp();
    register(outbound('sip:ex90-1@10.0.0.5:40001;transport=tcp'), tcp(40001));
    register(outbound('sip:ex90-1@10.0.0.5:40002;transport=tcp'), tcp(40002));
    expect(location.contactsFor(AOR).map(({ flow }) => flow.port)).toEqual([40002]);
    register(outbound('sip:ex90-1@10.0.0.5:40003;transport=tcp', 2), tcp(40003));
    expect(location.contactsFor(AOR).map(({ flow }) => flow.port)).toEqual([40003, 40002]);
  });

  test('the client is told that outbound is in use and how often to show life', () => {
    const { register } = setUp();
    const { headers, contacts } = register(outbound('sip:ex90-1@10.0.0.5:40001;transport=tcp'), tcp(40001));
    expect(headers).toMatchObject({ 'Require': 'outbound', 'Flow-Timer': '120' });
    expect(contacts[0]).toContain(`;reg-id=1;+sip.instance=${INSTANCE}`);
  });

  test('over UDP it is not, because no SIP server here answers STUN', () => {
    const { register } = setUp();
    expect(register(outbound('sip:ex90-1@10.0.0.5:5060')).headers).not.toHaveProperty('Require');
  });

  test('through a proxy that does not speak outbound the client is told so', () => {
    const { register } = setUp();
    const via = ['SIP/2.0/TCP edge.example;branch=z9hG4bK2', 'SIP/2.0/TCP 10.0.0.5;branch=z9hG4bK1'];
    expect(register({ ...outbound('sip:ex90-1@10.0.0.5'), Via: via, Path: '<sip:edge.example;lr>' }, tcp(5060)).status).toBe(439);
    expect(register({ ...outbound('sip:ex90-1@10.0.0.5'), Via: via, Path: '<sip:token@edge.example;lr;ob>' }, tcp(5060)).status).toBe(200);
  });

  test('Path is kept, echoed and used as the route (RFC 3327 section 5.3)', () => {
    const { location, register } = setUp();
    const { headers } = register({ Contact: CONTACT, Path: ['<sip:inner.example;lr>', '<sip:edge.example;lr>'] }, tcp(5060));
    expect(headers.Path).toBe('<sip:inner.example;lr>,<sip:edge.example;lr>');
    expect(routeFor(location.contactsFor(AOR)[0]!)).toEqual({
      uri: 'sip:ex90-1@192.0.2.10:5060', proxy: 'sip:203.0.113.5:5060;transport=tcp', headers: { Route: '<sip:inner.example;lr>, <sip:edge.example;lr>' },
    });
  });
});

describe('route to a binding', () => {
  const routeOf = (contact: string, source: Source, change: Partial<Binding> = {}, via = 'TCP') => {
    const { location, register } = setUp();
    expect(register({ Contact: contact, Via: `SIP/2.0/${via} 192.0.2.10;branch=z9hG4bK1;rport` }, { source }).status).toBe(200);
    return routeFor({ ...location.contactsFor(AOR)[0]!, ...change });
  };

  test.each<[string, string, Source, string | undefined]>([
    ['over TCP the connection that the endpoint opened', '<sip:x@10.0.0.5:5060;transport=tcp>', { address: '203.0.113.5', port: 40001, protocol: 'tcp' }, 'sip:203.0.113.5:40001;transport=tcp'],
    ['over TLS too, without NAT', '<sip:x@203.0.113.5:5061;transport=tls>', { address: '203.0.113.5', port: 40001, protocol: 'tls' }, 'sip:203.0.113.5:40001;transport=tls'],
    ['a browser\'s WebSocket', '<sip:x@abc123.invalid;transport=ws>', { address: '2001:db8::5', port: 40001, protocol: 'wss' }, 'sip:[2001:db8::5]:40001;transport=wss'],
    ['over UDP behind NAT the source', '<sip:x@10.0.0.5:5060>', { address: '203.0.113.5', port: 30000 }, 'sip:203.0.113.5:30000;transport=udp'],
    ['over UDP without NAT the contact itself', '<sip:x@203.0.113.5:5060>', { address: '203.0.113.5', port: 30000 }, undefined],
    ['never another host', '<sip:x@198.51.100.66:5060>', { address: '203.0.113.5', port: 5060 }, 'sip:203.0.113.5:5060;transport=udp'],
    ['nor by maddr', '<sip:x@203.0.113.5:5060;maddr=198.51.100.66>', { address: '203.0.113.5', port: 5060 }, 'sip:203.0.113.5:5060;transport=udp'],
  ])('%s', (_, contact, source, proxy) => expect(routeOf(contact, source).proxy).toBe(proxy));

  test('a WebSocket that the SIP server calls TCP is known by the browser\'s own Via', () => {
    const source = { address: '203.0.113.5', port: 40001, protocol: 'tcp' };
    expect(routeOf('<sip:x@abc123.invalid;transport=ws>', source, {}, 'WS').proxy).toBe('sip:203.0.113.5:40001;transport=ws');
  });

  test('after a lost connection a listening endpoint is tried at its contact', () => {
    expect(routeOf('<sip:x@203.0.113.5:5060;transport=tcp>', { address: '203.0.113.5', port: 40001, protocol: 'tcp' }, { state: 'needs-refresh' }))
      .toEqual({ uri: 'sip:x@203.0.113.5:5060;transport=tcp' });
  });

  test('header fields of a contact are left out of the request-URI', () => {
    expect(routeOf('<sip:x@10.0.0.5?Route=%3Csip:elsewhere.example%3E>', { address: '203.0.113.5' }).uri).toBe('sip:x@10.0.0.5');
  });
});

describe('time', () => {
  test('an expired binding is not offered, even before the timer has seen it', () => {
    const { clock, register, uris } = setUp();
    register({ Contact: CONTACT, Expires: '60' });
    clock.now += 60_000;
    expect(uris()).toEqual([]);
    expect(register({}).contacts).toEqual([]);
  });

  test('one timer expires every binding at its own time, a refreshed one later', () => {
    jest.useFakeTimers({ now: 1_800_000_000_000 });
    const location = new Location();
    const registrar = new Registrar(location, { names: ownNames('palvelu.example', []) });
    const expired: string[] = [];
    location.on('expired', ({ contact }) => expired.push(contact));
    const register = (port: number, expires: number, cseq: number) => registrar.register(
      request({ headers: { 'Contact': `<sip:x@192.0.2.1:${port}>`, 'Expires': String(expires), 'CSeq': `${cseq} REGISTER` } }),
      { aor: AOR, credentials: { username: 'x', realm: '' } });
    register(1, 60, 1);
    register(2, 60, 2);
    register(3, 90, 3);
    jest.advanceTimersByTime(30_000);
    register(2, 60, 4);
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(32_000);
    expect(expired).toEqual(['sip:x@192.0.2.1:1']);
    jest.advanceTimersByTime(30_000);
    expect(new Set(expired)).toEqual(new Set(['sip:x@192.0.2.1:1', 'sip:x@192.0.2.1:2', 'sip:x@192.0.2.1:3']));
    expect([location.size, jest.getTimerCount()]).toEqual([0, 0]);
  });

  test('a throwing listener harms neither the registration nor later ones', () => {
    const { location, register, uris } = setUp();
    const errors: unknown[] = [];
    location.on('listener-error', (error) => errors.push(error));
    location.on('registered', () => { throw new Error('broken'); });
    expect(register({ Contact: CONTACT }).status).toBe(200);
    expect(uris()).toHaveLength(1);
    expect(errors).toEqual([new Error('broken')]);
  });
});

describe('reachability', () => {
  test('a contact whose flow is lost is not offered until it answers or registers again', () => {
    const { location, register, uris, events } = setUp();
    register({ Contact: CONTACT });
    const lost = location.mark(location.contactsFor(AOR)[0]!, 'unreachable')!;
    expect(uris()).toEqual([]);
    const found = location.mark(lost, 'reachable')!;
    expect(uris()).toHaveLength(1);
    location.mark(found, 'unreachable');
    register({ Contact: CONTACT });
    expect(uris()).toHaveLength(1);
    expect(events.map((event) => event.split(' ')[0])).toEqual(['registered', 'flow-lost', 'flow-found', 'flow-lost', 'refreshed']);
  });

  test('news of an old flow does not touch a binding that was renewed meanwhile', () => {
    const { location, register, uris } = setUp();
    register({ Contact: CONTACT });
    const old = location.contactsFor(AOR)[0]!;
    register({ Contact: CONTACT });
    location.mark(old, 'unreachable');
    expect(uris()).toHaveLength(1);
  });

  test('bindings are found by the flow that they came over', () => {
    const { location, register } = setUp();
    register({ Contact: CONTACT }, { source: { address: '203.0.113.5', port: 40001, protocol: 'tls' } });
    expect(location.bindingsOn({ transport: 'tls', address: '203.0.113.5', port: 40001 })).toHaveLength(1);
    expect(location.bindingsOn({ transport: 'tcp', address: '203.0.113.5', port: 40001 })).toEqual([]);
    register({ Contact: '*', Expires: '0' });
    expect(location.bindingsOn({ transport: 'tls', address: '203.0.113.5', port: 40001 })).toEqual([]);
  });
});

test('ten thousand endpoints refresh in memory without leaving anything behind', () => {
  const { clock, location, register, events } = setUp();
  const identities = Array.from({ length: 10_000 }, (_, i): Identity => ({ aor: `d${i}@ahtari.palvelu.example`, credentials: { username: `d${i}`, realm: '' } }));
  const statuses = new Set<number>();
  for (let round = 0; round < 3; round++) {
    for (const identity of identities) {
      statuses.add(register({ 'To': `<sip:${identity.aor}>`, 'Call-ID': identity.aor, 'Contact': `<sip:${identity.aor}>` }, { identity }).status);
    }
    clock.now += 600_000;
  }
  expect([...statuses]).toEqual([200]);
  expect([location.size, location.aors]).toEqual([10_000, 10_000]);
  expect(events.filter((event) => event.startsWith('refreshed'))).toHaveLength(20_000);
});
