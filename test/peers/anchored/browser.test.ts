import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { AnchoredGateway, talk } from '../../support/anchored-gateway';
import { TestPage, type Person } from '../../support/test-page';
import { addDevices, addService, DOMAIN } from '../../support/test-gateway';
import { describePeer, isPicture, readPicture, until, VIDEO_MODULE, type Baresip, type TestPicture } from '../harness';

jest.setTimeout(120_000);

const CITIZEN = 'selain-1@koti.kunta.example';
const ROOM = 'ex90-1@kela.kunta.example';
const [KELA, HOME] = [`kela.fi@${DOMAIN}`, `koti.fi@${DOMAIN}`];
const PICTURE: TestPicture = { left: 'red', right: 'blue' };
/** What an EX90 takes. */
const ROOM_SYSTEM = { toneHz: 700, codecs: ['g722/16000/1', 'pcma', 'pcmu'], picture: PICTURE };

describePeer(['chromium', 'baresip', VIDEO_MODULE, 'ffmpeg'], 'a browser and a room system', () => {
  let anchored: AnchoredGateway;
  let page: TestPage;
  let citizen: Person;
  let room: Baresip;
  let folder: string;
  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-screenshots-'));
    anchored = await AnchoredGateway.start({ ETASILTA_SIP_LISTEN: 'sip:127.0.0.1:0;transport=udp sip:127.0.0.1:0;transport=ws' });
    const { directory } = anchored.gateway;
    await addDevices(directory, [{ address: ROOM, kind: 'room' }, { address: CITIZEN, kind: 'browser' }]);
    await addService(directory, KELA, [ROOM]);
    await addService(directory, HOME, [CITIZEN]);
    page = await TestPage.start(anchored.gateway);
  });
  beforeEach(async () => {
    room = await anchored.phone(ROOM, ROOM_SYSTEM);
    citizen = await page.logIn(CITIZEN);
  });
  afterEach(async () => {
    await citizen.browser.close();
    await anchored.closePhones();
  });
  afterAll(async () => {
    await page.close();
    await anchored.stop();
    fs.rmSync(folder, { recursive: true });
  });

  /** Both directions carry sound and decoded H.264; what the citizen sees is the room's picture, on the screen too. */
  const seeAndHear = async (): Promise<void> => {
    await until('the browser decodes and hears', async () => {
      const media = await citizen.browser.media();
      return media.framesDecoded > 15 && media.audioEnergy > 0.01 && media.framesSent > 15;
    }, 30_000).catch(async (error: Error) => {
      throw new Error(`${error.message}\n${JSON.stringify(await citizen.browser.media())}\n${JSON.stringify(await citizen.browser.descriptions())}\n${room.log.slice(-4_000)}`);
    });
    expect((await citizen.browser.media()).videoCodec).toBe('video/H264');
    const screenshot = path.join(folder, 'remote.png');
    await until('the screen shows the room', async () => {
      await (await citizen.browser.page.$('#remote'))?.screenshot({ path: screenshot });
      return isPicture(readPicture(screenshot), PICTURE);
    }, 15_000);
    // Chromium's camera shows a pattern on green.
    await until('the room sees the browser\'s camera', async () => {
      const [left] = await room.seen() ?? [];
      return left !== undefined && (left[1] as number) > (left[0] as number) + 50 && (left[1] as number) > (left[2] as number) + 50;
    }, 20_000);
  };
  /** Chromium's microphone beeps once a second. */
  const roomHeardBeeps = (): boolean => room.heard().at(-1)!.samples.some((sample) => Math.abs(sample) > 3_000);

  test('the browser calls the room by its service and hangs up', async () => {
    await citizen.calls(KELA);
    await room.waitFor('CALL_ESTABLISHED', 15_000);
    await seeAndHear();
    await talk(1);
    await citizen.hangsUp();
    await room.waitFor('CALL_CLOSED');
    expect(roomHeardBeeps()).toBe(true);
    expect(citizen.browser.errors).toEqual([]);
  });

  test('the room calls the browser, which answers; the room hangs up', async () => {
    await room.dial(`sip:${HOME}`);
    await citizen.sees('incoming');
    await citizen.click('#answer');
    await room.waitFor('CALL_ESTABLISHED', 15_000);
    await seeAndHear();
    await talk(1);
    await room.hangUp();
    await citizen.sees('services');
    expect(roomHeardBeeps()).toBe(true);
    expect(citizen.browser.errors).toEqual([]);
  });

  test('the browser holds and resumes; the picture comes back', async () => {
    await citizen.calls(KELA);
    await room.waitFor('CALL_ESTABLISHED', 15_000);
    await seeAndHear();
    await citizen.click('#hold');
    await until('it reads that it is held', async () => await citizen.reads('#call-state') === 'Puhelu on pidossa.');
    await citizen.click('#hold');
    await until('it reads that it goes on', async () => await citizen.reads('#call-state') === 'Puhelu on käynnissä.');
    const { framesDecoded } = await citizen.browser.media();
    await until('more frames are decoded', async () => (await citizen.browser.media()).framesDecoded > framesDecoded + 15, 20_000);
    await citizen.hangsUp();
    await room.waitFor('CALL_CLOSED');
  });
});
