import { isUtf8 } from 'node:buffer';
import { LdapError } from '../errors';
import { normaliserOf } from '../matching';
import { type ModifyRequest, type PartialAttribute, RESULT } from '../protocol';
import { attributeDescription, type AttributeType, nameOf } from '../schema';
import type { Entry } from '../tree';

/** Values of one attribute description. */
interface Held {
  type: AttributeType;
  option: string;
  values: string[];
}

/** The attributes of an entry while they are changed, as a client sees them (RFC 4511 section 4.6). */
export class Draft {
  private readonly held = new Map<string, Held>();
  /** Descriptions that the client named. */
  readonly touched = new Map<string, { type: AttributeType; option: string }>();

  static of(entry: Entry): Draft {
    const draft = new Draft();
    for (const { type, option, values } of entry.allAttributes()) draft.held.set(keyOf(type, option), { type, option, values: [...values] });
    return draft;
  }

  values(type: AttributeType, option = ''): readonly string[] {
    return this.held.get(keyOf(type, option))?.values ?? [];
  }

  /** Options that a type has values with. */
  optionsOf(type: AttributeType): string[] {
    return [...this.held.values()].filter((one) => one.type === type && one.values.length > 0).map(({ option }) => option);
  }

  /** Whether the client named this description. */
  touches(type: AttributeType, option = ''): boolean {
    return this.touched.has(keyOf(type, option));
  }

  /** Throws LdapError where the change cannot be made of what is held. */
  apply({ operation, attribute }: ModifyRequest['changes'][number]): void {
    const { type, option, values } = described(attribute);
    const key = keyOf(type, option);
    const before = this.held.get(key)?.values ?? [];
    this.touched.set(key, { type, option });
    this.held.set(key, { type, option, values: CHANGES[operation](type, before, values) });
    if (type.singleValue && this.values(type, option).length > 1) throw new LdapError(RESULT.constraintViolation, `${nameOf(type)} has one value at most`);
  }
}

const keyOf = (type: AttributeType, option: string): string => `${type.oid};${option}`;

const CHANGES: Record<ModifyRequest['changes'][number]['operation'], (type: AttributeType, before: readonly string[], given: readonly string[]) => string[]> = {
  add(type, before, given) {
    if (given.length === 0) throw new LdapError(RESULT.protocolError, `no values of ${nameOf(type)} to add`);
    const after = [...before];
    for (const value of given) {
      if (after.some((one) => sameValue(type, one, value))) throw new LdapError(RESULT.attributeOrValueExists, `${nameOf(type)} has such a value already`);
      after.push(value);
    }
    return after;
  },
  delete(type, before, given) {
    if (given.length === 0 && before.length === 0) throw new LdapError(RESULT.noSuchAttribute, `the entry has no ${nameOf(type)}`);
    if (given.length === 0) return [];
    const missing = given.some((value) => !before.some((one) => sameValue(type, one, value)));
    if (missing) throw new LdapError(RESULT.noSuchAttribute, `${nameOf(type)} has no such value`);
    return before.filter((one) => !given.some((value) => sameValue(type, one, value)));
  },
  replace(type, _, given) {
    if (given.some((value, i) => given.slice(0, i).some((other) => sameValue(type, other, value)))) throw new LdapError(RESULT.attributeOrValueExists, `${nameOf(type)} has a value twice`);
    return [...given];
  },
};

export function sameValue(type: AttributeType, a: string, b: string): boolean {
  const normalise = normaliserOf(type.equality);
  return a === b || (normalise !== undefined && normalise(a) !== undefined && normalise(a) === normalise(b));
}

/** The attribute that a client named, its values as text and of the type's syntax. */
function described({ type: text, values }: PartialAttribute): { type: AttributeType; option: string; values: string[] } {
  const found = attributeDescription(text);
  if (found === undefined) throw new LdapError(RESULT.undefinedAttributeType, `no attribute ${text}`);
  const { type, options } = found;
  if (type.usage !== undefined) throw new LdapError(RESULT.constraintViolation, `${nameOf(type)} is the server's own`);
  if (options.length > 1 || !options.every((option) => /^lang-[a-z]{2,3}$/.test(option))) throw new LdapError(RESULT.undefinedAttributeType, `${text}: of options only one language is known`);
  const normalise = normaliserOf(type.equality);
  return {
    type, option: options[0] ?? '',
    values: values.map((octets) => {
      const value = isUtf8(octets) ? octets.toString('utf8') : undefined;
      // A value is never quoted: it may be a password.
      if (value === undefined || value === '' || (normalise !== undefined && normalise(value) === undefined)) throw new LdapError(RESULT.invalidAttributeSyntax, `a value of ${text} is not of its syntax`);
      return value;
    }),
  };
}
