import type { LogicalChannel } from '../../../src/h323/h245';
import { FlowLimits } from '../../../src/h323/legs/flow-limits';

const channel = (direction: LogicalChannel['direction']): LogicalChannel => ({
  direction, number: 1, sessionId: 1, dataType: { audioData: { g711Ulaw64k: 20 } }, payloadType: 0, media: { rtp: { host: '192.0.2.1', port: 4_000 } },
});
const [sent, received] = [channel('send'), channel('receive')];

test('channels without limits are nothing to be told, however many there are', () => {
  expect(new FlowLimits().isShown([sent, received])).toBe(true);
});

test('a limit that the peer sets is told, once, until it takes it back', () => {
  const limits = new FlowLimits();
  limits.take({ channel: sent, maximumBitRate: 320 });
  expect(limits.isShown([sent, received])).toBe(false);
  limits.show([sent, received]);
  expect(limits.isShown([sent, received])).toBe(true);
  limits.take({ channel: sent });
  expect(limits.isShown([sent, received])).toBe(false);
});
