import { type Dn, parseDn } from '../dn';
import type { Matchable } from '../matching';
import { type AttributeType, knownType, nameOf } from '../schema';
import { type EntryKind, entryUuid, mainText, shapeOf, type Surroundings, type Value } from './shapes';

/** An attribute as it is shown: description with options, and values. */
export interface Attribute {
  type: AttributeType;
  /** `lang-fi`, or '' for none. */
  option: string;
  description: string;
  values: readonly string[];
}

const NO_OPTIONS: readonly string[] = [];
const NO_ATTRIBUTES: readonly Attribute[] = [];
const OPTIONS = new Map<string, readonly string[]>();
/** Options are languages: there are as many lists as languages in use. */
function optionsOf(language: string): readonly string[] {
  let options = OPTIONS.get(language);
  if (options === undefined) OPTIONS.set(language, options = [`lang-${language}`]);
  return options;
}

const isList = (value: Value): value is readonly string[] => Array.isArray(value);

/** Operational attributes that every entry has; shown when asked for (RFC 3673). */
const OPERATIONAL: readonly (readonly [AttributeType, (entry: Entry) => string])[] = [
  [knownType('structuralObjectClass'), (entry) => shapeOf(entry.kind).structural],
  [knownType('entryUUID'), (entry) => entryUuid(entry.kind, entry.key)],
  [knownType('entryDN'), (entry) => entry.dn],
  [knownType('subschemaSubentry'), () => SUBSCHEMA_DN],
];
export const SUBSCHEMA_DN = 'cn=Subschema';

/** An entry of the tree: a record seen as attributes, each made when it is asked for. */
export class Entry implements Matchable {
  private parsed: Dn | undefined;
  private name: string | undefined;

  /** @param concealed types of which this reader sees no values. */
  constructor(readonly kind: EntryKind, readonly record: unknown, private readonly around: Surroundings, private readonly concealed: ReadonlySet<AttributeType>) {}

  /** Whether the reader sees all there is of it. */
  get whole(): boolean {
    return this.concealed.size === 0;
  }

  get key(): string {
    return shapeOf(this.kind).keyOf(this.record);
  }

  get dn(): string {
    return (this.name ??= shapeOf(this.kind).dn(this.record, this.around));
  }

  get parsedDn(): Dn {
    return (this.parsed ??= parseDn(this.dn) ?? []);
  }

  some(type: AttributeType, visit: (value: string, options: readonly string[]) => boolean): boolean {
    if (this.concealed.has(type)) return false;
    const getter = shapeOf(this.kind).attributes.get(type);
    if (getter === undefined) {
      const operational = OPERATIONAL.find(([one]) => one === type);
      return operational !== undefined && visit(operational[1](this), NO_OPTIONS);
    }
    const value = getter(this.record, this.around);
    if (value === undefined) return false;
    if (typeof value === 'string') return visit(value, NO_OPTIONS);
    if (isList(value)) return value.some((one) => visit(one, NO_OPTIONS));
    for (const language in value) {
      if (visit(value[language] as string, optionsOf(language))) return true;
    }
    return visit(mainText(value), NO_OPTIONS);
  }

  *types(): Generator<AttributeType> {
    yield* shapeOf(this.kind).attributes.keys();
    for (const [type] of OPERATIONAL) yield type;
  }

  /** Whether entries of this kind may have values of a type. */
  hasType(type: AttributeType): boolean {
    return shapeOf(this.kind).attributes.has(type);
  }

  /** User attributes, in the order in which they are shown. */
  *allAttributes(): Generator<Attribute> {
    for (const type of shapeOf(this.kind).attributes.keys()) yield* this.attributesOf(type);
  }

  *operationalAttributes(): Generator<Attribute> {
    for (const [type] of OPERATIONAL) yield* this.attributesOf(type);
  }

  /** Attributes of a type; of text by language one without option, for readers that know none, and one a language. */
  attributesOf(type: AttributeType): readonly Attribute[] {
    if (this.concealed.has(type)) return NO_ATTRIBUTES;
    const getter = shapeOf(this.kind).attributes.get(type);
    const value = getter === undefined ? OPERATIONAL.find(([one]) => one === type)?.[1](this) : getter(this.record, this.around);
    if (value === undefined) return NO_ATTRIBUTES;
    const description = nameOf(type);
    if (typeof value === 'string') return [{ type, option: '', description, values: [value] }];
    if (isList(value)) return value.length === 0 ? NO_ATTRIBUTES : [{ type, option: '', description, values: value }];
    const attributes: Attribute[] = [{ type, option: '', description, values: [mainText(value)] }];
    for (const language in value) attributes.push({ type, option: `lang-${language}`, description: `${description};lang-${language}`, values: [value[language] as string] });
    return attributes;
  }
}
