import { foldLetters } from '../../../addressing';

/** The words of a name, an address or a query: letters folded (ä å -> a, ö -> o, case), runs of letters and digits. */
export const wordsOf = (text: string): string[] => foldLetters(text).match(/[\p{L}\p{N}]+/gu) ?? [];

/** Pieces of text whose words are remembered; names of a country's people are made of far fewer. */
const KEPT_PIECES = 200_000;

/** Numbers words as they are met, and remembers what each blank-separated piece of text consisted of: folding is dear. */
export class WordNumbers {
  readonly numbers = new Map<string, number>();
  private readonly pieces = new Map<string, readonly number[]>();

  /** Calls `visit` with the number of each word of `text`. */
  each(text: string, visit: (number: number) => void): void {
    for (let from = 0; from < text.length;) {
      const blank = text.indexOf(' ', from);
      const to = blank < 0 ? text.length : blank;
      const words = this.ofPiece(text.slice(from, to));
      for (let i = 0; i < words.length; i++) visit(words[i] as number);
      from = to + 1;
    }
  }

  private ofPiece(piece: string): readonly number[] {
    let words = this.pieces.get(piece);
    if (words === undefined) {
      words = wordsOf(piece).map((word) => this.numberOf(word));
      if (this.pieces.size < KEPT_PIECES) this.pieces.set(piece, words);
    }
    return words;
  }

  private numberOf(word: string): number {
    let number = this.numbers.get(word);
    if (number === undefined) this.numbers.set(word, number = this.numbers.size);
    return number;
  }
}
