import Ajv from 'ajv';
import { serve, reader, type Served } from './support';

interface Schema { $ref?: string }
interface OpenApi {
  paths: Record<string, { get: { parameters: { name: string; required?: boolean }[]; responses: { 200: { content: { 'application/json': { schema: Schema } } } } } }>;
}

let served: Served;
let openapi: OpenApi;
let valid: (path: string, value: unknown) => string | null;

beforeAll(async () => {
  served = await serve([reader({ openState: 'description', persons: 'all', protocols: ['sip', 'h323'] })]);
  openapi = await (await fetch(`${served.origin}/phonebook/openapi.json`)).json() as OpenApi;
  const ajv = new Ajv({ allErrors: true });
  ajv.addVocabulary(['openapi', 'info', 'servers', 'paths', 'components']);
  ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/); // RFC 3339 5.6
  ajv.addSchema({ $id: 'api', ...openapi });
  valid = (path, value) => {
    const check = ajv.compile({ $ref: `api#/paths/${path.replaceAll('/', '~1')}/get/responses/200/content/application~1json/schema` });
    return check(value) ? null : JSON.stringify(check.errors);
  };
});
afterAll(() => served.close());

const get = async (path: string): Promise<{ status: number; json: Answer }> => {
  const response = await fetch(served.url(path));
  return { status: response.status, json: response.status === 200 ? await response.json() as Answer : {} };
};
interface Answer {
  folder?: { id: string; parent: string };
  folders?: { id: string; parent: string }[];
  entries?: { id: string; name: string; open?: boolean; opensAt?: string; state?: string; methods: object[] }[];
  last?: boolean;
}

describe('the JSON API', () => {
  it.each([
    ['/api/folder', 'api/folder'], ['/api/folder', 'api/folder?id=o_kela'], ['/api/folder', 'api/folder?id=c_interpreters&limit=5&offset=3'],
    ['/api/search', 'api/search?q=palveluneuvoja'], ['/api/search', 'api/search?q=kela&folder=c_authorities'], ['/api/search', 'api/search?q=qwertyuiop'],
    ['/api/entry', 'api/entry?id=e_kela.fi@palvelu.example'], ['/api/entry', 'api/entry?id=p_ahtari-palveluneuvoja-1'], ['/api/entry', 'api/entry?id=e_ex90-1@vaasa.kela.example'],
  ])('%s is what its OpenAPI document says: %s', async (path, url) => {
    const { status, json } = await get(url);
    expect(status).toBe(200);
    expect(valid(path, json)).toBeNull();
  });

  it('would be found wrong by that document', () => {
    expect(valid('/api/folder', { folders: [] })).not.toBeNull();
    expect(valid('/api/entry', { id: 'x', kind: 'other', name: 'x', label: 'x', methods: [] })).not.toBeNull();
  });

  it('is described whole: every path of the document is answered', async () => {
    for (const [path, { get: { parameters } }] of Object.entries(openapi.paths)) {
      const needed = parameters.filter(({ required }) => required).map(({ name }) => `${name}=e_kela.fi@palvelu.example`).join('&');
      expect([path, (await fetch(`${served.url(path.slice(1))}?${needed}`)).status]).toEqual([path, 200]);
      if (needed !== '') expect((await fetch(served.url(path.slice(1)))).status).toBeGreaterThanOrEqual(400);
    }
  });

  it('leads from each folder to its parent, and from the root to every folder', async () => {
    const seen = new Set<string>();
    const walk = async (id: string): Promise<void> => {
      const { json } = await get(`api/folder?id=${encodeURIComponent(id)}&limit=200`);
      expect(json.last).toBe(true);
      for (const folder of json.folders ?? []) {
        if (seen.has(folder.id)) continue;
        seen.add(folder.id);
        expect((await get(`api/folder?id=${encodeURIComponent(folder.parent)}`)).status).toBe(200);
        if (!folder.id.startsWith('k_')) expect(folder.parent).toBe(id);
        await walk(folder.id);
      }
    };
    await walk('');
    expect([...seen]).toEqual(expect.arrayContaining(['o_ahtari', 's_kela-vaasa', 'k_advice', 'c_interpreters', 'o_jyvaskyla']));
  });

  it('tells the opening state as words and as times', async () => {
    served.clock.now = Date.UTC(2026, 11, 5, 10);
    const { json } = await get('api/folder?id=o_kela');
    // Monday after is the 7th; Independence Day is a Sunday.
    expect(json.entries?.[0]).toMatchObject({ open: false, opensAt: '2026-12-07T07:00:00.000Z', state: 'suljettu, avataan ma 7.12.2026 klo 9.00' });
    served.clock.now = Date.UTC(2026, 10, 23, 8, 30);
    const words = 'avoinna, sulkeutuu klo 15.00';
    expect((await get('api/folder?id=o_kela')).json.entries?.[0]).toMatchObject({ open: true, closesAt: '2026-11-23T13:00:00.000Z', state: words });
    // The next day the words are the same and the time is another.
    served.clock.now = Date.UTC(2026, 10, 24, 8, 30);
    expect((await get('api/folder?id=o_kela')).json.entries?.[0]).toMatchObject({ open: true, closesAt: '2026-11-24T13:00:00.000Z', state: words });
    served.clock.now = Date.UTC(2026, 10, 23, 8, 30);
  });

  it('answers what is not there with 404 and what is missing with 400', async () => {
    expect((await get('api/folder?id=o_nobody')).status).toBe(404);
    expect((await get('api/entry?id=e_nobody@palvelu.example')).status).toBe(404);
    expect((await get('api/entry?id=p_nobody')).status).toBe(404);
    expect((await get('api/entry?id=e_tulkki-ar-1@tulkkikeskus.example')).status).toBe(404);
    expect((await get('api/search?q=')).status).toBe(400);
    expect((await get('api/search?q=kela&folder=o_nobody')).status).toBe(404);
  });
});
