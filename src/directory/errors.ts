import { EtasiltaError } from '../errors';

export const KIND_NAMES = ['organisation', 'site', 'device', 'service', 'person', 'membership'] as const;
export type KindName = (typeof KIND_NAMES)[number];

/** What is wrong with one field of one record; `field` is a path such as `plan.stages[0].group`, empty for the whole record. */
export interface Fault {
  field: string;
  reason: string;
}

export type DirectoryErrorCode =
  /** A value breaks a rule of its field. */
  | 'directory-invalid'
  /** An address, alias or number has another owner, or a key is taken. */
  | 'directory-conflict'
  /** A reference names a record that does not exist. */
  | 'directory-dangling'
  /** Others refer to the record that was to be removed. */
  | 'directory-referred'
  | 'directory-unknown';

/** A change of the directory was refused; it names the record, its fields and the reasons. */
export class DirectoryError extends EtasiltaError {
  declare readonly code: DirectoryErrorCode;

  constructor(code: DirectoryErrorCode, readonly kind: KindName, readonly key: string, readonly faults: readonly Fault[], hint?: string) {
    super(code, `${kind} ${key}: ${faults.map(formatFault).join('; ')}`, { hint });
  }

  override toJSON(): object {
    return { ...super.toJSON(), kind: this.kind, key: this.key, faults: this.faults };
  }
}

export const formatFault = ({ field, reason }: Fault): string => (field === '' ? reason : `${field}: ${reason}`);
