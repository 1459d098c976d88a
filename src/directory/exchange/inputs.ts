import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { KINDS } from '../kinds';
import { readCsv } from './csv-read';
import type { InputFault, InputSource } from './source';
import { readYaml } from './yaml-read';

const READABLE = ['.yaml', '.yml', '.csv'];

/**
 * What a file or a folder holds: YAML files by their content, CSV files by their name (`devices.csv`, `devices-ahtari.csv`).
 * Folders are not entered further.
 */
export async function findSources(path: string, report: (fault: InputFault) => void): Promise<InputSource[]> {
  const fail = (file: string, reason: string): InputSource[] => {
    report({ file, line: 0, field: '', reason });
    return [];
  };
  let files: string[];
  try {
    files = (await stat(path)).isDirectory()
      ? (await readdir(path)).filter((name) => READABLE.includes(extname(name).toLowerCase()) && !name.startsWith('.')).sort().map((name) => join(path, name))
      : [path];
  } catch (error) {
    return fail(path, `cannot be read (${(error as Error).message})`);
  }
  if (files.length === 0) return fail(path, `has no file of ${READABLE.join(', ')}`);
  const sources: InputSource[] = [];
  for (const file of files) {
    const extension = extname(file).toLowerCase();
    if (extension === '.csv') {
      const kind = KINDS.find(({ plural }) => new RegExp(`^${plural}(?![a-z])`, 'i').test(basename(file)));
      sources.push(...(kind ? [readCsv(file, kind.name)] : fail(file, `does not begin with one of ${KINDS.map(({ plural }) => plural).join(', ')}, so what its rows are is not known`)));
    } else if (READABLE.includes(extension)) {
      sources.push(...await readYaml(file, report));
    } else {
      fail(file, `is none of ${READABLE.join(', ')}`);
    }
  }
  return sources;
}
