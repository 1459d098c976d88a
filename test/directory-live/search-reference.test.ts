import { compareEntries, ENTRY_KINDS, SearchIndex, SegmentBuilder, type SearchDocument } from '../../src/directory/live/search';
import { wordsOf } from '../../src/directory/live/search/words';
import { randomFrom } from '../../src/directory/sample';

/** One missing, extra or wrong letter, or two swapped neighbours: what is left of both between their common beginning and end. */
function oneApart(a: string, b: string): boolean {
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const [x, y] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  return x.length + y.length <= 1 || (x.length === 1 && y.length === 1) || (x.length === 2 && y === `${x.charAt(1)}${x.charAt(0)}`);
}

type DocumentWord = { word: string; named: boolean };
type Meets = (query: string, word: string) => boolean;

const begins: Meets = (query, word) => word.startsWith(query);
const equals: Meets = (query, word) => word === query;
const spelt = (query: string): boolean => query.length >= 3 && !/^\d+$/.test(query);
const nearlyEquals: Meets = (query, word) => spelt(query) && oneApart(query, word);
const nearlyBegins: Meets = (query, word) => spelt(query) && (nearlyEquals(query, word)
  || (query.length >= 5 && [-1, 0, 1].some((more) => query.length + more <= word.length && oneApart(query, word.slice(0, query.length + more)))));

/** What one query word costs: typo, not whole, not in the name; undefined where the document does not have it. */
function costOf(query: string, words: DocumentWord[], typos: boolean): [number, number, number] | undefined {
  for (const [typo, whole, beginning] of [[0, equals, begins], [1, nearlyEquals, nearlyBegins]] as const) {
    if (typo === 1 && !typos) break;
    const met = words.filter(({ word }) => beginning(query, word));
    if (met.length === 0) continue;
    const wholly = met.filter(({ word }) => whole(query, word));
    return [typo, wholly.length > 0 ? 0 : 1, (wholly.length > 0 ? wholly : met).some(({ named }) => named) ? 0 : 1];
  }
  return undefined;
}

/** The contract of the search, read off every document. */
function naiveSearch(documents: SearchDocument[], placeTexts: (place: string) => string[], text: string): string[] {
  const queries = [...new Set(wordsOf(text))];
  const attempt = (typos: boolean): string[] => documents.filter(({ shown }) => shown).flatMap((document) => {
    const words = [
      ...document.names.flatMap(wordsOf).map((word) => ({ word, named: true })),
      ...[...document.others, ...placeTexts(document.place)].flatMap(wordsOf).map((word) => ({ word, named: false })),
    ];
    const costs = queries.map((query) => costOf(query, words, typos));
    if (costs.some((cost) => cost === undefined)) return [];
    const total = costs.reduce<[number, number, number]>((sum, cost) => [sum[0] + (cost?.[0] ?? 0), sum[1] + (cost?.[1] ?? 0), sum[2] + (cost?.[2] ?? 0)], [0, 0, 0]);
    return [{ document, total }];
  }).sort((a, b) => a.total[0] - b.total[0] || a.total[1] - b.total[1] || a.total[2] - b.total[2] || compareEntries(a.document, b.document))
    .map(({ document }) => `${document.kind} ${document.key}`);
  const right = attempt(false);
  return right.length > 0 || queries.length === 0 ? right : attempt(true);
}

const SYLLABLES = ['ka', 'ke', 'la', 'li', 'tu', 'ö', 'ä', 'rk', 's', '1', '2'];

describe.each([1, 2, 3, 4, 5])('search over a random directory (seed %i) finds what reading every entry finds, in the same order', (seed) => {
  const random = randomFrom(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const word = (): string => Array.from({ length: 1 + below(4) }, () => SYLLABLES[below(SYLLABLES.length)]).join('');
  const phrase = (): string => Array.from({ length: 1 + below(3) }, word).join(' ');
  const places = new Map(['o1', 'o2', 'o3'].map((key) => [key, [phrase(), phrase()]]));
  const placeTexts = (place: string): string[] => places.get(place) ?? [];
  const kindAt = (i: number) => ENTRY_KINDS[i % 3] ?? 'service';
  const documentAt = (i: number): SearchDocument => ({
    kind: kindAt(i), key: `k${String(i).padStart(4, '0')}`, label: phrase(), place: `o${1 + below(3)}`, shown: below(10) > 0, dialable: below(3) > 0,
    names: [phrase(), phrase()], others: [phrase()],
  });

  const documents = new Map(Array.from({ length: 150 }, (_, i) => [i, documentAt(i)]));
  const builder = new SegmentBuilder(placeTexts);
  for (const document of [...documents.values()].sort(compareEntries)) builder.add(document);
  let step = builder.build().next();
  for (const steps = builder.build(); !step.done;) step = steps.next();
  const index = new SearchIndex(step.value);

  const mistype = (text: string): string => {
    const at = below(text.length);
    const letter = 'aeiklorstu1'.charAt(below(11));
    return [text.slice(0, at) + text.slice(at + 1), text.slice(0, at) + letter + text.slice(at), text.slice(0, at) + letter + text.slice(at + 1),
      text.slice(0, at) + text.charAt(at + 1) + text.charAt(at) + text.slice(at + 2)][below(4)] ?? text;
  };
  const query = (): string => {
    const from = documents.get(below(150)) ?? documentAt(0);
    const words = [...from.names, ...from.others, ...placeTexts(from.place)].flatMap((text) => text.split(' '));
    return Array.from({ length: 1 + below(3) }, () => {
      const chosen = words[below(words.length)] ?? '';
      return [chosen, chosen.slice(0, 1 + below(chosen.length)), mistype(chosen), word()][below(4)];
    }).join(' ');
  };
  const wanted = [(place: string) => place === 'o2', (place: string) => place !== 'o2', () => false];
  const expectSame = (): void => {
    for (let i = 0; i < 60; i++) {
      const text = query();
      const found = index.search(text, { limit: 1000 }).map(({ kind, key }) => `${kind} ${key}`);
      expect({ text, found }).toEqual({ text, found: naiveSearch([...documents.values()], placeTexts, text) });
      const dialable = [...documents.values()].filter((document) => document.dialable);
      expect(index.search(text, { limit: 1000, dialable: true }).map(({ kind, key }) => `${kind} ${key}`)).toEqual(naiveSearch(dialable, placeTexts, text));
      for (const where of wanted) {
        const within = [...documents.values()].filter(({ place }) => where(place));
        expect(index.search(text, { limit: 1000, where }).map(({ kind, key }) => `${kind} ${key}`)).toEqual(naiveSearch(within, placeTexts, text));
      }
      for (const kinds of [['service', 'device'], ['person']] as const) {
        const ofKinds = [...documents.values()].filter(({ kind }) => kinds.some((one) => one === kind));
        expect(index.search(text, { limit: 1000, kinds }).map(({ kind, key }) => `${kind} ${key}`)).toEqual(naiveSearch(ofKinds, placeTexts, text));
      }
      expect(index.search(text, { limit: 7 }).map(({ kind, key }) => `${kind} ${key}`)).toEqual(found.slice(0, 7));
    }
  };

  it('as it was built', expectSame);

  it('after entries were changed, added and removed', () => {
    for (let round = 0; round < 5; round++) {
      const changes = Array.from({ length: 1 + below(20) }, () => {
        const i = below(170);
        const document = below(4) === 0 ? undefined : documentAt(i);
        if (document === undefined) documents.delete(i);
        else documents.set(i, document);
        return { kind: kindAt(i), key: `k${String(i).padStart(4, '0')}`, document };
      });
      index.update(changes, placeTexts);
    }
    expectSame();
  });
});

it('search within a place of very many entries finds those of the place alone', () => {
  const builder = new SegmentBuilder((place) => [place]);
  for (let i = 0; i < 40_000; i++) {
    builder.add({ kind: 'service', key: `k${String(i).padStart(5, '0')}`, label: '', place: i % 10 === 0 ? 'small' : 'large', shown: true, dialable: true, names: ['neuvonta'], others: [] });
  }
  const steps = builder.build();
  let step = steps.next();
  while (!step.done) step = steps.next();
  const index = new SearchIndex(step.value);
  index.update([{ kind: 'service', key: 'k00002', document: undefined }], (place) => [place]);
  const keysIn = (wanted: string) => {
    const where = (place: string): boolean => place === wanted;
    return [1, 2].map(() => index.search('neuvonta', { limit: 4, where }).map(({ key }) => key));
  };
  const large = ['k00001', 'k00003', 'k00004', 'k00005'];
  expect(keysIn('large')).toEqual([large, large]);
  const small = ['k00000', 'k00010', 'k00020', 'k00030'];
  expect(keysIn('small')).toEqual([small, small]);
});

it('words, beginnings and misspelt words that very many entries have find the first of these, however often they are asked for', () => {
  const names = ['neuvonta', 'neuvonto', 'neuvola', 'kirjasto'];
  const builder = new SegmentBuilder(() => []);
  for (let i = 0; i < 40_000; i++) {
    builder.add({ kind: i < 10_000 ? 'service' : 'person', key: `k${String(i).padStart(5, '0')}`, label: '', place: 'all', shown: true, dialable: true, names: [names[i % 4] ?? ''], others: [] });
  }
  const steps = builder.build();
  let step = steps.next();
  while (!step.done) step = steps.next();
  const index = new SearchIndex(step.value);
  const expected: [text: string, first: number[]][] = [
    ['neuvonta', [0, 4, 8]], ['neuvo', [0, 1, 2]], ['neuvont', [0, 1, 4]], ['neuvomta', [0, 4, 8]], ['neuvontx', [0, 1, 4]], ['kirjsto', [3, 7, 11]], ['kirjasto neuvonta', []],
  ];
  for (const round of [1, 2]) {
    for (const [text, first] of expected) {
      const keys = (from: number): string[] => first.map((i) => `k${String(from + i).padStart(5, '0')}`);
      expect([round, text, ...index.search(text, { limit: 3 }).map(({ key }) => key)]).toEqual([round, text, ...keys(0)]);
      expect([round, text, ...index.search(text, { limit: 3, kinds: ['person'] }).map(({ key }) => key)]).toEqual([round, text, ...keys(10_000)]);
    }
  }
});
