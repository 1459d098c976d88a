import { DEFAULT_DEPARTURE_POLICY, findDepartures, SuddenLossError } from '../../src/directory';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 22);
const policy = { removeAfterDays: 14, maxLostShare: 0.1 };
const keys = (count: number): string[] => Array.from({ length: count }, (_, i) => `p${i}`);
const known = (count: number): Map<string, number | undefined> => new Map(keys(count).map((key) => [key, undefined]));

describe('what a source no longer has', () => {
  test('is marked first, and removed after the delay', () => {
    const before = new Map([['here', undefined], ['gone-now', undefined], ['gone-lately', NOW - 13 * DAY], ['gone-long', NOW - 14 * DAY]]);
    expect(findDepartures('hr', before, new Set(['here']), policy, NOW)).toEqual({ missing: ['gone-now'], returned: [], overdue: ['gone-long'] });
  });

  test('loses its mark when it comes back', () => {
    expect(findDepartures('hr', new Map([['a', NOW - 30 * DAY]]), new Set(['a']), policy, NOW)).toEqual({ missing: [], returned: ['a'], overdue: [] });
  });

  test('is refused where it is more than the allowed share of what there was', () => {
    expect(findDepartures('hr', known(100), new Set(keys(90)), policy, NOW).missing).toHaveLength(10);
    const loss = (): unknown => findDepartures('hr', known(100), new Set(keys(89)), policy, NOW);
    expect(loss).toThrow(SuddenLossError);
    expect(loss).toThrow('hr no longer has 11 of the 100 records that it had (more than 10 %); nothing was changed');
  });

  test('is counted against what was there, not against what was missing already', () => {
    const before = new Map([...known(60), ...keys(940).map((key) => [`old-${key}`, NOW - DAY] as [string, number])]);
    expect(() => findDepartures('hr', before, new Set(keys(53)), policy, NOW)).toThrow('7 of the 60');
  });

  test('is refused where a source comes empty, but a handful may always go', () => {
    expect(() => findDepartures('hr', known(6), new Set(), DEFAULT_DEPARTURE_POLICY, NOW)).toThrow(SuddenLossError);
    expect(findDepartures('hr', known(5), new Set(), DEFAULT_DEPARTURE_POLICY, NOW).missing).toHaveLength(5);
  });
});
