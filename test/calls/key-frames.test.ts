import { KEY_FRAME_MS, KeyFrameRequests } from '../../src/calls/key-frames';
import { SimulatedTime } from '../h323/h245/support/time';

const requests = (): { requests: KeyFrameRequests; clock: SimulatedTime; sent(): number } => {
  const clock = new SimulatedTime();
  let sent = 0;
  return { requests: new KeyFrameRequests(() => { sent++; }, (ms, wake) => clock.wakeAfter(ms, wake)), clock, sent: () => sent };
};

test('the first request goes at once, those soon after it as one when its time is up', async () => {
  const { requests: asked, clock, sent } = requests();
  for (let i = 0; i < 100; i++) asked.request();
  expect(sent()).toBe(1);
  await clock.pass(KEY_FRAME_MS);
  expect(sent()).toBe(2);
  await clock.pass(10 * KEY_FRAME_MS);
  expect(sent()).toBe(2);
  asked.request();
  expect(sent()).toBe(3);
});

test('two ends that pass each other\'s requests on ask twice a second, not for ever without a pause', async () => {
  const clock = new SimulatedTime();
  let sent = 0;
  const asked = new KeyFrameRequests(() => { sent++; asked.request(); }, (ms, wake) => clock.wakeAfter(ms, wake));
  asked.request();
  await clock.pass(10 * KEY_FRAME_MS);
  expect(sent).toBe(11);
});

test('nothing is sent after the end', async () => {
  const { requests: asked, clock, sent } = requests();
  asked.request();
  asked.request();
  asked.end();
  await clock.pass(10 * KEY_FRAME_MS);
  expect(sent()).toBe(1);
});
