import type { DirectoryView, Service } from '../../src/directory';
import type { Entry } from '../../src/phonebook/entry';
import { Shelves } from '../../src/phonebook/shelf';

const view = (): DirectoryView => ({}) as DirectoryView;
const service = (): Service => ({}) as Service;
const entry = (): Entry => ({}) as Entry;
/** The opening of a decision told in these words. */
const opening = (decision: { open: boolean }, text: string) => ({ decision: { reason: 'weekly' as const, timezone: 'Europe/Helsinki', ...decision }, text });

describe('what is kept for a reader', () => {
  it('is one entry of a record as long as its opening is decided and told the same', () => {
    const shelf = new Shelves().of(view(), 'ahtari fi');
    const record = service();
    const now = opening({ open: true }, 'avoinna');
    const first = shelf.entry(record, now, entry);
    expect(shelf.entry(record, { ...now }, entry)).toBe(first);
    const told = shelf.entry(record, { ...now, text: 'avoinna, sulkeutuu klo 15.00' }, entry);
    expect(told).not.toBe(first);
    expect(shelf.entry(record, opening({ open: true }, 'avoinna, sulkeutuu klo 15.00'), entry)).not.toBe(told);
  });

  it('is also that there is no entry', () => {
    const shelf = new Shelves().of(view(), 'ahtari fi');
    const record = service();
    expect(shelf.entry(record, undefined, () => undefined)).toBeUndefined();
    expect(shelf.entry(record, undefined, entry)).toBeUndefined();
  });

  it('is nobody else\'s, and goes when the directory changes', () => {
    const shelves = new Shelves();
    const before = view();
    const record = service();
    const own = shelves.of(before, 'ahtari fi').entry(record, undefined, entry);
    expect(shelves.of(before, 'ahtari sv').entry(record, undefined, entry)).not.toBe(own);
    expect(shelves.of(before, 'ahtari fi').entry(record, undefined, entry)).toBe(own);
    expect(shelves.of(view(), 'ahtari fi').entry(record, undefined, entry)).not.toBe(own);
  });

  it('is not more than 50,000 things of all readers', () => {
    const shelves = new Shelves();
    const here = view();
    const kept = shelves.of(here, 'first');
    for (let i = 0; i < 49_000; i++) kept.entry(service(), undefined, entry);
    expect(shelves.of(here, 'first')).toBe(kept);
    for (let i = 0; i < 1_000; i++) kept.isFilled(`o_${i}`, () => true);
    expect(shelves.of(here, 'first')).not.toBe(kept);
  });
});
