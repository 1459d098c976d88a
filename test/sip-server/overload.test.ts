import { request, udpPeer, type Peer } from './support/peer';
import { RunningServer, settled, type Answer } from './support/running-server';
import { SDP, wanted } from './support/messages';
import { pair } from './support/pair';

describe('when no application keeps up', () => {
  test('new requests beyond the unanswered ones that are allowed get 503 with Retry-After; when answers come, new ones pass again', async () => {
    const running = await RunningServer.start({ limits: { unanswered: 2, retryAfterSeconds: 7 } });
    const open: Answer[] = [];
    const application = await running.application((srf) => srf.invite((_req, res) => open.push(res)));
    const phone = await udpPeer('127.0.0.1', running.port('udp'));
    for (let i = 0; i < 3; i++) phone.send(request(phone, 'INVITE', 'sip:x@example.com', { body: SDP }));
    expect((await phone.next(503)).get('Retry-After')).toBe('7');
    expect(await running.server.stats()).toMatchObject({ unanswered: 2, rejected: 1 });
    await settled(application);
    open.splice(0).forEach((res) => res.send(486));
    await phone.next(486);
    phone.send(request(phone, 'INVITE', 'sip:x@example.com', { callId: 'again', body: SDP }));
    await phone.next(100);
    phone.close();
    await running.stop();
  });

  test('one sender that is left without answers does not take the place of the others', async () => {
    const running = await RunningServer.start({ limits: { unansweredPerSource: 2 } });
    const application = await running.application((srf) => srf.invite((req, res) => { if (req.get('Call-ID') === 'phone') res.send(486); }));
    const scanner = await udpPeer('127.0.0.1', running.port('udp'), '127.0.0.2');
    const phone = await udpPeer('127.0.0.1', running.port('udp'), '127.0.0.3');
    for (let i = 0; i < 3; i++) scanner.send(request(scanner, 'INVITE', 'sip:x@example.com', { body: SDP }));
    await scanner.next(503);
    phone.send(request(phone, 'INVITE', 'sip:x@example.com', { callId: 'phone', body: SDP }));
    await phone.next(486);
    await settled(application);
    expect(await running.server.stats()).toMatchObject({ unanswered: 2, rejected: 1 });
    scanner.close();
    phone.close();
    await running.stop();
  });

  test('a ringing call does not count as unanswered', () => {
    const { network, bob, invite, answer } = pair('udp', { unanswered: 1 });
    invite();
    network.settle();
    answer('180 Ringing');
    network.settle();
    invite();
    network.settle();
    expect(bob.application.delivered.filter(({ message }) => message.method === 'INVITE')).toHaveLength(2);
  });

  test('one whose queue is full gets no new requests, but those of its calls', () => {
    const { network, alice, bob, establish, invite } = pair();
    const id = establish();
    bob.application.behind = true;
    invite();
    network.settle();
    expect(alice.application.last(503)).toBeDefined();
    alice.engine.inDialog.request('bye', id, wanted('BYE sip:placeholder'), alice.application);
    network.settle();
    expect(bob.application.last('BYE').dialogId).toBe(id);
  });
});

test('a full table of dialogs refuses new calls and lets those that stand go on', () => {
  const { network, alice, bob, establish, invite } = pair('udp', { dialogs: 1 });
  const id = establish();
  invite();
  network.settle();
  expect(alice.application.last(503)).toBeDefined();
  expect(bob.engine.stats()).toMatchObject({ dialogs: 1, rejected: 1 });
  alice.engine.inDialog.request('bye', id, wanted('BYE sip:placeholder'), alice.application);
  network.settle();
  expect(bob.application.last('BYE')).toBeDefined();
});

test('dialogs whose application has gone give way when the table is full', () => {
  const { network, alice, bob, establish, invite } = pair('udp', { dialogs: 1 });
  const id = establish();
  bob.application.connected = false;
  bob.engine.onApplicationGone(bob.application);
  const successor = bob.connectAnother();
  invite();
  network.settle();
  expect(alice.application.last('BYE').dialogId).toBe(id);
  expect(successor.last('INVITE')).toBeDefined();
});

test('a full table of transactions answers 503 without keeping anything', () => {
  const { network, alice, bob, invite } = pair('udp', { transactions: 1 });
  invite();
  network.settle();
  invite();
  network.settle();
  expect(alice.application.last(503).message.get('Retry-After')).toBe('5');
  expect(bob.engine.stats()).toMatchObject({ serverTransactions: 1, rejected: 1 });
});

describe('an event loop that runs late', () => {
  test('refuses new requests until it has caught up', () => {
    const { network, alice, bob, invite } = pair();
    network.clock.stall(1_000);
    invite();
    network.settle();
    expect(alice.application.last(503)).toBeDefined();
    network.clock.advance(1_000);
    invite();
    network.settle();
    expect(bob.application.delivered).toHaveLength(1);
  });
});

test('a flood beyond what the application takes leaves the calls under way whole', async () => {
  const running = await RunningServer.start({ limits: { unanswered: 20 } });
  const silent: Answer[] = [];
  const watcher = await running.application((srf) => {
    srf.invite((_req, res) => silent.push(res));
    srf.options((_req, res) => res.send(200));
  });
  const phones: Peer[] = [];
  const phone = await udpPeer('127.0.0.1', running.port('udp'));
  phones.push(phone);
  for (let i = 0; i < 200; i++) phone.send(request(phone, 'INVITE', 'sip:x@example.com', { body: SDP }));
  phone.send(request(phone, 'BYE', 'sip:x@example.com', { to: '<sip:x@example.com>;tag=t' }));
  await phone.next(481);
  await settled(watcher);
  expect(await running.server.stats()).toMatchObject({ unanswered: 20, rejected: 180 });
  expect(silent).toHaveLength(20);
  for (const one of phones) one.close();
  await running.stop();
});
