/** The first word of a line and what follows it. */
export function split(line: string): { word: string; rest: string } {
  const match = /^\s*(\S+)\s*([\s\S]*)$/.exec(line);
  return { word: match?.[1] ?? '', rest: match?.[2] ?? '' };
}
