import { EtasiltaError } from '../../errors';
import type { Fault, KindName } from '../errors';
import type { AnyRecord } from '../kind';

/** A fault of an input file: where, which field, why. */
export interface InputFault extends Fault {
  file: string;
  /** From 1; 0 where the whole file is meant. */
  line: number;
  /** What the record is, when that could be read: `device ex90-1@...`. */
  record?: string;
}

/** One record as a file gives it. */
export interface InputRecord {
  line: number;
  /** Text of the field that is the record's key, where the input has it apart from the record. */
  key?: string;
  /** Where in the file, when lines say nothing: `itemList[3]`. */
  path?: string;
  /**
   * What the file says laid over `base` (the record as it is, or nothing): fields that the file does not mention keep their
   * values, empty ones become null. Not checked yet.
   */
  over(base: AnyRecord, report: (field: string, reason: string) => void): AnyRecord;
  lineOf(field: string): number;
}

/** The records of one kind in one file. */
export interface InputSource {
  file: string;
  kind: KindName;
  /** Reads in pieces; faults of the file's form go to `report` and skip the record. */
  records(report: (fault: InputFault) => void): AsyncIterable<InputRecord[]>;
}

export const MAX_FAULTS = 100;

/** An import was refused; nothing was changed. Carries all faults of the input, at most 100. */
export class ImportError extends EtasiltaError {
  /** File by file in the order of their lines. */
  readonly faults: readonly InputFault[];

  constructor(found: readonly InputFault[]) {
    const files = [...new Set(found.map(({ file }) => file))];
    const faults = [...found].sort((a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line);
    super('import-refused', [
      `the import has ${faults.length >= MAX_FAULTS ? `at least ${MAX_FAULTS}` : faults.length} fault${faults.length === 1 ? '' : 's'}; nothing was changed`,
      ...faults.map(formatInputFault),
    ].join('\n'), { hint: 'Mend the files and import again; --dry-run shows what an import would change.' });
    this.faults = faults;
  }

  override toJSON(): object {
    return { ...super.toJSON(), faults: this.faults };
  }
}

/** `devices.csv:7: device ex90-1@...: e164: "98A" is not ...` */
export const formatInputFault = ({ file, line, record, field, reason }: InputFault): string =>
  [line > 0 ? `${file}:${line}` : file, record, field, reason].filter((part) => part !== undefined && part !== '').join(': ');
