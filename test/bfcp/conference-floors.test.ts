import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { ConferenceFloors, connectTcp, decodeMessage, encodeMessage, ERROR_CODES, FloorClient, readBfcp, UdpEndpoint, type BfcpDescription, type FloorSeat } from '../../src/bfcp';
import { mutate } from '../h323/support/mutate';
import { Random } from '../h323/support/random';
import { freePorts, until } from '../peers/harness';

const HOST = '127.0.0.1';
const [NEIGHBOUR, STRANGER] = ['127.0.0.2', '127.0.0.3'];
const ROOM = 'room-kokous';
/** Short, for those who are silent. */
const T1_MS = 40;

const ends: (() => void)[] = [];
afterEach(() => { for (const end of ends.splice(0).reverse()) end(); });
const ending = <T extends { close(): unknown }>(what: T): T => { ends.push(() => what.close()); return what; };

const sdp = (floor: string[], address = HOST): string => [
  'v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', `c=IN IP4 ${address}`, 't=0 0', 'm=audio 4000 RTP/AVP 8', ...floor, 'm=video 4002 RTP/AVP 97', 'a=content:slides', '',
].join('\r\n');
const offering = (transport: 'UDP' | 'TCP', port: number, more: string[] = [], roles = 'c-only'): string[] => [`m=application ${port} ${transport}/BFCP *`, `a=floorctrl:${roles}`, ...more];
const floorOf = (description: string | undefined): BfcpDescription | undefined => readBfcp(description ?? '')[0];
/** The lines of floor control in a description of a conference. */
const linesOf = (description: string): string[] => description.slice(description.indexOf('m=application')).trim().split('\r\n');

interface Member {
  seat: FloorSeat;
  client: FloorClient;
  /** How the floor stands, as it was told last: who shows. */
  holders: () => number[] | undefined;
  /** How its requests stand, oldest first. */
  told: string[];
  floor: BfcpDescription;
  offer: string;
  answer: string;
}

const floors = async (count = 8): Promise<ConferenceFloors> => {
  const min = await freePorts(count);
  return new ConferenceFloors({ host: HOST, address: HOST, ports: { min, max: min + count - 1 } });
};

/** A member that has agreed on floor control and knows how the floor stands. */
async function member(all: ConferenceFloors, { transport = 'udp', admitted = true, room = ROOM }: { transport?: 'udp' | 'tcp'; admitted?: boolean; room?: string } = {}): Promise<Member> {
  const seat = ending(all.seat(room));
  const endpoint = transport === 'udp' ? ending(await UdpEndpoint.open({ host: HOST })) : undefined;
  const offer = sdp(endpoint ? offering('UDP', endpoint.port) : offering('TCP', 9, ['a=setup:active', 'a=connection:new']));
  const answer = sdp(linesOf((await seat.describe(offer))!));
  seat.agree(offer, answer, 'answerer');
  if (admitted) seat.admit();
  const floor = floorOf(answer)!;
  const at = { address: HOST, port: floor.port };
  let holders: number[] | undefined;
  const told: string[] = [];
  const client = ending(new FloorClient(endpoint ? endpoint.connect(at) : await connectTcp(at), { conferenceId: floor.conferenceId!, userId: floor.userId!, t1: T1_MS }, {
    floorsChanged: (_floors, requests) => { holders = requests.map(({ beneficiary }) => beneficiary!.userId); },
    requestChanged: ({ overallStatus }) => told.push(overallStatus!.requestStatus!.status),
  }));
  holders = (await client.watch([1])).floorRequests.map(({ beneficiary }) => beneficiary!.userId);
  return { seat, client, holders: () => holders, told, floor, offer, answer };
}

const ask = async ({ client }: Member): Promise<string | undefined> => (await client.request([1])).overallStatus?.requestStatus?.status;

describe('the floor of a conference', () => {
  test.each(['udp', 'tcp'] as const)('over %s: who asks while nobody has it gets it, others are denied and told who has it, until it is given back', async (transport) => {
    const all = await floors();
    const [one, other] = [await member(all, { transport }), await member(all)];
    expect(await ask(one)).toBe('granted');
    await until('the other is told', () => other.holders()?.join() === String(one.floor.userId));
    expect(await ask(other)).toBe('denied');
    await one.client.release(1);
    await until('the other is told that it is free', () => other.holders()?.length === 0);
    expect(await ask(other)).toBe('granted');
  });

  test('is described with a user and the label of the slides; all members have one port and one conference, each is another user', async () => {
    const all = await floors();
    const [one, other] = [await member(all), await member(all)];
    expect(one.floor).toMatchObject({ transport: 'UDP/BFCP', address: HOST, roles: ['s-only'], versions: [2], floors: [{ floorId: 1, labels: ['11'] }] });
    expect(await one.seat.describe(one.offer)).toContain('\r\na=content:slides\r\na=label:11\r\n');
    expect([other.floor.port, other.floor.conferenceId]).toEqual([one.floor.port, one.floor.conferenceId]);
    expect(other.floor.userId).not.toBe(one.floor.userId);
  });

  test('is another one in another conference', async () => {
    const all = await floors();
    const [one, other] = [await member(all), await member(all, { room: 'room-toinen' })];
    expect(await ask(one)).toBe('granted');
    expect(await ask(other)).toBe('granted');
    expect(other.floor.conferenceId).not.toBe(one.floor.conferenceId);
  });

  test('is free when its holder leaves, and closed with the last member', async () => {
    const all = await floors();
    const [one, other] = [await member(all, { transport: 'tcp' }), await member(all)];
    await ask(one);
    one.seat.close();
    await until('the other is told that it is free', () => other.holders()?.length === 0);
    other.seat.close();
    const { port } = other.floor;
    const again = await until('its port is free', () => UdpEndpoint.open({ host: HOST, port }).catch(() => undefined));
    again.close();
  });

  test('a holder that is silent loses it when somebody else asks for it', async () => {
    const all = await floors();
    const other = await member(all);
    const seat = ending(all.seat(ROOM));
    const silent = dgram.createSocket('udp4');
    ends.push(() => silent.close());
    silent.bind(0, HOST);
    await once(silent, 'listening');
    const offer = sdp(offering('UDP', silent.address().port));
    const answer = sdp(linesOf((await seat.describe(offer))!));
    seat.agree(offer, answer, 'answerer');
    seat.admit();
    const { port, conferenceId, userId } = floorOf(answer)!;
    const granted = once(silent, 'message');
    silent.send(encodeMessage({ version: 2, responder: false, conferenceId: conferenceId!, transactionId: 1, userId: userId!, primitive: 'FloorRequest', floorIds: [1] }), port, HOST);
    await granted;
    expect(await ask(other)).toBe('denied');
    await until('it is free', () => other.holders()?.length === 0, 20_000);
    expect(await ask(other)).toBe('granted');
  });

  test('is taken from a member that gives way, as it is told, and by one that has forgotten its request from itself', async () => {
    const all = await floors();
    const one = await member(all);
    expect([await ask(one), await ask(one)]).toEqual(['granted', 'granted']);
    await until('the older request is over', () => one.told.includes('revoked'));
    one.seat.giveBack();
    await until('the newer one, too', () => one.told.filter((status) => status === 'revoked').length === 2);
    await until('it is free', () => one.holders()?.length === 0);
  });

  test('who is not let in yet is told of nobody and gets nothing; then it is told', async () => {
    const all = await floors();
    const one = await member(all);
    await ask(one);
    const waiting = await member(all, { admitted: false });
    expect(waiting.holders()).toEqual([]);
    for (const asked of [waiting.client.request([1]), waiting.client.requestStatus(1), waiting.client.userStatus(one.floor.userId), waiting.client.release(1)]) {
      await expect(asked).rejects.toMatchObject({ errorCode: ERROR_CODES.unauthorizedOperation });
    }
    await one.client.release(1);
    expect(await ask(one)).toBe('granted');
    expect(waiting.holders()).toEqual([]);
    waiting.seat.admit();
    await until('it is told who shows', () => waiting.holders()?.join() === String(one.floor.userId));
  });
});

describe('a member', () => {
  test('that describes the same again keeps the floor; that takes its floor control away has it no more', async () => {
    const all = await floors();
    const [one, other] = [await member(all), await member(all)];
    await ask(one);
    expect(sdp(linesOf((await one.seat.describe(one.offer))!))).toBe(one.answer);
    one.seat.agree(one.offer, one.answer, 'answerer');
    await until('the other is told', () => other.holders()?.join() === String(one.floor.userId));
    expect(await ask(other)).toBe('denied');
    one.seat.agree(sdp([]), sdp([]), 'answerer');
    await until('it is free', () => other.holders()?.length === 0);
    await expect(one.client.hello()).rejects.toMatchObject({ code: 'bfcp-refused', errorCode: ERROR_CODES.userDoesNotExist });
  });

  test('over TCP may keep its connection, or ask for one to be made to it', async () => {
    const all = await floors();
    const one = await member(all, { transport: 'tcp' });
    expect(floorOf(await one.seat.describe(one.offer.replace('connection:new', 'connection:existing')))).toMatchObject({ setup: 'passive', connection: 'existing' });
    const device = net.createServer();
    ends.push(() => device.close());
    device.listen(0, HOST);
    await once(device, 'listening');
    const seat = ending(all.seat(ROOM));
    const offer = sdp(offering('TCP', (device.address() as net.AddressInfo).port, ['a=setup:passive']));
    const answer = (await seat.describe(offer))!;
    expect(floorOf(answer)).toMatchObject({ setup: 'active', connection: 'new' });
    const connected = once(device, 'connection');
    seat.agree(offer, sdp(linesOf(answer)), 'answerer');
    const [socket] = await connected as [net.Socket];
    ends.push(() => socket.destroy());
  });

  test('that made no offer is offered floor control over UDP', async () => {
    const all = await floors();
    const seat = ending(all.seat(ROOM));
    const offer = sdp(linesOf((await seat.describe())!));
    expect(floorOf(offer)).toMatchObject({ transport: 'UDP/BFCP', roles: ['s-only'], versions: [2, 1] });
    const device = ending(await UdpEndpoint.open({ host: HOST }));
    seat.agree(offer, sdp(offering('UDP', device.port)), 'offerer');
    seat.admit();
    const { port, conferenceId, userId } = floorOf(offer)!;
    expect((await new FloorClient(device.connect({ address: HOST, port }), { conferenceId: conferenceId!, userId: userId! }).request([1])).overallStatus?.requestStatus?.status).toBe('granted');
  });

  test.each<[string, string[]]>([
    ['none', []], ['one that is refused', offering('UDP', 0)], ['one over TLS', ['m=application 5000 TCP/TLS/BFCP *', 'a=floorctrl:c-only']],
    ['one that it would serve itself', offering('UDP', 5000, ['a=confid:1', 'a=userid:2'], 's-only')],
  ])('that offers %s gets none', async (_what, lines) => {
    const seat = ending((await floors()).seat(ROOM));
    expect(await seat.describe(sdp(lines))).toBeUndefined();
  });

  test('gets none where no port is left, and has it as soon as one is', async () => {
    const port = await freePorts(1);
    const taken = dgram.createSocket('udp4');
    taken.bind(port, HOST);
    await once(taken, 'listening');
    const all = new ConferenceFloors({ host: HOST, address: HOST, ports: { min: port, max: port } });
    const first = all.seat(ROOM);
    expect(await first.describe(sdp(offering('UDP', 5_000)))).toBeUndefined();
    taken.close();
    await once(taken, 'close');
    expect(floorOf(await first.describe(sdp(offering('UDP', 5_000))))?.port).toBe(port);
    first.close();
  });
});

describe('strangers', () => {
  const request = ({ conferenceId, userId }: BfcpDescription): Buffer => encodeMessage({ version: 2, responder: false, conferenceId: conferenceId!, transactionId: 1, userId: userId!, primitive: 'FloorRequest', floorIds: [1] });

  test('elsewhere get no answer, whatever they know; members elsewhere do not speak for others', async () => {
    const all = await floors();
    const one = await member(all);
    const neighbour = ending(all.seat(ROOM));
    const offer = sdp(offering('UDP', 5_000), NEIGHBOUR);
    neighbour.agree(offer, sdp(linesOf((await neighbour.describe(offer))!)), 'answerer');
    neighbour.admit();
    const heard: Record<string, number[]> = { [STRANGER]: [], [NEIGHBOUR]: [] };
    for (const address of [STRANGER, NEIGHBOUR]) {
      const socket = dgram.createSocket('udp4');
      ends.push(() => socket.close());
      socket.on('message', (octets) => { const answer = decodeMessage(octets); heard[address]!.push(answer.primitive === 'Error' ? answer.error.code : 0); });
      socket.bind(0, address);
      await once(socket, 'listening');
      for (let i = 0; i < 500; i++) {
        socket.send(request(one.floor), one.floor.port, HOST);
        // What a port cannot hold is lost.
        if (i % 50 === 0) await one.client.hello();
      }
    }
    await until('the member elsewhere is refused', () => heard[NEIGHBOUR]!.length > 0);
    expect(await ask(one)).toBe('granted');
    expect([[...new Set(heard[NEIGHBOUR])], heard[STRANGER]]).toEqual([[ERROR_CODES.userDoesNotExist], []]);
  });

  test('over TCP are cut off, and keep no place', async () => {
    const all = await floors();
    const one = await member(all, { transport: 'tcp' });
    for (let i = 0; i < 20; i++) {
      const socket = net.connect({ host: HOST, port: one.floor.port, localAddress: STRANGER });
      ends.push(() => socket.destroy());
      socket.on('error', () => undefined);
      await once(socket, 'close');
    }
    expect(await ask(await member(all, { transport: 'tcp' }))).toBe('granted');
  });

  test('and what is no BFCP, from where a member is, change nothing', async () => {
    const all = await floors();
    const one = await member(all);
    const random = new Random(7);
    const socket = dgram.createSocket('udp4');
    ends.push(() => socket.close());
    socket.bind(0, HOST);
    await once(socket, 'listening');
    for (let i = 0; i < 5_000; i++) {
      const guess = { ...one.floor, conferenceId: random.integer(1, 2 ** 31 - 1), userId: random.integer(1, 0xffff) };
      socket.send(i % 2 === 0 ? request(guess) : mutate(request(guess), random), one.floor.port, HOST);
      if (i % 200 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await ask(one)).toBe('granted');
  });

  test('a member that comes from ever new ports has four associations at most, and others have room', async () => {
    const all = await floors();
    const [one, other] = [await member(all), await member(all)];
    const hello = encodeMessage({ version: 2, responder: false, conferenceId: one.floor.conferenceId!, transactionId: 1, userId: one.floor.userId!, primitive: 'Hello' });
    for (let i = 0; i < 600; i++) {
      const socket = dgram.createSocket('udp4');
      socket.send(hello, one.floor.port, HOST, () => socket.close());
      if (i % 50 === 0) await other.client.hello();
    }
    expect(await ask(other)).toBe('granted');
    expect(await ask(await member(all))).toBe('denied');
  });
});
