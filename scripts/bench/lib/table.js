'use strict';

/** Lines of a table: first row the headings; the first column is left-aligned, the others right-aligned. */
function formatTable(rows) {
  const cells = rows.map((row) => row.map((cell) => (cell == null ? '-' : String(cell))));
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const line = (row) => row
    .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
    .join('  ').trimEnd();
  return [line(cells[0]), widths.map((width) => '-'.repeat(width)).join('  '), ...cells.slice(1).map(line)].join('\n');
}

/** Prints a title and a table. */
function printTable(title, rows) {
  console.log(`\n${title}\n\n${formatTable(rows)}`);
}

module.exports = { formatTable, printTable };
