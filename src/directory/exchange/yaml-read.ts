import { readFile, stat } from 'node:fs/promises';
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit, type YAMLMap } from 'yaml';
import { KINDS } from '../kinds';
import type { AnyRecord } from '../kind';
import type { InputFault, InputRecord, InputSource } from './source';

export const MAX_YAML_BYTES = 32 * 1024 * 1024;
const MAX_ALIASES = 10_000;
const MAX_DEPTH = 100;
const CHUNK = 1000;
const KNOWN = KINDS.map(({ plural }) => plural).join(', ');

/**
 * Reads a YAML file with any of the lists `organisations`, `sites`, `devices`, `services`, `persons`, `memberships`. Every
 * scalar is text, so that `municipality: 005` keeps its zeros and `no` is Norwegian; only a plain empty value, `~` and `null`
 * mean "no value". Bounded in size, depth and expansion of aliases.
 */
export async function readYaml(file: string, report: (fault: InputFault) => void): Promise<InputSource[]> {
  const fail = (line: number, field: string, reason: string): InputSource[] => {
    report({ file, line, field, reason });
    return [];
  };
  const { size } = await stat(file);
  if (size > MAX_YAML_BYTES) return fail(0, '', `is larger than ${MAX_YAML_BYTES / 1024 / 1024} MiB; use CSV for a directory of this size`);
  const bytes = await readFile(file);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return fail(0, '', 'is not UTF-8');
  }
  const deep = tooDeep(text);
  if (deep !== undefined) return fail(deep, '', `is nested more than ${MAX_DEPTH} deep`);

  const lines = new LineCounter();
  const lineAt = (offset: number | undefined): number => lines.linePos(offset ?? 0).line;
  try {
    const document = parseDocument(text, { schema: 'failsafe', lineCounter: lines, prettyErrors: false });
    if (document.errors.length > 0) {
      for (const error of document.errors) fail(lineAt(error.pos[0]), '', error.message);
      return [];
    }
    if (document.contents === null || (isScalar(document.contents) && document.contents.value === '')) return [];
    if (!isMap(document.contents)) return fail(1, '', `holds no lists; known are ${KNOWN}`);
    visit(document, {
      Scalar(_, node) {
        if (node.type === 'PLAIN' && ['', '~', 'null'].includes(node.value as string)) node.value = null;
      },
    });
    const values = document.toJS({ maxAliasCount: MAX_ALIASES }) as Record<string, unknown>;
    return document.contents.items.flatMap((pair): InputSource[] => {
      const name = String(isScalar(pair.key) ? pair.key.value : pair.key);
      const line = lineAt((pair.key as Node | null)?.range?.[0]);
      const kind = KINDS.find(({ plural }) => plural === name);
      if (!kind) return fail(line, name.slice(0, 40), `unknown list; known are ${KNOWN}`);
      const list = values[name];
      if (list === null || list === undefined) return [];
      const node = isAlias(pair.value) ? pair.value.resolve(document) : pair.value;
      if (!Array.isArray(list) || !isSeq(node)) return fail(line, name, 'is no list');
      const records = list.flatMap((value: unknown, i): InputRecord[] => {
        const item = node.items[i] as Node | undefined;
        const at = lineAt(item?.range?.[0]);
        if (typeof value !== 'object' || value === null || Array.isArray(value)) return (fail(at, `${name}[${i}]`, 'is no mapping of fields'), []);
        return [recordOf(value as AnyRecord, at, isMap(item) ? item : undefined, lineAt)];
      });
      return [{ file, kind: kind.name, async *records() { for (let from = 0; from < records.length; from += CHUNK) yield records.slice(from, from + CHUNK); } }];
    });
  } catch (error) {
    // What the parser throws for aliases that expand without end, or are not there, and for a stack that is full.
    if (error instanceof ReferenceError) return fail(0, '', `has aliases that expand to too much, or name no anchor (${error.message})`);
    if (error instanceof RangeError) return fail(0, '', `is nested more than ${MAX_DEPTH} deep`);
    throw error;
  }
}

function recordOf(value: AnyRecord, line: number, node: YAMLMap | undefined, lineAt: (offset: number | undefined) => number): InputRecord {
  return {
    line,
    over: (base) => ({ ...base, ...value }),
    lineOf(field) {
      const [name] = field.split(/[.[]/);
      const pair = node?.items.find(({ key }) => isScalar(key) && key.value === name);
      return pair ? lineAt((pair.key as Node).range?.[0]) : line;
    },
  };
}

/** The line where brackets or `- - -` are nested beyond any use: such text would fill the parser's stack. */
function tooDeep(text: string): number | undefined {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x5b || code === 0x7b) depth++;
    else if ((code === 0x5d || code === 0x7d) && depth > 0) depth--;
    if (depth > MAX_DEPTH) return lineOf(text, i);
  }
  const compact = new RegExp(`^[ \\t]*(?:[-?:][ \\t]+){${MAX_DEPTH}}`, 'm').exec(text);
  return compact ? lineOf(text, compact.index) : undefined;
}

const lineOf = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;
