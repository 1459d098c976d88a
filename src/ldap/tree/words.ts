/**
 * Words of a value: runs of letters and digits. Anything outside ASCII counts as a letter, so that finding words is a look at
 * each character and nothing else; values and patterns are cut by the same rule.
 */
export function eachWord(text: string, visit: (word: string, first: boolean) => void): void {
  let start = -1;
  let first = true;
  for (let i = 0; i <= text.length; i++) {
    if (i < text.length && isWordCharacter(text.charCodeAt(i))) {
      if (start < 0) start = i;
    } else if (start >= 0) {
      visit(text.slice(start, i), first);
      first = false;
      start = -1;
    }
  }
}

const isWordCharacter = (code: number): boolean =>
  code >= 0x80 || (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a);

/** A piece of a pattern: what is known of one word of every value that matches. */
export interface Piece {
  text: string;
  /** The word begins with the piece; otherwise it may have letters before. */
  begins: boolean;
  /** The word ends with it. */
  ends: boolean;
  /** The word is the first of its value. */
  first: boolean;
}

/** The pieces of a substring pattern, of normalised text. */
export function piecesOf({ initial, any, final }: { initial?: string; any: readonly string[]; final?: string }): Piece[] {
  const pieces: Piece[] = [];
  const cut = (text: string, atStart: boolean, atEnd: boolean): void => {
    let start = -1;
    let words = 0;
    for (let i = 0; i <= text.length; i++) {
      if (i < text.length && isWordCharacter(text.charCodeAt(i))) {
        if (start < 0) start = i;
      } else if (start >= 0) {
        pieces.push({ text: text.slice(start, i), begins: start > 0 || atStart, ends: i < text.length || atEnd, first: atStart && words === 0 });
        words++;
        start = -1;
      }
    }
  };
  if (initial !== undefined) cut(initial, true, false);
  for (const part of any) cut(part, false, false);
  if (final !== undefined) cut(final, false, true);
  return pieces;
}
