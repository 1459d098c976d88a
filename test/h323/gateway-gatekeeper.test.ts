import fs from 'node:fs';
import path from 'node:path';
import { toTransportAddress } from '../../src/h323/ras';
import { DevicePasswords, openH323Store, secretsKey, type H323RegistrationInfo } from '../../src/h323/gateway';
import type { GatewayStatus } from '../../src/server';
import { controlRequest } from '../../src/web';
import { until } from '../peers/harness';
import { Operator } from '../support/control';
import { addDevices, addService, startTestGateway, type TestGateway } from '../support/test-gateway';
import { RasEndpoint } from './support/ras-endpoint';

const ROOM = 'ex90-1@talo.kunta.example';
const OPEN_ROOM = 'ex90-2@talo.kunta.example';
const NAME = (name: string): { 'h323-ID': string } => ({ 'h323-ID': name });
const SIGNALLING = { host: '127.0.0.1', port: 11_720 };

/** H.323 on ports of its own; devices of 127.0.0.0/8 may come without a password, as long as they have none. */
const env = (more: Record<string, string> = {}): Record<string, string> => ({
  ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_RAS_PORT: '0', ETASILTA_H323_SIGNALLING_PORT: String(SIGNALLING.port), ETASILTA_H323_UNAUTHENTICATED: '127.0.0.1', ETASILTA_H323_TIME_TO_LIVE_SECONDS: '600', ...more,
});

describe('the gatekeeper of the gateway', () => {
  let gateway: TestGateway;
  let ras: string;
  const endpoints: RasEndpoint[] = [];

  const open = async (host?: string): Promise<RasEndpoint> => {
    const endpoint = await RasEndpoint.open(ras, host);
    endpoints.push(endpoint);
    return endpoint;
  };
  const control = <T>(url: string): Promise<T> => controlRequest<T>(path.join(gateway.dataDir, 'control.sock'), 'GET', url);
  const start = async (dataDir?: string, port = '0'): Promise<void> => {
    gateway = await startTestGateway(env({ ETASILTA_H323_RAS_PORT: port }), dataDir);
    ras = (await new Operator(gateway.dataDir).status<GatewayStatus>()).h323!.ras;
  };
  const setPassword = async (device: string, password: string): Promise<void> => {
    const store = await openH323Store(gateway.dataDir);
    await new DevicePasswords(store, secretsKey(gateway.dataDir)).set(device, password);
    await store.close();
  };

  beforeEach(async () => {
    await start();
    await addDevices(gateway.directory, [{ address: ROOM, e164: '9890101', h323Id: 'EX90 Ähtäri' }, { address: OPEN_ROOM, e164: '9890102' }]);
  });
  afterEach(async () => {
    await Promise.all(endpoints.splice(0).map((endpoint) => endpoint.close()));
    await gateway.stop();
  });

  test('registers devices of the directory by H.323 ID, number and address, and lists them', async () => {
    const endpoint = await open();
    expect(await endpoint.register(NAME('ex90 ähtäri'))).toHaveProperty('registrationConfirm');
    expect(await (await open()).register({ dialledDigits: '9890102' })).toHaveProperty('registrationConfirm');
    expect(await (await open()).register(NAME('nobody'))).toHaveProperty('registrationReject');
    const list = await control<H323RegistrationInfo[]>('/h323/registrations');
    expect(list).toMatchObject([
      { address: ROOM, aliases: ['ex90 ähtäri'], contact: 'h323:127.0.0.1:1720', flow: `ras/127.0.0.1:${endpoint.address.port}`, kind: 'terminal', authentication: 'none', userAgent: 'Test endpoint 1' },
      { address: OPEN_ROOM, aliases: ['9890102'] },
    ]);
    expect((await control<{ address: string }[]>('/registrations')).map(({ address }) => address)).toEqual([ROOM, OPEN_ROOM]);
    expect(await control('/status')).toMatchObject({ h323: { registrations: 2 } });
  });

  test('asks for the password of a device that has one, which nobody finds in the database', async () => {
    await setPassword(ROOM, 'salasana-17');
    const endpoint = await open();
    expect(await endpoint.register(NAME(ROOM))).toMatchObject({ registrationReject: { rejectReason: { securityDenial: null } } });
    expect(await endpoint.register(NAME(ROOM), { password: 'arvaus' })).toMatchObject({ registrationReject: { rejectReason: { securityDenial: null } } });
    expect(await endpoint.register(NAME(ROOM), { password: 'salasana-17' })).toHaveProperty('registrationConfirm');
    expect(await endpoint.keepAlive({ password: 'salasana-17' })).toHaveProperty('registrationConfirm');
    expect(await endpoint.keepAlive()).toMatchObject({ registrationReject: { rejectReason: { securityDenial: null } } });
    const files = fs.readdirSync(gateway.dataDir).filter((name) => name.startsWith('h323'));
    expect(files).toEqual(expect.arrayContaining(['h323.sqlite', 'h323-secrets.key']));
    for (const name of files) expect(fs.readFileSync(path.join(gateway.dataDir, name)).includes('salasana-17')).toBe(false);
  });

  test('takes devices without a password only from networks where that is allowed', async () => {
    expect(await (await open('127.0.0.9')).register(NAME(ROOM))).toMatchObject({ registrationReject: { rejectReason: { securityDenial: null } } });
    const doctor = await control<{ level: string; what: string; hint?: string }[]>('/doctor');
    expect(doctor).toContainEqual({ level: 'warning', what: `1 H.323 requests refused within the last hour: the last one, from 127.0.0.9, came from ${ROOM}, which has no H.323 password`, hint: expect.stringContaining(`etasilta h323 password ${ROOM}`) as string });
  });

  test('a registered name is not taken over from another address', async () => {
    const endpoint = await open();
    await endpoint.register(NAME(ROOM));
    await setPassword(OPEN_ROOM, 'salasana');
    const thief = await open();
    thief.endpointIdentifier = endpoint.endpointIdentifier;
    expect(await thief.keepAlive()).toMatchObject({ registrationReject: { rejectReason: { fullRegistrationRequired: null } } });
    expect(await thief.admission([NAME(ROOM)])).toMatchObject({ admissionReject: { rejectReason: { callerNotRegistered: null } } });
    expect(await endpoint.register(NAME(OPEN_ROOM), { additiveRegistration: null, endpointIdentifier: endpoint.endpointIdentifier })).toMatchObject({ registrationReject: { rejectReason: { invalidTerminalAliases: {} } } });
    expect(await endpoint.keepAlive()).toHaveProperty('registrationConfirm');
  });

  test('keeps registrations over a restart, also of devices with passwords', async () => {
    await setPassword(ROOM, 'salasana');
    const [first, second] = [await open(), await open()];
    await first.register(NAME(ROOM), { password: 'salasana' });
    await second.register(NAME(OPEN_ROOM));
    await gateway.gateway.stop();
    await start(gateway.dataDir, ras.split(':').at(-1));
    expect((await control<H323RegistrationInfo[]>('/h323/registrations')).map(({ address }) => address).sort()).toEqual([ROOM, OPEN_ROOM]);
    expect(await first.keepAlive({ password: 'salasana' })).toMatchObject({ registrationConfirm: { endpointIdentifier: first.endpointIdentifier } });
    expect(await first.keepAlive()).toHaveProperty('registrationReject');
    expect(await second.keepAlive()).toHaveProperty('registrationConfirm');
  });

  test('ends the registration of a device that is out of use, and tells it', async () => {
    const endpoint = await open();
    await endpoint.register(NAME(ROOM));
    await addDevices(gateway.directory, [{ address: ROOM, enabled: false }]);
    await until('the endpoint is told', () => endpoint.received.some((message) => 'unregistrationRequest' in message), 20_000);
    expect(await control('/h323/registrations')).toEqual([]);
  }, 30_000);

  test('admits calls to services and devices through the gateway, and says why others are not admitted', async () => {
    await addService(gateway.directory, 'neuvonta.fi@palvelu.example', [OPEN_ROOM], {}, { numericAlias: '98900011' });
    await addService(gateway.directory, 'suljettu.fi@palvelu.example', [OPEN_ROOM], {}, { hours: { weekly: [] } });
    const endpoint = await open();
    await endpoint.register(NAME(ROOM));
    const routed = { admissionConfirm: { callModel: { gatekeeperRouted: null }, destCallSignalAddress: toTransportAddress(SIGNALLING), bandWidth: 3_840 } };
    expect(await endpoint.admission([NAME('neuvonta')])).toMatchObject(routed);
    expect(await endpoint.admission([{ dialledDigits: '98900011' }])).toMatchObject(routed);
    expect(await endpoint.admission([{ 'url-ID': 'h323:neuvonta.fi@palvelu.example' }])).toMatchObject(routed);
    expect(await endpoint.admission([NAME('unknown-name'), { dialledDigits: '9890102' }])).toMatchObject(routed);
    // Why it is closed is told in the call.
    expect(await endpoint.admission([NAME('suljettu')])).toMatchObject(routed);
    expect(await endpoint.admission([NAME('unknown-name')])).toMatchObject({ admissionReject: { rejectReason: { calledPartyNotRegistered: null } } });
    expect(await endpoint.admission([{ dialledDigits: '9890001' }])).toMatchObject({ admissionReject: { rejectReason: { incompleteAddress: null } } });
    const number = { e164Number: { publicTypeOfNumber: { internationalNumber: null }, publicNumberDigits: '358295566000' } };
    expect(await endpoint.admission([{ partyNumber: number }])).toMatchObject({ admissionReject: { rejectReason: { routeCallToSCN: [number] } } });
    expect((await control<{ what: string }[]>('/doctor')).map(({ what }) => what)).toContainEqual(expect.stringContaining('called "+358295566000", which nobody has'));
  });

  test('lets devices answer calls that the gateway brings, and sends other callers to it', async () => {
    const endpoint = await open();
    await endpoint.register(NAME(ROOM));
    const from = (host: string): Promise<unknown> => endpoint.admission([], { answerCall: true, srcCallSignalAddress: toTransportAddress({ host, port: 1_720 }) });
    expect(await from(SIGNALLING.host)).toHaveProperty('admissionConfirm');
    expect(await from('198.51.100.7')).toMatchObject({ admissionReject: { rejectReason: { routeCallToGatekeeper: null } } });
  });
});
