import { BfcpRefusedError, decodeMessage, ERROR_CODES, FloorClient, FloorControlServer, PRIMITIVES, type Carrier, type FloorPolicy, type FloorRequestInformation } from '../../src/bfcp';
import { Random } from '../h323/support/random';
import { describePeer } from '../peers/harness';
import { memoryLink, type Impairment } from './support/memory-link';
import { differences } from './support/tshark';

const CONFERENCE = 4321;
const FLOOR = 1;
const CAMERA = 2;
const [EX90, JABBER, ROOM] = [10, 11, 12];

/** Every message that any test here sends. */
const sent: Buffer[] = [];

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

interface Device {
  client: FloorClient;
  /** What the server told on its own, `id status position` each. */
  news: string[];
  floors: string[];
  closed: jest.Mock;
  carrier: Carrier;
}

class Conference {
  readonly holders: string[] = [];
  readonly server: FloorControlServer;

  constructor(policy: FloorPolicy, private readonly network?: { impairment: Impairment; random: Random; mtu?: number }, private readonly options: { version?: 1 | 2 } = {}) {
    this.server = new FloorControlServer({ conferenceId: CONFERENCE, floorIds: [FLOOR, CAMERA], policy }, { floorChanged: (floor, holder) => this.holders.push(`${floor}: ${holder ?? 'free'}`) });
    this.server.addUser(EX90, { displayName: 'Ähtärin palvelupiste' });
    this.server.addUser(JABBER, { displayName: 'Expert' });
    this.server.addUser(ROOM);
  }

  join(userId: number): Device {
    const [near, far] = memoryLink((message) => sent.push(message), this.network);
    this.server.serve(far, { userId });
    const device: Omit<Device, 'client'> = { news: [], floors: [], closed: jest.fn(), carrier: near };
    const client = new FloorClient(near, { conferenceId: CONFERENCE, userId, ...this.options }, {
      requestChanged: (request) => device.news.push(said(request)),
      floorsChanged: (floors, requests) => device.floors.push(`${floors.join()}: ${requests.map((each) => `${each.beneficiary?.userId} ${each.overallStatus?.requestStatus?.status}`).join(', ')}`),
      closed: device.closed,
    });
    return { ...device, client };
  }
}

const said = ({ floorRequestId, overallStatus }: FloorRequestInformation): string => `${floorRequestId} ${overallStatus?.requestStatus?.status} ${overallStatus?.requestStatus?.queuePosition}`;
/** The outcome, with the time that it needs. */
async function settled<T>(promise: Promise<T>): Promise<T> {
  const outcome = promise.then((value) => ({ value }), (error: unknown) => ({ error }));
  await jest.advanceTimersByTimeAsync(20_000);
  const done = await outcome;
  if ('error' in done) throw done.error;
  return done.value;
}
const pass = (milliseconds = 1000): Promise<void> => jest.advanceTimersByTimeAsync(milliseconds);
const refusal = (errorCode: number): unknown => expect.objectContaining({ code: 'bfcp-refused', errorCode });

const LOSSLESS = { impairment: { loss: 0, duplicate: 0, reorder: 0 }, random: new Random(1) };

describe.each([['TCP, version 1', undefined, {}], ['UDP, version 2', LOSSLESS, {}], ['UDP, version 1 as older devices speak it', LOSSLESS, { version: 1 }]] as const)('a conference over %s', (_name, network, options) => {
  test('Hello tells what the server knows', async () => {
    const { client } = new Conference('queue', network, options).join(EX90);
    const { supportedPrimitives, supportedAttributes } = await settled(client.hello());
    expect(supportedPrimitives).toEqual(Object.values(PRIMITIVES));
    expect(supportedAttributes).toHaveLength(18);
  });

  test('the first request is granted at once, with who holds the floor', async () => {
    const conference = new Conference('queue', network, options);
    const request = await settled(conference.join(EX90).client.request([FLOOR], { priority: 3, participantProvidedInfo: 'slides' }));
    expect(request).toEqual({
      floorRequestId: 1, overallStatus: { floorRequestId: 1, requestStatus: { status: 'granted', queuePosition: 0 } }, floors: [{ floorId: FLOOR }],
      beneficiary: { userId: EX90, displayName: 'Ähtärin palvelupiste' }, priority: 3, participantProvidedInfo: 'slides',
    });
    expect(conference.holders).toEqual(['1: 10']);
  });

  test('taking over: the newest request gets the floor, and the holder is told that it is revoked', async () => {
    const conference = new Conference('take over', network, options);
    const [ex90, jabber] = [conference.join(EX90), conference.join(JABBER)];
    await settled(ex90.client.request([FLOOR]));
    expect(said(await settled(jabber.client.request([FLOOR])))).toBe('2 granted 0');
    expect(ex90.news).toEqual(['1 revoked 0']);
    expect(conference.holders).toEqual(['1: 10', '1: 11']);
  });

  test('queueing: others wait in order, move up and are granted when the floor gets free', async () => {
    const conference = new Conference('queue', network, options);
    const [ex90, jabber, room] = [conference.join(EX90), conference.join(JABBER), conference.join(ROOM)];
    await settled(ex90.client.request([FLOOR]));
    expect(said(await settled(jabber.client.request([FLOOR])))).toBe('2 accepted 1');
    expect(said(await settled(room.client.request([FLOOR])))).toBe('3 accepted 2');
    expect(said(await settled(ex90.client.release(1)))).toBe('1 released 0');
    expect(jabber.news).toEqual(['2 granted 0']);
    expect(room.news).toEqual(['3 accepted 1']);
    expect(said(await settled(room.client.release(3)))).toBe('3 cancelled 0');
    expect(conference.holders).toEqual(['1: 10', '1: 11']);
  });

  test('a request of higher priority waits before others, but takes nothing from the holder', async () => {
    const conference = new Conference('queue', network, options);
    const [ex90, jabber, room] = [conference.join(EX90), conference.join(JABBER), conference.join(ROOM)];
    await settled(ex90.client.request([FLOOR]));
    await settled(jabber.client.request([FLOOR]));
    expect(said(await settled(room.client.request([FLOOR], { priority: 4 })))).toBe('3 accepted 1');
    expect(jabber.news).toEqual(['2 accepted 2']);
    expect(ex90.news).toEqual([]);
  });

  test('a request for two floors has both or none, and is not overtaken', async () => {
    const conference = new Conference('queue', network, options);
    const [ex90, jabber, room] = [conference.join(EX90), conference.join(JABBER), conference.join(ROOM)];
    await settled(ex90.client.request([CAMERA]));
    expect(said(await settled(jabber.client.request([FLOOR, CAMERA])))).toBe('2 accepted 1');
    expect(said(await settled(room.client.request([FLOOR])))).toBe('3 accepted 2');
    await settled(ex90.client.release(1));
    expect(jabber.news).toEqual(['2 granted 0']);
    expect(conference.holders).toEqual(['2: 10', '2: 11', '1: 11']);
  });

  test('who watches floors is told whenever their requests change, until he watches others', async () => {
    const conference = new Conference('queue', network, options);
    const [ex90, jabber] = [conference.join(EX90), conference.join(JABBER)];
    expect(await settled(jabber.client.watch([FLOOR, CAMERA]))).toMatchObject({ floorIds: [FLOOR], floorRequests: [] });
    expect(jabber.floors).toEqual(['2: ']);
    await settled(ex90.client.request([FLOOR]));
    await settled(ex90.client.release(1));
    await settled(jabber.client.watch([]));
    await settled(ex90.client.request([FLOOR]));
    expect(jabber.floors).toEqual(['2: ', '1: 10 granted', '1: ']);
  });

  test('requests can be asked after by number and by user', async () => {
    const conference = new Conference('queue', network, options);
    const [ex90, jabber] = [conference.join(EX90), conference.join(JABBER)];
    await settled(ex90.client.request([FLOOR]));
    expect(said(await settled(jabber.client.requestStatus(1)))).toBe('1 granted 0');
    expect((await settled(jabber.client.userStatus(EX90))).floorRequests.map(said)).toEqual(['1 granted 0']);
    expect((await settled(jabber.client.userStatus())).floorRequests).toEqual([]);
  });

  test('a chair decides: accepts, grants, denies and revokes', async () => {
    const conference = new Conference('chair', network, options);
    conference.server.addUser(ROOM, { chair: true });
    const [ex90, jabber, chair] = [conference.join(EX90), conference.join(JABBER), conference.join(ROOM)];
    expect(said(await settled(ex90.client.request([FLOOR])))).toBe('1 pending 0');
    await settled(jabber.client.request([FLOOR]));
    await settled(chair.client.chair(1, [FLOOR], 'granted'));
    await settled(chair.client.chair(2, [FLOOR], 'accepted'));
    await settled(chair.client.chair(1, [FLOOR], 'revoked'));
    await settled(ex90.client.request([FLOOR]));
    await settled(chair.client.chair(3, [FLOOR], 'denied'));
    expect(ex90.news).toEqual(['1 granted 0', '1 revoked 0', '3 denied 0']);
    expect(jabber.news).toEqual(['2 accepted 1', '2 granted 0']);
    await settled(chair.client.request([FLOOR], { beneficiaryId: EX90 }));
    expect(ex90.news.at(-1)).toBe('4 pending 0');
  });

  test('what is not allowed is refused with the error codes of RFC 8855', async () => {
    const conference = new Conference('queue', network, options);
    const [ex90, jabber] = [conference.join(EX90), conference.join(JABBER)];
    await settled(ex90.client.request([FLOOR]));
    await expect(settled(ex90.client.request([FLOOR]))).rejects.toEqual(refusal(ERROR_CODES.maximumFloorRequestsReached));
    await expect(settled(ex90.client.request([9]))).rejects.toEqual(refusal(ERROR_CODES.invalidFloorId));
    await expect(settled(ex90.client.watch([9]))).rejects.toEqual(refusal(ERROR_CODES.invalidFloorId));
    await expect(settled(ex90.client.request([CAMERA], { beneficiaryId: 99 }))).rejects.toEqual(refusal(ERROR_CODES.userDoesNotExist));
    await expect(settled(ex90.client.request([CAMERA], { beneficiaryId: JABBER }))).rejects.toEqual(refusal(ERROR_CODES.unauthorizedOperation));
    await expect(settled(jabber.client.release(1))).rejects.toEqual(refusal(ERROR_CODES.unauthorizedOperation));
    await expect(settled(jabber.client.release(77))).rejects.toEqual(refusal(ERROR_CODES.floorRequestIdDoesNotExist));
    await expect(settled(jabber.client.userStatus(99))).rejects.toEqual(refusal(ERROR_CODES.userDoesNotExist));
    await expect(settled(jabber.client.chair(1, [FLOOR], 'revoked'))).rejects.toBeInstanceOf(BfcpRefusedError);
    expect(conference.server.holder(FLOOR)).toBe(EX90);
  });

  test('users and conferences that are not known are refused', async () => {
    const conference = new Conference('queue', network, options);
    const link = (): [Carrier, Carrier] => memoryLink((message) => sent.push(message), network);
    const [near, far] = link();
    conference.server.serve(far);
    await expect(settled(new FloorClient(near, { conferenceId: CONFERENCE, userId: 99, ...options }).hello())).rejects.toEqual(refusal(ERROR_CODES.userDoesNotExist));
    const [other, otherEnd] = link();
    conference.server.serve(otherEnd);
    await expect(settled(new FloorClient(other, { conferenceId: 1, userId: EX90, ...options }).hello())).rejects.toEqual(refusal(ERROR_CODES.conferenceDoesNotExist));
  });

  test('an association is one user\'s: another\'s number in it is refused', async () => {
    const conference = new Conference('queue', network, options);
    const { carrier } = conference.join(EX90);
    await expect(settled(new FloorClient(carrier, { conferenceId: CONFERENCE, userId: JABBER, ...options }).request([FLOOR]))).rejects.toEqual(refusal(ERROR_CODES.unauthorizedOperation));
  });

  test('leaving frees the floor for who waits', async () => {
    const conference = new Conference('queue', network, options);
    const [ex90, jabber] = [conference.join(EX90), conference.join(JABBER)];
    await settled(ex90.client.request([FLOOR]));
    await settled(jabber.client.request([FLOOR]));
    await settled(ex90.client.goodbye());
    expect(ex90.closed).toHaveBeenCalledWith(undefined);
    expect(jabber.news).toEqual(['2 granted 0']);
  });

  test('parties without BFCP take part by method', async () => {
    const conference = new Conference('take over', network, options);
    const ex90 = conference.join(EX90);
    await settled(ex90.client.request([FLOOR]));
    const { id } = conference.server.request(JABBER, [FLOOR]);
    await pass();
    expect(ex90.news).toEqual(['1 revoked 0']);
    conference.server.release(id);
    expect(conference.holders).toEqual(['1: 10', '1: 11', '1: free']);
  });

  test('a removed user loses his floor and his association', async () => {
    const conference = new Conference('queue', network, options);
    const ex90 = conference.join(EX90);
    await settled(ex90.client.request([FLOOR]));
    conference.server.removeUser(EX90);
    expect(conference.server.holder(FLOOR)).toBeUndefined();
    await expect(settled(ex90.client.request([FLOOR]))).rejects.toMatchObject({ code: network ? 'bfcp-timeout' : 'bfcp-closed' });
  });
});

describe('floors', () => {
  test.each(['take over', 'queue', 'chair'] as const)('whatever is asked and in whatever order (%s): one holder each, nobody waits for free floors, requests are told of once each time they change', (policy) => {
    const random = new Random(4);
    const floorIds = [1, 2, 3];
    for (let round = 0; round < 40; round++) {
      const states = new Map<number, string>();
      const holders = new Map<number, number | undefined>();
      const server = new FloorControlServer({ conferenceId: CONFERENCE, floorIds, policy, maxRequestsPerFloor: 3, maxParticipants: 1 }, {
        requestChanged: ({ id, status, queuePosition }) => {
          expect(states.get(id)).not.toBe(`${status} ${queuePosition}`);
          states.set(id, `${status} ${queuePosition}`);
        },
        floorChanged: (floor, holder) => holders.set(floor, holder),
      });
      const users = [1, 2, 3, 4];
      for (const user of users) server.addUser(user);
      for (let step = 0; step < 60; step++) {
        const ongoing = floorIds.flatMap((floor) => server.table.of(floor));
        const work = random.pick([
          () => server.request(random.pick(users), floorIds.filter(() => random.chance(0.5)), { priority: random.integer(0, 4) }),
          ...(ongoing.length === 0 ? [] : [() => server.release(random.pick(ongoing).id), () => server.revoke(random.pick(ongoing).id), () => server.table.accept(random.pick(ongoing).id), () => server.table.grant(random.pick(ongoing).id)]),
        ]);
        try {
          work();
        } catch (error) {
          expect(error).toMatchObject({ code: 'bfcp-refused' });
        }
        for (const floor of floorIds) {
          const requests = server.table.of(floor);
          expect(requests.filter(({ status }) => status === 'granted').length).toBeLessThanOrEqual(1);
          expect(holders.get(floor)).toBe(server.holder(floor));
          for (const { id, status, queuePosition } of requests) expect(states.get(id)).toBe(`${status} ${queuePosition}`);
        }
        const accepted = floorIds.flatMap((floor) => server.table.of(floor)).filter(({ status }) => status === 'accepted');
        for (const request of accepted) {
          const blocked = request.floorIds.some((floor) => server.table.of(floor).some((other) => other.id !== request.id && other.status !== 'pending'));
          expect(blocked).toBe(true);
        }
      }
    }
  });
});

describe('a bad network', () => {
  test('loses, doubles and reorders datagrams of fragmented messages; floors end up where reliable transport would leave them', async () => {
    for (let seed = 1; seed <= 15; seed++) {
      const conference = new Conference('queue', { impairment: { loss: 0.15, duplicate: 0.3, reorder: 0.3 }, random: new Random(seed), mtu: 60 });
      const devices = [EX90, JABBER, ROOM].map((user) => conference.join(user));
      const ids: (number | undefined)[] = [];
      for (const { client, closed } of devices) {
        const request = await settled(client.request([FLOOR], { participantProvidedInfo: 'one message in several datagrams' })).catch(() => undefined);
        // Without an answer in all its attempts the association has failed.
        if (!request) expect(closed).toHaveBeenCalled();
        ids.push(request?.floorRequestId);
      }
      const answered = ids.filter((id) => id !== undefined);
      expect(new Set(answered).size).toBe(answered.length);
      // Each request was carried out once, however often it came.
      for (const user of [EX90, JABBER, ROOM]) expect(conference.server.table.ofUser(user).length).toBeLessThanOrEqual(1);
      for (const [i, { client, closed }] of devices.entries()) {
        if (ids[i] === undefined || closed.mock.calls.length > 0) continue;
        await settled(client.release(ids[i]!)).catch(() => undefined);
      }
      await pass(60_000);
      const open = devices.filter(({ closed }) => closed.mock.calls.length === 0).length;
      for (const { client } of devices) client.close();
      expect(open + answered.length).toBeGreaterThan(0);
    }
  });

  test('a client that is gone is found out when the server\'s word is not acknowledged, and its requests end', async () => {
    const conference = new Conference('take over', LOSSLESS);
    const [ex90, jabber] = [conference.join(EX90), conference.join(JABBER)];
    await settled(ex90.client.request([CAMERA]));
    await settled(ex90.client.watch([FLOOR]));
    ex90.client.close();
    await settled(jabber.client.request([FLOOR]));
    expect(conference.server.holder(CAMERA)).toBeUndefined();
  });

  test('a server that is gone fails the client after four sendings within 7.5 seconds', async () => {
    const [near] = memoryLink(() => sendings++, LOSSLESS);
    let sendings = 0;
    const closed = jest.fn();
    const outcome = new FloorClient(near, { conferenceId: 1, userId: 1 }, { closed }).hello().catch((error: unknown) => error);
    await pass(7_499);
    expect(closed).not.toHaveBeenCalled();
    await pass(1);
    expect(closed).toHaveBeenCalledWith(expect.objectContaining({ code: 'bfcp-timeout' }));
    expect(await outcome).toMatchObject({ code: 'bfcp-timeout' });
    expect(sendings).toBe(4);
  });

  test('more clients than a server takes are turned away, and the others are served on', async () => {
    const server = new FloorControlServer({ conferenceId: CONFERENCE, floorIds: [FLOOR], policy: 'queue', maxParticipants: 1 });
    server.addUser(EX90);
    const [[near, far], [, lateEnd]] = [memoryLink(() => undefined), memoryLink(() => undefined)];
    expect(server.serve(far)).toBeDefined();
    const client = new FloorClient(near, { conferenceId: CONFERENCE, userId: EX90 });
    expect(server.serve(lateEnd)).toBeUndefined();
    await settled(client.hello());
  });

  test('more requests than may wait are refused here', async () => {
    const [near] = memoryLink(() => undefined, LOSSLESS);
    const client = new FloorClient(near, { conferenceId: 1, userId: 1 });
    const outcomes = Array.from({ length: 40 }, () => client.hello().then(() => 'answered', ({ code }: { code: string }) => code));
    await pass(10_000);
    const codes = await Promise.all(outcomes);
    expect(codes.filter((code) => code === 'bfcp-limit')).toHaveLength(8);
    expect(codes.filter((code) => code === 'bfcp-timeout')).toHaveLength(32);
  });

  test('news that waits for its turn is told as it stands then', async () => {
    const conference = new Conference('take over', LOSSLESS);
    const [ex90, jabber] = [conference.join(EX90), conference.join(JABBER)];
    await settled(jabber.client.watch([FLOOR]));
    for (let i = 0; i < 100; i++) conference.server.request(EX90, [FLOOR]);
    await settled(ex90.client.hello());
    expect(jabber.floors.length).toBeLessThan(4);
    expect(jabber.floors.at(-1)).toBe('1: 10 granted');
    expect(jabber.closed).not.toHaveBeenCalled();
  });
});

describePeer('tshark', 'tshark reads all that these conferences said', () => {
  test('as it was meant', () => {
    jest.useRealTimers();
    const messages = sent.map((octets) => ({ octets, message: decodeMessage(octets) }));
    expect(new Set(messages.map(({ message }) => message.primitive)).size).toBe(Object.keys(PRIMITIVES).length);
    expect(differences(messages).slice(0, 5)).toEqual([]);
  }, 200_000);
});
