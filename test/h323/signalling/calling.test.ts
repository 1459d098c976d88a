import net from 'node:net';
import { encode } from '../../../src/h323/per';
import { h245, type h225 } from '../../../src/h323/schemas';
import { toTransportAddress } from '../../../src/h323/ras';
import { placeCall, videoBearer, type CallRequest, type LocalEndpoint, type OutgoingCall } from '../../../src/h323/signalling';
import { mayBeReached } from '../../../src/h323/signalling/reachable';
import { until } from '../../peers/harness';
import { SimulatedTime } from '../h245/support/time';
import { RawControl, RawPeer, rawServer } from './raw-peer';
import { callTo, endpoint, GATEWAY, Listener, proposeAudio, recorder, roundTrip } from './support';

const faults: Error[] = [];
const open: { close(): unknown }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).reverse().map((one) => one.close()));
  expect(faults.splice(0)).toEqual([]);
});

/** A call to a peer that says what it is told to, with the reference that the call has. */
class Called {
  readonly log: string[];

  private constructor(readonly call: OutgoingCall, readonly peer: RawPeer, readonly control: Listener, readonly setup: h225.SetupUUIE, log: string[], private readonly callReference: number) {
    this.log = log;
  }

  static async by(request: Partial<CallRequest> = {}, local: Partial<LocalEndpoint> = {}, onOpened: (call: OutgoingCall) => void = () => undefined): Promise<Called> {
    const server = await rawServer();
    const { log, events } = recorder();
    const call = placeCall(callTo(server.port, request), endpoint(faults, local), events);
    const control = new Listener(() => onOpened(call));
    call.control.attach(control);
    const peer = await server.peer;
    open.push(server, { close: () => peer.socket.destroy() });
    const { q931, userInformation } = await peer.heard('setup');
    const { setup } = userInformation['h323-uu-pdu']['h323-message-body'] as { setup: h225.SetupUUIE };
    return new Called(call, peer, control, setup, log, q931.callReference);
  }

  get identity(): { protocolIdentifier: string; callIdentifier: h225.CallIdentifier; destinationInfo: h225.EndpointType; multipleCalls: boolean; maintainConnection: boolean } {
    return { protocolIdentifier: '0.0.8.2250.0.4', callIdentifier: this.setup.callIdentifier!, destinationInfo: GATEWAY, multipleCalls: false, maintainConnection: false };
  }

  say(type: 'callProceeding' | 'alerting' | 'progress' | 'connect' | 'setupAcknowledge' | 'releaseComplete' | 'facility', body: object = {}, options: Parameters<RawPeer['say']>[2] = {}): void {
    const full = { ...this.identity, ...(type === 'connect' && { conferenceID: this.setup.conferenceID }), ...body };
    this.peer.say(type, { [type]: full } as never, { callReference: this.callReference, fromDestination: true, ...options });
  }

  heard(what: string): Promise<string> {
    return until(what, () => this.log.find((line) => line.startsWith(what)));
  }
}

/** Listens for H.245 as a peer does that named its address. */
function rawH245(host = '127.0.0.1'): Promise<RawControl> {
  return new Promise((resolve) => {
    const server = net.createServer((socket) => {
      control.adopt(socket);
      open.push({ close: () => socket.destroy() });
    });
    let control: RawControl;
    server.listen(0, host, () => {
      open.push({ close: () => server.close() });
      control = new RawControl(toTransportAddress({ host, port: (server.address() as net.AddressInfo).port }));
      resolve(control);
    });
  });
}

/** Connects to where this side listens for H.245. */
function rawDial(from: string, host: string, port: number): Promise<RawControl> {
  return new Promise((resolve, reject) => {
    const control = new RawControl();
    const socket = net.connect({ host, port, localAddress: from }, () => {
      control.adopt(socket);
      open.push({ close: () => socket.destroy() });
      resolve(control);
    });
    socket.once('error', reject);
  });
}

const tunnels = { pdu: { h245Tunnelling: true } };
const message = (n: number): Buffer => encode(h245.MultimediaSystemControlMessage, roundTrip(n));

describe('a call that is placed', () => {
  test('has a Setup with all that the called side needs', async () => {
    const { setup, peer, call } = await Called.by({ bearer: videoBearer(384_000), more: { hopCount: 5, endpointIdentifier: 'abc' }, source: { aliases: [{ 'h323-ID': 'ähtäri' }], display: 'Ähtäri Ж', number: { type: 0, plan: 1, digits: '989', presentation: 1, screening: 0 }, address: { host: '192.0.2.1', port: 1720 } } });
    expect((await peer.heard('setup')).q931).toMatchObject({
      fromDestination: false, display: 'Ähtäri ?', callingPartyNumber: { digits: '989', presentation: 1 }, calledPartyNumber: { digits: '600' },
      bearerCapability: { transferCapability: 8, transferRate: 0x18, rateMultiplier: 6, layer1Protocol: 5 },
    });
    expect(setup).toMatchObject({
      protocolIdentifier: '0.0.8.2250.0.7', callIdentifier: { guid: call.callId }, conferenceID: call.conferenceId, conferenceGoal: { create: null }, hopCount: 5, endpointIdentifier: 'abc',
      sourceAddress: [{ 'h323-ID': 'ähtäri' }], destinationAddress: [{ dialledDigits: '600' }], sourceCallSignalAddress: { ipAddress: { ip: Buffer.from([192, 0, 2, 1]), port: 1720 } },
    });
  });

  test('hears how it goes, once each and in the words of the peer', async () => {
    const side = await Called.by();
    side.say('callProceeding', {}, { elements: { display: 'Kela\0' } });
    side.say('progress', {}, { elements: { progress: { codingStandard: 0, location: 0, description: 8 } } });
    side.say('alerting');
    side.say('callProceeding');
    side.say('connect', { connectedAddress: [{ 'h323-ID': 'kela' }] });
    side.say('connect');
    side.say('releaseComplete', { reason: { inConf: null } });
    await side.heard('released');
    expect(side.log).toEqual(['proceeding Kela', 'progress progress 8', 'alerting', 'proceeding', 'connected', 'released 17 by peer']);
    await until('the connection is closed', () => side.peer.closed);
  });

  test('whose owner gives what does not fit a Setup ends at once', async () => {
    const server = await rawServer();
    open.push(server);
    const { releases, events, log } = recorder();
    placeCall(callTo(server.port, { destination: { aliases: [{ dialledDigits: 'not digits' }] } }), endpoint(faults), events);
    await until('released', () => log.length === 1);
    expect(releases[0]).toMatchObject({ q850: 100, fault: { code: 'per-value', path: expect.stringContaining('destinationAddress') } });
  });

  test('to where nobody listens ends with cause 27', async () => {
    const server = await rawServer();
    server.close();
    const { releases, events, log } = recorder();
    const call = placeCall(callTo(server.port), endpoint(faults), events);
    expect(log).toEqual([]);
    await until('released', () => log.length === 1);
    expect(releases).toEqual([{ q850: 27, by: 'network', fault: expect.objectContaining({ code: 'ECONNREFUSED' }) }]);
    expect(await call.probe()).toBe(false);
  });

  test('and released before it is connected says nothing more', async () => {
    const server = await rawServer();
    open.push(server);
    const { log, events } = recorder();
    const call = placeCall(callTo(server.port), endpoint(faults), events);
    const control = new Listener();
    call.control.attach(control);
    call.release();
    await until('H.245 is told', () => control.log.length === 1);
    expect(control.log).toEqual(['closed']);
    expect(log).toEqual([]);
  });

  test.each([
    ['callForwarded', { alternativeAddress: { ipAddress: { ip: Buffer.from([192, 0, 2, 5]), port: 1720 } } }, 'forwarded callForwarded 192.0.2.5:1720'],
    ['routeCallToGatekeeper', { alternativeAddress: { ipAddress: { ip: Buffer.from([192, 0, 2, 6]), port: 1721 } } }, 'forwarded routeCallToGatekeeper 192.0.2.6:1721'],
  ])('is sent elsewhere by Facility %s', async (reason, body, line) => {
    const side = await Called.by();
    side.say('facility', { reason: { [reason]: null }, ...body });
    expect(await side.heard('forwarded')).toBe(line);
    side.call.release({ reason: { facilityCallDeflection: null } });
    expect((await side.peer.heard('releaseComplete')).q931.cause?.value).toBe(16);
  });

  test('sends more digits when it is asked for them', async () => {
    const side = await Called.by({ canOverlapSend: true });
    side.say('setupAcknowledge');
    await side.heard('moreDigits');
    side.call.sendDigits({ kind: 'dialled', digits: '12' });
    expect((await side.peer.heard('information')).q931.calledPartyNumber?.digits).toBe('12');
  });

  test('refuses a call that comes over its connection: a new connection is needed', async () => {
    const side = await Called.by();
    side.peer.setup({}, { callReference: 77 });
    expect((await side.peer.heard('releaseComplete'))).toMatchObject({ q931: { callReference: 77, cause: { value: 47 } }, userInformation: { 'h323-uu-pdu': { 'h323-message-body': { releaseComplete: { reason: { newConnectionNeeded: null } } } } } });
    expect(side.log).toEqual([]);
  });
});

describe('the timers of a call', () => {
  test.each([
    ['T303, without any answer', [], 10_000, 18],
    ['T310, after Call Proceeding', ['callProceeding'], 120_000, 102],
    ['T301, after Alerting', ['callProceeding', 'alerting'], 240_000, 19],
    ['T304, when more digits are wanted', ['setupAcknowledge'], 30_000, 102],
  ] as const)('%s', async (_, answers, ms, q850) => {
    const clock = new SimulatedTime();
    const side = await Called.by({}, { clock });
    for (const answer of answers) side.say(answer);
    await until('all came', () => side.log.length === answers.length);
    await clock.pass(ms - 1);
    expect(side.log).toHaveLength(answers.length);
    await clock.pass(1);
    expect(side.log.at(-1)).toBe(`released ${q850} by timer`);
    expect((await side.peer.heard('releaseComplete')).q931.cause?.value).toBe(q850);
  });

  test('Progress and Connect stop them, and nothing is left of a call that has ended', async () => {
    const clock = new SimulatedTime();
    const side = await Called.by({}, { clock });
    side.say('callProceeding');
    side.say('progress');
    await side.heard('progress');
    await clock.pass(1_000_000);
    side.say('connect');
    await side.heard('connected');
    await clock.pass(1_000_000);
    expect(side.log).toEqual(['proceeding', 'progress', 'connected']);
    side.call.release();
    side.peer.socket.end();
    await until('no timer is left', () => clock.waiting === 0);
  });

  test('T322: a peer that does not answer a Status Inquiry is not there', async () => {
    const clock = new SimulatedTime();
    const side = await Called.by({}, { clock });
    side.say('connect');
    await side.heard('connected');
    const alive = side.call.probe();
    await side.peer.heard('statusInquiry');
    await clock.pass(4_000);
    expect(await alive).toBe(false);
    expect(side.log).toEqual(['connected']);
  });

  test('a connection that is not taken up ends the call', async () => {
    const server = await rawServer();
    open.push(server);
    const waking: [number, () => void][] = [];
    const clock = { wakeAfter: (ms: number, wake: () => void) => {
      waking.push([ms, wake]);
      return () => undefined;
    } };
    const { log, events } = recorder();
    placeCall(callTo(server.port), endpoint(faults, { clock }), events);
    expect(waking.map(([ms]) => ms)).toEqual([10_000]);
    // The time is up before the socket has done anything.
    waking[0]![1]();
    expect(log).toEqual(['released 27 by timer']);
  });
});

describe('fast connect', () => {
  const fastStart = proposeAudio('127.0.0.1', 40_000);
  const encoded = fastStart.map((channel) => encode(h245.OpenLogicalChannel, channel));

  test.each(['callProceeding', 'alerting', 'progress', 'connect', 'facility'] as const)('accepted in %s is told once; H.245 begins after it', async (type) => {
    const side = await Called.by({ fastStart });
    expect(side.setup.fastStart).toEqual(encoded);
    side.say(type, { fastStart: encoded, ...(type === 'facility' && { reason: { undefinedReason: null } }) }, tunnels);
    await until('it is told', () => side.log.length === 1);
    expect(side.log[0]).toMatch(/fastStart 2$/);
    await until('H.245 is open', () => side.control.log.includes('opened'));
    side.say('connect', { fastStart: encoded }, tunnels);
    await until('connected', () => side.log.some((line) => line.startsWith('connected')));
    expect(side.log.filter((line) => line.includes('fastStart'))).toHaveLength(1);
  });

  test('is refused in so many words, or by Connect', async () => {
    const explicit = await Called.by({ fastStart });
    explicit.say('callProceeding', { fastConnectRefused: null }, tunnels);
    expect(await explicit.heard('proceeding')).toBe('proceeding fastStart refused');
    const silent = await Called.by({ fastStart });
    silent.say('alerting', {}, tunnels);
    await silent.heard('alerting');
    expect(silent.control.log).toEqual([]);
    silent.say('connect', {}, tunnels);
    expect(await silent.heard('connected')).toBe('connected fastStart refused');
    await until('H.245 is open', () => silent.control.log.includes('opened'));
  });

  test('is given up when the peer starts H.245 itself', async () => {
    const side = await Called.by({ fastStart });
    side.say('callProceeding', {}, { pdu: { h245Tunnelling: true, h245Control: [message(1)] } });
    await until('H.245 is open', () => side.control.messages.length === 1);
    expect(side.control.log).toEqual(['opened', 'received roundTripDelayRequest']);
  });
});

describe('H.245', () => {
  test('in Setup is read by a peer that tunnels', async () => {
    const side = await Called.by({ controlInSetup: true }, {}, (call) => call.control.send(roundTrip(1)));
    expect((await side.peer.heard('setup')).userInformation['h323-uu-pdu']).toMatchObject({ h245Tunnelling: true, h245Control: [message(1)] });
    side.say('callProceeding', {}, { pdu: { h245Tunnelling: true, h245Control: [message(2)] } });
    await until('the answer came', () => side.control.messages.length === 1);
    side.call.control.send(roundTrip(3));
    expect((await side.peer.heard('facility')).userInformation['h323-uu-pdu']).toMatchObject({ 'h323-message-body': { empty: null }, h245Control: [message(3)] });
  });

  test('in Setup is sent again to a peer that does not tunnel, in the connection that it offers', async () => {
    const side = await Called.by({ controlInSetup: true }, {}, (call) => call.control.send(roundTrip(1)));
    const control = await rawH245();
    side.say('callProceeding', { h245Address: control.address });
    await until('it came', () => control.received.length === 1);
    expect(control.received).toEqual([message(1)]);
    expect(side.control.log).toEqual(['opened']);
  });

  test('waits while the peer says that it does not know yet whether it tunnels', async () => {
    const side = await Called.by();
    side.say('callProceeding', {}, { pdu: { h245Tunnelling: false, provisionalRespToH245Tunnelling: null } });
    await side.heard('proceeding');
    side.say('alerting', {}, tunnels);
    await until('H.245 is open', () => side.control.log.includes('opened'));
  });

  test('moves to a connection of its own by Facility startH245; nothing is tunnelled any more', async () => {
    const side = await Called.by();
    side.say('connect', {}, tunnels);
    await until('H.245 is open', () => side.control.log.includes('opened'));
    const control = await rawH245();
    side.say('facility', { reason: { startH245: null }, h245Address: control.address }, tunnels);
    await until('it has connected', () => control.connected);
    side.call.control.send(roundTrip(1));
    await until('it came', () => control.received.length === 1);
    control.say(message(2));
    await until('an answer came', () => side.control.messages.length === 1);
    side.call.notify(0x79);
    expect((await side.peer.heard('notify')).userInformation['h323-uu-pdu'].h245Tunnelling).toBe(false);
    expect(side.control.log).toEqual(['opened', 'received roundTripDelayRequest']);
  });

  test('is asked for by Facility startH245 when the peer is connected and has named no address', async () => {
    const side = await Called.by();
    side.say('connect');
    const facility = (await side.peer.heard('facility')).userInformation['h323-uu-pdu']['h323-message-body'] as { facility: h225.FacilityUUIE };
    expect(facility.facility.reason).toEqual({ startH245: null });
    const { port } = (facility.facility.h245Address as { ipAddress: { port: number } }).ipAddress;
    const control = await RawPeer.connect(port);
    open.push({ close: () => control.socket.destroy() });
    await until('H.245 is open', () => side.control.log.includes('opened'));
    // One connection is all that is taken.
    await expect(RawPeer.connect(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    side.call.release();
    await until('it is closed', () => control.closed);
  });

  test('is asked for when the address that the peer named does not answer', async () => {
    const side = await Called.by();
    const nobody = await rawServer();
    nobody.close();
    side.say('connect', { h245Address: { ipAddress: { ip: Buffer.from([127, 0, 0, 1]), port: nobody.port } } });
    const facility = (await side.peer.heard('facility')).userInformation['h323-uu-pdu']['h323-message-body'];
    expect(facility).toMatchObject({ facility: { reason: { startH245: null } } });
  });

  test.each([[['127.0.0.1', '127.0.0.2'], 'theirs'], [['127.0.0.2', '127.0.0.1'], 'ours']] as const)('of two sides that connect to each other (%j) goes in the connection that was opened by the larger address: %s', async ([ours, theirs], winner) => {
    const server = await rawServer(theirs);
    const { events } = recorder();
    const call = placeCall(callTo(server.port, { address: { host: theirs, port: server.port }, from: ours, listenFromSetup: true }), endpoint(faults, { tunnelling: false }), events);
    const listener = new Listener();
    call.control.attach(listener);
    const peer = await server.peer;
    open.push(server, { close: () => peer.socket.destroy() }, { close: () => call.release() });
    const { q931, userInformation } = await peer.heard('setup');
    const { setup } = userInformation['h323-uu-pdu']['h323-message-body'] as { setup: h225.SetupUUIE };
    const { port } = (setup.h245Address as { ipAddress: { port: number } }).ipAddress;
    const own = await rawH245(theirs);
    peer.say('connect', { connect: { ...setup, protocolIdentifier: '0.0.8.2250.0.4', destinationInfo: GATEWAY, h245Address: own.address, conferenceID: setup.conferenceID } as never }, { callReference: q931.callReference, fromDestination: true });
    const dialled = await rawDial(theirs, ours, port);
    await until('both have connected', () => own.connected && listener.log.includes('opened'));
    if (winner === 'theirs') await until('ours is given up', () => own.ended);
    else dialled.socket.end();
    call.control.send(roundTrip(1));
    await until('it came', () => (winner === 'ours' ? own : dialled).received.length === 1);
    expect((winner === 'ours' ? dialled : own).received).toEqual([]);
    expect(listener.log).toEqual(['opened']);
  });

  test('is connected to no service of this machine for a peer of the network, and to nothing that is no address', () => {
    const peer = { host: '192.0.2.7', port: 1720 };
    const allowed = ['192.0.2.7', '10.1.2.3', '2001:db8::1'];
    const refused = ['127.0.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255', '::1', '::', 'ff02::1', 'name.example'];
    expect([...allowed, ...refused].filter((host) => mayBeReached({ host, port: 5000 }, peer))).toEqual(allowed);
    expect(mayBeReached({ host: '192.0.2.7', port: 0 }, peer)).toBe(false);
    expect(mayBeReached({ host: '127.0.0.1', port: 5000 }, { host: '127.0.0.9', port: 1 })).toBe(true);
  });
});
