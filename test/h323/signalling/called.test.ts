import { IN_BAND, serveSignalling, type IncomingCall, type ServerOptions, type SignallingServer } from '../../../src/h323/signalling';
import { until } from '../../peers/harness';
import { SimulatedTime } from '../h245/support/time';
import { encode } from '../../../src/h323/per';
import { h245, h450 } from '../../../src/h323/schemas';
import { RawPeer, CALL_ID, IDENTITY } from './raw-peer';
import { endpoint, GATEWAY, Listener, proposeAudio, recorder, roundTrip } from './support';

const faults: Error[] = [];
const open: { close(): unknown }[] = [];

interface Called {
  peer: RawPeer;
  calls: IncomingCall[];
  logs: string[][];
  controls: Listener[];
  server: SignallingServer;
}

/** A server that takes every call and does as told, and a peer connected to it. */
async function called(respond: (call: IncomingCall) => void = () => undefined, options: Partial<ServerOptions> = {}): Promise<Called> {
  const calls: IncomingCall[] = [];
  const logs: string[][] = [];
  const controls: Listener[] = [];
  const server = await serveSignalling({ host: '127.0.0.1', port: 0, ...endpoint(faults), ...options }, (call) => {
    const { log, events } = recorder();
    const control = new Listener();
    call.attach(events);
    call.control.attach(control);
    calls.push(call);
    logs.push(log);
    controls.push(control);
    respond(call);
  });
  const peer = await RawPeer.connect(server.port);
  open.push(server, { close: () => peer.socket.destroy() });
  return { peer, calls, logs, controls, server };
}

const waitForCall = ({ calls }: Called): Promise<IncomingCall> => until('a call came', () => calls[0]);

afterEach(async () => {
  await Promise.all(open.splice(0).reverse().map((one) => one.close()));
  expect(faults.splice(0)).toEqual([]);
});

describe('a call that comes in', () => {
  test('tells who calls, whom, and how', async () => {
    const side = await called();
    side.peer.setup({
      sourceAddress: [{ 'h323-ID': 'ähtäri' }], destinationAddress: [{ 'h323-ID': 'kela.fi' }, { dialledDigits: '9890101' }], hopCount: 7, canOverlapSend: true,
      sourceCallSignalAddress: { ipAddress: { ip: Buffer.from([192, 0, 2, 9]), port: 1720 } },
    }, { elements: { display: 'Ähtäri\0', callingPartyNumber: { type: 0, plan: 1, digits: '989' }, calledPartyNumber: { type: 0, plan: 1, digits: '9890101' }, sendingComplete: true } });
    const call = await waitForCall(side);
    expect(call.callId).toEqual(CALL_ID);
    expect(call.setup).toMatchObject({
      source: { aliases: [{ 'h323-ID': 'ähtäri' }], display: 'Ähtäri', number: { digits: '989' }, address: { host: '192.0.2.9', port: 1720 }, endpoint: { vendor: { productId: Buffer.from('Etasilta') } } },
      dialled: { aliases: [{ 'h323-ID': 'kela.fi' }, { dialledDigits: '9890101' }], number: '9890101' },
      tunnelling: false, canOverlapSend: true, sendingComplete: true, version: 4, body: { hopCount: 7 },
    });
    expect(call.setup.fastStart).toBeUndefined();
  });

  test('is answered in the states that Q.931 has, in no other order', async () => {
    const side = await called();
    side.peer.setup();
    const call = await waitForCall(side);
    call.proceeding();
    call.progress({ progress: IN_BAND });
    call.alerting({ aliases: [{ 'h323-ID': 'kela' }] });
    expect(() => call.proceeding()).toThrow(expect.objectContaining({ code: 'signalling-state' }));
    call.connect({ display: 'Kela', aliases: [{ 'h323-ID': 'kela' }] });
    expect(() => call.alerting()).toThrow(expect.objectContaining({ code: 'signalling-state' }));
    await side.peer.heard('connect');
    expect(side.peer.received.map(({ q931 }) => [q931.type, q931.callReference, q931.fromDestination])).toEqual(['callProceeding', 'progress', 'alerting', 'connect'].map((type) => [type, 5, true]));
    expect(side.peer.received[1]!.q931.progress).toMatchObject({ description: 8 });
    expect(side.peer.received[3]).toMatchObject({ q931: { display: 'Kela' }, userInformation: { 'h323-uu-pdu': { 'h323-message-body': { connect: { multipleCalls: true, maintainConnection: false, connectedAddress: [{ 'h323-ID': 'kela' }] } } } } });
    // Each says where H.245 is listened for: this caller does not tunnel.
    const ports = side.peer.received.map(({ userInformation }) => JSON.stringify((Object.values(userInformation['h323-uu-pdu']['h323-message-body'])[0] as { h245Address?: unknown }).h245Address));
    expect(new Set(ports).size).toBe(1);
    expect(ports[0]).toContain('ipAddress');
  });

  test('is given up by its caller before anybody looks: that is not lost', async () => {
    const server = await serveSignalling({ host: '127.0.0.1', port: 0, ...endpoint(faults) }, (call) => calls.push(call));
    const calls: IncomingCall[] = [];
    open.push(server);
    const peer = await RawPeer.connect(server.port);
    peer.setup();
    peer.say('releaseComplete', { releaseComplete: IDENTITY }, { elements: { cause: { codingStandard: 0, location: 0, value: 16 } } });
    await until('the connection is closed', () => peer.closed);
    const { log, events } = recorder();
    calls[0]!.attach(events);
    expect(log).toEqual(['released 16 by peer']);
    calls[0]!.alerting();
    calls[0]!.release();
    expect(peer.received).toEqual([]);
  });

  test('whose handler fails is released, and the next is taken', async () => {
    let first = true;
    const side = await called(() => {
      if (first) {
        first = false;
        throw new Error('no luck');
      }
    });
    side.peer.setup();
    expect((await side.peer.heard('releaseComplete')).q931.cause?.value).toBe(41);
    expect(faults.splice(0)).toEqual([new Error('no luck')]);
    const next = await RawPeer.connect(side.server.port);
    open.push({ close: () => next.socket.destroy() });
    next.setup();
    await until('the next is taken', () => side.calls.length === 2);
  });

  test('over the connection of another is told apart by its call reference', async () => {
    const side = await called((call) => call.proceeding());
    for (const callReference of [5, 6]) side.peer.setup({ callIdentifier: { guid: Buffer.alloc(16, callReference) } }, { callReference });
    // The same reference again is no new call (Q.931 section 5.8.3.2).
    side.peer.setup({}, { callReference: 6 });
    await until('both came', () => side.calls.length === 2);
    side.calls[1]!.release({ q850: 17 });
    const released = await side.peer.heard('releaseComplete');
    expect(released.q931).toMatchObject({ callReference: 6, cause: { value: 17 } });
    side.calls[0]!.connect();
    await side.peer.heard('connect');
    side.peer.say('releaseComplete', { releaseComplete: IDENTITY });
    await until('released', () => side.logs[0]!.length === 1);
    expect(side.logs).toEqual([['released 31 by peer'], []]);
    await until('the connection is closed after its last call', () => side.peer.closed);
    expect(side.calls).toHaveLength(2);
  });

  test.each([
    [{ q850: 17 }, 17, 'inConf'], [{ q850: 1 }, 1, 'unreachableDestination'], [{ reason: { calledPartyNotRegistered: null } }, 20, 'calledPartyNotRegistered'], [{}, 16, 'destinationRejection'], [{ q850: 102 }, 102, 'undefinedReason'],
  ] as const)('is refused with %j as cause %i and reason %s', async (request, q850, reason) => {
    const side = await called((call) => call.release(request));
    side.peer.setup();
    const { q931, userInformation } = await side.peer.heard('releaseComplete');
    expect(q931.cause?.value).toBe(q850);
    expect(userInformation['h323-uu-pdu']['h323-message-body']).toMatchObject({ releaseComplete: { reason: { [reason]: null }, callIdentifier: { guid: CALL_ID } } });
  });

  test('without media, for a service alone, is refused', async () => {
    const side = await called();
    side.peer.setup({ conferenceGoal: { callIndependentSupplementaryService: null } });
    expect((await side.peer.heard('releaseComplete')).q931.cause?.value).toBe(29);
    expect(side.calls).toEqual([]);
  });
});

describe('fast connect', () => {
  const offered = proposeAudio('192.0.2.9', 40_000);
  const fastStart = offered.map((channel) => encode(h245.OpenLogicalChannel, channel));

  test('is accepted in whichever answer; H.245 begins after that', async () => {
    const side = await called((call) => call.proceeding());
    side.peer.setup({ fastStart }, { pdu: { h245Tunnelling: true } });
    const call = await waitForCall(side);
    expect(call.setup.fastStart).toEqual(offered);
    await side.peer.heard('callProceeding');
    expect(side.controls[0]!.log).toEqual([]);
    call.alerting({ fastStart: offered, progress: IN_BAND });
    expect((await side.peer.heard('alerting')).userInformation['h323-uu-pdu']).toMatchObject({ h245Tunnelling: true, 'h323-message-body': { alerting: { fastStart } } });
    await until('H.245 is open', () => side.controls[0]!.log.includes('opened'));
    call.connect();
    const connect = (await side.peer.heard('connect')).userInformation['h323-uu-pdu']['h323-message-body'] as { connect: object };
    expect(connect.connect).not.toHaveProperty('fastConnectRefused');
  });

  test('is refused by Connect without it, in so many words', async () => {
    const side = await called((call) => call.connect());
    side.peer.setup({ fastStart });
    expect((await side.peer.heard('connect')).userInformation['h323-uu-pdu']['h323-message-body']).toMatchObject({ connect: { fastConnectRefused: null } });
  });

  test('leaves out proposals that cannot be read', async () => {
    const side = await called();
    side.peer.setup({ fastStart: [Buffer.from('ff', 'hex'), fastStart[0]!] });
    expect((await waitForCall(side)).setup.fastStart).toEqual([offered[0]]);
  });

  test('beside H.245 in Setup (parallelH245Control): its messages are taken', async () => {
    const side = await called();
    side.peer.setup({ fastStart, parallelH245Control: [encode(h245.MultimediaSystemControlMessage, roundTrip(9))] }, { pdu: { h245Tunnelling: true } });
    await waitForCall(side);
    await until('the message came', () => side.controls[0]!.messages.length === 1);
    expect(side.controls[0]!.log).toEqual(['opened', 'received roundTripDelayRequest']);
  });
});

describe('within a call', () => {
  test('H.245 in Setup is answered in the first answer', async () => {
    const side = await called((call) => {
      setImmediate(() => {
        call.control.send(roundTrip(2));
        call.proceeding();
      });
    });
    side.peer.setup({}, { pdu: { h245Tunnelling: true, h245Control: [encode(h245.MultimediaSystemControlMessage, roundTrip(1))] } });
    const { userInformation } = await side.peer.heard('callProceeding');
    expect(userInformation['h323-uu-pdu'].h245Control).toEqual([encode(h245.MultimediaSystemControlMessage, roundTrip(2))]);
    expect(side.controls[0]!.messages).toEqual([roundTrip(1)]);
  });

  test('digits, notifications, facilities and supplementary services come up, each once', async () => {
    const side = await called((call) => call.connect());
    side.peer.setup();
    await side.peer.heard('connect');
    side.peer.say('information', { information: IDENTITY }, { elements: { keypad: '5' } });
    side.peer.say('notify', { notify: IDENTITY }, { elements: { notificationIndicator: 0x79 } });
    side.peer.say('facility', { facility: { ...IDENTITY, reason: { undefinedReason: null } } });
    side.peer.say('facility', { empty: null }, { pdu: { h4501SupplementaryService: [encode(h450.H4501SupplementaryService, { serviceApdu: { rosApdus: [{ invoke: { invokeId: 1, opcode: { local: 101 } } }] } }), Buffer.from('ffff', 'hex')] } });
    await until('all came', () => side.logs[0]!.length === 4);
    expect(side.logs[0]).toEqual(['keypad 5', 'notified 121', 'facility undefinedReason', 'services 1']);
  });

  test('digits, notifications and supplementary services are sent', async () => {
    const side = await called((call) => call.connect());
    side.peer.setup();
    const call = await waitForCall(side);
    call.sendDigits({ kind: 'keypad', digits: '12#' });
    call.notify(0x7a);
    call.sendServices([{ serviceApdu: { rosApdus: [{ invoke: { invokeId: 1, opcode: { local: 101 } } }] } }]);
    expect((await side.peer.heard('information')).q931.keypad).toBe('12#');
    expect((await side.peer.heard('notify')).q931.notificationIndicator).toBe(0x7a);
    expect((await side.peer.heard('facility')).userInformation['h323-uu-pdu'].h4501SupplementaryService).toHaveLength(1);
  });

  test('a Status Inquiry is answered with the call state, whose absence at the peer ends the call', async () => {
    const side = await called((call) => call.alerting());
    side.peer.setup();
    side.peer.say('statusInquiry', { statusInquiry: IDENTITY });
    expect((await side.peer.heard('status')).q931).toMatchObject({ callState: 7, cause: { value: 30 } });
    side.peer.say('status', { status: IDENTITY }, { elements: { callState: 0, cause: { codingStandard: 0, location: 0, value: 30 } } });
    expect((await side.peer.heard('releaseComplete')).q931.cause?.value).toBe(101);
    expect(side.logs[0]).toEqual(['released 101 by peer']);
  });

  test('what a caller may not send is answered with Status 98, what cannot be understood with 97, 96 or 100', async () => {
    const side = await called((call) => call.alerting());
    side.peer.setup();
    await side.peer.heard('alerting');
    side.peer.say('alerting', { alerting: { ...IDENTITY, destinationInfo: GATEWAY, multipleCalls: false, maintainConnection: false } });
    side.peer.write(Buffer.from('0802000564', 'hex'));
    side.peer.write(Buffer.from('0802000562', 'hex'));
    side.peer.write(Buffer.from('0802000562' + '7e00020528', 'hex'));
    await until('all are answered', () => side.peer.received.length === 5);
    expect(side.peer.received.slice(1).map(({ q931 }) => [q931.type, q931.cause?.value])).toEqual([['status', 98], ['status', 97], ['status', 96], ['status', 100]]);
    expect(side.logs[0]).toEqual([]);
  });

  test('an ISDN peer that clears by Disconnect gets its Release Complete', async () => {
    const side = await called((call) => call.connect());
    side.peer.setup();
    await side.peer.heard('connect');
    side.peer.say('disconnect', { empty: null }, { elements: { cause: { codingStandard: 0, location: 0, value: 17 } } });
    expect((await side.peer.heard('releaseComplete')).q931.cause?.value).toBe(17);
    expect(side.logs[0]).toEqual(['released 17 by peer']);
  });
});

describe('what belongs to no call', () => {
  test.each([['a Facility', 'facility', { facility: { ...IDENTITY, reason: { undefinedReason: null } } }, {}, 81], ['a Status that says there is one', 'status', { status: IDENTITY }, { callState: 10 }, 101]] as const)('%s is answered by Release Complete', async (_, type, body, elements, cause) => {
    const { peer } = await called();
    peer.say(type, body, { elements });
    expect((await peer.heard('releaseComplete')).q931).toMatchObject({ callReference: 5, fromDestination: true, cause: { value: cause } });
    await until('the connection is closed', () => peer.closed);
  });

  test('a Release Complete, a Status of no call, a Setup from the wrong side and the global reference are passed over', async () => {
    const side = await called();
    side.peer.say('releaseComplete', { releaseComplete: IDENTITY });
    side.peer.say('status', { status: IDENTITY }, { elements: { callState: 0 } });
    side.peer.setup({}, { fromDestination: true });
    side.peer.say('facility', { empty: null }, { callReference: 0 });
    side.peer.setup({}, { callReference: 9 });
    await waitForCall(side);
    expect(side.calls).toHaveLength(1);
    expect(side.peer.received).toEqual([]);
  });
});

describe('overlap', () => {
  test('collects digits until the caller says that they are complete', async () => {
    const side = await called((call) => call.acknowledge());
    side.peer.setup({ canOverlapSend: true }, { elements: { calledPartyNumber: { type: 0, plan: 1, digits: '98' } } });
    await side.peer.heard('setupAcknowledge');
    side.peer.say('information', { information: IDENTITY }, { elements: { calledPartyNumber: { type: 0, plan: 1, digits: '90' } } });
    side.peer.say('information', { information: IDENTITY }, { elements: { calledPartyNumber: { type: 0, plan: 1, digits: '1' }, sendingComplete: true } });
    await until('complete', () => side.logs[0]!.length === 2);
    expect(side.logs[0]).toEqual(['dialled 9890', 'dialled 98901 complete']);
    side.calls[0]!.proceeding();
    await side.peer.heard('callProceeding');
  });

  test('counts as complete when T302 has run out', async () => {
    const clock = new SimulatedTime();
    const side = await called((call) => call.acknowledge(), { clock });
    side.peer.setup({ canOverlapSend: true });
    await side.peer.heard('setupAcknowledge');
    await clock.pass(11_000);
    side.peer.say('information', { information: IDENTITY }, { elements: { calledPartyNumber: { type: 0, plan: 1, digits: '1' } } });
    await until('a digit came', () => side.logs[0]!.length === 1);
    await clock.pass(11_000);
    expect(side.logs[0]).toEqual(['dialled 1']);
    await clock.pass(1_000);
    expect(side.logs[0]).toEqual(['dialled 1', 'dialled 1 complete']);
  });
});

describe('a lost connection', () => {
  test('ends a call that rings, and one whose H.245 is tunnelled', async () => {
    const side = await called((call) => call.alerting());
    side.peer.setup();
    await side.peer.heard('alerting');
    side.peer.socket.destroy();
    await until('released', () => side.logs[0]!.length === 1);
    expect(side.logs[0]).toEqual(['released 41 by network']);
    const other = await RawPeer.connect(side.server.port);
    open.push({ close: () => other.socket.destroy() });
    other.setup({}, { pdu: { h245Tunnelling: true } });
    await until('the other came', () => side.calls.length === 2);
    side.calls[1]!.connect();
    await other.heard('connect');
    other.socket.end();
    await until('released', () => side.logs[1]!.length === 1);
    expect(side.logs[1]).toEqual(['released 27 by network']);
    expect(side.controls[1]!.log).toEqual(['opened', 'closed']);
  });

  test('does not end a connected call whose H.245 has its own; that does', async () => {
    const side = await called((call) => call.connect());
    side.peer.setup();
    const { userInformation } = await side.peer.heard('connect');
    const body = userInformation['h323-uu-pdu']['h323-message-body'] as unknown as { connect: { h245Address: { ipAddress: { port: number } } } };
    const control = await RawPeer.connect(body.connect.h245Address.ipAddress.port);
    open.push({ close: () => control.socket.destroy() });
    await until('H.245 is open', () => side.controls[0]!.log.includes('opened'));
    side.peer.socket.destroy();
    await until('the server saw it', () => side.server.connections === 0);
    control.write(encode(h245.MultimediaSystemControlMessage, roundTrip(1)));
    await until('H.245 goes on', () => side.controls[0]!.messages.length === 1);
    expect(side.logs[0]).toEqual([]);
    expect(await side.calls[0]!.probe()).toBe(true);
    control.socket.end();
    await until('released', () => side.logs[0]!.length === 1);
    expect(side.logs[0]).toEqual(['released 16 by network']);
  });
});
