/** Terms `from` (inclusive) to `to` (exclusive) of a vocabulary. */
export interface TermRange {
  from: number;
  to: number;
}

/** Terms one typo apart from a word: equal to it after one edit, or beginning with it after one edit. */
export interface Typos {
  whole: number[];
  begins: TermRange[];
}

/** All distinct words of an index in ascending order, so that a beginning is a range. */
export class Vocabulary {
  constructor(readonly terms: readonly string[]) {}

  /** The terms that begin with `prefix`, looked for inside `range`. */
  startingWith(prefix: string, range: TermRange = { from: 0, to: this.terms.length }): TermRange {
    const from = this.first(range, (term) => term >= prefix);
    return { from, to: this.first({ from, to: range.to }, (term) => !term.startsWith(prefix)) };
  }

  /**
   * Terms that one inserted, missing, wrong or two swapped letters keep apart from `word`. Walks only beginnings that exist, so
   * the work grows with the word's length and the letters in use, not with the vocabulary.
   */
  oneTypoFrom(word: string): Typos {
    const typos: Typos = { whole: [], begins: [] };
    const look = (text: string, within: TermRange): void => {
      const range = this.startingWith(text, within);
      if (range.from === range.to) return;
      typos.begins.push(range);
      if (this.terms[range.from] === text) typos.whole.push(range.from);
    };
    let range: TermRange = { from: 0, to: this.terms.length };
    for (let i = 0; i <= word.length && range.from < range.to; i++) {
      const head = word.slice(0, i);
      const tail = word.slice(i);
      if (tail !== '') look(head + tail.slice(1), range);
      if (tail.length > 1) look(head + tail.charAt(1) + tail.charAt(0) + tail.slice(2), range);
      for (const { letter, within } of this.lettersAfter(head, range)) {
        if (tail !== '' && letter !== tail.charAt(0)) look(head + letter + tail.slice(1), within);
        look(head + letter + tail, within);
      }
      range = this.startingWith(word.slice(0, i + 1), range);
    }
    return typos;
  }

  /** The letters that follow `head` among the terms of `range`, all of which begin with it. */
  private *lettersAfter(head: string, range: TermRange): Generator<{ letter: string; within: TermRange }> {
    let from = range.from;
    if (this.terms[from] === head) from++;
    while (from < range.to) {
      const letter = (this.terms[from] ?? '').charAt(head.length);
      const within = this.startingWith(head + letter, { from, to: range.to });
      yield { letter, within };
      from = within.to;
    }
  }

  /** The first term of `range` for which `holds`, where it holds for all after it; `range.to` when for none. */
  private first(range: TermRange, holds: (term: string) => boolean): number {
    let { from, to } = range;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (holds(this.terms[middle] ?? '')) to = middle;
      else from = middle + 1;
    }
    return from;
  }
}

/** The same terms in ascending ranges that have none in common. */
export function merged(ranges: readonly TermRange[]): TermRange[] {
  const apart: TermRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = apart.at(-1);
    if (last === undefined || range.from > last.to) apart.push({ ...range });
    else last.to = Math.max(last.to, range.to);
  }
  return apart;
}
