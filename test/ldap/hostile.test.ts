import { RESULT } from '../../src/ldap/protocol';
import { until } from '../peers/harness';
import { accountDn, PASSWORD, startTestLdap, type TestLdap } from './support/ldap-server';
import { envelope, int, present, RawLdap, searchRequest, substring, tlv } from './support/raw-ldap';

const NOTICE = '1.3.6.1.4.1.1466.20036';
const ENTRY = 0x64;

describe('hostile clients cost themselves, not others', () => {
  let ldap: TestLdap;
  let now = 1_000_000;
  const open: RawLdap[] = [];
  const connect = async (localAddress?: string): Promise<RawLdap> => {
    const client = await RawLdap.connect(ldap.port, localAddress);
    open.push(client);
    return client;
  };
  const bound = async (): Promise<RawLdap> => {
    const client = await connect();
    expect(await client.bind(accountDn('admin'), PASSWORD)).toBe(RESULT.success);
    return client;
  };
  /** Somebody else is served as ever. */
  const expectServed = async (localAddress = '127.0.0.2'): Promise<void> => {
    const other = await connect(localAddress);
    expect(await other.bind(accountDn('admin'), PASSWORD)).toBe(RESULT.success);
    other.send(envelope(1, searchRequest(substring('cn', 'kela'))));
    expect((await other.result(1)).code).toBe(RESULT.success);
    expect(other.messages.filter(({ tag }) => tag === ENTRY).length).toBeGreaterThan(0);
    other.close();
  };
  const expectNotice = async (client: RawLdap, code: number): Promise<void> => {
    const notice = await client.result(0);
    expect(notice.code).toBe(code);
    expect(notice.octets.includes(NOTICE)).toBe(true);
    await client.ended();
  };

  beforeAll(async () => {
    ldap = await startTestLdap({ limits: { connections: 400, connectionsPerAddress: 300, idleSecondsBeforeBind: 30, idleSeconds: 600, stalledSeconds: 20, operations: 4, waiting: 8, pagedSearches: 2 } }, () => now);
  });
  afterEach(() => { for (const client of open.splice(0)) client.close(); });
  afterAll(() => ldap.stop());

  test.each([
    ['a search whose filter lies about its length', '3026020101632104000a01020a0100020100020100010100a40c0402636e30068063618201623000'],
    ['nine octets that promise four gigabytes', '3084ffffffff020101'],
    ['an indefinite length', '3080020101'],
    ['a web request', Buffer.from('GET / HTTP/1.1\r\n\r\n').toString('hex')],
    ['a response', '300c02010165070a010004000400'],
    ['message ID 0', '30050201004200'],
  ])('%s is answered with a notice and the end', async (_, octets) => {
    const client = await connect();
    client.send(Buffer.from(octets, 'hex'));
    await expectNotice(client, RESULT.protocolError);
    await expectServed();
  });

  test('a filter too deep or too wide is refused, and the session goes on', async () => {
    const client = await bound();
    let deep = present();
    for (let depth = 0; depth < 1_000; depth++) deep = tlv(0xa2, deep);
    client.send(envelope(1, searchRequest(deep)), envelope(2, searchRequest(tlv(0xa1, ...Array.from({ length: 5_000 }, () => present())))));
    expect((await client.result(1)).code).toBe(RESULT.adminLimitExceeded);
    expect((await client.result(2)).code).toBe(RESULT.adminLimitExceeded);
    client.send(envelope(3, searchRequest(present(), { scope: 0 })));
    expect((await client.result(3)).code).toBe(RESULT.success);
  });

  test('before a bind only short messages are taken', async () => {
    const client = await connect();
    client.send(Buffer.from('30830fffff', 'hex'));
    await expectNotice(client, RESULT.protocolError);
    const other = await bound();
    other.send(envelope(1, searchRequest(tlv(0xa3, tlv(4, 'cn'), tlv(4, 'x'.repeat(100_000))))));
    expect((await other.result(1)).code).toBe(RESULT.success);
  });

  test('random octets behind a bind never get an answer to anything but what they are', async () => {
    for (let round = 0; round < 50; round++) {
      const client = await connect();
      client.send(Buffer.from(Array.from({ length: 64 }, (_, i) => (i === 0 ? 0x30 : (round * 31 + i * 17) % 256))));
      // A message that is not all there waits for its rest, which will not come.
      client.socket.end();
      await client.ended();
    }
    expect(ldap.errors).toEqual([]);
    await expectServed();
  });

  test('connections beyond an address\'s share are refused; others get theirs', async () => {
    const idle = await Promise.all(Array.from({ length: 300 }, () => connect('127.0.0.1')));
    await expectNotice(await connect('127.0.0.1'), RESULT.busy);
    expect(ldap.server.connections).toBe(300);
    await expectServed();
    // They do nothing for longer than they may.
    now += 31_000;
    ldap.server.sweep();
    await Promise.all(idle.map((client) => client.ended()));
    await until('all are gone', () => ldap.server.connections === 0);
  });

  test('a message that comes octet by octet has to end in time', async () => {
    const client = await connect();
    const message = envelope(1, searchRequest(present()));
    client.send(message.subarray(0, 10));
    const other = await bound();
    other.send(envelope(1, searchRequest(present(), { scope: 0 })));
    await other.result(1);
    for (let at = 10; at < 14; at++) {
      client.send(message.subarray(at, at + 1));
      now += 10_000;
      ldap.server.sweep();
    }
    await expectNotice(client, RESULT.protocolError);
  });

  test('who asks for much and reads nothing is cut off, with little kept for it', async () => {
    const slow = await bound();
    slow.socket.pause();
    const before = process.memoryUsage().arrayBuffers;
    // Far more than the buffers between both ends hold.
    for (let id = 1; id <= 400; id++) slow.send(envelope(id, searchRequest(present())));
    await expectServed();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
    await until('the slow one is gone', () => {
      now += 21_000;
      ldap.server.sweep();
      return ldap.server.connections === 0;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
    await expectServed();
  });

  test('abandoned searches stop; the session goes on', async () => {
    const client = await bound();
    client.send(envelope(1, searchRequest(present())), envelope(2, int(1, 0x50)), envelope(3, searchRequest(present(), { scope: 0 })));
    expect((await client.result(3)).code).toBe(RESULT.success);
    expect(client.messages.some(({ id, code }) => id === 1 && code !== undefined)).toBe(false);
  });

  test('a cookie of another question, an old one and an invented one are refused', async () => {
    const client = await bound();
    const paged = (id: number, cookie: Buffer, filter = present()): Buffer =>
      envelope(id, searchRequest(filter, { attributes: ['1.1'] }), tlv(0xa0, tlv(0x30, tlv(4, '1.2.840.113556.1.4.319'), tlv(4, tlv(0x30, int(5), tlv(4, cookie))))));
    const cookieOf = async (id: number): Promise<Buffer> => (await client.result(id)).octets.subarray(-8);
    client.send(paged(1, Buffer.alloc(0)));
    const first = await cookieOf(1);
    client.send(paged(2, first, present('mail')));
    expect((await client.result(2)).code).toBe(RESULT.unwillingToPerform);
    client.send(paged(3, Buffer.from('invented')));
    expect((await client.result(3)).code).toBe(RESULT.unwillingToPerform);
    // Two searches may wait; the oldest makes room.
    for (const id of [4, 5, 6]) client.send(paged(id, Buffer.alloc(0)));
    const [oldest, , newest] = [await cookieOf(4), await cookieOf(5), await cookieOf(6)];
    client.send(paged(7, oldest as Buffer));
    expect((await client.result(7)).code).toBe(RESULT.unwillingToPerform);
    client.send(paged(8, newest as Buffer));
    expect((await client.result(8)).code).toBe(RESULT.success);
  });

  test('wrong passwords are told after a while, and a flood of binds is bounded', async () => {
    const clients = await Promise.all(Array.from({ length: 80 }, () => connect()));
    const codes = await Promise.all(clients.map((client) => client.bind(accountDn('admin'), 'wrong')));
    expect(codes.every((code) => code === RESULT.invalidCredentials || code === RESULT.busy)).toBe(true);
    expect(codes.filter((code) => code === RESULT.busy).length).toBeGreaterThan(0);
    await expectServed();
  }, 30_000);
});
