import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Binding } from '../../src/sip/location';
import { routeFor } from '../../src/sip/route-for';
import { DOMAIN, serverKinds, startGateway, type TestServer } from './edge-gateway';
import { answer, connectRaw, type RawClient, rowsOf, statusOf } from './raw-client';
import { ask, contactOf, privateUri, register } from './raw-device';

const AOR = `ex90-1@${DOMAIN}`;

describe.each(serverKinds())('behind $name', ({ transports, start }) => {
  let server: TestServer;
  let folder: string;
  let gateway: Awaited<ReturnType<typeof startGateway>>;
  const clients: RawClient[] = [];
  const file = () => join(folder, 'state.sqlite');

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'etasilta-'));
    server = await start();
    gateway = await startGateway(server, file());
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    await gateway.stop();
    await server.close();
    rmSync(folder, { recursive: true });
  });

  async function connect(transport: string): Promise<RawClient> {
    const client = await connectRaw(server.contacts.find((contact) => contact.startsWith(`${transport}/`))!);
    clients.push(client);
    return client;
  }

  /** A call from the gateway to a registered contact, as the legs make it. */
  function ring(binding: Binding): Promise<number> {
    const { uri, proxy } = routeFor(binding);
    return gateway.srf.createUAC(uri, { proxy, localSdp: 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n' })
      .then(() => 200, (error: { status: number }) => error.status);
  }

  describe.each(transports)('over %s', (transport) => {
    test('both challenges stand in rows of their own, and either algorithm registers', async () => {
      const client = await connect(transport);
      const challenged = await ask(client, 'REGISTER', 'sip:palvelu.example');
      expect(rowsOf(challenged, 'WWW-Authenticate').map((row) => /algorithm=([\w-]+)/.exec(row)![1])).toEqual(['SHA-256', 'MD5']);
      for (const algorithm of ['SHA-256', 'MD5'] as const) {
        const registered = await register(client, {}, algorithm);
        expect(statusOf(registered)).toBe(200);
        expect(rowsOf(registered, 'Contact')).toEqual([`${contactOf(client)};expires=3600`]);
      }
      expect(gateway.location.contactsFor(AOR)[0]!.flow).toEqual({ transport, address: '127.0.0.1', port: client.port });
    });

    test('a call reaches the endpoint over its own flow, with the contact as request-URI and no Route header', async () => {
      const client = await connect(transport);
      await register(client);
      const rung = ring(gateway.location.contactsFor(AOR)[0]!);
      const invite = await client.next();
      expect(invite.split('\r\n')[0]).toBe(`INVITE ${privateUri(client)} SIP/2.0`);
      expect(rowsOf(invite, 'Route')).toEqual([]);
      client.send(answer(invite, 486));
      expect(await rung).toBe(486);
      expect((await client.next()).startsWith('ACK ')).toBe(true);
    });

    test('keep-alives are answered over the flow, and without an answer the flow is lost', async () => {
      const client = await connect(transport);
      await register(client);
      gateway.keepAlive.start();
      const ping = await client.next();
      expect(ping.split('\r\n')[0]).toBe(`OPTIONS ${privateUri(client)} SIP/2.0`);
      client.send(answer(ping, 404));
      expect((await client.next()).startsWith('OPTIONS ')).toBe(true);
      expect(gateway.location.contactsFor(AOR)).toHaveLength(1);
      const lost = gateway.event('flow-lost');
      await client.close();
      expect((await lost).aor).toBe(AOR);
      expect(gateway.location.contactsFor(AOR)).toEqual([]);
    });
  });

  test('two devices of one address behind one NAT are reached each over its own connection', async () => {
    const [one, two] = [await connect('tcp'), await connect('tcp')];
    const contact = (name: string) => ({ Contact: `<sip:${name}@10.99.0.7:5060;transport=tcp>` });
    await register(one, contact('one'));
    await register(two, contact('two'));
    const [second, first] = gateway.location.contactsFor(AOR);
    const rung = [ring(first!), ring(second!)];
    const [toOne, toTwo] = [await one.next(), await two.next()];
    expect([toOne, toTwo].map((invite) => /^INVITE sip:(\w+)@/.exec(invite)![1])).toEqual(['one', 'two']);
    one.send(answer(toOne, 486));
    two.send(answer(toTwo, 480));
    expect(await Promise.all(rung)).toEqual([486, 480]);
  });

  test('a call over the connection that registered is admitted without a challenge, over UDP it is challenged', async () => {
    const [tcp, udp] = [await connect('tcp'), await connect('udp')];
    await register(tcp);
    await register(udp);
    expect(statusOf(await ask(tcp, 'INVITE', 'sip:kela.fi@palvelu.example'))).toBe(486);
    expect(statusOf(await ask(udp, 'INVITE', 'sip:kela.fi@palvelu.example'))).toBe(401);
  });

  test('a binding survives a restart of the gateway, and its connection is used again once it answers', async () => {
    const client = await connect('tcp');
    await register(client);
    await gateway.stop();
    gateway = await startGateway(server, file());
    expect(gateway.location.contactsFor(AOR)).toEqual([]);
    const found = gateway.event('flow-found');
    gateway.keepAlive.start();
    client.send(answer(await client.next(), 200));
    expect((await found).flow.port).toBe(client.port);
    const rung = ring(gateway.location.contactsFor(AOR)[0]!);
    const messages = [];
    do messages.push(await client.next()); while (!messages.at(-1)!.startsWith('INVITE'));
    client.send(answer(messages.at(-1)!, 603));
    expect(await rung).toBe(603);
  });

  test('a UDP binding is called at once after a restart', async () => {
    const client = await connect('udp');
    await register(client);
    await gateway.stop();
    gateway = await startGateway(server, file());
    const rung = ring(gateway.location.contactsFor(AOR)[0]!);
    client.send(answer(await client.next(), 486));
    expect(await rung).toBe(486);
  });

  test('a scanner is ignored in the end, and drachtio-srf keeps nothing of its calls', async () => {
    const scanner = await connect('udp');
    const now = Date.now();
    for (let i = 0; i < 40; i++) gateway.guard.failed('127.0.0.1', undefined, 'invalid', now);
    scanner.send(['INVITE sip:100@palvelu.example SIP/2.0', `Via: SIP/2.0/UDP 127.0.0.1:${scanner.port};branch=z9hG4bKscan${Date.now()};rport`, 'From: <sip:100@x.example>;tag=1',
      'To: <sip:100@palvelu.example>', `Call-ID: scan-${Date.now()}`, 'CSeq: 1 INVITE', 'Max-Forwards: 70', 'Contact: <sip:100@127.0.0.1>', 'Content-Length: 0', '', ''].join('\r\n'));
    const until = (ready: () => boolean) => new Promise<void>((resolve) => { const look = () => (ready() ? resolve() : setImmediate(look)); look(); });
    await until(() => gateway.guard.counters(now).ignored > 0);
    const { client } = (gateway.srf as unknown as { _app: { client: { mapServer: Map<unknown, { pendingNetworkInvites: Map<string, unknown> }> } } })._app;
    expect([...client.mapServer.values()].map(({ pendingNetworkInvites }) => pendingNetworkInvites.size)).toEqual([0]);
    expect(scanner.waiting.filter((message) => statusOf(message) >= 200)).toEqual([]);
  });
});
