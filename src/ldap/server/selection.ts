import { attributeDescription, type AttributeType, knownType, nameOf, withSubtypes } from '../schema';
import { type BerWriter } from '../ber';
import { beginEntry, endEntry, writeAttribute } from '../protocol';
import type { Attribute } from '../tree';

/** An entry as answers show it. */
export interface Shown {
  readonly dn: string;
  /** User attributes. */
  allAttributes(): Iterable<Attribute>;
  operationalAttributes(): Iterable<Attribute>;
  attributesOf(type: AttributeType): Iterable<Attribute>;
}

/** Which attributes a search asks to see (RFC 4511 section 4.5.1.8, RFC 3673). */
export class Selection {
  readonly allUser: boolean;
  readonly allOperational: boolean;
  private readonly named: { types: readonly AttributeType[]; options: readonly string[] }[] = [];

  constructor(attributes: readonly string[]) {
    this.allUser = attributes.length === 0 || attributes.includes('*');
    this.allOperational = attributes.includes('+');
    for (const text of attributes) {
      // Attributes that the schema does not know, and "1.1", select nothing.
      const described = attributeDescription(text);
      if (described) this.named.push({ types: withSubtypes(described.type), options: described.options });
    }
  }

  /** Whether an attribute is asked for by its name. */
  names(type: AttributeType): boolean {
    return this.named.some(({ types }) => types.includes(type));
  }

  /** Visits what is selected of an entry, each attribute once. */
  each(entry: Shown, visit: (attribute: Attribute) => void): void {
    if (this.allUser) for (const attribute of entry.allAttributes()) visit(attribute);
    if (this.allOperational) for (const attribute of entry.operationalAttributes()) visit(attribute);
    const shown = new Set<string>();
    for (const { types, options } of this.named) {
      for (const type of types) {
        if (type.usage === undefined ? this.allUser : this.allOperational) continue;
        for (const attribute of entry.attributesOf(type)) {
          if (!options.every((option) => option === attribute.option) || shown.has(attribute.description)) continue;
          shown.add(attribute.description);
          visit(attribute);
        }
      }
    }
  }
}

/** Writes an entry as a SearchResultEntry with what is selected of it, and `more`. */
export function writeEntry(writer: BerWriter, id: number, entry: Shown, selection: Selection, typesOnly: boolean, more: readonly Attribute[] = []): void {
  const opened = beginEntry(writer, id, entry.dn);
  const write = ({ description, values }: Attribute): void => writeAttribute(writer, description, values, typesOnly);
  selection.each(entry, write);
  more.forEach(write);
  endEntry(writer, opened);
}

/** An attribute of fixed values. */
export function attributeOf(name: string, values: readonly string[]): Attribute {
  const type = knownType(name);
  return { type, option: '', description: nameOf(type), values };
}
