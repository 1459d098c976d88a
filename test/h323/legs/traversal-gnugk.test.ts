import type { GatewayStatus } from '../../../src/server';
import { describePeer, isPicture, until, VIDEO_MODULE, type TestPicture } from '../../peers/harness';
import { AnchoredGateway, talk } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { ownAddress } from '../../support/own-address';
import { toneShares } from '../../support/spectrum';
import { addDevices, addService, DOMAIN } from '../../support/test-gateway';
import { EchoRoom } from '../support/echo-room';
import { GnuGk, gnuGkMissing } from '../support/gnugk';

jest.setTimeout(60_000);

/** On loopback, GnuGk speaks to a parent at its own address only. */
const SHARED = ownAddress(31);
const ROOM_HOST = ownAddress(32);
const CHILD = 'huone@talo.kunta.example';
const PHONE = 'ex90@talo.kunta.example';
const PICTURE: TestPicture = { left: 'red', right: 'blue' };
const missing = gnuGkMissing();

describePeer(['baresip', VIDEO_MODULE, 'ffmpeg'], 'GnuGk behind a firewall', () => (missing === undefined ? describe : describe.skip)(`as client of H.460.18 and .19${missing === undefined ? '' : ` (${missing})`}`, () => {
  let anchored: AnchoredGateway;
  let room: EchoRoom;
  let gnuGk: GnuGk;

  beforeAll(async () => {
    anchored = await AnchoredGateway.start({
      ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: SHARED, ETASILTA_H323_RAS_PORT: '2719', ETASILTA_H323_SIGNALLING_PORT: '2720', ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8',
    });
    const operator = new Operator(anchored.gateway.dataDir);
    await addDevices(anchored.gateway.directory, [{ address: CHILD, h323Id: 'huone', e164: '100' }, { address: PHONE }]);
    await addService(anchored.gateway.directory, `huone.fi@${DOMAIN}`, [CHILD]);
    await addService(anchored.gateway.directory, `kela.fi@${DOMAIN}`, [PHONE]);
    room = await EchoRoom.open({ host: ROOM_HOST, video: true });
    gnuGk = await GnuGk.start({
      address: SHARED, identifier: 'gnugk', has: { [`${ROOM_HOST}:1720`]: 'huone' }, neighbour: { address: `${SHARED}:3719`, password: 'naapuri' },
      parent: { address: `${SHARED}:2719`, h323Id: 'huone', password: 'lapsi', authentication: 'CAT', traversal: true },
    });
    await until('GnuGk is registered', async () => (await operator.status<GatewayStatus>()).h323?.registrations === 1, 30_000);
  }, 90_000);
  afterEach(() => anchored.closePhones());
  afterAll(async () => {
    await gnuGk?.stop();
    await room?.close();
    await anchored?.stop();
  }, 30_000);

  test('connects for a call to a room of its own, and brings its picture and sound', async () => {
    const phone = await anchored.phone(PHONE, { toneHz: 1000, codecs: ['g722/16000/1', 'pcma'], picture: PICTURE });
    await phone.dial(`sip:huone.fi@${DOMAIN}`);
    await phone.waitFor('CALL_ESTABLISHED');
    await until('the picture comes back', async () => isPicture(await phone.seen() ?? [], PICTURE), 20_000);
    await talk(1);
    await phone.hangUp();
    expect(toneShares(phone.heard().at(-1)!, [1000], 1)[0]).toBeGreaterThan(0.8);
    expect(gnuGk.trace).toMatch(/Enable keep-alive for incoming H\.460\.18 call from traversal server/);
    expect(gnuGk.trace).toMatch(/Received KeepAlive Interval=20/);
  });

  test('calls for its room, and is told where to send keep-alives', async () => {
    const phone = await anchored.phone(PHONE, { toneHz: 1000, codecs: ['g722/16000/1', 'pcma'], picture: PICTURE });
    const told = (): number => gnuGk.trace.match(/Received KeepAlive Interval=20/g)?.length ?? 0;
    const before = told();
    const call = room.call({ host: SHARED, port: 1_720 }, `kela.fi@${DOMAIN}`, Buffer.alloc(16, 9));
    await phone.waitFor('CALL_ESTABLISHED');
    await until('the picture comes back', async () => isPicture(await phone.seen() ?? [], PICTURE), 20_000);
    await talk(1);
    call.release();
    await phone.waitFor('CALL_CLOSED');
    expect(toneShares(phone.heard().at(-1)!, [1000], 1)[0]).toBeGreaterThan(0.8);
    expect(told()).toBeGreaterThan(before);
  });
}));
