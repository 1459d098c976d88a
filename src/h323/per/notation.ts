import type { Addition, Alternative, Bounds, Component, Form, Schema } from './schema';

/**
 * The schemas as an ASN.1 module (X.680) with automatic tags, each under its name; a schema that stands in another is named there, not
 * repeated. Other ASN.1 compilers make codecs of it that can be compared with this one.
 */
export function asn1Module(name: string, schemas: Readonly<Record<string, Schema<unknown>>>): string {
  const names = new Map<Schema<unknown>, string>();
  for (const [type, schema] of Object.entries(schemas)) if (!names.has(schema)) names.set(schema, type);

  // Erlang's compiler wants an open type and its content named; without that it hands out octets.
  const contents: string[] = [];
  const named = (schema: Schema<unknown>): string => {
    if (!names.has(schema)) {
      names.set(schema, `Content${names.size}`);
      contents.push(`${names.get(schema)!} ::= ${notation(schema.form)}`);
    }
    return names.get(schema)!;
  };
  const inner = (schema: Schema<unknown>): string => (schema.form.kind === 'open type' ? named(schema) : names.get(schema) ?? notation(schema.form));
  const component = ({ name: field, schema, optional, fallback }: Component): string =>
    `${field} ${inner(schema)}${!optional ? '' : fallback === undefined ? ' OPTIONAL' : ` DEFAULT ${literal(fallback)}`}`;
  const addition = (given: Addition): string => ('group' in given ? `[[ ${given.group.map(component).join(', ')} ]]` : component(given));
  const alternative = ({ name: field, schema }: Alternative): string => `${field} ${inner(schema)}`;
  const body = <R, A>(root: readonly R[], additions: readonly A[] | undefined, show: (member: R) => string, showAddition: (member: A) => string): string =>
    `{ ${[...root.map(show), ...(additions ? ['...', ...additions.map(showAddition)] : [])].join(', ')} }`;

  function notation(form: Form): string {
    switch (form.kind) {
      case 'BOOLEAN': case 'NULL': case 'OBJECT IDENTIFIER': return form.kind;
      case 'INTEGER': return form.min === undefined ? 'INTEGER' : `INTEGER (${form.min}..${form.max ?? 'MAX'}${form.extensible ? ', ...' : ''})`;
      case 'ENUMERATED': return `ENUMERATED ${body(form.root, form.additions, String, String)}`;
      case 'OCTET STRING': case 'BIT STRING': return `${form.kind} ${sizeOf(form.size)}`;
      case 'string': return `${form.type} ${sizeOf(form.size)} ${form.alphabet === undefined ? '' : `(FROM ("${form.alphabet}"))`}`;
      case 'SEQUENCE': case 'SET': return `${form.kind} ${body(form.root, form.additions, component, addition)}`;
      case 'CHOICE': return `CHOICE ${body(form.root, form.additions, alternative, alternative)}`;
      case 'SEQUENCE OF': case 'SET OF': return `${form.kind.slice(0, -3)} ${sizeOf(form.size)} OF ${inner(form.of)}`;
      case 'open type': return `TYPE-IDENTIFIER.&Type${form.containing ? ` (${named(form.containing)})` : ''}`;
      case 'reference': return inner(form.target());
    }
  }

  const types = Object.entries(schemas).map(([type, schema]) => `${type} ::= ${names.get(schema) === type ? notation(schema.form) : names.get(schema)!}`);
  return `${name} DEFINITIONS AUTOMATIC TAGS ::= BEGIN\n${[...types, ...contents].join('\n')}\nEND\n`;
}

const sizeOf = ({ min, max }: Bounds): string =>
  (min === 0 && max === undefined ? '' : max === min ? `(SIZE (${min}))` : `(SIZE (${min}..${max ?? 'MAX'}))`);

const literal = (value: unknown): string => (typeof value === 'boolean' ? String(value).toUpperCase() : String(value));
