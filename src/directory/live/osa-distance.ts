const { min } = Math;
const MAX_LENGTH = 400;
/** Three rows of the table are enough; they are used anew by each call. */
const rows = [0, 1, 2].map(() => new Uint16Array(MAX_LENGTH + 1));

/**
 * Optimal string alignment: the fewest insertions, deletions, substitutions and swaps of neighbours that make `b` of `a`. Of
 * longer texts the first 400 characters count.
 */
export function osaDistance(a: string, b: string): number {
  const width = min(b.length, MAX_LENGTH);
  let [before, last, row] = rows as [Uint16Array, Uint16Array, Uint16Array];
  for (let j = 0; j <= width; j++) last[j] = j;
  for (let i = 1, end = min(a.length, MAX_LENGTH); i <= end; i++) {
    row[0] = i;
    const letter = a.charCodeAt(i - 1);
    for (let j = 1; j <= width; j++) {
      let cost = min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (letter === b.charCodeAt(j - 1) ? 0 : 1));
      if (i > 1 && j > 1 && letter === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === b.charCodeAt(j - 1)) {
        cost = min(cost, (before[j - 2] ?? 0) + 1);
      }
      row[j] = cost;
    }
    [before, last, row] = [last, row, before];
  }
  return last[width] ?? 0;
}
