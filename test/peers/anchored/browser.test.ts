import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { AnchoredGateway, talk } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { toneShares } from '../../support/spectrum';
import { TestPage, type Person } from '../../support/test-page';
import { addDevices, addService, DOMAIN } from '../../support/test-gateway';
import { describePeer, GRID_POINTS, isPicture, readPicture, showsPicture, until, VIDEO_MODULE, type Baresip, type TestPicture } from '../harness';

jest.setTimeout(120_000);

const CITIZEN = 'selain-1@koti.kunta.example';
const ROOM = 'ex90-1@kela.kunta.example';
const OTHER_CITIZEN = 'selain-2@koti.kunta.example';
const INTERPRETER = 'ex90-2@tulkit.kunta.example';
const [KELA, HOME, OTHER_HOME, SIGNS] = ['kela.fi', 'koti.fi', 'toinen-koti.fi', 'viittoma.fi'].map((name) => `${name}@${DOMAIN}`) as [string, string, string, string];
const PICTURE: TestPicture = { left: 'red', right: 'blue' };
const INTERPRETER_PICTURE: TestPicture = { left: 'cyan', right: 'magenta' };
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
    await addDevices(directory, [
      { address: ROOM, kind: 'room' }, { address: INTERPRETER, kind: 'room' }, { address: CITIZEN, kind: 'browser' }, { address: OTHER_CITIZEN, kind: 'browser' },
    ]);
    await addService(directory, KELA, [ROOM]);
    await addService(directory, HOME, [CITIZEN]);
    await addService(directory, OTHER_HOME, [OTHER_CITIZEN]);
    await addService(directory, SIGNS, [INTERPRETER], {}, { joins: true, kind: 'interpreting' });
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

  test('the browser holds and resumes; picture and sound come back', async () => {
    await citizen.calls(KELA);
    await room.waitFor('CALL_ESTABLISHED', 15_000);
    await seeAndHear();
    await citizen.click('#hold');
    await until('it reads that it is held', async () => await citizen.reads('#call-state') === 'Puhelu on pidossa.');
    await citizen.click('#hold');
    await until('it reads that it goes on', async () => await citizen.reads('#call-state') === 'Puhelu on käynnissä.');
    const before = await citizen.browser.media();
    await until('more is decoded and heard', async () => {
      const now = await citizen.browser.media();
      return now.framesDecoded > before.framesDecoded + 15 && now.audioEnergy > before.audioEnergy + 0.01;
    }, 20_000);
    await citizen.hangsUp();
    await room.waitFor('CALL_CLOSED');
  });

  test('an interpreter joins: the browser and the room see and hear it', async () => {
    await citizen.calls(KELA);
    await room.waitFor('CALL_ESTABLISHED', 15_000);
    await seeAndHear();
    const interpreter = await anchored.phone(INTERPRETER, { ...ROOM_SYSTEM, toneHz: 1000, picture: INTERPRETER_PICTURE });
    const operator = new Operator(anchored.gateway.dataDir);
    await operator.change(await operator.theCall(), 'add', SIGNS);
    await interpreter.waitFor('CALL_ESTABLISHED');
    await until('the browser shows the interpreter', async () => showsPicture(await citizen.browser.colours('#remote', GRID_POINTS), INTERPRETER_PICTURE), 20_000);
    await until('the room sees the interpreter', async () => showsPicture(await room.seen(GRID_POINTS) ?? [], INTERPRETER_PICTURE), 20_000);
    await talk(2);
    await citizen.hangsUp();
    await citizen.sees('services');
    await room.hangUp();
    await interpreter.waitFor('CALL_CLOSED');
    expect(toneShares(room.heard().at(-1)!, [1000], 1)[0]).toBeGreaterThan(0.3);
  });

  test('one browser calls another through the media server', async () => {
    const other = await page.logIn(OTHER_CITIZEN);
    await citizen.calls(OTHER_HOME);
    await other.sees('incoming');
    await other.click('#answer');
    await until('both decode and hear', async () => {
      const both = await Promise.all([citizen.browser.media(), other.browser.media()]);
      return both.every(({ framesDecoded, audioEnergy }) => framesDecoded > 15 && audioEnergy > 0.001);
    }, 30_000);
    expect((await other.browser.media()).videoCodec).toBe('video/H264');
    await other.hangsUp();
    await citizen.sees('services');
    await other.browser.close();
  });
});
