import type { h225 } from '../../../src/h323/schemas';
import { AnnouncedCalls, placeCall, serveSignalling, type IncomingCall, type LocalEndpoint, type SignallingCall, type SignallingServer } from '../../../src/h323/signalling';
import { until } from '../../peers/harness';
import { SimulatedTime } from '../h245/support/time';
import { IDENTITY, RawPeer } from './raw-peer';
import { callTo, endpoint, Listener, recorder } from './support';

const FIREWALL = '127.0.0.1';
const ELSEWHERE = '127.0.0.9';
const INSIDE: h225.TransportAddress = { ipAddress: { ip: Buffer.from([10, 1, 2, 3]), port: 5_000 } };
const guid = (number: number): Buffer => Buffer.alloc(16, number);

describe('a call to an endpoint behind a firewall (H.460.18)', () => {
  const faults: Error[] = [];
  const announced = new AnnouncedCalls();
  let server: SignallingServer;
  let onCall: (call: IncomingCall) => void;
  const peers: RawPeer[] = [];
  const calls: SignallingCall[] = [];

  beforeAll(async () => {
    server = await serveSignalling({ ...endpoint(faults), host: '127.0.0.1', port: 0, announced }, (call) => onCall(call));
  });
  afterEach(() => {
    for (const { socket } of peers.splice(0)) socket.destroy();
    for (const call of calls.splice(0)) call.release();
  });
  afterAll(() => server.close());

  const arrive = async (callId: Buffer, { from = FIREWALL, pdu = {} }: { from?: string; pdu?: Partial<h225.H323UUPDU> } = {}): Promise<RawPeer> => {
    const peer = await RawPeer.connect(server.port, '127.0.0.1', from);
    peers.push(peer);
    peer.say('facility', { facility: { ...IDENTITY, callIdentifier: { guid: callId }, reason: { undefinedReason: null }, multipleCalls: false, maintainConnection: false } }, { callReference: 0, pdu });
    return peer;
  };
  const place = (callId: Buffer, announce: () => Promise<boolean> = () => Promise.resolve(true), more: Partial<LocalEndpoint> = {}): ReturnType<typeof recorder> & { control: Listener } => {
    const calling = recorder();
    const control = new Listener();
    const call = placeCall(callTo(0, { address: { host: FIREWALL, port: 0 }, callId, announcement: { calls: announced, announce } }), endpoint(faults, more), calling.events);
    call.control.attach(control);
    calls.push(call);
    return { ...calling, control };
  };
  /** The answer to a Setup, as a peer without tunnelling gives it that tells its own address for H.245. */
  const answer = (peer: RawPeer, callReference: number, callId: Buffer, more: Partial<h225.ConnectUUIE> = {}): void =>
    peer.say('connect', { connect: { ...IDENTITY, callIdentifier: { guid: callId }, conferenceID: Buffer.alloc(16), destinationInfo: { mc: false, undefinedNode: false }, multipleCalls: false, maintainConnection: false, ...more } },
      { callReference, fromDestination: true });
  const facilityWithAddress = (peer: RawPeer): Promise<h225.TransportAddress> => until('it is asked to connect', () => {
    for (const { userInformation: { 'h323-uu-pdu': { 'h323-message-body': body } } } of peer.received) if ('facility' in body && 'startH245' in body.facility.reason) return body.facility.h245Address;
    return undefined;
  });

  test('takes the connection that the endpoint makes for it, with Setup, and is answered there', async () => {
    const { log } = place(guid(1));
    const peer = await arrive(guid(1));
    const { q931, userInformation } = await peer.heard('setup');
    expect(userInformation['h323-uu-pdu']['h323-message-body']).toMatchObject({ setup: { callIdentifier: { guid: guid(1) } } });
    expect(q931).toMatchObject({ fromDestination: false });
    answer(peer, q931.callReference, guid(1));
    await until('it is answered', () => log.includes('connected'));
    peer.say('releaseComplete', { releaseComplete: { ...IDENTITY, callIdentifier: { guid: guid(1) } } }, { callReference: q931.callReference, fromDestination: true });
    await until('it is over', () => log.includes('released 31 by peer'));
    await until('so is the connection', () => peer.closed || peer.socket.readableEnded);
  });

  test('is given to nobody at another address, and then still to the endpoint', async () => {
    place(guid(2));
    const stranger = await arrive(guid(2), { from: ELSEWHERE });
    expect((await stranger.heard('releaseComplete')).q931.cause).toMatchObject({ value: 81 });
    const peer = await arrive(guid(2));
    await peer.heard('setup');
    expect(stranger.received.map(({ q931 }) => q931.type)).toEqual(['releaseComplete']);
  });

  test('is given away once; names that no call has are refused', async () => {
    place(guid(3));
    const first = await arrive(guid(3));
    await first.heard('setup');
    for (const callId of [guid(3), guid(99)]) {
      const other = await arrive(callId);
      expect((await other.heard('releaseComplete')).q931.cause).toMatchObject({ value: 81 });
      await until('its connection is ended', () => other.socket.readableEnded || other.closed);
    }
  });

  test('ends when the endpoint does not come within some seconds, and is not given away later', async () => {
    const clock = new SimulatedTime();
    const { releases } = place(guid(4), undefined, { clock });
    expect(announced.size).toBeGreaterThan(0);
    await clock.pass(8_000);
    expect(releases).toMatchObject([{ q850: 18, by: 'timer' }]);
    const late = await arrive(guid(4));
    await late.heard('releaseComplete');
  });

  test('ends when the endpoint cannot be told', async () => {
    const { log } = place(guid(5), () => Promise.resolve(false));
    await until('it is over', () => log.length > 0);
    expect(log).toEqual(['released 18 by timer']);
  });

  test('can be asked for twice only one after the other', () => {
    const { releases } = place(guid(6));
    expect(() => place(guid(6))).toThrow(expect.objectContaining({ code: 'signalling-state' }));
    expect(releases).toEqual([]);
  });

  test('never connects for H.245 to where the endpoint says: it is asked to connect', async () => {
    const { control } = place(guid(7));
    const peer = await arrive(guid(7), { pdu: { h245Tunnelling: false } });
    const { q931 } = await peer.heard('setup');
    answer(peer, q931.callReference, guid(7), { h245Address: INSIDE });
    const address = await facilityWithAddress(peer);
    const h245 = await RawPeer.connect('ipAddress' in address ? address.ipAddress.port : 0);
    peers.push(h245);
    await until('H.245 is up', () => control.log.includes('opened'));
    expect(faults).toEqual([]);
  });

  test('answers the endpoint that asks for H.245 in a connection with the address for it, however often only three times', async () => {
    place(guid(8));
    const peer = await arrive(guid(8));
    const { q931: { callReference } } = await peer.heard('setup');
    for (let i = 0; i < 10; i++) {
      peer.say('facility', { facility: { ...IDENTITY, callIdentifier: { guid: guid(8) }, reason: { startH245: null }, multipleCalls: false, maintainConnection: false } }, { callReference, fromDestination: true });
    }
    peer.say('statusInquiry', { statusInquiry: { ...IDENTITY, callIdentifier: { guid: guid(8) } } }, { callReference, fromDestination: true });
    await facilityWithAddress(peer);
    await peer.heard('status');
    await until('all are answered', () => peer.received.filter(({ q931 }) => q931.type === 'facility').length === 3);
  });

  test('the other way round: a caller behind a firewall is told where to connect, and what the gateway does for its media', async () => {
    const featureSet: h225.FeatureSet = { replacementFeatureSet: false, supportedFeatures: [{ id: { standard: 19 }, parameters: [{ id: { standard: 2 } }] }] };
    const control = new Listener();
    onCall = (call) => {
      call.behindFirewall(featureSet);
      call.control.attach(control);
      call.attach(recorder().events);
      call.alerting();
      call.connect();
    };
    const peer = await RawPeer.connect(server.port);
    peers.push(peer);
    peer.setup({ h245Address: INSIDE });
    for (const type of ['alerting', 'connect'] as const) {
      const { userInformation } = await peer.heard(type);
      expect(userInformation['h323-uu-pdu']['h323-message-body']).toMatchObject({ [type]: { featureSet, h245Address: { ipAddress: { ip: Buffer.from([127, 0, 0, 1]) } } } });
    }
    expect(control.log).toEqual([]);
    expect(faults).toEqual([]);
  });
});
