import { decode } from '../../src/h323/per';
import { addressText, toTransportAddress, type HostPort } from '../../src/h323/ras';
import type { h225} from '../../src/h323/schemas';
import { h460 } from '../../src/h323/schemas';
import { BASE, EX90, NAME, Zone } from './support/zone';

/** A router's address, behind which endpoints have addresses of their own. */
const ROUTER: HostPort = { host: '203.0.113.7', port: 40_001 };
const INSIDE: HostPort = { host: '10.1.2.3', port: 1719 };
const TRAVERSAL: h225.FeatureSet = { replacementFeatureSet: false, supportedFeatures: [{ id: { standard: 18 } }] };
const stated = (host: HostPort): Partial<h225.RegistrationRequest> => ({ rasAddress: [toTransportAddress(host)], callSignalAddress: [toTransportAddress({ ...host, port: 1720 })] });
const signallingOf = (zone: Zone): string[] => [...zone.gatekeeper.registrations].flatMap(({ signalling }) => signalling.map(addressText));

describe('an endpoint behind a router that translates addresses', () => {
  test('is known by it, and reached at the router', async () => {
    const zone = new Zone();
    await zone.register([NAME('ex90-1')], ROUTER, stated(INSIDE));
    expect([...zone.gatekeeper.registrations]).toMatchObject([{ behindNat: true, traversal: false }]);
    expect(signallingOf(zone)).toEqual(['203.0.113.7:1720']);
  });

  test('is reached at the address that it states where it knows one that others can use', async () => {
    const zone = new Zone();
    await zone.register([NAME('ex90-1')], ROUTER, stated({ host: '198.51.100.9', port: 1719 }));
    expect([...zone.gatekeeper.registrations]).toMatchObject([{ behindNat: false }]);
    expect(signallingOf(zone)).toEqual(['198.51.100.9:1720']);
  });

  test('of an own private network is none', async () => {
    const zone = new Zone();
    await zone.register([NAME('ex90-1')], INSIDE, stated(INSIDE));
    expect([...zone.gatekeeper.registrations]).toMatchObject([{ behindNat: false }]);
  });

  test('keeps its registration when the router gives it another port, by registering again', async () => {
    const zone = new Zone();
    const { endpointIdentifier } = await zone.register([NAME('ex90-1')], ROUTER, stated(INSIDE));
    const moved = { ...ROUTER, port: 40_002 };
    expect(await zone.say(zone.request([], { keepAlive: true, endpointIdentifier, terminalAlias: undefined }, moved), moved)).toMatchObject({ registrationReject: { rejectReason: { fullRegistrationRequired: null } } });
    await zone.register([NAME('ex90-1')], moved, stated(INSIDE));
    expect(zone.gatekeeper.registrations.size).toBe(1);
  });
});

describe('traversal of firewalls (H.460.18)', () => {
  const zoneOf = (): Zone => new Zone({ traversalKeepAlive: 20, timeToLive: 300 });

  test('is offered to endpoints that can it', async () => {
    const ask = (zone: Zone, featureSet?: h225.FeatureSet): Promise<h225.RasMessage | undefined> => zone.say({ gatekeeperRequest: {
      ...BASE, requestSeqNum: zone.nextSequence, rasAddress: toTransportAddress(EX90), endpointType: { mc: false, undefinedNode: false }, featureSet, supportsAssignedGK: false,
    } });
    const zone = zoneOf();
    expect(await ask(zone, TRAVERSAL)).toMatchObject({ gatekeeperConfirm: { featureSet: TRAVERSAL } });
    expect(await ask(zone)).not.toHaveProperty('gatekeeperConfirm.featureSet');
    expect(await ask(new Zone(), TRAVERSAL)).not.toHaveProperty('gatekeeperConfirm.featureSet');
  });

  test('makes them register often, and stands a lost registration', async () => {
    const zone = zoneOf();
    const confirm = await zone.register([NAME('ex90-1')], ROUTER, { ...stated(INSIDE), featureSet: TRAVERSAL, timeToLive: 300 });
    expect(confirm).toMatchObject({ timeToLive: 20, featureSet: TRAVERSAL });
    zone.pass(45_000);
    expect([...zone.gatekeeper.registrations]).toMatchObject([{ traversal: true }]);
    zone.pass(30_000);
    expect(zone.gatekeeper.registrations.size).toBe(0);
  });

  test('takes endpoints that have no address for incoming connections', async () => {
    const zone = zoneOf();
    expect(await zone.say(zone.request([NAME('ex90-1')], { callSignalAddress: [] }))).toMatchObject({ registrationReject: { rejectReason: { invalidCallSignalAddress: null } } });
    expect(await zone.say(zone.request([NAME('ex90-1')], { callSignalAddress: [], featureSet: TRAVERSAL }))).toHaveProperty('registrationConfirm');
  });

  test('asks the endpoint to connect for an incoming call, and hears that it does', async () => {
    const zone = zoneOf();
    await zone.register([NAME('ex90-1')], ROUTER, { ...stated(INSIDE), featureSet: TRAVERSAL });
    const [registration] = zone.gatekeeper.registrations;
    const signalling = { host: '192.0.2.1', port: 1720 };
    const guid = Buffer.alloc(16, 9);
    const announced = zone.gatekeeper.announceCall(registration!, guid, signalling);
    const { requestSeqNum, genericData } = zone.last('serviceControlIndication');
    const content = genericData?.[0]?.parameters?.[0]?.content;
    expect(genericData).toMatchObject([{ id: { standard: 18 }, parameters: [{ id: { standard: 1 } }] }]);
    expect(content && 'raw' in content && decode(h460.IncomingCallIndication, content.raw)).toEqual({ callSignallingAddress: toTransportAddress(signalling), callID: { guid } });
    await zone.say({ serviceControlResponse: { requestSeqNum, result: { started: null } } }, ROUTER);
    expect(await announced).toBe(true);
  });

  test('is not refused to those that need it, and refused with what is not known', async () => {
    const needs = (standard: number): h225.FeatureSet => ({ replacementFeatureSet: false, neededFeatures: [{ id: { standard } }] });
    const zone = zoneOf();
    expect(await zone.say(zone.request([NAME('ex90-1')], { featureSet: needs(18) }))).toHaveProperty('registrationConfirm');
    expect(await zone.say(zone.request([NAME('ex90-1')], { featureSet: needs(99) }))).toMatchObject({ registrationReject: { rejectReason: { neededFeatureNotSupported: null } } });
    const without = new Zone();
    expect(await without.say(without.request([NAME('ex90-1')], { featureSet: needs(18) }))).toMatchObject({ registrationReject: { rejectReason: { neededFeatureNotSupported: null } } });
  });
});

describe('other gatekeepers', () => {
  const alternate: h225.AlternateGK = { rasAddress: toTransportAddress({ host: '192.0.2.2', port: 1719 }), gatekeeperIdentifier: 'second', needToRegister: true, priority: 0 };

  test('are told to endpoints that can turn to them, and to those that cannot be served', async () => {
    const zone = new Zone({ alternateGatekeepers: [alternate], maxRegistrations: 1 });
    expect(await zone.register([NAME('ex90-1')], EX90, { supportsAltGK: null })).toMatchObject({ alternateGatekeeper: [alternate] });
    const other = { host: '192.0.2.66', port: 1719 };
    expect(await zone.say(zone.request([NAME('ex90-2')], {}, other), other)).toMatchObject({ registrationReject: { altGKInfo: { alternateGatekeeper: [alternate] } } });
  });

  test('to which an endpoint belongs are told to it', async () => {
    const zone = new Zone({ directory: { endpoint: () => ({ name: 'ex90-1', aliases: [NAME('ex90-1')], assignedGatekeeper: alternate }) } });
    expect(await zone.register([NAME('ex90-1')], EX90, { supportsAssignedGK: true })).toMatchObject({ assignedGatekeeper: alternate });
    expect(await zone.register([NAME('ex90-1')])).not.toHaveProperty('assignedGatekeeper');
  });
});
