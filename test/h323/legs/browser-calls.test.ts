import type { GatewayStatus } from '../../../src/server';
import { describePeer, until } from '../../peers/harness';
import { AnchoredGateway } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { ownAddress } from '../../support/own-address';
import { TestPage, type Person } from '../../support/test-page';
import { addDevices, addService, DOMAIN } from '../../support/test-gateway';
import { H323Phone } from '../support/h323-phone';

jest.setTimeout(90_000);

const CITIZEN = 'selain-1@koti.kunta.example';
const ROOM = 'huone@talo.kunta.example';
const [KELA, HOME] = ['kela.fi', 'koti.fi'].map((name) => `${name}@${DOMAIN}`) as [string, string];

describePeer('chromium', 'a browser and an H.323 room', () => {
  let anchored: AnchoredGateway;
  let page: TestPage;
  let citizen: Person;
  let room: H323Phone;
  beforeAll(async () => {
    anchored = await AnchoredGateway.start({
      ETASILTA_SIP_LISTEN: 'sip:127.0.0.1:0;transport=udp sip:127.0.0.1:0;transport=ws',
      ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: ownAddress(91), ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8',
    });
    const { directory, dataDir } = anchored.gateway;
    await addDevices(directory, [{ address: ROOM, h323Id: 'huone' }, { address: CITIZEN, kind: 'browser' }]);
    await addService(directory, KELA, [ROOM]);
    await addService(directory, HOME, [CITIZEN]);
    page = await TestPage.start(anchored.gateway);
    room = await H323Phone.open({ host: ownAddress(92), h323Id: 'huone', toneHz: 400, ras: (await new Operator(dataDir).status<GatewayStatus>()).h323!.ras });
    citizen = await page.logIn(CITIZEN);
  });
  afterAll(async () => {
    await citizen?.browser.close();
    await page?.close();
    await room?.close();
    await anchored?.stop();
  });

  test('the citizen calls the room\'s service: each hears the other, until the citizen hangs up', async () => {
    await citizen.calls(KELA);
    const call = await room.connected();
    await until('the browser hears the room', async () => (await citizen.browser.media()).audioEnergy > 0.01, 30_000);
    await until('the room hears the browser', async () => (await call.hear(1)).samples.some((sample) => Math.abs(sample) > 500), 30_000);
    await citizen.hangsUp();
    expect(await until('the room is told', () => call.ended)).toBe('peer 16');
    expect(room.faults).toEqual([]);
    expect(citizen.browser.errors).toEqual([]);
  });

  test('the room calls the citizen, who answers; the room hangs up', async () => {
    const call = await room.dial(HOME);
    await citizen.sees('incoming');
    await citizen.click('#answer');
    await until('the room is connected', () => call.connected, 20_000);
    await until('the room hears the browser', async () => (await call.hear(1)).samples.some((sample) => Math.abs(sample) > 500), 30_000);
    call.hangUp();
    await citizen.sees('services');
    expect(room.faults).toEqual([]);
  });
});
