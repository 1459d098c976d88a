import dgram from 'node:dgram';
import { once } from 'node:events';
import { alternative } from '../../../src/h323/per';
import { toHostPort } from '../../../src/h323/ras';
import type { GatewayStatus } from '../../../src/server';
import { until } from '../../peers/harness';
import type { RawPhone } from '../../peers/harness/raw-phone';
import { anchoredSettings, CARRIES_SLIDES } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { ownAddress } from '../../support/own-address';
import { registeredPhone } from '../../support/registered-phone';
import { addDevices, addService, DOMAIN, startTestGateway, type TestGateway } from '../../support/test-gateway';
import { EchoRoom } from '../support/echo-room';
import { RasEndpoint } from '../support/ras-endpoint';

jest.setTimeout(60_000);

const [ROOM, OTHER, PHONE] = ['huone', 'toinen', 'puhelin'].map((name) => `${name}@talo.kunta.example`) as [string, string, string];
const [ROOM_SERVICE, OTHER_SERVICE] = [`huone.fi@${DOMAIN}`, `toinen.fi@${DOMAIN}`];
const H224 = 100;

/**
 * A packet of H.224: Q.922 address of its high-priority channel and control, both terminals by broadcast, client 1 (H.281), first and
 * last segment; then the message of H.281.
 */
const h281 = (...message: number[]): Buffer => Buffer.from([0x00, 0x71, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01, 0xc0, ...message]);
const [PAN_RIGHT, TILT_UP] = [0xc0, 0x30];
/** START ACTION with its time-out, CONTINUE ACTION, STOP ACTION, ACTIVATE PRESET (H.281 table 2). */
const START = h281(0x01, PAN_RIGHT, 0x07);
const CONTINUE = h281(0x02, PAN_RIGHT);
const STOP = h281(0x03, PAN_RIGHT);
const UP = h281(0x01, TILT_UP, 0x07);
const PRESET = h281(0x07, 0x20);
const hex = (packets: readonly Buffer[]): string[] => packets.map((packet) => packet.toString('hex'));

const application = (text: string): string => text.split(/^m=/m).find((line) => line.startsWith('application')) ?? '';
const portOf = (text: string): number => Number(/^application (\d+)/.exec(application(text))?.[1]);

/** Messages of H.281 are repeated until they have an effect: the first may come before the way is open. */
const repeated = (send: () => void, heeded: () => boolean): Promise<boolean> => until('the camera is moved', () => {
  const moved = heeded();
  if (!moved) send();
  return moved;
});

/** What the SIP side's camera is told, and what it tells others. */
class SipCamera {
  readonly controlled: Buffer[] = [];
  private sequence = 0;
  private constructor(private readonly socket: dgram.Socket) {}

  static async open(): Promise<SipCamera> {
    const socket = dgram.createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const camera = new SipCamera(socket);
    socket.on('message', (packet) => { camera.controlled.push(packet.subarray(12)); });
    return camera;
  }

  get port(): number {
    return this.socket.address().port;
  }

  control(packet: Buffer, description: string): void {
    const header = Buffer.from([0x80, H224, 0, this.sequence++, 0, 0, 0, 0, 1, 2, 3, 4]);
    const host = /^c=IN IP4 (\S+)/m.exec(application(description))?.[1] ?? /^c=IN IP4 (\S+)/m.exec(description)![1];
    this.socket.send(Buffer.concat([header, packet]), portOf(description), host);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.socket.close(() => resolve()));
  }
}

let version = 1;
const sdp = (camera?: SipCamera): string => [
  'v=0', `o=- 1 ${version++} IN IP4 127.0.0.1`, 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio 40000 RTP/AVP 8', 'a=rtpmap:8 PCMA/8000',
  'm=video 40004 RTP/AVP 98', 'a=rtpmap:98 H264/90000', 'a=fmtp:98 profile-level-id=42e01f;packetization-mode=1',
  ...(camera ? [`m=application ${camera.port} RTP/AVP ${H224}`, `a=rtpmap:${H224} H224/4800`] : []), '',
].join('\r\n');

// FreeSWITCH has no such lines.
describe.each(CARRIES_SLIDES ? ['direct', 'anchored'] as const : ['direct'] as const)('far-end camera control, %s media', (media) => {
  let gateway: TestGateway;
  let operator: Operator;
  let ras: string;
  const opened: { close(): Promise<unknown> }[] = [];
  const base = media === 'direct' ? 80 : 84;

  beforeAll(async () => {
    gateway = await startTestGateway({
      ...(media === 'anchored' && await anchoredSettings()), ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: ownAddress(base), ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8',
      ETASILTA_SIP_LISTEN: 'sip:127.0.0.1:0;transport=udp',
    });
    operator = new Operator(gateway.dataDir);
    await addDevices(gateway.directory, [{ address: ROOM, h323Id: 'huone' }, { address: OTHER, h323Id: 'toinen' }, { address: PHONE }]);
    await addService(gateway.directory, ROOM_SERVICE, [ROOM]);
    await addService(gateway.directory, OTHER_SERVICE, [OTHER]);
    await addService(gateway.directory, `puhelin.fi@${DOMAIN}`, [PHONE]);
    ({ ras } = (await operator.status<GatewayStatus>()).h323!);
  });
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await each.close();
    await until('the gateway has no call', async () => (await operator.calls()).length === 0);
  });
  afterAll(() => gateway?.stop());

  const room = async (name: string, host: number, camera = true): Promise<{ room: EchoRoom; call(service: string): Promise<void> }> => {
    const echo = await EchoRoom.open({ host: ownAddress(host), video: true, camera });
    const endpoint = await RasEndpoint.open(ras, ownAddress(host));
    opened.push(echo, endpoint);
    expect(await endpoint.register({ 'h323-ID': name })).toHaveProperty('registrationConfirm');
    return { room: echo, call: async (service) => {
      const guid = Buffer.alloc(16, host);
      const confirm = alternative(await endpoint.admission([{ 'h323-ID': service }], { callIdentifier: { guid } }), 'admissionConfirm');
      const call = echo.call(toHostPort(confirm!.destCallSignalAddress)!, service, guid);
      opened.push({ close: () => Promise.resolve(call.release()) });
    } };
  };
  const phone = async (): Promise<{ sip: RawPhone; camera: SipCamera }> => {
    const camera = await SipCamera.open();
    opened.push(camera);
    const sip = await registeredPhone(gateway, PHONE);
    opened.push(sip);
    sip.description = sdp(camera);
    return { sip, camera };
  };
  /** What the phone was told last of where the other side's camera is controlled; undefined: nothing yet. */
  const told = (sip: RawPhone): string | undefined => [...sip.received].reverse().find((text) => portOf(text) > 9);
  const hasControl = (echo: EchoRoom): boolean => echo.canControl && echo.calls.at(-1)?.session.channels.filter(({ sessionId }) => sessionId === 3).length === 2;

  test('a SIP device calls an H.323 room: each moves the other\'s camera', async () => {
    const { room: echo } = await room('huone', base + 1);
    const { sip, camera } = await phone();
    const call = await sip.call(`sip:${ROOM_SERVICE}`);
    const answer = await until('the phone is told where', () => told(sip));
    expect(application(answer)).toMatch(/^application [1-9]\d* RTP\/AVP 100\r\n(.*\r\n)*a=rtpmap:100 H224\/4800\r\n/);
    await until('the channels are open', () => hasControl(echo));
    await repeated(() => camera.control(START, answer), () => echo.controlled.length > 0);
    for (const packet of [CONTINUE, STOP]) camera.control(packet, answer);
    await until('the room\'s camera is stopped', () => hex(echo.controlled).includes(STOP.toString('hex')));
    expect([...new Set(hex(echo.controlled))]).toEqual(hex([START, CONTINUE, STOP]));
    echo.control(UP);
    echo.control(PRESET);
    await until('the SIP device\'s camera is moved', () => camera.controlled.length === 2);
    expect(hex(camera.controlled)).toEqual(hex([UP, PRESET]));
    expect(echo.faults).toEqual([]);
    await sip.hangUp(call);
  });

  test('an H.323 room calls a SIP device: each moves the other\'s camera', async () => {
    const { room: echo, call } = await room('huone', base + 1);
    const { sip, camera } = await phone();
    await call(`puhelin.fi@${DOMAIN}`);
    await until('the channels are open', () => hasControl(echo));
    const description = await until('the phone is told where', () => told(sip));
    await repeated(() => camera.control(START, description), () => echo.controlled.length > 0);
    expect([...new Set(hex(echo.controlled))]).toEqual(hex([START]));
    echo.control(UP);
    await until('the SIP device\'s camera is moved', () => camera.controlled.length === 1);
    expect(hex(camera.controlled)).toEqual(hex([UP]));
  });

  test('between two H.323 rooms', async () => {
    const { room: callee } = await room('huone', base + 1);
    const { room: caller, call } = await room('toinen', base + 2);
    await call(ROOM_SERVICE);
    await until('the channels are open', () => hasControl(caller) && hasControl(callee));
    await repeated(() => caller.control(START), () => callee.controlled.length > 0);
    callee.control(PRESET);
    await until('the caller\'s camera is moved', () => caller.controlled.length === 1);
    expect([[...new Set(hex(callee.controlled))], hex(caller.controlled)]).toEqual([hex([START]), hex([PRESET])]);
    expect([...caller.faults, ...callee.faults]).toEqual([]);
  });

  test('a room without a camera that can be moved: the line is refused', async () => {
    await room('huone', base + 1, false);
    const { sip } = await phone();
    const call = await sip.call(`sip:${ROOM_SERVICE}`);
    expect(portOf(sip.received.find((text) => text.startsWith('SIP/2.0 200') && application(text) !== '')!)).toBe(0);
    await sip.hangUp(call);
  });
});
