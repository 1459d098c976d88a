import { TimerQueue } from '../../src/embedded/sip-server/clock';
import { FakeClock } from './support/fake-clock';

function queue() {
  const clock = new FakeClock();
  const faults: unknown[] = [];
  const fired: string[] = [];
  const timers = new TimerQueue(clock, (error) => faults.push(error));
  return { clock, timers, fired, faults, at: (ms: number, name: string) => timers.start(ms, () => fired.push(`${name}@${clock.now()}`)) };
}

test('timers fire when they are due, in order, whatever the order they were started in', () => {
  const { clock, fired, at } = queue();
  at(500, 'b');
  at(32_000, 'c');
  at(100, 'a');
  clock.advance(499);
  expect(fired).toEqual(['a@100']);
  clock.advance(40_000);
  expect(fired).toEqual(['a@100', 'b@500', 'c@32000']);
});

test('a cancelled timer does not fire, and cancelling again or late does nothing', () => {
  const { clock, fired, at } = queue();
  const [one, two] = [at(100, 'one'), at(100, 'two')];
  one.cancel();
  one.cancel();
  clock.advance(200);
  two.cancel();
  expect(fired).toEqual(['two@100']);
});

test('a timer may start and cancel others while it fires', () => {
  const { clock, timers, fired, at } = queue();
  const victim = at(100, 'victim');
  timers.start(50, () => {
    victim.cancel();
    at(50, 'child');
  });
  clock.advance(1_000);
  expect(fired).toEqual(['child@100']);
});

test('what one timer throws keeps no other from firing', () => {
  const { clock, timers, fired, faults, at } = queue();
  timers.start(100, () => {
    throw new Error('fault');
  });
  at(100, 'next');
  clock.advance(100);
  expect(fired).toEqual(['next@100']);
  expect(faults).toEqual([new Error('fault')]);
});

test('long durations may come up to 2 % late, so that their number is bounded', () => {
  const { clock, fired, at } = queue();
  at(3_600_000, 'hour');
  clock.advance(3_599_999);
  expect(fired).toEqual([]);
  clock.advance(72_001);
  expect(fired).toHaveLength(1);
});

test('nothing fires after the end', () => {
  const { clock, timers, fired, at } = queue();
  at(100, 'late');
  timers.close();
  at(100, 'later');
  clock.advance(1_000);
  expect(fired).toEqual([]);
});
