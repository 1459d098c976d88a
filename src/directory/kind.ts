import type { KindName } from './errors';
import type { FieldType, Report } from './fields';

/** What happens to the referring record when the record that it refers to is removed together with its referrers. */
export type OnRemove = 'remove' | 'clear';

export interface Field<T> {
  type: FieldType<NonNullable<T>>;
  /** A record without this field is refused. */
  required?: boolean;
  /** The value of a field that is not given. */
  initial?: NonNullable<T>;
  /** The kind of record whose key the value is (or the values are). */
  refersTo?: KindName;
  onRemove?: OnRemove;
}

/** An address, alias or number that only one device or service may have. */
export interface Claim {
  space: 'name' | 'number';
  /** Folded, lower case. */
  address: string;
  /** Field that claims it. */
  field: string;
}

export type Plural = 'organisations' | 'sites' | 'devices' | 'services' | 'persons' | 'memberships';

/** One kind of record: its table, fields and rules. */
export interface Kind<R extends object> {
  name: KindName;
  /** Table, list in YAML and CSV file's name. */
  plural: Plural;
  /** Field that is the key; memberships have a composed one. */
  keyField?: keyof R & string;
  keyOf(record: R): string;
  fields: { [F in keyof R]-?: Field<R[F]> };
  /** Rules between fields, after each field was read. */
  check?(record: R, report: Report): void;
  claims?(record: R): Claim[];
}

/** A kind whose record type is not known at the place of use. */
export type AnyRecord = Record<string, unknown>;
export type AnyKind = Omit<Kind<AnyRecord>, 'keyField'> & { keyField?: string };
