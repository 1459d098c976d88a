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

jest.setTimeout(60_000);

const ROOM = 'huone@talo.kunta.example';
const PHONE = 'ex90@talo.kunta.example';
const PICTURE: TestPicture = { left: 'red', right: 'blue' };

describePeer(['baresip', VIDEO_MODULE, 'ffmpeg'], 'pictures between H.323 and SIP', () => describe.each([['tunnelled H.245', true], ['H.245 in a connection of its own', false]])('%s', (_name, tunnelling) => {
  let anchored: AnchoredGateway;
  let operator: Operator;
  let room: EchoRoom;
  let ras: RasEndpoint;

  beforeAll(async () => {
    const gatekeeper = ownAddress(tunnelling ? 11 : 13);
    anchored = await AnchoredGateway.start({
      ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: gatekeeper, ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8',
    });
    operator = new Operator(anchored.gateway.dataDir);
    await addDevices(anchored.gateway.directory, [{ address: ROOM, h323Id: 'huone', e164: '100' }, { address: PHONE }]);
    await addService(anchored.gateway.directory, `huone.fi@${DOMAIN}`, [ROOM]);
    await addService(anchored.gateway.directory, `kela.fi@${DOMAIN}`, [PHONE]);
    room = await EchoRoom.open({ host: ownAddress(tunnelling ? 12 : 14), video: true, tunnelling });
    ras = await RasEndpoint.open((await operator.status<GatewayStatus>()).h323!.ras, ownAddress(tunnelling ? 12 : 14));
    expect(await ras.register({ 'h323-ID': 'huone' })).toHaveProperty('registrationConfirm');
  });
  afterEach(() => anchored.closePhones());
  afterAll(async () => {
    await room?.close();
    await ras?.close();
    await anchored?.stop();
  });

  test('a SIP room dials a service that an H.323 room answers: its own picture and sound come back from there, G.722 and H.264', async () => {
    const phone = await anchored.phone(PHONE, { toneHz: 1000, codecs: ['g722/16000/1', 'pcma'], picture: PICTURE });
    await phone.dial(`sip:huone.fi@${DOMAIN}`);
    await phone.waitFor('CALL_ESTABLISHED');
    await until('the picture comes back', async () => isPicture(await phone.seen() ?? [], PICTURE), 20_000);
    await talk(1);
    const [call] = room.calls.slice(-1);
    expect(call!.session.channels.map(({ direction, sessionId }) => `${direction} ${sessionId}`).sort()).toEqual(['receive 1', 'receive 2', 'send 1', 'send 2']);
    await phone.hangUp();
    await until('the room is told', () => call!.ended);
    expect(call!.ended).toBe('released 16');
    expect(toneShares(phone.heard().at(-1)!, [1000], 1)[0]).toBeGreaterThan(0.8);
  });

  test('the H.323 room dials a service by its name; keys and wishes for key frames go there', async () => {
    const phone = await anchored.phone(PHONE, { toneHz: 1000, codecs: ['g722/16000/1'], picture: PICTURE });
    const confirm = alternative(await ras.admission([{ 'h323-ID': `kela.fi@${DOMAIN}` }], { callIdentifier: { guid: Buffer.alloc(16, tunnelling ? 7 : 8) } }), 'admissionConfirm');
    const call = room.call(toHostPort(confirm!.destCallSignalAddress)!, `kela.fi@${DOMAIN}`, Buffer.alloc(16, tunnelling ? 7 : 8));
    await phone.waitFor('CALL_ESTABLISHED');
    await until('the picture comes back', async () => isPicture(await phone.seen() ?? [], PICTURE), 20_000);
    const taken = room.calls.at(-1)!;
    expect((await operator.calls())[0]).toMatchObject({ caller: ROOM, state: 'talking' });
    await operator.theCall();
    expect(taken.fastUpdates).toBeGreaterThan(0);
    call.release();
    await phone.waitFor('CALL_CLOSED');
    expect(room.faults).toEqual([]);
  });
}));
