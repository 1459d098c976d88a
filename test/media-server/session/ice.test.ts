import { randomBytes } from 'node:crypto';
import { IceAgent } from '../../../src/embedded/media-server/session/ice/agent';
import { candidatePriority, type Candidate } from '../../../src/embedded/media-server/session/ice/candidate';
import { newCredentials } from '../../../src/embedded/media-server/session/ice/credentials';
import { hasIntegrity, parseStun, writeRequest, writeSuccess } from '../../../src/embedded/media-server/session/stun/message';
import { HandClock } from './support';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s+/g, ''), 'hex');

describe('STUN messages (RFC 5769)', () => {
  const PASSWORD = 'VOkJxbRl1RmTxUk/WvJxBt';
  const REQUEST = hex(`00010058 2112a442 b7e7a701bc34d686fa87dfae 80220010 5354554e207465737420636c69656e74 00240004 6e0001ff
    80290008 932ff9b151263b36 00060009 6576746a3a68367659202020 00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2 80280004 e57a3bcf`);
  const RESPONSE = hex(`0101003c 2112a442 b7e7a701bc34d686fa87dfae 8022000b 7465737420766563746f7220 00200008 0001a147e112a643
    00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7 80280004 c07d4c96`);

  test('the sample request', () => {
    const message = parseStun(REQUEST)!;
    expect(message).toMatchObject({ class: 'request', username: 'evtj:h6vY', priority: 0x6e0001ff, controlled: hex('932ff9b151263b36'), useCandidate: false, fingerprintFits: true });
    expect(hasIntegrity(REQUEST, message, PASSWORD)).toBe(true);
    expect(hasIntegrity(REQUEST, message, `${PASSWORD}x`)).toBe(false);
  });

  test('the sample response', () => {
    const message = parseStun(RESPONSE)!;
    expect(message).toMatchObject({ class: 'success', fingerprintFits: true });
    expect(hasIntegrity(RESPONSE, message, PASSWORD)).toBe(true);
  });

  test('ours carry the address as the sample does', () => {
    const id = hex('b7e7a701bc34d686fa87dfae');
    expect(writeSuccess(id, '192.0.2.1', 32_853, PASSWORD).includes(hex('002000080001a147e112a643'))).toBe(true);
    expect(writeSuccess(id, '2001:db8:1234:5678:11:2233:4455:6677', 32_853, PASSWORD).includes(hex('002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9'))).toBe(true);
  });

  test('what is cut, longer than it says or changed is no message of ours', () => {
    for (let length = 0; length < REQUEST.length; length++) expect(parseStun(REQUEST.subarray(0, length))).toBeUndefined();
    expect(parseStun(Buffer.concat([REQUEST, Buffer.alloc(4)]))).toBeUndefined();
    for (let at = 0; at < REQUEST.length; at++) {
      const changed = Buffer.from(REQUEST);
      changed[at]! ^= 0x40;
      const message = parseStun(changed);
      expect(message !== undefined && message.fingerprintFits === true && hasIntegrity(changed, message, PASSWORD)).toBe(false);
    }
    for (let round = 0; round < 2_000; round++) {
      const noise = randomBytes(20 + 4 * (round % 40));
      REQUEST.copy(noise, 0, 0, 8);
      noise.writeUInt16BE(noise.length - 20, 2);
      expect(() => parseStun(noise)).not.toThrow();
    }
  });
});

interface Side {
  agent: IceAgent;
  selected: number;
  failure: string | undefined;
}

/** Two agents on a network with one address each, time by hand. */
class Network {
  readonly clock = new HandClock();
  readonly credentials = [newCredentials(), newCredentials()] as const;
  readonly sides: readonly [Side, Side];
  sent = 0;
  lose: () => boolean = () => false;
  private readonly addresses = [{ host: '192.0.2.1', port: 1_000 }, { host: '192.0.2.2', port: 2_000 }] as const;
  private readonly queue: (() => void)[] = [];

  constructor() {
    this.sides = [this.side(0), this.side(1)];
  }

  candidates(of: 0 | 1): Candidate[] {
    const unreachable: Candidate = { foundation: '9', component: 1, priority: 2_130_706_431, host: '198.51.100.9', port: 9, type: 'host' };
    return [unreachable, { foundation: '1', component: 1, priority: candidatePriority('host', 1), ...this.addresses[of], type: 'host' }];
  }

  start(which: 0 | 1, controlling: boolean, candidates = this.candidates(which === 0 ? 1 : 0)): void {
    this.sides[which].agent.start(this.credentials[which === 0 ? 1 : 0], candidates, controlling, this.addresses[which].host);
  }

  /** Time passes in small steps, and datagrams arrive. */
  pass(milliseconds: number): void {
    for (let step = 0; step < milliseconds; step += 10) {
      this.clock.advance(10);
      for (const deliver of this.queue.splice(0)) deliver();
    }
  }

  close(): void {
    for (const { agent } of this.sides) agent.close();
  }

  private side(which: 0 | 1): Side {
    const other = which === 0 ? 1 : 0;
    const side: Side = { agent: undefined as never, selected: 0, failure: undefined };
    side.agent = new IceAgent(this.credentials[which], {
      component: 1, clock: this.clock,
      send: (bytes, host, port) => {
        this.sent++;
        if (host !== this.addresses[other].host || port !== this.addresses[other].port || this.lose()) return;
        this.queue.push(() => this.sides[other].agent.receive(bytes, this.addresses[which].host, this.addresses[which].port));
      },
      onSelected: () => side.selected++,
      onFailed: (reason) => (side.failure = reason),
    });
    return side;
  }
}

describe('ICE', () => {
  let network: Network;
  beforeEach(() => {
    network = new Network();
  });
  afterEach(() => {
    network.close();
    expect(network.clock.pending).toBe(0);
  });
  const bothSelected = (): void => {
    expect(network.sides[0].agent.selected).toMatchObject({ host: '192.0.2.2', port: 2_000 });
    expect(network.sides[1].agent.selected).toMatchObject({ host: '192.0.2.1', port: 1_000 });
  };

  test('finds the pair that works', () => {
    network.start(0, true);
    network.start(1, false);
    network.pass(1_000);
    bothSelected();
    expect(network.sides.map(({ selected }) => selected)).toEqual([1, 1]);
  });

  test('finds it through loss', () => {
    let count = 0;
    network.lose = () => (count++ * 7) % 10 < 4;
    network.start(0, true);
    network.start(1, false);
    network.pass(8_000);
    bothSelected();
  });

  test('the one with no candidates learns them from checks, also from those that came before its start', () => {
    network.start(0, true);
    network.pass(200);
    network.start(1, false, []);
    network.pass(1_000);
    bothSelected();
  });

  test('candidates may trickle in', () => {
    network.start(0, true, []);
    network.start(1, false, []);
    network.pass(2_000);
    expect(network.sides[0].agent.selected).toBeUndefined();
    network.sides[0].agent.addCandidates(network.candidates(1), '192.0.2.1');
    network.pass(1_000);
    bothSelected();
  });

  test.each([true, false])('two that both think that they control (%s) come to terms', (controlling) => {
    network.start(0, controlling);
    network.start(1, controlling);
    network.pass(3_000);
    bothSelected();
  });

  test('consent is asked for about every five seconds and kept', () => {
    network.start(0, true);
    network.start(1, false);
    network.pass(1_000);
    const before = network.sent;
    network.pass(60_000);
    bothSelected();
    // A question and an answer from each side every four to six seconds.
    expect(network.sent - before).toBeGreaterThanOrEqual(36);
    expect(network.sent - before).toBeLessThanOrEqual(62);
  });

  test('without answers consent ends after half a minute, and nothing is sent any more', () => {
    network.start(0, true);
    network.start(1, false);
    network.pass(1_000);
    network.lose = () => true;
    network.pass(27_000);
    expect(network.sides[0].failure).toBeUndefined();
    network.pass(12_000);
    expect(network.sides.map(({ failure }) => failure)).toEqual([expect.stringContaining('consent'), expect.stringContaining('consent')]);
    const after = network.sent;
    network.pass(20_000);
    expect(network.sent).toBe(after);
    expect(network.sides[0].agent.target).toBeUndefined();
  });

  test('the other side may begin late, as when a telephone rings for long', () => {
    network.start(0, false);
    network.pass(100_000);
    expect(network.sides[0].failure).toBeUndefined();
    network.start(1, true);
    network.pass(1_000);
    bothSelected();
  });

  test('nobody there is a failure in the end', () => {
    network.lose = () => true;
    network.start(0, true);
    network.pass(185_000);
    expect(network.sides[0].failure).toContain('no candidate pair');
    expect(network.sent).toBeLessThan(20);
  });

  test('strangers get no answer and no pair', () => {
    network.start(0, true);
    const answered = network.sent;
    const request = { transactionId: randomBytes(12), username: `${network.credentials[0].ufrag}:x`, priority: 1, useCandidate: true, role: 'controlling' as const, tieBreaker: randomBytes(8) };
    const { agent } = network.sides[0];
    expect(agent.receive(writeRequest(request, 'not the password of anybody'), '203.0.113.9', 666)).toBe(false);
    expect(agent.receive(writeRequest({ ...request, username: 'other:x' }, network.credentials[0].pwd), '203.0.113.9', 666)).toBe(false);
    expect(agent.receive(writeSuccess(randomBytes(12), '192.0.2.1', 1_000, network.credentials[1].pwd), '203.0.113.9', 666)).toBe(false);
    expect([network.sent, agent.admits('203.0.113.9', 666)]).toEqual([answered, false]);
  });
});
