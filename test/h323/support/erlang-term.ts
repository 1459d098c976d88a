import type { BitString, Component, Form, Schema } from '../../../src/h323/per';

/** A value as Erlang's asn1 application has it (with `maps`), in Erlang's notation. */
export function erlangTerm<T>(schema: Schema<T>, value: T): string {
  return term(schema.form, value);
}

/** A value of a sequence as a record of Erlang's: the type's name, then every component, groups laid open. */
export function erlangRecord<T>(type: string, schema: Schema<T>, value: T): string {
  if (schema.form.kind !== 'SEQUENCE') throw new TypeError('only sequences are records');
  const fields = value as Record<string, unknown>;
  return `{${[atom(type), ...componentsOf(schema.form).map(({ name, schema: { form } }) => (fields[name] === undefined ? 'asn1_NOVALUE' : term(form, fields[name])))].join(',')}}`;
}

const componentsOf = (form: Extract<Form, { kind: 'SEQUENCE' | 'SET' }>): Component[] =>
  [...form.root, ...(form.additions ?? []).flatMap((addition) => ('group' in addition ? addition.group : [addition]))];

const atom = (name: string): string => `'${name}'`;
const bytes = (octets: Uint8Array): string => [...octets].join(',');

function term(form: Form, value: unknown): string {
  switch (form.kind) {
    case 'BOOLEAN': case 'INTEGER': return String(value);
    case 'NULL': return atom('NULL');
    case 'OBJECT IDENTIFIER': return `{${(value as string).split('.').join(',')}}`;
    case 'ENUMERATED': return atom(value as string);
    case 'OCTET STRING': return `<<${bytes(value as Buffer)}>>`;
    case 'BIT STRING': return bits(value as BitString);
    case 'string': return `[${[...Array((value as string).length).keys()].map((i) => character(form.type, (value as string).charCodeAt(i))).join(',')}]`;
    case 'open type': return form.containing ? term(form.containing.form, value) : `<<${bytes(value as Buffer)}>>`;
    case 'reference': return term(form.target().form, value);
    case 'SEQUENCE OF': case 'SET OF': return `[${(value as unknown[]).map((element) => term(form.of.form, element)).join(',')}]`;
    case 'SEQUENCE': case 'SET': {
      const fields = value as Record<string, unknown>;
      return `#{${componentsOf(form).filter(({ name }) => fields[name] !== undefined).map(({ name, schema }) => `${atom(name)}=>${term(schema.form, fields[name])}`).join(',')}}`;
    }
    case 'CHOICE': {
      const [name, content] = Object.entries(value as object)[0] as [string, unknown];
      const { schema } = [...form.root, ...(form.additions ?? [])].find((known) => known.name === name)!;
      return `{${atom(name)},${term(schema.form, content)}}`;
    }
  }
}

function bits({ value, length }: BitString): string {
  const whole = [...value.subarray(0, length >> 3)].map(String);
  const rest = length % 8;
  return `<<${[...whole, ...(rest ? [`${value[length >> 3]! >> (8 - rest)}:${rest}`] : [])].join(',')}>>`;
}

/** Characters over 255 of a BMPString are quadruples. */
const character = (type: string, code: number): string => (type === 'BMPString' && code > 255 ? `{0,0,${code >> 8},${code & 255}}` : String(code));
