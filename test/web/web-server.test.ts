import fs from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { DirectoryRepository, openDirectoryStore, type DirectoryStore, type Service } from '../../src/directory';
import { openLiveDirectory, type LiveDirectory } from '../../src/directory/live';
import { createWebServer, type WebServer, type WebServerOptions } from '../../src/web';
import { describePeer, makeCertificate } from '../peers/harness';

// Monday, noon in Helsinki.
const NOON = Date.parse('2026-11-23T10:00:00Z');
const PLAN = { stages: [{ group: 'main', strategy: 'all' as const, ringSeconds: 30 }] };
const service = (local: string, names: Service['names'], more: Partial<Service> = {}): Service => ({
  address: `${local}@palvelu.example`, organisation: 'kela', languages: ['fi', 'sv'], names, plan: PLAN, enabled: true, ...more,
});

let folder: string;
let store: DirectoryStore;
let directory: LiveDirectory;
let server: WebServer;
const options = (more: Partial<WebServerOptions> = {}): WebServerOptions => ({
  host: '127.0.0.1', port: 0, contacts: ['udp/127.0.0.1:5060', 'ws/127.0.0.1:8088'], domain: 'palvelu.example', directory, now: () => NOON, onError: () => undefined, ...more,
});

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-web-'));
  store = await openDirectoryStore(folder);
  const repository = new DirectoryRepository(store);
  await repository.put('organisation', { key: 'kela', type: 'state', names: { fi: 'Kansaneläkelaitos', sv: 'Folkpensionsanstalten', en: 'Social Insurance Institution' }, domain: 'kela.example' });
  await repository.put('service', service('kela.fi', { fi: 'Kelan etuudet', sv: 'FPA:s förmåner' }));
  await repository.put('service', service('ilta.fi', { fi: 'Iltapalvelu' }, { hours: { weekly: [{ days: [1, 2, 3, 4, 5], open: '16:00', close: '20:00' }] } }));
  await repository.put('service', service('piilo.fi', { fi: 'Piilotettu' }, { hidden: true }));
  await repository.put('service', service('vanha.fi', { fi: 'Lakkautettu' }, { enabled: false }));
  directory = await openLiveDirectory(store);
});
afterAll(async () => {
  await store.close();
  fs.rmSync(folder, { recursive: true });
});

describe('the page', () => {
  beforeAll(async () => { server = await createWebServer(options()); });
  afterAll(() => server.close());

  test.each([
    ['sv-FI,sv;q=0.9,fi;q=0.8', '/sv'], ['en-GB', '/en'], ['de, en;q=0.5, fi;q=0.7', '/fi'], ['de', '/fi'], ['', '/fi'],
  ])('a browser that prefers "%s" is led to %s', async (language, where) => {
    const answer = await fetch(`${server.url}/`, { headers: { 'Accept-Language': language }, redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, where]);
  });

  test.each([['fi', 'Kirjaudu'], ['sv', 'Logga in'], ['en', 'Log in']])('is in the language of /%s', async (language, word) => {
    const text = await (await fetch(`${server.url}/${language}`)).text();
    expect(text).toContain(`<html lang="${language}">`);
    expect(text).toContain(word);
    expect(text).toContain('data-sip-url="ws://127.0.0.1:8088"');
  });

  test('lets nothing run, load or connect but its own and the SIP server', async () => {
    const { headers } = await fetch(`${server.url}/fi`);
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self' ws://127.0.0.1:8088; "
      + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('permissions-policy')).toContain('camera=(self), microphone=(self)');
  });

  test('names no other host and has no script or style of its own inside', async () => {
    const text = await (await fetch(`${server.url}/fi`)).text();
    expect(text).not.toMatch(/https?:\/\//);
    expect(text).not.toMatch(/<script(?! src="\/main\.js")|<style|\son\w+=|\sstyle=/);
  });

  test.each(['/main.js', '/style.css', '/fi'])('%s is asked for again only when it changed', async (url) => {
    const first = await fetch(server.url + url);
    expect(first.status).toBe(200);
    expect((await first.text()).length).toBeGreaterThan(1_000);
    const etag = first.headers.get('etag') ?? '';
    expect((await fetch(server.url + url, { headers: { 'If-None-Match': etag } })).status).toBe(304);
  });
});

describe('the list of services', () => {
  beforeAll(async () => { server = await createWebServer(options()); });
  afterAll(() => server.close());
  const list = async (query: string) => {
    const answer = await fetch(`${server.url}/services?${query}`);
    return { status: answer.status, body: await answer.json() as { services: { address: string }[] } };
  };

  test('has what can be dialled, in the language asked for, with what is open and when the others open', async () => {
    const { body } = await list('language=sv');
    expect(body.services).toEqual([
      { address: 'ilta.fi@palvelu.example', name: 'Iltapalvelu', organisation: 'Folkpensionsanstalten', languages: ['fi', 'sv'], open: false, opens: 'må 23.11.2026 kl. 16.00' },
      { address: 'kela.fi@palvelu.example', name: 'FPA:s förmåner', organisation: 'Folkpensionsanstalten', languages: ['fi', 'sv'], open: true },
    ]);
  });

  test('is searched by beginnings of words, with a typing error too', async () => {
    expect((await list('language=fi&text=etuud')).body.services.map(({ address }) => address)).toEqual(['kela.fi@palvelu.example']);
    expect((await list('language=fi&text=iltapalvleu')).body.services.map(({ address }) => address)).toEqual(['ilta.fi@palvelu.example']);
    expect((await list('language=fi&text=verotus')).body.services).toEqual([]);
  });

  test.each(['', 'language=de', `language=fi&text=${'a'.repeat(101)}`])('asked for wrongly ("%.20s") is refused with 400', async (query) => {
    expect((await list(query)).status).toBe(400);
  });
});

describe('guards', () => {
  afterEach(() => server.close());

  test('a source that asks too often is told to wait, until the minute is over', async () => {
    let now = NOON;
    server = await createWebServer(options({ now: () => now }));
    const statuses: number[] = [];
    for (let i = 0; i < 301; i++) statuses.push((await fetch(`${server.url}/style.css`, { method: 'HEAD' })).status);
    expect(statuses.slice(0, 300).every((status) => status === 200)).toBe(true);
    expect(statuses[300]).toBe(429);
    now += 59_000;
    expect((await fetch(`${server.url}/fi`)).headers.get('retry-after')).toBe('1');
    now += 1_000;
    expect((await fetch(`${server.url}/fi`)).status).toBe(200);
  });

  test('a fault inside is told to the operator, not to the browser', async () => {
    const errors: Error[] = [];
    server = await createWebServer(options({ directory: { ...directory, search: () => Promise.reject(new Error('disk /secret/path')) }, onError: (error) => errors.push(error) }));
    const answer = await fetch(`${server.url}/services?language=fi`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('secret');
    expect(errors.map(({ message }) => message)).toEqual(['disk /secret/path']);
  });

  test('what is not there is not there; other methods and long bodies are refused', async () => {
    server = await createWebServer(options());
    expect((await fetch(`${server.url}/../../etc/passwd`)).status).toBe(404);
    expect((await fetch(`${server.url}/..%2fmain.js`)).status).toBe(404);
    expect((await fetch(`${server.url}/services`, { method: 'POST', body: 'x' })).status).toBe(404);
    expect((await fetch(`${server.url}/services`, { method: 'POST', body: 'x'.repeat(2_000) })).status).toBe(413);
  });
});

describe('what it cannot start with', () => {
  test('a port that is taken', async () => {
    const first = await createWebServer(options());
    try {
      await expect(createWebServer(options({ port: Number(new URL(first.url).port) }))).rejects.toMatchObject({ code: 'web-listen', hint: expect.stringContaining('web.port') as string });
    } finally {
      await first.close();
    }
  });

  test('a SIP server that browsers cannot reach', async () => {
    await expect(createWebServer(options({ contacts: ['udp/127.0.0.1:5060'] }))).rejects.toMatchObject({ code: 'web-sip-url' });
    await expect(createWebServer(options({ contacts: ['ws/0.0.0.0:8088'] }))).rejects.toMatchObject({ code: 'web-sip-url' });
  });

  test('a certificate that cannot be read', async () => {
    await expect(createWebServer(options({ contacts: ['wss/127.0.0.1:8443'], tls: { certFile: '/missing.pem', keyFile: '/missing.key' } }))).rejects.toMatchObject({
      code: 'file', message: expect.stringContaining('/missing.pem') as string,
    });
  });

  test('a certificate that is none', async () => {
    const file = path.join(folder, 'none.pem');
    fs.writeFileSync(file, 'not a certificate');
    await expect(createWebServer(options({ contacts: ['wss/127.0.0.1:8443'], tls: { certFile: file, keyFile: file } }))).rejects.toMatchObject({ code: 'web-tls' });
  });

  test('an encrypted page with an unencrypted SIP server, which browsers refuse', async () => {
    const file = path.join(folder, 'none.pem');
    await expect(createWebServer(options({ contacts: ['ws/127.0.0.1:8088'], tls: { certFile: file, keyFile: file } }))).rejects.toMatchObject({ code: 'web-sip-url' });
  });
});

describePeer('openssl', 'with a certificate', () => {
  test('is served over TLS, says so for the future, and sends browsers to wss', async () => {
    const tls = makeCertificate(folder);
    server = await createWebServer(options({ contacts: ['ws/127.0.0.1:8088', 'wss/127.0.0.1:8443'], tls }));
    try {
      const { headers, text } = await new Promise<{ headers: NodeJS.Dict<string | string[]>; text: string }>((resolve, reject) => {
        https.get(`${server.url}/fi`, { ca: fs.readFileSync(tls.certFile) }, (answer) => {
          let text = '';
          answer.on('data', (chunk: Buffer) => { text += chunk.toString(); }).on('end', () => resolve({ headers: answer.headers, text }));
        }).on('error', reject);
      });
      expect(headers['strict-transport-security']).toBe('max-age=31536000');
      expect(text).toContain('data-sip-url="wss://127.0.0.1:8443"');
    } finally {
      await server.close();
    }
  });
});
