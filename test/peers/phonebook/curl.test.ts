import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describePeer, makeCertificate } from '../harness';
import { reader, serve, type Served } from '../../phonebook/support';

const run = promisify(execFile);
const FIXTURES = join(__dirname, '../../phonebook/fixtures/tms');

/** The curl commands of the documentation: the end of the URL and the words behind `curl`. */
function documentedCommands(): [string, string][] {
  const readme = readFileSync(join(__dirname, '../../../directory-data/phonebook/README.md'), 'utf8');
  return [...readme.matchAll(/^curl (.*\/fi\/(.*)')$/gm)].map(([, words = '', end = ''], i) => [`${i + 1}, ${end}`, words]);
}

describePeer('curl', 'curl reads phone books', () => {
  let served: Served;
  let folder: string;
  let secure: string;
  const curl = async (...args: string[]): Promise<{ status: number; body: string }> => {
    const { stdout } = await run('curl', ['--silent', '--max-time', '10', '--write-out', '\n%{http_code}', ...args], { maxBuffer: 8_000_000 });
    const end = stdout.lastIndexOf('\n');
    return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) };
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'etasilta-curl-'));
    const tls = makeCertificate(folder);
    served = await serve([reader({ protocols: ['sip', 'h323'], openState: 'description' })], { listen: ['http://127.0.0.1:0', 'https://127.0.0.1:0'], tls });
    secure = served.url('tms').replace(served.origin, served.urls[1] as string);
  });
  afterAll(async () => {
    await served.close();
    rmSync(folder, { recursive: true });
  });

  test.each(['http', 'https'])('the TMS service over %s', async (scheme) => {
    const { status, body } = await curl('--cacert', join(folder, 'certificate.pem'), '-H', 'Content-Type: text/xml', '-H', 'SOAPAction: "http://www.tandberg.net/2004/06/PhoneBookSearch/Search"',
      '--data-binary', `@${join(FIXTURES, 'search.request.xml')}`, scheme === 'http' ? served.url('tms') : secure);
    expect(status).toBe(200);
    expect(body.replace(/>\s+</g, '><').trim()).toBe(readFileSync(join(FIXTURES, 'search.response.xml'), 'utf8').replace(/>\s+</g, '><').trim());
  });

  test.each(documentedCommands())('the documented command %s', async (_, command) => {
    const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain = '']) => quoted ?? plain)
      .map((word) => word.replace('HTTP://HOST:8081/phonebook/SECRET/fi/', served.url('')));
    const { status, body } = await curl(...words);
    expect(status).toBe(200);
    expect(body).toMatch(/kela|Viranomaiset|<version>/i);
  });

  test('an entity tag saves the second answer', async () => {
    const tags = join(folder, 'tags');
    const first = await curl('--etag-save', tags, served.url('yealink?folder=o_kela&entries=1'));
    const second = await curl('--etag-compare', tags, served.url('yealink?folder=o_kela&entries=1'));
    expect([first.status, second.status, second.body]).toEqual([200, 304, '']);
    await served.directory.update('service', 'kela.fi@palvelu.example', (service) => ({ ...service, names: { ...service.names, fi: 'Kansaneläkelaitos' } }));
    const third = await curl('--etag-compare', tags, served.url('yealink?folder=o_kela&entries=1'));
    expect([third.status, third.body.includes('<Name>Kansaneläkelaitos</Name>')]).toEqual([200, true]);
  });

  test('a path that climbs out of its folder leads nowhere', async () => {
    for (const path of ['../../../../etc/passwd', '%2e%2e/%2e%2e/etc/passwd', 'tms/../../../../etc/passwd', 'contacts.vcf?folder=../../etc']) {
      expect((await curl('--path-as-is', served.url(path))).status).toBe(404);
    }
  });
});
