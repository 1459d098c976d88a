import { ConferenceFloors, FloorClient, FloorControlServer, readBfcp, UdpEndpoint, type FloorRequestInformation } from '../../src/bfcp';
import { describePeer, freePorts } from '../peers/harness';
import { LibrePeer, libreProgram } from './support/libre-peer';

const HOST = '127.0.0.1';
const CONFERENCE = 4_000_000_000;

describePeer('gcc', 'BFCP over UDP with libre, the library of baresip', () => {
  const found = libreProgram();
  if ('missing' in found) {
    test.skip(`(${found.missing})`, () => undefined);
    return;
  }
  const ends: (() => unknown)[] = [];
  afterEach(async () => { for (const end of ends.splice(0).reverse()) await end(); });
  const start = (...args: (string | number)[]): LibrePeer => {
    const peer = LibrePeer.start(found.program, ...args);
    ends.push(() => peer.stop());
    return peer;
  };

  test('its client is served: Hello, floor taken, watched, lost, given back, Goodbye', async () => {
    const server = new FloorControlServer({ conferenceId: CONFERENCE, floorIds: [1], policy: 'take over' });
    server.addUser(10, { displayName: 'Service point' });
    server.addUser(11);
    const endpoint = await UdpEndpoint.open({ host: HOST, accept: (carrier) => server.serve(carrier) });
    ends.push(() => endpoint.close());
    const libre = start('client', endpoint.port, CONFERENCE, 10);
    expect(await libre.next()).toMatch(/^port \d+$/);
    const head = (primitive: string, tid: number): string => `R=1 ver=2 ${primitive} (confid=${CONFERENCE} tid=${tid} userid=10)`;

    libre.tell('hello');
    const hello = await libre.next();
    expect(hello.split('\n')[0]).toBe(head('HelloAck', 1));
    expect(hello).toMatch(/SUPPORTED-PRIMITIVES 17: FloorRequest .* GoodbyeAck/);
    expect(hello).toMatch(/SUPPORTED-ATTRIBUTES 18: BENEFICIARY-ID .* OVERALL-REQUEST-STATUS/);

    libre.tell('request 1 slides');
    const information = (status: string): string => ['*FLOOR-REQUEST-INFORMATION floor-request-id=1', 'OVERALL-REQUEST-STATUS floor-request-id=1', `REQUEST-STATUS ${status}, qpos=0`, '*FLOOR-REQUEST-STATUS floor-id=1',
      'BENEFICIARY-INFORMATION beneficiary-id=10', 'USER-DISPLAY-NAME "Service point"', 'PRIORITY 3', 'PARTICIPANT-PROVIDED-INFO "slides"'].join('\n');
    expect(await libre.next()).toBe(`${head('FloorRequestStatus', 2)}\n${information('Granted (3)')}`);
    expect(server.holder(1)).toBe(10);

    libre.tell('watch 1');
    expect(await libre.next()).toBe(`${head('FloorStatus', 3)}\nFLOOR-ID 1\n${information('Granted (3)').replace('*FLOOR-REQ', 'FLOOR-REQ')}`);

    const taken = server.request(11, [1]);
    expect(await libre.next()).toBe(`R=0 ver=2 FloorRequestStatus (confid=${CONFERENCE} tid=32769 userid=10)\n${information('Revoked (7)')}`);
    // Comes only after libre has acknowledged the one before.
    expect(await libre.next()).toMatch(/^R=0 ver=2 FloorStatus \(confid=4000000000 tid=32770 userid=10\)\nFLOOR-ID 1\nFLOOR-REQUEST-INFORMATION floor-request-id=2\n/);

    libre.tell('release 9');
    expect(await libre.next()).toBe(`${head('Error', 4)}\n*ERROR-CODE 7 (Floor Request ID Does Not Exist)\nERROR-INFO "There is no floor request 9"`);
    libre.tell('request 5 x');
    expect((await libre.next()).split('\n')[1]).toBe('*ERROR-CODE 6 (Invalid Floor ID)');
    server.release(taken.id);
    expect(await libre.next()).toMatch(/FloorStatus .*\nFLOOR-ID 1$/);

    libre.tell('goodbye');
    expect(await libre.next()).toBe(head('GoodbyeAck', 6));
  });

  test('its clients share the floor of a conference: one has it, the other is denied it and told who does', async () => {
    const min = await freePorts(4);
    const floors = new ConferenceFloors({ host: HOST, address: HOST, ports: { min, max: min + 3 } });
    const join = async (): Promise<LibrePeer> => {
      const seat = floors.seat('room');
      ends.push(() => seat.close());
      const offer = `v=0\r\no=- 1 1 IN IP4 ${HOST}\r\ns=-\r\nc=IN IP4 ${HOST}\r\nt=0 0\r\nm=video 4000 RTP/AVP 97\r\na=content:slides\r\nm=application 5000 UDP/BFCP *\r\na=floorctrl:c-only\r\n`;
      const answer = (await seat.describe(offer))!;
      seat.agree(offer, answer, 'answerer');
      seat.admit();
      const [floor] = readBfcp(answer);
      const libre = start('client', floor!.port, floor!.conferenceId!, floor!.userId!);
      await libre.next();
      return libre;
    };
    const [one, other] = [await join(), await join()];
    one.tell('request 1 slides');
    expect(await one.next()).toMatch(/ FloorRequestStatus [^]*\nREQUEST-STATUS Granted \(3\)/);
    other.tell('watch 1');
    expect(await other.next()).toMatch(/ FloorStatus [^]*\nREQUEST-STATUS Granted \(3\)/);
    other.tell('request 1 mine');
    expect(await other.next()).toMatch(/ FloorRequestStatus [^]*\nREQUEST-STATUS Denied \(4\)/);
    // It is to show that it is there still.
    expect(await one.next()).toMatch(/^R=0 ver=2 FloorRequestStatus [^]*\nREQUEST-STATUS Granted \(3\)/);
    one.tell('goodbye');
    expect(await one.next()).toMatch(/ GoodbyeAck /);
    expect(await other.next()).toMatch(/^R=0 ver=2 FloorStatus .*\nFLOOR-ID 1$/);
    other.tell('request 1 mine');
    expect(await other.next()).toMatch(/ FloorRequestStatus [^]*\nREQUEST-STATUS Granted \(3\)/);
  });

  test('its server serves our client: answers, refusals and its own word are taken', async () => {
    const libre = start('server', CONFERENCE);
    const port = Number((await libre.next()).split(' ')[1]);
    const endpoint = await UdpEndpoint.open({ host: HOST });
    ends.push(() => endpoint.close());
    const news: FloorRequestInformation[] = [];
    let told: () => void;
    const revoked = new Promise<void>((resolve) => { told = resolve; });
    const client = new FloorClient(endpoint.connect({ address: HOST, port }), { conferenceId: CONFERENCE, userId: 10 }, { requestChanged: (request) => { news.push(request); told(); } });

    expect(await client.hello()).toMatchObject({ supportedPrimitives: [11, 1, 2], supportedAttributes: [2, 15] });
    expect(await libre.next()).toBe(`R=0 ver=2 Hello (confid=${CONFERENCE} tid=1 userid=10)`);
    expect(await client.request([3], { beneficiaryId: 12, participantProvidedInfo: 'Ähtäri', priority: 4 })).toEqual({
      floorRequestId: 77, overallStatus: { floorRequestId: 77, requestStatus: { status: 'granted', queuePosition: 0 } }, floors: [{ floorId: 3 }],
      beneficiary: { userId: 10, displayName: 'a guest', uri: 'sip:guest@example.com' },
    });
    expect(await libre.next()).toBe(`R=0 ver=2 FloorRequest (confid=${CONFERENCE} tid=2 userid=10)\n*FLOOR-ID 3\nBENEFICIARY-ID 12\nPARTICIPANT-PROVIDED-INFO "Ähtäri"\nPRIORITY 4`);
    await revoked;
    expect(news[0]).toEqual({ floorRequestId: 77, overallStatus: { floorRequestId: 77, requestStatus: { status: 'revoked', queuePosition: 0 }, statusInfo: 'taken over' }, floors: [{ floorId: 3 }] });
    await expect(client.request([9])).rejects.toMatchObject({ code: 'bfcp-refused', errorCode: 6 });
    await libre.next();
    expect(await client.watch([4])).toMatchObject({ floorIds: [4], floorRequests: [] });
    expect(await libre.next()).toBe(`R=0 ver=2 FloorQuery (confid=${CONFERENCE} tid=4 userid=10)\nFLOOR-ID 4`);
    await expect(client.userStatus()).rejects.toMatchObject({ errorCode: 3 });
    expect((await client.release(77)).overallStatus?.requestStatus?.status).toBe('released');
    await client.goodbye();
  });
});
