import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reader, serve, type Served } from './support';

const FIXTURES = join(__dirname, 'fixtures');
const packed = (xml: string): string => xml.replace(/>\s+</g, '><').trim();

/**
 * Requests as EX90 and CE devices send them, and the answers, written from the service's documented form: in a result Name, Id, the
 * folders (Name, Id, IsFirst, IsLast), the entries (Name, Id, a Route for each way, IsLast, IsFirst, BaseDN, SystemType), NoOfEntries,
 * FolderExists; in a route CallType, Protocol, Restrict, DialString, Description that ends with the protocol, SystemType. IsFirst and
 * IsLast of the result itself stand where TMS has them, before NoOfEntries; where folders have their entries inside, before IsFirst of
 * the folder. The root has neither name nor identifier. ResolveSystem is documented by name only: its answer is ours.
 */
describe.each([
  ['of the pilot', 'tms', ['']],
  ['of one town', 'tms-one-town', ['etela-pohjanmaa.yaml', 'etela-pohjanmaa-ahtari.yaml']],
])('the TMS phone book service %s answers', (_, folder, files) => {
  const pathOf = (file: string): string => join(FIXTURES, folder, file);
  const names = readdirSync(pathOf('')).flatMap((file) => /^(.*)\.request\.xml$/.exec(file)?.[1] ?? []);
  let served: Served;

  beforeAll(async () => {
    served = await serve([reader({ protocols: ['sip', 'h323'], openState: 'description' })], { files });
  });
  afterAll(() => served.close());

  test.each(names)('%s', async (name) => {
    const response = await fetch(served.url('tms'), {
      method: 'POST', body: readFileSync(pathOf(`${name}.request.xml`)),
      headers: { 'Content-Type': 'text/xml', SOAPAction: '"http://www.tandberg.net/2004/06/PhoneBookSearch/Search"' },
    });
    expect(response.headers.get('content-type')).toBe('text/xml; charset=utf-8');
    const text = await response.text();
    expect(packed(text)).toBe(packed(readFileSync(pathOf(`${name}.response.xml`), 'utf8')));
    expect(response.status).toBe(200);
  });
});
