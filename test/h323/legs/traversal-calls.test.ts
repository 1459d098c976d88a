import { alternative } from '../../../src/h323/per';
import { toHostPort } from '../../../src/h323/ras';
import type { GatewayStatus } from '../../../src/server';
import { describePeer, isPicture, until, VIDEO_MODULE, type TestPicture } from '../../peers/harness';
import { AnchoredGateway, talk } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { ownAddress } from '../../support/own-address';
import { toneShares } from '../../support/spectrum';
import { addDevices, addService, DOMAIN } from '../../support/test-gateway';
import { TraversalRoom } from '../support/traversal-room';

jest.setTimeout(60_000);

/** Nothing can be sent there from here. */
const INSIDE = '192.0.2.77';
const ROOM = 'huone@talo.kunta.example';
const PHONE = 'ex90@talo.kunta.example';
const PICTURE: TestPicture = { left: 'red', right: 'blue' };

describePeer(['baresip', VIDEO_MODULE, 'ffmpeg'], 'an H.323 room behind a firewall (H.460.18, H.460.19)', () => describe.each([
  ['tunnelled H.245', true], ['H.245 in a connection that the room makes', false],
])('%s', (_name, tunnelling) => {
  let anchored: AnchoredGateway;
  let operator: Operator;
  let room: TraversalRoom;

  beforeAll(async () => {
    anchored = await AnchoredGateway.start({
      ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: ownAddress(tunnelling ? 21 : 23), ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8',
    });
    operator = new Operator(anchored.gateway.dataDir);
    await addDevices(anchored.gateway.directory, [{ address: ROOM, h323Id: 'huone', e164: '100' }, { address: PHONE }]);
    await addService(anchored.gateway.directory, `huone.fi@${DOMAIN}`, [ROOM]);
    await addService(anchored.gateway.directory, `kela.fi@${DOMAIN}`, [PHONE]);
    room = await TraversalRoom.open({ gatekeeper: (await operator.status<GatewayStatus>()).h323!.ras, firewall: ownAddress(tunnelling ? 22 : 24), inside: INSIDE, tunnelling });
    const confirm = alternative(await room.register({ 'h323-ID': 'huone' }), 'registrationConfirm');
    expect(confirm).toMatchObject({ timeToLive: 20, featureSet: { supportedFeatures: [{ id: { standard: 18 } }] } });
  });
  afterEach(() => anchored.closePhones());
  afterAll(async () => {
    await room?.close();
    await anchored?.stop();
  });

  test('keeps its registration, and its firewall open, by registering again', async () => {
    expect(await room.ras.keepAlive()).toMatchObject({ registrationConfirm: { timeToLive: 20 } });
  });

  test('is called: it connects for the call, and its picture and sound find the way out and back', async () => {
    const phone = await anchored.phone(PHONE, { toneHz: 1000, codecs: ['g722/16000/1', 'pcma'], picture: PICTURE });
    await phone.dial(`sip:huone.fi@${DOMAIN}`);
    await phone.waitFor('CALL_ESTABLISHED');
    await until('the picture comes back', async () => isPicture(await phone.seen() ?? [], PICTURE), 20_000);
    await talk(1);
    const call = room.echo.calls.at(-1)!;
    expect(call.session.channels.map(({ direction, sessionId }) => `${direction} ${sessionId}`).sort()).toEqual(['receive 1', 'receive 2', 'send 1', 'send 2']);
    for (const medium of ['audio', 'video'] as const) expect(room.echo.packets(medium)).toBeGreaterThan(10);
    await phone.hangUp();
    await until('the room is told', () => call.ended);
    expect(call.ended).toBe('released 16');
    expect(toneShares(phone.heard().at(-1)!, [1000], 1)[0]).toBeGreaterThan(0.8);
    expect(room.echo.faults).toEqual([]);
  });

  test('calls: what is sent to it finds the way', async () => {
    const callId = Buffer.alloc(16, tunnelling ? 7 : 8);
    const phone = await anchored.phone(PHONE, { toneHz: 1000, codecs: ['g722/16000/1'], picture: PICTURE });
    const confirm = alternative(await room.ras.admission([{ 'h323-ID': `kela.fi@${DOMAIN}` }], { callIdentifier: { guid: callId } }), 'admissionConfirm');
    const call = room.echo.call(toHostPort(confirm!.destCallSignalAddress)!, `kela.fi@${DOMAIN}`, callId);
    await phone.waitFor('CALL_ESTABLISHED');
    await until('the picture comes back', async () => isPicture(await phone.seen() ?? [], PICTURE), 20_000);
    expect((await operator.calls())[0]).toMatchObject({ caller: ROOM, state: 'talking' });
    await talk(1);
    call.release();
    await phone.waitFor('CALL_CLOSED');
    expect(toneShares(phone.heard().at(-1)!, [1000], 1)[0]).toBeGreaterThan(0.8);
    expect(room.echo.faults).toEqual([]);
  });
}));
