import { SDP, wanted } from './support/messages';
import { ALICE, BOB, pair } from './support/pair';

describe('an INVITE over UDP (RFC 3261 section 17.1.1)', () => {
  test('that nobody hears is repeated after 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 seconds and answered 408 after 32 (timers A and B)', () => {
    const { network, alice, invite } = pair();
    network.lose = () => true;
    invite();
    network.clock.advance(40_000);
    expect(network.sent('INVITE').map(({ at }) => at)).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500, 31_500]);
    expect(alice.application.delivered.map(({ message }) => message.status)).toEqual([408]);
    expect(alice.engine.stats().clientTransactions).toBe(0);
  });

  test('without another answer is answered 100 by the server after 200 ms, and so not repeated (section 17.2.1)', () => {
    const { network, bob, invite } = pair();
    invite();
    const arrival = network.clock.now() + 1;
    network.clock.advance(30_000);
    expect(network.sent('INVITE')).toHaveLength(1);
    expect(network.sent(100).map(({ at }) => at - arrival)).toEqual([200]);
    expect(bob.application.delivered).toHaveLength(1);
  });

  test.each(['180 Ringing', '200 OK', '486 Busy Here'])('that is answered %s within 200 ms gets no 100', (status) => {
    const { network, invite, answer } = pair();
    invite();
    network.clock.advance(199);
    answer(status);
    network.clock.advance(30_000);
    expect(network.sent(100)).toHaveLength(0);
  });

  test('that comes again before there is any answer is answered 100 at once', () => {
    const { network, alice, bob, invite } = pair();
    invite();
    network.settle();
    const [first] = network.sent('INVITE');
    network.carry(first?.message.serialize() ?? Buffer.alloc(0), alice.point, { protocol: 'udp', address: BOB, port: 5060 });
    network.settle();
    expect(network.sent(100)).toHaveLength(1);
    expect(bob.application.delivered).toHaveLength(1);
    network.clock.advance(30_000);
    expect(network.sent(100)).toHaveLength(1);
  });

  test('in a dialog is answered 100 after 200 ms like the first one', () => {
    const { network, alice, establish } = pair();
    const id = establish();
    alice.engine.inDialog.request('again', id, wanted('INVITE sip:placeholder', {}, SDP), alice.application);
    network.clock.advance(30_000);
    expect(network.sent(100)).toHaveLength(1);
    expect(network.sent('INVITE')).toHaveLength(2);
  });

  test('that comes again reaches the application once and gets the last response again', () => {
    const { network, bob, invite, answer } = pair();
    network.lose = (message) => message.status > 0;
    invite();
    network.settle();
    answer('180 Ringing');
    network.clock.advance(600);
    expect(bob.application.delivered).toHaveLength(1);
    expect(network.sent(180)).toHaveLength(2);
    expect(bob.engine.stats().retransmissionsIn).toBe(1);
  });
});

describe('a refused INVITE', () => {
  test('is acknowledged by the server, with the branch of the INVITE and the tag of the response', () => {
    const { network, alice, invite, answer } = pair();
    invite();
    network.settle();
    answer('486 Busy Here');
    network.settle();
    const [ack] = network.sent('ACK');
    const [sent] = network.sent('INVITE');
    expect(ack?.message.topVia?.branch).toBe(sent?.message.topVia?.branch);
    expect(ack?.message.toTag).toBe(alice.application.last(486).message.toTag);
    expect(ack?.message.cseq).toEqual({ seq: 1000, method: 'ACK' });
  });

  test('has its response repeated until the ACK comes, at most every 4 seconds, and no longer than 32 (timers G and H)', () => {
    const { network, invite, answer } = pair();
    network.lose = (message) => message.method === 'ACK';
    invite();
    network.settle();
    answer('486 Busy Here');
    const start = network.clock.now();
    network.clock.advance(60_000);
    expect(network.sent(486).map(({ at }) => at - start)).toEqual([0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    expect(network.sent('ACK')).toHaveLength(11);
  });

  test('stops when the ACK has come', () => {
    const { network, invite, answer } = pair();
    invite();
    network.settle();
    answer('486 Busy Here');
    network.clock.advance(60_000);
    expect(network.sent(486)).toHaveLength(1);
  });

  test('leaves nothing behind on either side', () => {
    const { network, alice, bob, invite, answer } = pair();
    invite();
    network.settle();
    answer('486 Busy Here');
    network.clock.advance(70_000);
    for (const { engine } of [alice, bob]) expect(engine.stats()).toMatchObject({ serverTransactions: 0, clientTransactions: 0, dialogs: 0, unanswered: 0 });
  });
});

describe('an accepted INVITE', () => {
  test('has its 200 repeated until the application of the caller sends the ACK', () => {
    const { network, bob, invite, answer, acknowledge } = pair();
    invite();
    network.settle();
    answer('200 OK', {}, SDP);
    network.clock.advance(1_600);
    expect(network.sent(200)).toHaveLength(3);
    acknowledge();
    network.clock.advance(10_000);
    expect(network.sent(200)).toHaveLength(3);
    expect(bob.application.delivered.filter(({ message }) => message.method === 'ACK')).toHaveLength(1);
  });

  test('is told to the caller once, and a repeated 200 gets the ACK again from the server', () => {
    const { network, alice, invite, answer, acknowledge } = pair();
    let lost = 0;
    network.lose = (message) => message.method === 'ACK' && lost++ < 1;
    invite();
    network.settle();
    answer('200 OK', {}, SDP);
    network.settle();
    acknowledge();
    network.clock.advance(5_000);
    expect(alice.application.delivered.filter(({ message }) => message.status === 200)).toHaveLength(1);
    expect(network.sent('ACK')).toHaveLength(2);
  });

  test('whose ACK never comes is ended by a BYE of the server after 32 seconds, told as unsolicited', () => {
    const { network, bob, invite, answer } = pair();
    invite();
    network.settle();
    answer('200 OK', {}, SDP);
    network.clock.advance(32_100);
    const bye = bob.application.last('BYE');
    expect(bye).toMatchObject({ transactionId: 'unsolicited', meta: { source: 'application' } });
    expect(bye.message.get('Reason')).toBe('SIP ;cause=200 ;text="ACK timeout"');
    expect(network.sent('BYE')).toHaveLength(1);
    expect(bob.engine.stats().dialogs).toBe(0);
  });

  test('over TCP is not repeated, but is ended all the same when no ACK comes', () => {
    const { network, bob, invite, answer } = pair('tcp');
    invite();
    network.settle();
    answer('200 OK', {}, SDP);
    network.clock.advance(40_000);
    expect(network.sent(200).filter(({ message }) => message.cseq?.method === 'INVITE')).toHaveLength(1);
    expect(bob.application.last('BYE').transactionId).toBe('unsolicited');
  });

  test('of which a fork answers as well gets ACK and BYE there from the server', () => {
    const { network, alice, invite, answer, acknowledge } = pair();
    invite();
    network.settle();
    answer('200 OK', {}, SDP);
    network.settle();
    acknowledge();
    network.settle();
    const second = network.sent(200)[0]!.message.clone();
    second.set('To', `<sip:bob@${BOB}>;tag=fork`);
    const before = network.wire.length;
    network.carry(second.serialize(), { protocol: 'udp', boundHost: BOB, port: 5060, hostTowards: () => BOB }, { protocol: 'udp', address: ALICE, port: 5060 });
    network.settle();
    const after = network.wire.slice(before).filter(({ from }) => from.startsWith(ALICE)).map(({ message }) => [message.method, message.toTag]);
    expect(after).toEqual([['ACK', 'fork'], ['BYE', 'fork']]);
    expect(alice.application.delivered.filter(({ message }) => message.status === 200)).toHaveLength(1);
  });
});

describe('a request other than INVITE over UDP (RFC 3261 section 17.1.2)', () => {
  test('is repeated with growing intervals up to 4 seconds and answered 408 after 32 (timers E and F)', () => {
    const { network, alice } = pair();
    network.lose = () => true;
    alice.engine.client.request('c', wanted(`OPTIONS sip:${BOB}`), '', alice.application);
    network.clock.advance(40_000);
    expect(network.sent('OPTIONS').map(({ at }) => at)).toEqual([0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    expect(alice.application.last(408).message.cseq?.method).toBe('OPTIONS');
  });

  test('that comes again after its answer gets the answer again, for 32 seconds (timer J)', () => {
    const { network, alice, bob } = pair();
    let lost = 0;
    network.lose = (message) => message.status === 200 && lost++ < 1;
    alice.engine.client.request('c', wanted(`OPTIONS sip:${BOB}`), '', alice.application);
    network.settle();
    bob.engine.server.respond('r', bob.application.last('OPTIONS').transactionId, wanted('SIP/2.0 200 OK'), bob.application);
    network.clock.advance(600);
    expect(network.sent(200)).toHaveLength(2);
    expect(bob.application.delivered).toHaveLength(1);
    expect(alice.application.last(200)).toBeDefined();
    expect(bob.engine.stats().serverTransactions).toBe(1);
    network.clock.advance(32_000);
    expect(bob.engine.stats().serverTransactions).toBe(0);
  });
});

describe('CANCEL (RFC 3261 section 9)', () => {
  test('ends a ringing call: 200 and 487 come from the server, and the application hears under the transaction of the INVITE', () => {
    const { network, alice, bob, invite, answer } = pair();
    const transactionId = invite();
    network.settle();
    answer('180 Ringing');
    network.settle();
    alice.engine.client.cancel('cancel', transactionId, wanted('CANCEL sip:bob', { Reason: 'SIP;cause=200;text="Call completed elsewhere"' }), alice.application);
    network.settle();
    expect(bob.application.last('CANCEL').transactionId).toBe(bob.application.last('INVITE').transactionId);
    expect(bob.application.last('CANCEL').message.get('Reason')).toBe('SIP;cause=200;text="Call completed elsewhere"');
    expect(alice.application.last(487).transactionId).toBe(transactionId);
    expect(network.sent(200).map(({ message }) => message.cseq?.method)).toEqual(['CANCEL']);
    expect(() => answer('487 Request Terminated')).toThrow('Response not sent due to unknown transaction');
  });

  test('waits for the first response to the INVITE', () => {
    const { network, alice, invite } = pair();
    network.lose = () => true;
    const transactionId = invite();
    alice.engine.client.cancel('cancel', transactionId, wanted('CANCEL sip:bob'), alice.application);
    network.settle();
    expect(network.sent('CANCEL')).toHaveLength(0);
    network.lose = () => false;
    network.clock.advance(800);
    expect(network.sent('CANCEL')).toHaveLength(1);
    expect(alice.application.last(487)).toBeDefined();
  });

  test('that crosses with a 200 lets the application acknowledge, then the server ends the call', () => {
    const { network, alice, bob, invite, answer, acknowledge } = pair();
    const transactionId = invite();
    network.settle();
    network.lose = (message) => message.method === 'CANCEL';
    alice.engine.client.cancel('cancel', transactionId, wanted('CANCEL sip:bob'), alice.application);
    answer('200 OK', {}, SDP);
    network.settle();
    acknowledge();
    network.settle();
    expect(alice.application.last('BYE').transactionId).toBe('unsolicited');
    expect(bob.application.last('BYE').message.get('Reason')).toContain('ACK-BYE due to cancel race condition');
  });

  test('of an unknown transaction is refused', () => {
    const { alice } = pair();
    expect(() => alice.engine.client.cancel('c', 'nobody', wanted('CANCEL sip:bob'), alice.application)).toThrow('unable to cancel unknown transaction id: nobody');
  });
});

describe('a request that no application answers', () => {
  test('is answered 480 after 64 seconds, and the answer that comes later is refused', () => {
    const { network, alice, invite, answer } = pair();
    invite();
    network.clock.advance(64_100);
    expect(alice.application.last(480)).toBeDefined();
    expect(() => answer('200 OK')).toThrow('Response not sent due to unknown transaction');
  });

  test('is answered 503 when its application disconnects, and what that application was calling is cancelled', () => {
    const { network, alice, bob, invite, answer } = pair();
    invite();
    network.settle();
    answer('180 Ringing');
    network.settle();
    alice.application.connected = false;
    alice.engine.onApplicationGone(alice.application);
    network.settle();
    expect(bob.application.last('CANCEL')).toBeDefined();

    const other = pair();
    other.invite();
    other.network.settle();
    other.bob.application.connected = false;
    other.bob.engine.onApplicationGone(other.bob.application);
    other.network.settle();
    expect(other.alice.application.last(503)).toBeDefined();
  });
});

describe('with no application for it', () => {
  test('a new request is answered 503 with Retry-After', () => {
    const { network, bob, alice, invite } = pair();
    bob.application.connected = false;
    invite();
    network.settle();
    expect(alice.application.last(503).message.get('Retry-After')).toBe('5');
  });
});
