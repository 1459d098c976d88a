import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isScalar, LineCounter, parseDocument } from 'yaml';
import { EtasiltaError } from '../errors';
import type { DialPlan, SearchRule, Transform } from './dial-plan';
import { YamlReader, type DialPlanFault } from './dial-plan-reader';
import { readSearchRule, readTransform, type DialPlanOptions } from './dial-plan-schema';

const MAX_FILE = 1024 * 1024;
const MAX_FILES = 100;
const MAX_RULES = 1000;
const SHOWN_FAULTS = 5;

/** What is wrong in dial-plan files, every fault with file, line, key and reason. */
export class DialPlanError extends EtasiltaError {
  readonly faults: readonly DialPlanFault[];

  constructor(faults: DialPlanFault[]) {
    const shown = faults.slice(0, SHOWN_FAULTS).map(({ file, line, key, reason }) => `${file}:${line}${key === '' ? '' : ` ${key}`}: ${reason}`);
    const more = faults.length > SHOWN_FAULTS ? `\n  and ${faults.length - SHOWN_FAULTS} more` : '';
    super('dial-plan', `the dial plan has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n  ${shown.join('\n  ')}${more}`,
      { hint: 'dialplans/README.md describes every key' });
    this.faults = faults;
  }
}

export interface DialPlanText {
  /** Name for messages. */
  file: string;
  text: string;
}

/**
 * Loads every `*.yaml` file of a folder (or one file) as one dial plan.
 * @throws DialPlanError with all faults of all files
 */
export async function loadDialPlan(path: string, options: DialPlanOptions): Promise<DialPlan> {
  const faults: DialPlanFault[] = [];
  const texts: DialPlanText[] = [];
  for (const file of await planFiles(path, faults)) {
    const info = await stat(file).catch(() => undefined);
    if (info === undefined) faults.push({ file, line: 1, key: '', reason: 'cannot be read' });
    else if (info.size > MAX_FILE) faults.push({ file, line: 1, key: '', reason: `is larger than ${MAX_FILE} bytes` });
    else texts.push({ file: basename(file), text: await readFile(file, 'utf8') });
  }
  if (faults.length > 0) throw new DialPlanError(faults);
  return parseDialPlan(texts, options);
}

async function planFiles(path: string, faults: DialPlanFault[]): Promise<string[]> {
  const info = await stat(path).catch(() => undefined);
  if (info !== undefined && !info.isDirectory()) return [path];
  const files = info === undefined ? [] : (await readdir(path)).filter((name) => /\.ya?ml$/.test(name)).sort();
  if (files.length === 0) faults.push({ file: path, line: 1, key: '', reason: 'has no dial-plan files (*.yaml)' });
  if (files.length > MAX_FILES) faults.push({ file: path, line: 1, key: '', reason: `has more than ${MAX_FILES} files` });
  return files.slice(0, MAX_FILES).map((name) => join(path, name));
}

/**
 * Compiles the texts of dial-plan files into one plan.
 * @throws DialPlanError with all faults
 */
export function parseDialPlan(texts: readonly DialPlanText[], options: DialPlanOptions): DialPlan {
  const faults: DialPlanFault[] = [];
  const transforms: Transform[] = [];
  const searchRules: SearchRule[] = [];
  for (const { file, text } of texts) {
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    for (const error of document.errors) {
      faults.push({ file, line: lines.linePos(error.pos[0]).line, key: '', reason: error.message });
    }
    if (document.errors.length > 0) continue;
    const reader = new YamlReader(file, lines, faults);
    const root = reader.place(document.contents, '', 1);
    // An empty file is an empty plan; a folder may hold files that are commented out.
    if (root.node == null || (isScalar(root.node) && root.node.value === null)) continue;
    const fields = reader.fields(root, ['transforms', 'searchRules'] as const);
    for (const item of reader.items(fields?.transforms, MAX_RULES)) transforms.push(...some(readTransform(reader, item, options)));
    for (const item of reader.items(fields?.searchRules, MAX_RULES)) searchRules.push(...some(readSearchRule(reader, item, options)));
  }
  faults.push(...duplicates(transforms, 'name'), ...duplicates(searchRules, 'name'), ...duplicates(transforms, 'priority'));
  if (faults.length === 0 && searchRules.length === 0) {
    faults.push({ file: texts[0]?.file ?? 'dial plan', line: 1, key: 'searchRules', reason: 'no search rule is enabled: nothing could be dialled' });
  }
  if (faults.length > 0) throw new DialPlanError(faults);
  const byPriority = (a: Transform | SearchRule, b: Transform | SearchRule) => a.priority - b.priority;
  return { domain: options.domain, files: texts.map(({ file }) => file), transforms: transforms.sort(byPriority), searchRules: searchRules.sort(byPriority) };
}

const some = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value]);

/** Two transforms of one priority would leave it open which of them matches first. */
function duplicates(rules: readonly (Transform | SearchRule)[], key: 'name' | 'priority'): DialPlanFault[] {
  const first = new Map<string | number, string>();
  const faults: DialPlanFault[] = [];
  for (const rule of rules) {
    const before = first.get(rule[key]);
    const [file = '', line = '1'] = rule.where.split(/:(?=\d+$)/);
    if (before !== undefined) faults.push({ file, line: Number(line), key, reason: `${JSON.stringify(rule[key])} is used in ${before} already` });
    else first.set(rule[key], rule.where);
  }
  return faults;
}
