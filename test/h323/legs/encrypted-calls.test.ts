import { alternative } from '../../../src/h323/per';
import { toHostPort } from '../../../src/h323/ras';
import type { GatewayStatus } from '../../../src/server';
import { describePeer, isPicture, until, VIDEO_MODULE, type TestPicture } from '../../peers/harness';
import { AnchoredGateway, talk } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { ownAddress } from '../../support/own-address';
import { toneShares } from '../../support/spectrum';
import { addDevices, addService, DOMAIN } from '../../support/test-gateway';
import { EchoRoom } from '../support/echo-room';
import { RasEndpoint } from '../support/ras-endpoint';
import { tapWire, untapWire, type SentPacket } from '../support/wire-tap';

jest.setTimeout(60_000);

const ROOM = 'huone@talo.kunta.example';
const CLEAR_ROOM = 'vanha@talo.kunta.example';
const PHONE = 'ex90@talo.kunta.example';
const PICTURE: TestPicture = { left: 'red', right: 'blue' };
const KEYS_ANEW_MS = 400;

/** RTCP (RFC 5761 section 4). */
const isReport = ({ 1: second = 0 }: Buffer): boolean => second >= 192 && second <= 223;

/** The same packet before and after: SSRC, sequence number and time stamp. */
const identity = (packet: Buffer): string => packet.subarray(2, 12).toString('hex');

describePeer(['baresip', VIDEO_MODULE, 'ffmpeg'], 'encrypted media between an H.323 room and SIP', () => describe.each([
  ['the gateway is master', 'wanted', 50], ['the room is master and makes keys anew all the time; encryption is required', 'required', 190],
] as const)('%s', (_name, encryption, terminalType) => {
  const first = encryption === 'wanted' ? 21 : 31;
  let anchored: AnchoredGateway;
  let room: EchoRoom;
  let clearRoom: EchoRoom;
  let ras: RasEndpoint;
  let clearRas: RasEndpoint;

  beforeAll(async () => {
    anchored = await AnchoredGateway.start({
      ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: ownAddress(first), ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8', ETASILTA_H323_ENCRYPTION: encryption,
    });
    await addDevices(anchored.gateway.directory, [{ address: ROOM, h323Id: 'huone' }, { address: CLEAR_ROOM, h323Id: 'vanha' }, { address: PHONE }]);
    await addService(anchored.gateway.directory, `huone.fi@${DOMAIN}`, [ROOM]);
    await addService(anchored.gateway.directory, `kela.fi@${DOMAIN}`, [PHONE]);
    room = await EchoRoom.open({ host: ownAddress(first + 1), video: true, encryption: { required: true, refreshMs: KEYS_ANEW_MS }, terminalType });
    clearRoom = await EchoRoom.open({ host: ownAddress(first + 2), video: true });
    const { ras: gatekeeper } = (await new Operator(anchored.gateway.dataDir).status<GatewayStatus>()).h323!;
    ras = await RasEndpoint.open(gatekeeper, ownAddress(first + 1));
    clearRas = await RasEndpoint.open(gatekeeper, ownAddress(first + 2));
    expect(await ras.register({ 'h323-ID': 'huone' })).toHaveProperty('registrationConfirm');
    expect(await clearRas.register({ 'h323-ID': 'vanha' })).toHaveProperty('registrationConfirm');
  });
  afterEach(() => anchored.closePhones());
  afterAll(async () => {
    await room?.close();
    await clearRoom?.close();
    await ras?.close();
    await clearRas?.close();
    await anchored?.stop();
  });

  const called = async (from: EchoRoom, through: RasEndpoint, octet: number): Promise<ReturnType<EchoRoom['call']>> => {
    const guid = Buffer.alloc(16, octet + first);
    const confirm = alternative(await through.admission([{ 'h323-ID': `kela.fi@${DOMAIN}` }], { callIdentifier: { guid } }), 'admissionConfirm');
    return from.call(toHostPort(confirm!.destCallSignalAddress)!, `kela.fi@${DOMAIN}`, guid);
  };

  /** What the gateway sent to the room, each packet another than what the room has of it. */
  const arrivingEncrypted = (packets: readonly SentPacket[]): SentPacket[] => {
    const media = packets.filter(({ packet, to }) => to === ownAddress(first + 1) && !isReport(packet));
    const arriving = media.filter(({ from }) => from === ownAddress(first));
    const encrypted = new Map(arriving.map(({ packet }) => [identity(packet), packet]));
    const inside = new Set([room.port('audio'), room.port('video')]);
    const decrypted = media.filter(({ from, port }) => from === ownAddress(first + 1) && inside.has(port));
    expect(decrypted.length).toBeGreaterThan(100);
    for (const { packet } of decrypted) {
      const before = encrypted.get(identity(packet));
      expect(before).toBeDefined();
      expect((before!.length - 12) % 16).toBe(0);
      expect(before!.includes(packet.subarray(12, 28))).toBe(false);
    }
    return arriving;
  };

  test('a SIP room dials one: picture and sound come back from there, and no packet goes there as it was', async () => {
    const phone = await anchored.phone(PHONE, { toneHz: 1000, codecs: ['g722/16000/1', 'pcma'], picture: PICTURE });
    const wire = tapWire();
    await phone.dial(`sip:huone.fi@${DOMAIN}`);
    await phone.waitFor('CALL_ESTABLISHED');
    await until('the picture comes back', async () => isPicture(await phone.seen() ?? [], PICTURE), 20_000);
    await talk(2);
    await phone.hangUp();
    untapWire();
    expect(toneShares(phone.heard().at(-1)!, [1000], 1)[0]).toBeGreaterThan(0.8);
    const arriving = arrivingEncrypted(wire);
    // Packets under the next key have another payload type.
    const numbers = new Map<number, Set<number>>();
    for (const { packet, port } of arriving) numbers.set(port, (numbers.get(port) ?? new Set()).add(packet[1]! & 0x7f));
    expect([...numbers.values()].map(({ size }) => size)).toEqual(terminalType === 190 ? [2, 2] : [1, 1]);
    expect(room.faults).toEqual([]);
  });

  test('the room dials a service: its keys are in Setup', async () => {
    const phone = await anchored.phone(PHONE, { toneHz: 1000, codecs: ['g722/16000/1'], picture: PICTURE });
    const call = await called(room, ras, 1);
    await phone.waitFor('CALL_ESTABLISHED');
    await until('the picture comes back', async () => isPicture(await phone.seen() ?? [], PICTURE), 20_000);
    call.release();
    await phone.waitFor('CALL_CLOSED');
    expect(room.faults).toEqual([]);
  });

  test('a telephone dials it: sound alone, which is not started fast, is encrypted', async () => {
    const phone = await anchored.phone(PHONE, { toneHz: 1000, codecs: ['g722/16000/1'] });
    const wire = tapWire();
    await phone.dial(`sip:huone.fi@${DOMAIN}`);
    await phone.waitFor('CALL_ESTABLISHED');
    await talk(3);
    await phone.hangUp();
    untapWire();
    expect(toneShares(phone.heard().at(-1)!, [1000], 1)[0]).toBeGreaterThan(0.8);
    for (const { packet } of arrivingEncrypted(wire)) expect(packet[1]! & 0x7f).toBeGreaterThanOrEqual(96);
    expect(room.faults).toEqual([]);
  });

  test(encryption === 'wanted' ? 'a room that does not encrypt is called in clear' : 'a room that does not encrypt is not called, and its own calls are refused: security denied, bearer capability not authorised', async () => {
    const phone = await anchored.phone(PHONE, { toneHz: 1000, codecs: ['g722/16000/1'], picture: PICTURE });
    await phone.dial(`sip:${CLEAR_ROOM}`);
    if (encryption === 'wanted') {
      await phone.waitFor('CALL_ESTABLISHED');
      await until('the picture comes back', async () => isPicture(await phone.seen() ?? [], PICTURE), 20_000);
      return phone.hangUp();
    }
    expect((await phone.waitFor('CALL_CLOSED')).param).toContain('403');
    await called(clearRoom, clearRas, 2);
    await until('the room is told', () => clearRoom.calls.at(-1)!.ended);
    expect(clearRoom.calls.map(({ ended }) => ended)).toEqual(['released 57', 'released 57']);
  });
}));
