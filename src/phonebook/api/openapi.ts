const text = { type: 'string' } as const;
const moment = { type: 'string', format: 'date-time' } as const;
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const object = (required: string[], properties: Record<string, object>) => ({ type: 'object', required, properties, additionalProperties: false });
const query = (name: string, description: string, schema: object = text, required = false) => ({ name, in: 'query', description, required, schema });

const paging = [
  query('offset', 'Items that are left out at the beginning.', { type: 'integer', minimum: 0, default: 0 }),
  query('limit', 'Items at most.', { type: 'integer', minimum: 1, maximum: 200, default: 50 }),
];

const operation = (operationId: string, summary: string, parameters: object[], schema: object) => ({
  get: {
    operationId, summary, parameters,
    responses: {
      200: { description: 'Found.', headers: { ETag: { description: 'Changes with the answer; send it as If-None-Match.', schema: text } }, content: { 'application/json': { schema } } },
      304: { description: 'The answer with this ETag is still right.' },
      400: { description: 'A parameter is missing.' },
      404: { description: 'No such folder or entry; or no such reader.' },
      429: { description: 'Too many requests; see Retry-After.', headers: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } } },
    },
  },
});

/** OpenAPI 3.1 description of the JSON API. */
export const OPENAPI = {
  openapi: '3.1.0',
  info: {
    title: 'Etäsilta phone book', version: '1.0.0',
    description: 'What the reader may dial, in folders, in the reader\'s language. A change of the directory is in the next answer.',
  },
  servers: [{
    url: '/phonebook/{secret}/{language}',
    variables: {
      secret: { default: 'secret', description: 'The reader\'s secret.' },
      language: { default: 'fi', description: 'ISO 639 code; where a name is not in this language: Finnish, Swedish, English.' },
    },
  }],
  paths: {
    '/api/folder': operation('folder', 'What stands directly in a folder.', [query('id', 'Identifier of the folder; empty: the root.'), ...paging],
      object(['folder', 'folders', 'entries', 'last'], { folder: ref('Folder'), folders: { type: 'array', items: ref('Folder') }, entries: { type: 'array', items: ref('Entry') }, last: { type: 'boolean' } })),
    '/api/search': operation('search', 'Entries found by the beginnings of words, best first; the first 1000 can be paged through.',
      [query('q', 'Words in any order; letters are folded. Persons are found from three letters on.', { ...text, minLength: 1, maxLength: 400 }, true), query('folder', 'Below this folder only.'), ...paging],
      object(['entries', 'last'], { entries: { type: 'array', items: ref('Entry') }, last: { type: 'boolean' } })),
    '/api/entry': operation('entry', 'One entry.', [query('id', 'Identifier of the entry.', text, true)], ref('Entry')),
  },
  components: {
    schemas: {
      Folder: object(['id', 'name', 'parent'], { id: { ...text, description: 'Stable as long as the key of what it shows.' }, name: text, parent: text }),
      Entry: object(['id', 'kind', 'name', 'label', 'methods'], {
        id: { ...text, description: 'Stable as long as the key of what it shows.' }, kind: { enum: ['service', 'device', 'person'] }, name: text,
        label: { ...text, description: 'The name, with the opening state where the reader wants it there.' }, description: text,
        state: { ...text, description: 'Whether it is open, in words, where the reader wants that in descriptions.' }, organisation: text,
        methods: { type: 'array', minItems: 1, items: object(['protocol', 'dial'], { protocol: { enum: ['sip', 'h323'] }, dial: text }) },
        number: { ...text, description: 'Digits that dial it.' }, email: text, model: text,
        open: { type: 'boolean', description: 'Absent for what has no opening hours.' }, opensAt: moment, closesAt: moment,
      }),
    },
  },
};
