import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reader, serve, type Served } from './support';

const FOLDER = join(__dirname, 'fixtures/tms');
const names = readdirSync(FOLDER).flatMap((file) => /^(.*)\.request\.xml$/.exec(file)?.[1] ?? []);
const packed = (xml: string): string => xml.replace(/>\s+</g, '><').trim();

/** Requests as EX90 and CE devices send them, and the answers, both written from the service's documented form. */
describe('the TMS phone book service answers', () => {
  let served: Served;

  beforeAll(async () => {
    served = await serve([reader({ protocols: ['sip', 'h323'], openState: 'description' })]);
  });
  afterAll(() => served.close());

  test.each(names)('%s', async (name) => {
    const response = await fetch(served.url('tms'), {
      method: 'POST', body: readFileSync(join(FOLDER, `${name}.request.xml`)),
      headers: { 'Content-Type': 'text/xml', SOAPAction: '"http://www.tandberg.net/2004/06/PhoneBookSearch/Search"' },
    });
    expect(response.headers.get('content-type')).toBe('text/xml; charset=utf-8');
    const text = await response.text();
    expect(packed(text)).toBe(packed(readFileSync(join(FOLDER, `${name}.response.xml`), 'utf8')));
    expect(response.status).toBe(200);
  });
});
