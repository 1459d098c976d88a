import { ClientFloor, FloorClient, FloorControlServer, joinFloors, ServerFloor, type CarrierReceiver, type ContentFloor, type FloorPolicy, type FloorRequestInformation } from '../../../src/bfcp';
import { memoryLink } from '../../bfcp/support/memory-link';
import { tokenFloor } from './support';

const CONFERENCE = 1;
const FLOOR = 2;
const DEVICE = 10;
const OURS = 11;

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());
const pass = (milliseconds = 2_000): Promise<void> => jest.advanceTimersByTimeAsync(milliseconds);

/** A device at the far end of a leg, by what its user does and sees. */
interface Device {
  floor: ContentFloor;
  start(): void;
  stop(): void;
  /** It may show content, as far as it knows. */
  shows(): boolean;
}

function h239Device(): Device {
  const { floor, device: { token } } = tokenFloor();
  return { floor, start: () => token.request(205), stop: () => token.release(), shows: () => token.state === 'owned' };
}

/** A BFCP client, as EX90 and Jabber are against a server. */
function clientDevice(): Device {
  const [near, far] = memoryLink(() => undefined);
  const floor = new ServerFloor({ conferenceId: CONFERENCE, floorId: FLOOR, userId: DEVICE, othersId: OURS });
  floor.serve(far);
  let id: number | undefined;
  let status: string | undefined;
  const take = (request: FloorRequestInformation): void => {
    id = request.floorRequestId;
    status = request.overallStatus?.requestStatus?.status;
  };
  const client = new FloorClient(near, { conferenceId: CONFERENCE, userId: DEVICE }, { requestChanged: take });
  return {
    floor,
    start: () => void client.request([FLOOR]).then(take),
    stop: () => { if (id !== undefined) void client.release(id).then(take, () => undefined); },
    shows: () => status === 'granted',
  };
}

/** A device that is the floor control server itself, and takes its own floor as it likes. */
function serverDevice(policy: FloorPolicy = 'take over'): Device {
  const [near, far] = memoryLink(() => undefined);
  const server = new FloorControlServer({ conferenceId: CONFERENCE, floorIds: [FLOOR], policy });
  server.addUser(DEVICE);
  server.addUser(OURS);
  server.serve(far, { userId: OURS });
  const floor = new ClientFloor(near, { conferenceId: CONFERENCE, userId: OURS, floorId: FLOOR });
  void floor.start();
  let id: number | undefined;
  return {
    floor,
    start: () => { id = server.request(DEVICE, [FLOOR]).id; },
    stop: () => { if (id !== undefined && server.holder(FLOOR) === DEVICE) server.release(id); },
    shows: () => server.holder(FLOOR) === DEVICE,
  };
}

test('a server that gives its floor to somebody right after it said that nobody has it is believed the later word, in whatever pieces they come', async () => {
  const told: string[] = [];
  const unread: Buffer[] = [];
  let atServer: CarrierReceiver | undefined;
  let atClient: CarrierReceiver | undefined;
  const server = new FloorControlServer({ conferenceId: CONFERENCE, floorIds: [FLOOR], policy: 'take over' });
  for (const user of [DEVICE, OURS]) server.addUser(user);
  server.serve({ reliable: true, attach: (receiver) => { atServer = receiver; }, send: (message) => void unread.push(message), close: () => undefined }, { userId: OURS });
  const floor = new ClientFloor({
    reliable: true, attach: (receiver) => { atClient = receiver; }, send: (message) => atServer?.received(message), close: () => undefined,
  }, { conferenceId: CONFERENCE, userId: OURS, floorId: FLOOR });
  const tell = (what: string) => (): void => void told.push(what);
  floor.attach({ requested: tell('requested'), released: tell('released'), granted: tell('granted'), refused: tell('refused'), revoked: tell('revoked') });
  const read = async (): Promise<void> => {
    for (const message of unread.splice(0)) atClient?.received(message);
    await pass(1);
  };
  const started = floor.start();
  await read();
  server.request(DEVICE, [FLOOR]);
  expect(unread).toHaveLength(2);
  await read();
  await started;
  expect(told).toEqual(['requested']);
});

const DEVICES = { 'H.239': h239Device, 'BFCP client': clientDevice, 'BFCP server': serverDevice };
const names = Object.keys(DEVICES) as (keyof typeof DEVICES)[];

describe.each(names.flatMap((one) => names.map((other) => [one, other] as const)))('content between a device of %s and one of %s', (first, second) => {
  const meet = async (): Promise<{ one: Device; other: Device; holders: string[] }> => {
    const [one, other] = [DEVICES[first](), DEVICES[second]()];
    const holders: string[] = [];
    joinFloors(one.floor, other.floor, (holder) => holders.push(holder === undefined ? 'none' : holder === one.floor ? 'one' : 'other'));
    await pass();
    return { one, other, holders };
  };

  test('one shows and stops, then the other', async () => {
    const { one, other, holders } = await meet();
    one.start();
    await pass();
    expect([one.shows(), other.shows()]).toEqual([true, false]);
    one.stop();
    await pass();
    other.start();
    await pass();
    expect([one.shows(), other.shows()]).toEqual([false, true]);
    other.stop();
    await pass();
    expect(holders).toEqual(['one', 'none', 'other', 'none']);
  });

  test('the other takes over, and the first again', async () => {
    const { one, other, holders } = await meet();
    one.start();
    await pass();
    other.start();
    await pass();
    expect([one.shows(), other.shows()]).toEqual([false, true]);
    one.start();
    await pass();
    expect([one.shows(), other.shows()]).toEqual([true, false]);
    expect(holders.filter((holder) => holder !== 'none')).toEqual(['one', 'other', 'one']);
  });

  test('who changes his mind at once shows nothing', async () => {
    const { one, other, holders } = await meet();
    one.start();
    one.stop();
    await pass();
    one.stop();
    await pass();
    expect([one.shows(), other.shows()]).toEqual([false, false]);
    expect(holders.at(-1) ?? 'none').toBe('none');
  });

  test('both at once: one of them shows', async () => {
    const { one, other } = await meet();
    one.start();
    other.start();
    await pass(5_000);
    expect([one.shows(), other.shows()].filter((shows) => shows)).toHaveLength(1);
  });
});

test('a server that does not give the floor is a refusal', async () => {
  const [one, other] = [h239Device(), serverDevice('queue')];
  joinFloors(one.floor, other.floor);
  await pass();
  other.start();
  await pass();
  other.floor.release();
  one.start();
  await pass();
  expect(one.shows()).toBe(false);
  expect(other.shows()).toBe(true);
});

test('a BFCP association that ends takes its content away from the other side', async () => {
  const [near, far] = memoryLink(() => undefined);
  const [h239, bfcp] = [h239Device(), new ServerFloor({ conferenceId: CONFERENCE, floorId: FLOOR, userId: DEVICE, othersId: OURS })];
  bfcp.serve(far);
  const holders: string[] = [];
  joinFloors(h239.floor, bfcp, (holder) => holders.push(holder === bfcp ? 'bfcp' : 'none'));
  const client = new FloorClient(near, { conferenceId: CONFERENCE, userId: DEVICE });
  void client.request([FLOOR]);
  await pass();
  client.close();
  await pass();
  expect(holders).toEqual(['bfcp', 'none']);
  h239.start();
  await pass();
  expect(h239.shows()).toBe(true);
});
