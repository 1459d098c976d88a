import { Recent } from '../../src/ldap/tree/recent';

/** Asks for numbers in turn; tells how often each was made. */
function asked(recent: Recent<object>, numbers: readonly number[]): Map<number, number> {
  const made = new Map<number, number>();
  for (const number of numbers) recent.get(number, () => { made.set(number, (made.get(number) ?? 0) + 1); return { number }; });
  return made;
}

const upTo = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i);

describe('records that many searches find', () => {
  test('are kept from the second time on that they are asked for', () => {
    expect(asked(new Recent(8), [5, 5, 5, 5])).toEqual(new Map([[5, 2]]));
  });

  test('are not pushed out by any number of others that are asked for once', () => {
    const recent = new Recent<object>(8);
    asked(recent, [5, 5]);
    asked(recent, upTo(1_000, 100));
    expect(asked(recent, [5]).size).toBe(0);
  });

  test('are the same objects as long as they are kept, of their own number each', () => {
    const recent = new Recent<object>(8);
    asked(recent, [3, 3, 4, 4]);
    const three = recent.get(3, () => ({}));
    expect(recent.get(3, () => ({}))).toBe(three);
    expect(recent.get(4, () => ({}))).toEqual({ number: 4 });
  });

  test('are at most twice as many as they may be: the others are made again', () => {
    const recent = new Recent<object>(8);
    asked(recent, upTo(24).flatMap((number) => [number, number]));
    expect(asked(recent, upTo(8, 16)).size).toBe(0);
    expect(asked(recent, upTo(8)).size).toBe(8);
  });
});
