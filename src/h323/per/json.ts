import { atTheDoor, Fault, within } from './fault';
import { unfit, type Component, type Form, type Schema } from './schema';
import type { BitString } from './strings';

/** What JSON can say. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/**
 * The JSON form of a value, after X.697 (JER): OCTET STRING and open types as hexadecimal strings, BIT STRING as
 * `{"value": "hex", "length": bits}`, object identifiers dotted, CHOICE as an object with one key, NULL as null, integers over 2^53
 * as strings of digits. What a newer peer added and this version does not know stands under `"..."`.
 */
export function toJson<T>(schema: Schema<T>, value: T): Json {
  return write(schema.form, value);
}

/**
 * Reads the JSON form of a value. Names that the schema does not have are faults, because a misspelt field would be lost in silence.
 * @throws PerError
 */
export function fromJson<T>(schema: Schema<T>, json: unknown): T {
  return atTheDoor(() => read(schema.form, json, 0) as T);
}

const MAX_DEPTH = 256;

type Fields = Record<string, unknown>;

const hex = (octets: unknown): string => (octets as Buffer).toString('hex');

function componentsOf(form: Extract<Form, { kind: 'SEQUENCE' | 'SET' }>): readonly Component[] {
  return [...form.root, ...(form.additions ?? []).flatMap((addition) => ('group' in addition ? addition.group : [addition]))];
}

const alternativesOf = (form: Extract<Form, { kind: 'CHOICE' }>) => [...form.root, ...(form.additions ?? [])];

function write(form: Form, value: unknown): Json {
  switch (form.kind) {
    case 'BOOLEAN': case 'NULL': case 'OBJECT IDENTIFIER': case 'ENUMERATED': case 'string':
      return value as Json;
    case 'INTEGER':
      return typeof value === 'bigint' ? value.toString() : value as number;
    case 'OCTET STRING':
      return hex(value);
    case 'BIT STRING':
      return { value: hex((value as BitString).value), length: (value as BitString).length };
    case 'open type':
      return form.containing ? write(form.containing.form, value) : hex(value);
    case 'reference':
      return write(form.target().form, value);
    case 'SEQUENCE OF': case 'SET OF':
      return (value as unknown[]).map((element) => write(form.of.form, element));
    case 'SEQUENCE': case 'SET':
      return writeFields(componentsOf(form), value as Fields);
    case 'CHOICE': {
      const [name, content] = Object.entries(value as Fields)[0]!;
      if (name === '...') return { '...': { index: (content as Fields).index as number, encoding: hex((content as Fields).encoding) } };
      const { schema } = alternativesOf(form).find((known) => known.name === name)!;
      return { [name]: write(schema.form, content) };
    }
  }
}

function writeFields(components: readonly Component[], value: Fields): Json {
  const json: { [name: string]: Json } = {};
  for (const { name, schema } of components) if (value[name] !== undefined) json[name] = write(schema.form, value[name]);
  if (value['...']) json['...'] = Object.fromEntries(Object.entries(value['...'] as Fields).map(([index, octets]) => [index, hex(octets)]));
  return json;
}

function read(form: Form, json: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new Fault('per-limit', 'nested too deep');
  switch (form.kind) {
    case 'BOOLEAN':
      return expect(typeof json === 'boolean', 'true or false', json);
    case 'NULL':
      return expect(json === null, 'null', json);
    case 'OBJECT IDENTIFIER': case 'ENUMERATED': case 'string':
      return expect(typeof json === 'string', 'a string', json);
    case 'INTEGER':
      if (typeof json === 'string' && /^-?\d{1,600}$/.test(json)) return BigInt(json);
      return expect(Number.isSafeInteger(json), 'an integer', json);
    case 'OCTET STRING':
      return octets(json);
    case 'BIT STRING': {
      const { value, length } = object(json, ['value', 'length']);
      return { value: octets(value), length: expect(Number.isSafeInteger(length), 'a number of bits', length) };
    }
    case 'open type':
      return form.containing ? read(form.containing.form, json, depth + 1) : octets(json);
    case 'reference':
      return read(form.target().form, json, depth + 1);
    case 'SEQUENCE OF': case 'SET OF':
      if (!Array.isArray(json)) throw unfit('an array', json);
      return json.map((element, index) => step(index, () => read(form.of.form, element, depth + 1)));
    case 'SEQUENCE': case 'SET':
      return readFields(form, json, depth);
    case 'CHOICE':
      return readChoice(form, json, depth);
  }
}

function readFields(form: Extract<Form, { kind: 'SEQUENCE' | 'SET' }>, json: unknown, depth: number): Fields {
  const components = componentsOf(form);
  const given = object(json, [...components.map(({ name }) => name), ...(form.additions ? ['...'] : [])]);
  const value: Fields = {};
  for (const { name, schema, fallback } of components) {
    if (given[name] !== undefined) value[name] = step(name, () => read(schema.form, given[name], depth + 1));
    else if (fallback !== undefined) value[name] = fallback;
  }
  const unknown = given['...'];
  if (unknown !== undefined) {
    value['...'] = step('...', () => Object.fromEntries(Object.entries(object(unknown)).map(([index, text]) => [index, octets(text)])));
  }
  return value;
}

function readChoice(form: Extract<Form, { kind: 'CHOICE' }>, json: unknown, depth: number): Fields {
  const entries = Object.entries(object(json));
  const [name, content] = entries[0] ?? [];
  if (entries.length !== 1 || name === undefined) throw unfit('an object with one key, the name of the alternative', json);
  if (name === '...' && form.additions) {
    return { '...': step('...', () => {
      const { index, encoding } = object(content, ['index', 'encoding']);
      return { index: expect(Number.isSafeInteger(index), 'an index', index), encoding: octets(encoding) };
    }) };
  }
  const known = alternativesOf(form).find((candidate) => candidate.name === name);
  if (!known) throw new Fault('per-value', `there is no alternative "${name.slice(0, 40)}"`);
  return { [name]: step(name, () => read(known.schema.form, content, depth + 1)) };
}

function step<T>(name: string | number, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw within(thrown, name);
  }
}

function expect<T>(holds: boolean, what: string, json: T): T {
  if (!holds) throw unfit(what, json);
  return json;
}

function octets(json: unknown): Buffer {
  if (typeof json !== 'string' || !/^([0-9a-f]{2})*$/i.test(json)) throw unfit('hexadecimal digits, two an octet', json);
  return Buffer.from(json, 'hex');
}

function object(json: unknown, names?: readonly string[]): Fields {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw unfit('an object', json);
  const stranger = names && Object.keys(json).find((name) => !names.includes(name));
  if (stranger !== undefined) throw new Fault('per-value', `there is no field "${stranger.slice(0, 40)}" here`);
  return json as Fields;
}
