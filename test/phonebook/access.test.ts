import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { reader, serve, type Served } from './support';
import { Access, createPhonebookServer } from '../../src/phonebook';

let served: Served;
const FILES = ['etela-pohjanmaa.yaml', 'etela-pohjanmaa-ahtari.yaml', 'etela-pohjanmaa-soini.yaml', 'kela.yaml'];

beforeEach(async () => { served = await serve([reader(), reader({ name: 'soini', organisation: 'soini' })], { requestsPerSecond: 5, files: FILES }); });
afterEach(() => served.close());

const status = async (url: string, init?: RequestInit): Promise<number> => (await fetch(url, init)).status;
const soap = (inner: string): string => `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><Search>${inner}</Search></e:Body></e:Envelope>`;
const ask = (body: string | Buffer): Promise<Response> => fetch(served.url('tms'), { method: 'POST', body, headers: { 'Content-Type': 'text/xml' } });
const isServed = async (): Promise<boolean> => (await ask(soap('<SearchPath>o_ahtari</SearchPath>'))).status === 200;

describe('the secret in the URL', () => {
  it('lets its reader in and nobody else; a wrong one looks like no path at all', async () => {
    expect(await status(served.url('api/folder'))).toBe(200);
    const wrong = await fetch(served.url('api/folder').replace('ahtari-secret', 'ahtari-secreT'));
    const nowhere = await fetch(`${served.origin}/nowhere`);
    expect([wrong.status, nowhere.status]).toEqual([404, 404]);
    expect(await wrong.text()).toBe('');
    for (const path of ['/phonebook//fi/tms', '/phonebook/%00/fi/tms', `/phonebook/${'a'.repeat(5000)}/fi/api/folder`, '/phonebook/../../etc/passwd', '/phonebook/%2e%2e%2fahtari/fi/api/folder', '/phonebook/%zz/fi/api/folder']) {
      expect([path.slice(0, 40), await status(`${served.origin}${path}`)]).toEqual([path.slice(0, 40), expect.any(Number)]);
      expect(await status(`${served.origin}${path}`)).toBeGreaterThanOrEqual(400);
    }
  });

  it('lets its reader in however often others behind the same address try wrong ones', async () => {
    for (let i = 0; i < 100; i++) expect(await status(`${served.origin}/phonebook/guess-number-${i}-000000/fi/api/folder`)).toBe(404);
    expect(await status(served.url('api/folder'))).toBe(200);
  });

  it('is in no log', async () => {
    const errors: object[] = [];
    const failing = { view: () => Promise.reject(new Error('database is gone')), search: async () => [], persons: async () => new Map() };
    const server = await createPhonebookServer({ directory: failing, reach: { mayDial: () => true }, now: Date.now, log: { error: (detail: object) => void errors.push(detail) } as never }, {
      listen: ['http://127.0.0.1:0'], requestsPerSecond: 5, readers: [{ ...reader(), identities: {}, networks: [], secret: 'secret-0123456789' }],
    });
    expect(await status(`${server.urls[0]}/phonebook/secret-0123456789/fi/api/folder`)).toBe(500);
    await server.close();
    expect(errors).toEqual([{ route: '/phonebook/:secret/:language/api/folder', error: 'database is gone' }]);
  });

  it('may be bound to networks', () => {
    const access = new Access([{ reader: reader(), secret: 's'.repeat(16), networks: ['192.0.2.0/24', '2001:db8::/32'] }], { requestsPerSecond: 10 }, () => 0);
    expect(access.admit('s'.repeat(16), '192.0.2.9')).toHaveProperty('reader');
    expect(access.admit('s'.repeat(16), '2001:db8::1')).toHaveProperty('reader');
    expect(access.admit('s'.repeat(16), '198.51.100.1')).toEqual({ refused: 'unknown' });
  });
});

describe('requests', () => {
  it('of one reader from one address are limited, and others are not touched by it', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 60; i++) statuses.push(await status(served.url('api/folder')));
    expect(statuses.filter((one) => one === 200)).toHaveLength(50);
    const limited = await fetch(served.url('api/folder'));
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '10']);
    expect(await status(served.url('api/folder', 'soini'))).toBe(200);
    served.clock.now += 1_000;
    expect(await status(served.url('api/folder'))).toBe(200);
  });

  it('whose askers are many are remembered for ten thousand of them', () => {
    const access = new Access([{ reader: reader(), secret: 's'.repeat(16) }], { requestsPerSecond: 0.1 }, () => 0);
    for (let i = 0; i < 50_000; i++) access.admit('s'.repeat(16), `2001:db8::${i.toString(16)}`);
    const { requests } = access as unknown as { requests: { buckets: Map<string, unknown> } };
    expect(requests.buckets.size).toBe(10_000);
  });
});

describe('a hostile body costs its sender the answer and nobody else anything', () => {
  const laughs = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 9 }, (_, i) => `<!ENTITY ${'bcdefghij'[i]} "${`&${'abcdefghi'[i]};`.repeat(10)}">`).join('')}]>`;
  const cases: [string, string | Buffer][] = [
    ['entities that expand to a thousand million letters', laughs + soap('<SearchString>&j;</SearchString>')],
    ['an entity that names a file', `<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>${soap('<SearchString>&f;</SearchString>')}`],
    ['a document type alone', `<!DOCTYPE x SYSTEM "http://192.0.2.1/x.dtd">${soap('')}`],
    ['elements within elements within elements', soap('<a>'.repeat(1_000) + '</a>'.repeat(1_000))],
    ['elements that never end', soap('<a>'.repeat(5_000))],
    ['no XML', 'SearchString=kela'],
    ['nothing', ''],
    ['two bytes a letter', Buffer.from(`\ufeff${soap('')}`, 'utf16le')],
    ['no text at all', Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xc3])],
    ['no operation', '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>'],
    ['names of JavaScript\'s own', '<Envelope><Body><__proto__><Search/></__proto__></Body></Envelope>'],
  ];

  it.each(cases)('%s', async (_, body) => {
    const response = await ask(body);
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(text).toContain('<faultcode>env:Client</faultcode>');
    expect(text.length).toBeLessThan(600);
    expect(text).not.toContain('root:');
    expect(await isServed()).toBe(true);
    expect(served.errors).toEqual([]);
  });

  it('a body larger than 64 KiB is not read to its end', async () => {
    expect((await ask(soap(`<SearchString>${'a'.repeat(70_000)}</SearchString>`))).status).toBe(413);
    expect(await isServed()).toBe(true);
  });

  it('letters that XML cannot have are left out of answers', async () => {
    await served.directory.update('service', 'kela.fi@palvelu.example', (one) => ({ ...one, names: { fi: 'Kela <&"\'> \ud83d\ude00' } }));
    const body = await (await ask(soap('<SearchPath>o_kela</SearchPath>'))).text();
    expect(body).toContain('<Name>Kela &lt;&amp;&quot;\'&gt; \ud83d\ude00</Name>');
  });

  it('numbers and identifiers beyond all bounds are taken for something sensible', async () => {
    for (const inner of ['<MaxResult>-5</MaxResult>', '<MaxResult>1e99</MaxResult>', '<MaxResult>99999999999</MaxResult>', `<SearchPath>${'x'.repeat(50_000)}</SearchPath>`, '<StartFromId>&#0;</StartFromId>', '<SearchString>&#x1F600; * ( \\ %</SearchString>']) {
      expect([inner.slice(0, 40), [200, 500].includes((await ask(soap(inner))).status)]).toEqual([inner.slice(0, 40), true]);
    }
    expect(served.errors).toEqual([]);
  });
});

describe('clients that are slow or silent', () => {
  const port = (): number => Number(new URL(served.origin).port);

  it('do not keep others waiting', async () => {
    const sockets = Array.from({ length: 200 }, () => connect(port(), '127.0.0.1'));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    for (const socket of sockets) socket.write('POST /phonebook/x/fi/tms HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n<');
    expect(await isServed()).toBe(true);
    for (const socket of sockets) socket.destroy();
  });

  it('who do not read their answers do not keep others waiting either', async () => {
    const sockets = Array.from({ length: 40 }, () => connect(port(), '127.0.0.1').pause());
    const { pathname } = new URL(served.url('contacts.vcf', 'soini'));
    for (const socket of sockets) for (let i = 0; i < 20; i++) socket.write(`GET ${pathname} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(await isServed()).toBe(true);
    for (const socket of sockets) socket.destroy();
  });

  it('are disconnected when their request does not come to its end', async () => {
    const socket = connect(port(), '127.0.0.1');
    socket.write('POST /phonebook/x/fi/tms HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n<');
    const answer: Buffer[] = [];
    socket.on('data', (data: Buffer) => answer.push(data));
    await once(socket, 'close');
    expect(Buffer.concat(answer).toString()).toMatch(/^(HTTP\/1\.1 408 |$)/);
  }, 30_000);

  it('with headers beyond 8 KiB are refused', async () => {
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      httpRequest(served.url('api/folder'), { headers: { 'X-Long': 'a'.repeat(10_000) } }, (res) => { res.resume(); resolve(res.statusCode); }).on('error', reject).end();
    });
    expect(answer).toBe(431);
    expect(await isServed()).toBe(true);
  });
});
