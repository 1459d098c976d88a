import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { DirectoryRepository, openDirectoryStore } from '../../src/directory';
import type { GatewayStatus } from '../../src/server';
import { controlRequest } from '../../src/web';
import { addDevices, addService, DOMAIN, PASSWORD } from '../support/test-gateway';
import { freePorts, GatewayProcess, until } from './harness';
import { digestFor, phoneSdp, RawPhone, type RawPhoneOptions } from './harness/raw-phone';
import { parseText, statusOf, valueOf, valuesOf, type SipText } from './harness/sip-text';

jest.setTimeout(90_000);

const PHONE = 'ex90-1@laite.kunta.example';
const AGENT = 'agentti@laite.kunta.example';
const SERVICE = `sip:kela@${DOMAIN}`;
const TORTURE = path.join(__dirname, '../fixtures/rfc4475');

/** Attacks as an open SIP port sees them every night. All of 127.0.0.0/8 is this machine: each attacker has its own address. */
describe('the gateway under attack', () => {
  let gateway: GatewayProcess;
  let phone: RawPhone;
  let agent: RawPhone;
  const others: RawPhone[] = [];

  beforeAll(async () => {
    gateway = await GatewayProcess.start({ config: { log: { level: 'error' }, sip: { listen: [`sip:127.0.0.1:${await freePorts()};transport=udp,tcp`] } } });
    const store = await openDirectoryStore(gateway.dataDir);
    const directory = new DirectoryRepository(store);
    await addDevices(directory, [{ address: PHONE }, { address: AGENT, kind: 'gateway' }, ...Array.from({ length: 100 }, (_, i) => ({ address: `${100 + i}@${DOMAIN}` }))]);
    await addService(directory, `kela.fi@${DOMAIN}`, [AGENT]);
    await store.close();
    phone = await open(PHONE, '127.0.0.2');
    agent = await open(AGENT, '127.0.0.3');
    others.length = 0;
    await phone.register();
    await agent.register();
  }, 60_000);
  afterEach(async () => { for (const one of others.splice(0)) await one.close(); });
  afterAll(async () => {
    await phone.close();
    await agent.close();
    await gateway.stop();
  });

  const open = async (address: string, from: string, options: Partial<RawPhoneOptions> = {}): Promise<RawPhone> => {
    const one = await RawPhone.open({ server: gateway.address(options.transport ?? 'udp'), address, password: PASSWORD, from, ...options });
    others.push(one);
    return one;
  };
  const status = (): Promise<GatewayStatus> => controlRequest(path.join(gateway.dataDir, 'control.sock'), 'GET', '/status');
  /** The registered phone calls the service and the agent answers. */
  const callWorks = async (): Promise<void> => {
    const calls = agent.calls.length;
    await phone.hangUp(await phone.call(SERVICE));
    expect(agent.calls).toHaveLength(calls + 1);
    await until('the end at the agent', () => agent.calls.at(-1)?.state === 'ended');
  };
  const residentMiB = (): number => Number(/^VmRSS:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${gateway.pid}/status`, 'utf8'))?.[1]) / 1024;

  describe('guessing names', () => {
    /** What an answer gives away: everything in it but what echoes the request or is random. */
    const shown = (answer: SipText): string[] => [answer.startLine, ...answer.headers.map(([name, value]) =>
      (['via', 'from', 'to', 'call-id', 'cseq'].includes(name.toLowerCase()) ? name : `${name}: ${value.replace(/nonce="[^"]*"/, 'nonce')}`))];
    let source = 0;
    /** One request of a stranger, from an address of its own each time. */
    const stranger = async (user: string, method: string, uri: string, more: (challenge: string) => [string, string][] = () => []): Promise<string[]> => {
      const attacker = await open(`${user}@${DOMAIN}`, `127.0.7.${++source}`);
      const headers = attacker.outsideDialog(method, uri).map(([name, value]): [string, string] => (name === 'To' && method === 'REGISTER' ? [name, `<sip:${user}@${DOMAIN}>`] : [name, value]));
      const first = await attacker.request(method, uri, headers, method === 'INVITE' ? phoneSdp() : '');
      const credentials = more(valueOf(first, 'WWW-Authenticate'));
      return shown(credentials.length === 0 ? first : await attacker.request(method, uri, [...headers, ...credentials], method === 'INVITE' ? phoneSdp() : ''));
    };
    const guess = (user: string, method: string, uri: string) => (challenge: string): [string, string][] => [['Authorization', digestFor(challenge, user, 'arvaus', method, uri)]];

    test.each<[string, string, (name: string) => string]>([
      ['REGISTER', 'for', () => `sip:${DOMAIN}`], ['INVITE', 'to', (name) => `sip:${name}@${DOMAIN}`], ['OPTIONS', 'to', (name) => `sip:${name}@${DOMAIN}`],
      ['MESSAGE', 'to', (name) => `sip:${name}@${DOMAIN}`], ['SUBSCRIBE', 'to', (name) => `sip:${name}@${DOMAIN}`],
    ])('%s %s a name that exists is answered as one for a name that does not, with and without a guessed password', async (method, _, uriOf) => {
      const [known, unknown] = ['107', '907'];
      const plain = await stranger(known, method, uriOf(known));
      expect(plain[0]).toBe('SIP/2.0 401 Unauthorized');
      expect(await stranger(unknown, method, uriOf(unknown))).toEqual(plain);
      const guessed = await stranger(known, method, uriOf(known), guess(known, method, uriOf(known)));
      expect(await stranger(unknown, method, uriOf(unknown), guess(unknown, method, uriOf(unknown)))).toEqual(guessed);
      // A service and nothing at all, dialled by somebody unknown.
      expect(await stranger(unknown, method, uriOf('kela'))).toEqual(plain);
    });

    test('a scanner of 200 names is slowed, then ignored, while a phone elsewhere calls on', async () => {
      const scanner = await open(`scanner@${DOMAIN}`, '127.0.0.66');
      const callIds: string[] = [];
      for (let i = 0; i < 200; i++) {
        const [name, uri] = [String(100 + i), `sip:${100 + i}@${DOMAIN}`];
        for (const method of ['INVITE', 'REGISTER']) {
          const headers = scanner.outsideDialog(method, uri).map(([header, value]): [string, string] => (header === 'From' ? [header, value.replace('scanner', name)] : [header, value]));
          callIds.push(headers.find(([header]) => header === 'Call-ID')?.[1] as string);
          scanner.write(scanner.text(method, uri, headers, method === 'INVITE' ? phoneSdp() : ''));
        }
        if (i % 50 === 49) await callWorks();
      }
      await until('it is ignored', async () => (await status()).guard.ignored > 0);
      expect((await status()).guard.slowed).toBeGreaterThan(0);
      // Now it hears nothing any more, whatever it asks; the phone's calls take longer than an answer would.
      const heard = (): Set<string> => new Set(scanner.received.map(parseText).filter((message) => statusOf(message) >= 200).map((message) => valueOf(message, 'Call-ID')));
      const last = scanner.outsideDialog('REGISTER', `sip:${DOMAIN}`);
      scanner.write(scanner.text('REGISTER', `sip:${DOMAIN}`, last));
      await callWorks();
      await callWorks();
      expect(heard()).not.toContain(last.find(([name]) => name === 'Call-ID')?.[1]);
      // Most of its requests never got an answer, and none got another than 401.
      expect(callIds.filter((id) => heard().has(id)).length).toBeLessThan(200);
      expect(new Set(scanner.received.map(parseText).map(statusOf).filter((code) => code >= 200))).toEqual(new Set([401]));
    });
  });

  describe('stolen and forged credentials', () => {
    let authorization: string;
    /** The phone's last call as it went over the wire, seen by somebody in between. */
    const captured = async (): Promise<[string, string][]> => {
      const headers = phone.outsideDialog('INVITE', SERVICE);
      const challenged = await phone.request('INVITE', SERVICE, headers, phoneSdp());
      authorization = digestFor(valueOf(challenged, 'WWW-Authenticate'), phone.user, PASSWORD, 'INVITE', SERVICE);
      const answer = await phone.request('INVITE', SERVICE, [...headers.map(([name, value]): [string, string] => [name, name === 'CSeq' ? '2 INVITE' : value]), ['Authorization', authorization]], phoneSdp());
      expect(statusOf(answer)).toBe(200);
      await agent.hangUp(agent.calls.at(-1)!);
      return headers;
    };
    const withNewCallId = (headers: [string, string][]): [string, string][] => headers.map(([name, value]) => [name, name === 'Call-ID' ? `${value}-again` : value]);

    test('a captured Authorization opens nothing: not again, not elsewhere, not for another address', async () => {
      const headers = await captured();
      const calls = agent.calls.length;
      const thief = await open(PHONE, '127.0.0.67');
      const own = thief.outsideDialog('INVITE', SERVICE);
      for (const [who, uri, sent] of [[thief, SERVICE, own], [thief, `sip:verohallinto@${DOMAIN}`, own], [phone, SERVICE, withNewCallId(headers)]] as const) {
        const answer = await who.request('INVITE', uri, [...withNewCallId([...sent]), ['Authorization', authorization]], phoneSdp());
        expect(statusOf(answer)).toBe(401);
      }
      expect(agent.calls).toHaveLength(calls);
    });

    test('a nonce that the gateway never issued opens nothing, even with the right password', async () => {
      const calls = agent.calls.length;
      const forger = await open(PHONE, '127.0.0.68');
      const headers = forger.outsideDialog('INVITE', SERVICE);
      const challenge = valueOf(await forger.request('INVITE', SERVICE, headers, phoneSdp()), 'WWW-Authenticate');
      const issued = /nonce="([^"]+)"/.exec(challenge)?.[1] as string;
      const forged = [`${issued.slice(0, -1)}${issued.endsWith('A') ? 'B' : 'A'}`, Buffer.alloc(30, 7).toString('base64url'), 'a'.repeat(4_000), ''];
      for (const nonce of forged) {
        const sent = headers.map(([name, value]): [string, string] => [name, name === 'CSeq' ? '2 INVITE' : name === 'Call-ID' ? `${value}${nonce.slice(0, 8)}` : value]);
        const answer = await forger.request('INVITE', SERVICE, [...sent, ['Authorization', digestFor(challenge, forger.user, PASSWORD, 'INVITE', SERVICE, nonce)]], phoneSdp());
        expect([nonce.slice(0, 8), statusOf(answer), valueOf(answer, 'WWW-Authenticate').includes('stale')]).toEqual([nonce.slice(0, 8), 401, false]);
      }
      expect(agent.calls).toHaveLength(calls);
      await callWorks();
    });

    test('who has a password may speak for one address only', async () => {
      const calls = agent.calls.length;
      const headers = phone.outsideDialog('INVITE', SERVICE).map(([name, value]): [string, string] => (name === 'From' ? [name, `<sip:107@${DOMAIN}>;tag=x`] : [name, value]));
      const challenge = valueOf(await phone.request('INVITE', SERVICE, headers, phoneSdp()), 'WWW-Authenticate');
      const sent = headers.map(([name, value]): [string, string] => [name, name === 'CSeq' ? '2 INVITE' : value]);
      const answer = await phone.request('INVITE', SERVICE, [...sent, ['Authorization', digestFor(challenge, phone.user, PASSWORD, 'INVITE', SERVICE)]], phoneSdp());
      expect([401, 403]).toContain(statusOf(answer));
      expect(agent.calls).toHaveLength(calls);
    });
  });

  describe('malformed messages (RFC 4475)', () => {
    const files = fs.readdirSync(TORTURE).filter((name) => name.endsWith('.dat')).map((name) => fs.readFileSync(path.join(TORTURE, name)));
    const ROUNDS = 20;

    test.each<[string, (from: string) => Promise<RawPhone>]>([
      ['an unknown source over UDP', (from) => open(`tuntematon@${DOMAIN}`, from)],
      ['a registered device over UDP', async (from) => { const device = await open(`111@${DOMAIN}`, from); await device.register(); return device; }],
    ])('from %s: the gateway stays up, memory is bounded, calls go on', async (name, attackerAt) => {
      const attacker = await attackerAt(name.startsWith('an') ? '127.0.0.70' : '127.0.0.71');
      const { pid } = gateway;
      const before = residentMiB();
      for (let round = 0; round < ROUNDS; round++) {
        for (const file of files) attacker.write(file);
        // Another request in between is answered: what was sent before it has been read.
        expect(statusOf(await phone.ask('OPTIONS', `sip:${DOMAIN}`))).toBe(200);
      }
      await callWorks();
      expect((await status()).pid).toBe(pid);
      expect(residentMiB()).toBeLessThan(before + 64);
    });

    test.each<[string, boolean]>([['an unknown source', false], ['a registered device', true]])('over TCP, each on a connection of its own, from %s', async (_, known) => {
      const { pid } = gateway;
      for (const file of files) {
        const attacker = await open(`112@${DOMAIN}`, known ? '127.0.0.73' : '127.0.0.72', { transport: 'tcp' });
        if (known) await attacker.register();
        attacker.write(file);
        await callWorks();
        await attacker.close();
      }
      expect((await status()).pid).toBe(pid);
    });

    test('a device that sent them calls as before', async () => {
      const device = await open(`111@${DOMAIN}`, '127.0.0.71');
      for (const file of files) device.write(file);
      await device.hangUp(await device.call(SERVICE));
    });
  });

  test.each<[string, string]>([
    ['a folded line', '"Kela\r\n X-Injected: 1" <sip:ex90-1@laite.kunta.example>'],
    ['a bare line feed', '"Kela\nX-Injected: 1" <sip:ex90-1@laite.kunta.example>'],
    ['a bare carriage return', '"Kela\rX-Injected: 1" <sip:ex90-1@laite.kunta.example>'],
    ['an escaped quote that ends too early', '"Kela\\" <sip:paaministeri@valtio.example>\\"" <sip:ex90-1@laite.kunta.example>'],
    ['a quote where it is cut off', `"${'a'.repeat(99)}\\"" <sip:ex90-1@laite.kunta.example>`],
    ['escaped line ends', '"Kela\\\r\\\nX-Injected: 1" <sip:ex90-1@laite.kunta.example>'],
    ['percent-encoded line ends', '"Kela%0d%0aX-Injected: 1" <sip:ex90-1@laite.kunta.example>'],
    ['other line and text direction characters', '"Kela\u0085\u2028X-Injected: 1\u202egro.alek" <sip:ex90-1@laite.kunta.example>'],
  ])('a display name with %s puts no header before the callee', async (_, from) => {
    const [calls, received] = [agent.calls.length, agent.received.length];
    const tagged = `${from};tag=${calls}`;
    const answer = await phone.ask('INVITE', SERVICE, [['From', tagged], ['Subject', 'a\r\n X-Injected: 2'], ['P-Asserted-Identity', '<sip:paaministeri@valtio.example>'], ['X-Injected', '3']], phoneSdp());
    if (statusOf(answer) !== 200) {
      expect(statusOf(answer)).toBe(400);
      expect(agent.calls).toHaveLength(calls);
      return;
    }
    const invite = parseText(agent.received.slice(received).find((message) => message.startsWith('INVITE ')) as string);
    const names = invite.headers.map(([name]) => name.toLowerCase());
    expect(names).not.toContain('x-injected');
    // Every line is a header of ours: nothing of the name begins one, however a reader splits lines.
    expect(agent.received.slice(received).join('').split(/\r\n|[\r\n\u0085\u2028\u2029]/).filter((line) => /^\s*X-Injected/i.test(line))).toEqual([]);
    for (const name of ['From', 'P-Asserted-Identity']) expect(valueOf(invite, name)).toMatch(/^("(?:[^"\\]|\\.)*" )?<sip:[^<>]*>/);
    for (const name of ['From', 'P-Asserted-Identity']) expect(valuesOf(invite, name).map((value) => /<([^>]*)>(?:;.*)?$/.exec(value)?.[1])).toEqual([`sip:${PHONE}`]);
    expect(valueOf(invite, 'From')).not.toMatch(/[\u0080-\u009f\u2028-\u202e]/);
    await agent.hangUp(agent.calls.at(-1)!);
  });

  test('2,000 TCP connections of one address that say half a word each do not stop calls over UDP, nor other addresses over TCP', async () => {
    const [host = '', port] = gateway.address('tcp').split(':');
    const sockets: net.Socket[] = [];
    try {
      for (let i = 0; i < 2_000; i++) {
        const socket = net.connect({ host, port: Number(port), localAddress: '127.0.0.90' });
        socket.on('error', () => undefined).on('connect', () => socket.write('INVITE sip:kela@palvelu.example SIP/2.0\r\nVia: SIP/2.0/T'));
        sockets.push(socket);
        if (i % 400 === 399) await callWorks();
      }
      // Most are turned away: one address gets no more connections than an office behind it can need.
      await until('the surplus is closed', () => sockets.filter(({ destroyed }) => destroyed).length >= 1_500, 30_000);
      await callWorks();
      const other = await open(`113@${DOMAIN}`, '127.0.0.91', { transport: 'tcp' });
      await other.register();
      await other.hangUp(await other.call(SERVICE));
      expect((await status()).sip.server?.connections).toBeLessThanOrEqual(500 + 1);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    await until('their connections are forgotten', async () => ((await status()).sip.server?.connections ?? Infinity) <= 1);
  });
});
