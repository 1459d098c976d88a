import type { CallMedia, MediaEndpoint } from '../../src/calls';
import { MediaSession } from '../../src/simulator/media';
import { until } from '../peers/harness/until';
import { Bench } from './support/bench';

let bench: Bench;
let call: CallMedia;
const parties: MediaSession[] = [];

beforeAll(async () => { bench = await Bench.start(); });
beforeEach(async () => { call = await bench.call(await bench.pool()); });
afterEach(async () => {
  await bench.reset();
  await Promise.all(parties.splice(0).map((party) => party.close()));
});
afterAll(() => bench.stop());

/** Somebody with a camera, H.264, and the endpoint. */
async function withCamera(offered: boolean): Promise<{ party: MediaSession; endpoint: MediaEndpoint }> {
  const party = await MediaSession.open({ host: '127.0.0.1', toneHz: 400, video: true });
  parties.push(party);
  if (offered) {
    const endpoint = await call.offer('rtp', { video: true });
    await endpoint.accept(party.answer(endpoint.localSdp));
    return { party, endpoint };
  }
  const endpoint = await call.answer(party.offer());
  party.accept(endpoint.localSdp);
  return { party, endpoint };
}

/** Resolves when a party gets pictures that can be decoded from now on. */
async function seesMore(party: MediaSession): Promise<void> {
  const { received = 0, keyFrames = 0 } = party.report.video ?? {};
  await until('pictures arrive, from a key frame on', () => (party.report.video?.received ?? 0) > received + 10 && (party.report.video?.keyFrames ?? 0) > keyFrames);
}

test('Pictures of two who are bridged reach each other; a key frame can be asked for', async () => {
  const [anna, otto] = [await withCamera(false), await withCamera(true)];
  await anna.endpoint.bridge(otto.endpoint);
  await Promise.all([seesMore(anna.party), seesMore(otto.party)]);
  await anna.endpoint.refreshVideo();
});

test('Who asks for a key frame of one who has just left asks in vain, and it is no fault', async () => {
  const [anna, otto] = [await withCamera(false), await withCamera(true)];
  await anna.endpoint.bridge(otto.endpoint);
  await seesMore(otto.party);
  anna.endpoint.release();
  await Promise.all(Array.from({ length: 20 }, () => anna.endpoint.refreshVideo()));
});

test('Pictures go on in a conference, with an interpreter in it', async () => {
  const members = [await withCamera(false), await withCamera(true), await withCamera(true)];
  const conference = await call.conference('seen', { layout: 'interpreting', maxMembers: 5 });
  await Promise.all(members.map(({ endpoint }, index) => conference.join(endpoint, { interpreter: index === 2 })));
  await Promise.all(members.map(({ party }) => seesMore(party)));
});
