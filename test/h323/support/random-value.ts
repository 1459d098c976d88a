import type { Bounds, Component, Form, Schema } from '../../../src/h323/per';
import type { Random } from './random';

/** Deeper than this, values are as small as the schema allows. */
const SHALLOW = 5;

/** What values are left out, for those who cannot read all. */
export interface Restrictions {
  /** Unbounded integers stay within 32 bits. */
  smallIntegers?: boolean;
  /** Alternatives and optional components of these schemas are not drawn. */
  avoid?: (schema: Schema<unknown>) => boolean;
}

/**
 * A value of the schema: every alternative, bound and length is met over enough draws, and mandatory additions are there, because a
 * sender of the schema's own version would not leave them out.
 */
export function randomValue<T>(schema: Schema<T>, random: Random, restrictions: Restrictions = {}): T {
  return draw(schema.form, { random, ...restrictions }, 0) as T;
}

interface Source extends Restrictions {
  random: Random;
}

function draw(form: Form, source: Source, depth: number): unknown {
  const { random } = source;
  switch (form.kind) {
    case 'BOOLEAN': return random.chance(0.5);
    case 'NULL': return null;
    case 'OBJECT IDENTIFIER': return ['0.0.8.2250.0.7', '2.16.840.1.113730', '1.3.6.1.4.1.9', '0.0', `2.${random.integer(0, 99_999)}.${random.integer(0, 2 ** 31)}`][random.integer(0, 4)];
    case 'INTEGER': return drawInteger(form, source);
    case 'ENUMERATED': return random.pick([...form.root, ...(form.additions ?? [])]);
    case 'OCTET STRING': return octets(drawSize(form.size, random, depth, 1), random);
    case 'BIT STRING': return drawBits(drawSize(form.size, random, depth, 1), random);
    case 'string': return drawString(form, random, depth);
    case 'open type': return form.containing ? draw(form.containing.form, source, depth + 1) : octets(random.integer(1, 20), random);
    case 'reference': return draw(form.target().form, source, depth + 1);
    case 'SEQUENCE OF': case 'SET OF': {
      const length = drawSize(form.size, random, depth, 0);
      return Array.from({ length }, () => draw(form.of.form, source, depth + 2));
    }
    case 'SEQUENCE': case 'SET': return drawFields(form, source, depth);
    case 'CHOICE': {
      const all = [...form.root, ...(form.additions ?? [])].filter(({ schema }) => !source.avoid?.(schema));
      // Simple alternatives end what would grow without end.
      const simple = all.filter(({ schema }) => !['SEQUENCE', 'SEQUENCE OF', 'SET OF', 'CHOICE', 'reference'].includes(schema.form.kind));
      const { name, schema } = random.pick(depth > SHALLOW && simple.length > 0 ? simple : all);
      return { [name]: draw(schema.form, source, depth + 1) };
    }
  }
}

function drawInteger({ min, max, extensible }: Extract<Form, { kind: 'INTEGER' }>, { random, smallIntegers }: Source): number | bigint {
  if (min === undefined || (extensible && random.chance(0.3))) {
    if (smallIntegers) return random.pick([0, 1, -1, 127, 128, -128, -129, 65_536, -8_388_609, 2 ** 31 - 1]);
    return random.pick([0, 1, -1, 127, 128, -128, -129, 65_536, -8_388_609, 2 ** 31, -(2 ** 40), 2 ** 52, 12_345_678_901_234_567_890n, -(2n ** 70n)]);
  }
  if (max === undefined) return min + random.pick(smallIntegers ? [0, 1, 127, 255, 65_535] : [0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32, 2 ** 40]);
  const nearby = random.pick([min, max, random.integer(min, max), Math.min(max, min + 255), Math.min(max, min + 256), Math.min(max, min + 65_536)]);
  return nearby;
}

function drawSize({ min, max = min + 40 }: Bounds, random: Random, depth: number, least: number): number {
  if (depth > SHALLOW) return min;
  if (random.chance(0.02) && max <= 512) return max;
  const small = Math.min(max, Math.max(min, least) + 4);
  return random.integer(min, small);
}

const octets = (length: number, random: Random): Buffer => Buffer.from(Array.from({ length }, () => random.integer(0, 255)));

/** Unused bits of the last octet are zero, as in every decoded bit string. */
function drawBits(length: number, random: Random): { value: Buffer; length: number } {
  const value = octets((length + 7) >> 3, random);
  if (length % 8 !== 0) value[value.length - 1]! &= 0xff << (8 - (length % 8));
  return { value, length };
}

const ALPHABETS = {
  IA5String: 'abc XYZ 019 @#~\0\x7f',
  GeneralString: 'abc XYZ 019 @#~',
  VisibleString: 'abc XYZ 019 @#~',
  PrintableString: "abc XYZ 019 '()+,-./:=?",
  NumericString: ' 0123456789',
  BMPString: 'abc XYZ äöåÄÖÅ ščž жя 中 \u0001￿',
};

function drawString({ type, size, alphabet }: Extract<Form, { kind: 'string' }>, random: Random, depth: number): string {
  const characters = alphabet ?? ALPHABETS[type];
  return Array.from({ length: drawSize(size, random, depth, 1) }, () => characters[random.integer(0, characters.length - 1)]).join('');
}

function drawFields(form: Extract<Form, { kind: 'SEQUENCE' | 'SET' }>, source: Source, depth: number): object {
  const { random, avoid } = source;
  const value: Record<string, unknown> = {};
  const add = ({ name, schema, optional, fallback }: Component): void => {
    if (!optional || (!avoid?.(schema) && random.chance(depth > SHALLOW ? 0.02 : 0.45))) value[name] = draw(schema.form, source, depth + 1);
    else if (fallback !== undefined) value[name] = fallback;
  };
  form.root.forEach(add);
  for (const addition of form.additions ?? []) {
    if (!('group' in addition)) add(addition);
    else if (random.chance(0.5)) addition.group.forEach(add);
  }
  return value;
}
