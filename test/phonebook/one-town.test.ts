import { reader, serve, type Served } from './support';
import { TmsClient } from './tms-client';

const VENDORS = ['cisco', 'fanvil', 'polycom', 'snom', 'yealink'];
const SERVICE = 'yhteispalvelu.fi.ahtari@palvelu.example';

describe('a reader of one town', () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve([reader(), reader({ name: 'suffix', openState: 'suffix' }), reader({ name: 'description', openState: 'description' })], { files: ['etela-pohjanmaa.yaml', 'etela-pohjanmaa-ahtari.yaml'] });
  });
  afterAll(() => served.close());

  it('whose book has one folder only sees what is in it when it opens the book', async () => {
    const { directory } = served;
    const root = await new TmsClient(served.url('tms')).search({});
    expect(root.catalogs.map(({ id }) => id)).toEqual(['c_classes', 'o_etela-pohjanmaa']);
    await directory.update('service', SERVICE, (service) => ({ ...service, hidden: true }));
    try {
      const alone = await new TmsClient(served.url('tms')).search({});
      expect(alone.catalogs.map(({ id }) => id)).toEqual(['o_ahtari']);
      const inside = await new TmsClient(served.url('tms')).search({ path: 'o_etela-pohjanmaa' });
      expect(alone).toEqual(inside);
    } finally {
      await directory.update('service', SERVICE, ({ hidden: _, ...service }) => service);
    }
  });

  const OPEN = 'avoinna, sulkeutuu klo 15.00';
  const page = async (name: string, vendor: string): Promise<Response> => fetch(`${served.url(vendor, name)}?folder=o_ahtari`);

  it.each(VENDORS)('reads on %s whether a service is open, where the operator wants it', async (vendor) => {
    const [off, suffix, description] = await Promise.all(['ahtari', 'suffix', 'description'].map(async (name) => (await page(name, vendor)).text()));
    expect(off).toContain('Yhteispalvelu, Ähtäri');
    expect(off).not.toContain(OPEN);
    expect(suffix).toContain(`Yhteispalvelu, Ähtäri (${OPEN})`);
    // Of these only Snom shows more than a name.
    expect(description?.includes(`<ExtraText>${OPEN}</ExtraText>`)).toBe(vendor === 'snom');
    expect(description).not.toContain(`(${OPEN})`);
  });

  it.each(VENDORS)('need not read the same again on %s', async (vendor) => {
    const first = await page('suffix', vendor);
    const tag = first.headers.get('etag') ?? '';
    const again = async () => (await fetch(`${served.url(vendor, 'suffix')}?folder=o_ahtari`, { headers: { 'If-None-Match': tag } })).status;
    expect([first.status, await again()]).toEqual([200, 304]);
    const { now } = served.clock;
    served.clock.now += 6 * 3_600_000;
    try {
      // It has closed meanwhile.
      expect(await again()).toBe(200);
    } finally {
      served.clock.now = now;
    }
  });
});
