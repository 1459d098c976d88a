import type { CallMedia, MediaEndpoint } from '../../src/calls';
import type { MediaSession } from '../../src/simulator/media';
import { until } from '../peers/harness';
import { Bench, heard, type Pool } from './support/bench';

let bench: Bench;
let pool: Pool;
let call: CallMedia;

beforeAll(async () => { bench = await Bench.start(); });
beforeEach(async () => {
  pool = await bench.pool();
  call = await bench.call(pool);
});
afterEach(() => bench.reset());
afterAll(() => bench.stop());

/** A party whose offer the server answers. */
async function offering(party: MediaSession): Promise<MediaEndpoint> {
  const endpoint = await call.answer(party.offer());
  party.accept(endpoint.localSdp);
  return endpoint;
}

/** A party that answers the server's offer. */
async function answering(party: MediaSession, options: { video?: boolean } = {}): Promise<MediaEndpoint> {
  const endpoint = await call.offer('rtp', { video: options.video ?? false });
  await endpoint.accept(party.answer(endpoint.localSdp));
  return endpoint;
}

test('Two parties that are bridged hear each other and not themselves', async () => {
  const [anna, otto] = [await bench.party(400), await bench.party(1_000)];
  const [annas, ottos] = [await offering(anna), await answering(otto)];
  await annas.bridge(ottos);
  await until('each hears the other', () => heard(anna) === 1_000 && heard(otto) === 400);
});

