import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { ReadableTree } from '../tree';

/** Values that LDIF takes as they are (RFC 2849, SAFE-STRING). */
// eslint-disable-next-line no-control-regex
const SAFE = /^(?:[\x01-\x09\x0b\x0c\x0e-\x1f\x21-\x39\x3b\x3d-\x7f][\x01-\x09\x0b\x0c\x0e-\x7f]*)?$/;
const LINE = 76;
const CHUNK = 64 * 1024;

/** One line `name: value`, folded; values outside ASCII in base64. */
export function ldifLine(name: string, value: string): string {
  const line = SAFE.test(value) && !value.endsWith(' ') ? `${name}: ${value}` : `${name}:: ${Buffer.from(value).toString('base64')}`;
  if (line.length <= LINE) return `${line}\n`;
  const parts = [line.slice(0, LINE)];
  for (let at = LINE; at < line.length; at += LINE - 1) parts.push(line.slice(at, at + LINE - 1));
  return `${parts.join('\n ')}\n`;
}

/** Writes all entries of a tree as LDIF (RFC 2849), parents before children. Resolves their number. */
export async function writeLdif(tree: ReadableTree, output: Writable): Promise<number> {
  // No version line: slapadd takes it for an attribute.
  let text = '';
  let count = 0;
  for (const entry of tree.search({ base: { kind: 'root', key: '' }, scope: 'sub', filter: { type: 'and', filters: [] } })) {
    if (entry === undefined) continue;
    text += `${count === 0 ? '' : '\n'}${ldifLine('dn', entry.dn)}`;
    for (const { description, values } of entry.allAttributes()) for (const value of values) text += ldifLine(description, value);
    count++;
    if (text.length < CHUNK) continue;
    if (!output.write(text)) await once(output, 'drain');
    text = '';
  }
  if (!output.write(text)) await once(output, 'drain');
  return count;
}
