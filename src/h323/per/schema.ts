import { atTheDoor, Fault } from './fault';
import { DEFAULT_LIMITS, PerReader, type DecodeLimits } from './reader';
import { PerWriter } from './writer';

/** Bounds of a size or a value; `max` undefined for MAX. */
export interface Bounds {
  readonly min: number;
  readonly max?: number;
}

/** One component of a SEQUENCE or SET. */
export interface Component {
  readonly name: string;
  readonly schema: Schema<unknown>;
  readonly optional: boolean;
  /** The DEFAULT value of an optional component. */
  readonly fallback?: unknown;
}

/** An extension addition: one component, or a group in double brackets. */
export type Addition = Component | { readonly group: readonly Component[] };

export interface Alternative {
  readonly name: string;
  readonly schema: Schema<unknown>;
}

/** What a schema describes, for those that walk it: the JSON form, the decoder's print, generators of values. */
export type Form =
  | { readonly kind: 'BOOLEAN' | 'NULL' | 'OBJECT IDENTIFIER' }
  | { readonly kind: 'INTEGER'; readonly min?: number; readonly max?: number; readonly extensible: boolean }
  | { readonly kind: 'ENUMERATED'; readonly root: readonly string[]; readonly additions?: readonly string[] }
  | { readonly kind: 'OCTET STRING' | 'BIT STRING'; readonly size: Bounds }
  | { readonly kind: 'string'; readonly type: StringType; readonly size: Bounds; readonly alphabet?: string }
  | { readonly kind: 'SEQUENCE' | 'SET'; readonly root: readonly Component[]; readonly additions?: readonly Addition[] }
  | { readonly kind: 'SEQUENCE OF' | 'SET OF'; readonly of: Schema<unknown>; readonly size: Bounds }
  | { readonly kind: 'CHOICE'; readonly root: readonly Alternative[]; readonly additions?: readonly Alternative[] }
  | { readonly kind: 'open type'; readonly containing?: Schema<unknown> }
  | { readonly kind: 'reference'; readonly name: string; readonly target: () => Schema<unknown> };

export type StringType = 'IA5String' | 'NumericString' | 'PrintableString' | 'VisibleString' | 'BMPString' | 'GeneralString';

/**
 * One ASN.1 type. `T` is the TypeScript type of its values, see `Infer`. `read` and `write` are for other schemas; callers use
 * `decode` and `encode`.
 */
export interface Schema<T> {
  readonly form: Form;
  read(reader: PerReader): T;
  write(writer: PerWriter, value: T): void;
}

/** The values of a schema: `type Setup = Infer<typeof SetupUUIE>`. */
export type Infer<S> = S extends Schema<infer T> ? T : never;

/**
 * Decodes one value from an aligned PER encoding (ITU-T X.691). OCTET STRING values are views of `octets`. Octets after the value
 * are ignored, as deployed decoders do.
 * @throws PerError
 */
export function decode<T>(schema: Schema<T>, octets: Buffer, limits: Readonly<DecodeLimits> = DEFAULT_LIMITS): T {
  return atTheDoor(() => schema.read(new PerReader(octets, limits)));
}

const writer = new PerWriter();

/**
 * Encodes one value in aligned PER (ITU-T X.691), in the form in which every value has one encoding: all additions that the schema
 * knows are counted, defaults are left out.
 * @throws PerError
 */
export function encode<T>(schema: Schema<T>, value: T): Buffer {
  return atTheDoor(() => {
    writer.reset();
    schema.write(writer, value);
    return writer.finish();
  });
}

/** A fault of the value that was given to encode. */
export function unfit(expected: string, value: unknown): Fault {
  const shown = typeof value === 'string' ? `"${value.slice(0, 40)}"` : value === null ? 'null' : typeof value === 'object' ? `an ${Array.isArray(value) ? 'array' : 'object'}` : String(value);
  return new Fault('per-value', `${expected} expected, not ${shown}`);
}
