/** Plain-text table: columns padded to their widest cell, two spaces between; no trailing blanks. */
export function table(head: string[], rows: (string | number | undefined)[][]): string {
  const cells = [head, ...rows.map((row) => row.map((cell) => (cell === undefined ? '' : String(cell))))];
  const width = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells.map((row) => row.map((cell, i) => cell.padEnd(width[i] ?? 0)).join('  ').trimEnd()).join('\n');
}
