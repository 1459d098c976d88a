import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { InputFault } from './source';

/** One object of the service catalogue, and where it stands: `services.json`, `itemList[3]`. */
export interface PtvItem {
  file: string;
  path: string;
  value: Record<string, unknown>;
}

/** What the files of the service catalogue hold. */
export interface PtvItems {
  organisations: PtvItem[];
  services: PtvItem[];
  /** By GUID. */
  channels: Map<string, PtvItem>;
}

const MAX_BYTES = 256 * 1024 * 1024;

/**
 * Reads JSON files of the service catalogue (PTV v11): answers of its API as they are, one object, a list or a page
 * (`itemList`) a file. What is in a file is told by its objects, not by its name.
 */
export async function readPtvFiles(path: string, report: (fault: InputFault) => void): Promise<PtvItems> {
  const items: PtvItems = { organisations: [], services: [], channels: new Map() };
  for (const file of await filesAt(path, report)) {
    for (const item of await readItems(file, report)) {
      if ('organizationNames' in item.value) items.organisations.push(item);
      else if ('serviceNames' in item.value) items.services.push(item);
      else if ('serviceChannelNames' in item.value) items.channels.set(String(item.value.id), item);
      else report({ file: `${file}: ${item.path}`, line: 0, field: '', reason: 'is no organisation, service or service channel of the service catalogue' });
    }
  }
  return items;
}

async function filesAt(path: string, report: (fault: InputFault) => void): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const files = (await readdir(path)).filter((name) => extname(name).toLowerCase() === '.json' && !name.startsWith('.')).sort().map((name) => join(path, name));
    if (files.length === 0) report({ file: path, line: 0, field: '', reason: 'has no .json file' });
    return files;
  } catch (error) {
    report({ file: path, line: 0, field: '', reason: `cannot be read (${(error as Error).message})` });
    return [];
  }
}

async function readItems(file: string, report: (fault: InputFault) => void): Promise<PtvItem[]> {
  const fail = (reason: string, at = ''): PtvItem[] => {
    report({ file: at === '' ? file : `${file}: ${at}`, line: 0, field: '', reason });
    return [];
  };
  if ((await stat(file)).size > MAX_BYTES) return fail(`is larger than ${MAX_BYTES / 1024 / 1024} MiB`);
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    return fail(`is no JSON (${(error as Error).message})`);
  }
  const page = isObject(content) && Array.isArray(content.itemList) ? content.itemList : undefined;
  const list: unknown[] = page ?? (Array.isArray(content) ? content : [content]);
  return list.flatMap((value, i) => {
    const path = page === undefined ? Array.isArray(content) ? `[${i}]` : '$' : `itemList[${i}]`;
    return isObject(value) ? [{ file, path, value }] : fail('is no object', path);
  });
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
