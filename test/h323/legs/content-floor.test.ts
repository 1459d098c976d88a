import dgram from 'node:dgram';
import { once } from 'node:events';
import { agreeOnBfcp, decodeMessage, encodeMessage, FloorClient, readBfcp, UdpEndpoint, type Carrier } from '../../../src/bfcp';
import { encodeH239, PresentationToken } from '../../../src/h323/h239';
import { LegContent } from '../../../src/h323/legs/content';
import { hasPlace, inPlace, slidesOf } from '../../../src/h323/legs/content-description';
import { freePorts, until } from '../../peers/harness';
import { overTheWire } from '../h239/support';

const HOST = '127.0.0.1';
const STRANGER = '127.0.0.2';
const DISCARD = 9;
const DELAY_MS = 5;

const sdp = (...lines: string[]): string => ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', `c=IN IP4 ${HOST}`, 't=0 0', 'm=audio 4000 RTP/AVP 8', 'a=sendrecv', ...lines, ''].join('\r\n');
const SLIDES = [`m=video ${DISCARD} RTP/AVP 97`, 'a=rtpmap:97 H264/90000', 'a=content:slides', 'a=inactive'];
const floorOffer = (port: number): string[] => [`m=application ${port} UDP/BFCP *`, 'a=floorctrl:c-only'];
const ways = (description: string): string | undefined => /^a=(sendrecv|sendonly|recvonly|inactive)/m.exec(slidesOf(description) ?? '')?.[1];

const ends: (() => void)[] = [];
afterEach(() => { for (const end of ends.splice(0).reverse()) end(); });

/** A leg's content, and the token of the endpoint at its other end. */
async function leg(ports?: { min: number; max: number }): Promise<{ content: LegContent; token: PresentationToken; told: string[] }> {
  const first = ports ? 0 : await freePorts(8);
  const told: string[] = [];
  const tell = (what: string) => (): void => void told.push(what);
  const content: LegContent = new LegContent({ host: HOST, address: HOST, ports: ports ?? { min: first, max: first + 7 } }, {
    send: (message) => void setTimeout(() => token.received(overTheWire(message)), DELAY_MS), holderChanged: tell('holder changed'),
  });
  const token: PresentationToken = new PresentationToken({
    send: (message) => void setTimeout(() => content.received(overTheWire(message)), DELAY_MS), symmetryBreaking: () => 5,
    events: { requested: () => token.grant(), released: tell('released'), granted: tell('granted'), refused: tell('refused'), revoked: tell('revoked') },
  });
  ends.push(() => { token.close(); content.close(); });
  return { content, token, told };
}

describe('the content of a leg whose other party has slides without floor control', () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] }));
  afterEach(() => void jest.useRealTimers());
  const open = async () => {
    const made = await leg({ min: 1, max: 1 });
    made.content.agree(sdp(...SLIDES), sdp(...SLIDES), 'answerer');
    return made;
  };

  const ask = (token: PresentationToken): void => {
    token.request(301);
    jest.advanceTimersByTime(20);
  };

  test('is shown by whoever asks; with none at all the endpoint is refused', async () => {
    const { content, token, told } = await open();
    ask(token);
    expect([told, content.isEndpoints]).toEqual([['holder changed', 'granted'], true]);
    content.agree(sdp(...SLIDES), sdp('m=video 0 RTP/AVP 97'), 'answerer');
    expect(content.isEndpoints).toBe(false);
    jest.advanceTimersByTime(100);
    ask(token);
    expect(told.at(-1)).toBe('refused');
  });

  test('an endpoint that has the token and opens no channel, or closes it, does not keep the floor', async () => {
    const { content, token } = await open();
    ask(token);
    jest.advanceTimersByTime(9_900);
    expect(content.isEndpoints).toBe(true);
    jest.advanceTimersByTime(100);
    expect(content.isEndpoints).toBe(false);
    token.release();
    ask(token);
    content.endpointShows(true);
    jest.advanceTimersByTime(3_600_000);
    expect(content.isEndpoints).toBe(true);
    content.endpointShows(false);
    jest.advanceTimersByTime(5_000);
    content.endpointShows(true);
    jest.advanceTimersByTime(60_000);
    expect(content.isEndpoints).toBe(true);
    content.endpointShows(false);
    jest.advanceTimersByTime(10_000);
    expect(content.isEndpoints).toBe(false);
  });

  test('an endpoint that only says that it has the token does not have it, and gets it when it asks', async () => {
    const { content, token } = await open();
    // By the end it has indicated that it is the owner.
    ask(token);
    jest.advanceTimersByTime(20_000);
    expect(content.isEndpoints).toBe(false);
    content.received(encodeH239({ type: 'presentationTokenRequest', channelId: 301, symmetryBreaking: 5 }));
    expect(content.isEndpoints).toBe(true);
  });
});

describe('floor control of a leg', () => {
  const agreed = async () => {
    const made = await leg();
    const party = await UdpEndpoint.open({ host: HOST });
    ends.push(() => party.close());
    const offer = sdp(...floorOffer(party.port), ...SLIDES);
    await made.content.prepare(offer);
    const answer = made.content.describe(sdp('m=application 0 UDP/BFCP *', ...SLIDES), { offer });
    made.content.agree(offer, answer, 'answerer');
    const [ours, theirs] = [readBfcp(offer)[0]!, readBfcp(answer)[0]!];
    const { conferenceId, userId, remote } = agreeOnBfcp(ours, theirs, 'offerer')!;
    const client = (carrier: Carrier): FloorClient => new FloorClient(carrier, { conferenceId, userId, t1: 50 });
    return { ...made, answer, party, conferenceId, userId, remote, client };
  };
  const floorRequest = (conferenceId: number, userId: number): Buffer =>
    encodeMessage({ version: 2, responder: false, conferenceId, transactionId: 1, userId, primitive: 'FloorRequest', floorIds: [1] });

  test('is answered beside slides that go both ways, and the floor is got and lost by it', async () => {
    const { answer, content, client, party, remote, token } = await agreed();
    expect(ways(answer)).toBe('inactive');
    expect(readBfcp(answer)[0]).toMatchObject({ roles: ['s-only'], versions: [2], floors: [{ floorId: 1, labels: ['11'] }] });
    const device = client(party.connect(remote));
    await device.request([1]);
    await until('the party may show', () => content.isPartys);
    token.request(301);
    await until('the endpoint may show', () => content.isEndpoints);
    expect(content.isPartys).toBe(false);
  });

  test('is not for strangers, however many ask and whatever they know of the conference', async () => {
    const { content, client, conferenceId, party, remote, userId } = await agreed();
    const stranger = dgram.createSocket('udp4');
    ends.push(() => stranger.close());
    stranger.bind(0, STRANGER);
    await once(stranger, 'listening');
    let answers = 0;
    stranger.on('message', () => { answers++; });
    const asked = floorRequest(conferenceId, userId);
    for (let i = 0; i < 2_000; i++) stranger.send(asked, remote.port, HOST);
    // From where the party is, and with a conference that is not its own.
    for (let i = 0; i < 20; i++) {
      const socket = dgram.createSocket('udp4');
      socket.bind(0, HOST);
      await once(socket, 'listening');
      ends.push(() => socket.close());
      let refused = false;
      socket.on('message', (octets) => { refused = decodeMessage(octets).primitive === 'Error'; });
      await until('it is refused', () => {
        socket.send(floorRequest((conferenceId + 1) % 2 ** 31, userId), remote.port, HOST);
        return refused;
      });
    }
    await client(party.connect(remote)).request([1]);
    await until('the party may show', () => content.isPartys);
    expect(answers).toBe(0);
  });

  test('goes on over a later description that says the same, and is closed with the leg', async () => {
    const { content, client, party, remote, answer } = await agreed();
    const device = client(party.connect(remote));
    await device.request([1]);
    await until('the party may show', () => content.isPartys);
    const offer = sdp(...floorOffer(party.port), ...SLIDES);
    content.agree(offer, content.describe(sdp('m=application 0 UDP/BFCP *', ...SLIDES), { offer }), 'answerer');
    expect(content.isPartys).toBe(true);
    expect(answer).toContain('UDP/BFCP');
    content.close();
    await expect(device.hello()).rejects.toMatchObject({ code: 'bfcp-timeout' });
  });

  test('is refused in its place where no port is left, and the slides are the endpoint\'s to show', async () => {
    const taken = dgram.createSocket('udp4');
    ends.push(() => taken.close());
    taken.bind(0, HOST);
    await once(taken, 'listening');
    const { port } = taken.address();
    const { content } = await leg({ min: port, max: port });
    const both = SLIDES.map((line) => line.replace('inactive', 'sendrecv'));
    const offer = sdp(...floorOffer(5_000), ...both);
    await content.prepare(offer);
    const answer = content.describe(sdp('m=application 0 UDP/BFCP *', ...SLIDES), { offer });
    expect(readBfcp(answer)[0]?.port).toBe(0);
    expect(ways(answer)).toBe('sendonly');
  });
});

describe('later offers', () => {
  const lines = (description: string): string[] => description.split('\r\n').filter((line) => line.startsWith('m='));

  test('have a line in the place of each one before, refused where it is gone; new ones follow', () => {
    const before = sdp('m=application 0 UDP/BFCP *', ...SLIDES, 'm=video 4002 RTP/AVP 98');
    expect(lines(inPlace(sdp('m=video 4002 RTP/AVP 98', 'm=application 4224 RTP/AVP 100'), before))).toEqual([
      'm=audio 4000 RTP/AVP 8', 'm=application 0 UDP/BFCP *', 'm=video 0 RTP/AVP 97', 'm=video 4002 RTP/AVP 98', 'm=application 4224 RTP/AVP 100',
    ]);
  });

  test('slides that are nowhere yet have the port of discard', () => {
    expect([hasPlace(slidesOf(sdp(...SLIDES))), hasPlace(slidesOf(sdp(...SLIDES.map((line) => line.replace(' 9 ', ' 4004 '))))), hasPlace(slidesOf(sdp()))]).toEqual([false, true, false]);
  });
});
