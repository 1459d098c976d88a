import fs from 'node:fs';
import { request } from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { ConfigError, loadConfig } from '../../src/config';
import { createPhonebookServer, type PhonebookDeps, type PhonebookSettings } from '../../src/phonebook';
import { makeCertificate } from '../peers/harness/certificate';
import { serve, reader } from './support';

const deps: PhonebookDeps = {
  directory: { view: () => Promise.reject(new Error('not asked')), search: async () => [], persons: async () => new Map() },
  reach: { mayDial: () => false }, now: Date.now, log: { error: () => undefined } as never,
};
const settings = (changes: Partial<PhonebookSettings>): PhonebookSettings => ({ listen: ['http://127.0.0.1:0'], readers: [], requestsPerSecond: 1, ...changes });
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-phonebook-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

const load = (phonebook: string) => {
  fs.writeFileSync(path.join(folder, 'etasilta.yaml'), `phonebook:\n${phonebook}`);
  return loadConfig({ cwd: folder, env: {} }).phonebook;
};

describe('the settings', () => {
  test('by default nobody reads, and only this machine could', () => {
    expect(loadConfig({ cwd: os.tmpdir(), env: {} }).phonebook).toMatchObject({ listen: ['http://127.0.0.1:8081'], readers: [] });
  });

  test.each([
    ['    - { name: a, organisation: kela }', 'exactly one of secret and secretFile'],
    ['    - { name: a, organisation: kela, secret: short }', '16 to 100 of'],
    ['    - { name: a, secret: 0123456789abcdef }', 'exactly one of organisation, device and peer'],
    ['    - { name: a, organisation: kela, device: x@y.example, secret: 0123456789abcdef }', 'exactly one of organisation, device and peer'],
  ])('a reader %s is refused: %s', (line, reason) => {
    expect(() => load(`  readers:\n${line}\n`)).toThrow(ConfigError);
    expect(() => load(`  readers:\n${line}\n`)).toThrow(reason);
  });

  test('a reader\'s secret may be in a file beside the configuration', async () => {
    fs.writeFileSync(path.join(folder, 'kela.secret'), 'from-the-file-0123\n');
    const configured = load('  listen: ["http://127.0.0.1:0"]\n  readers:\n    - { name: a, organisation: kela, secretFile: kela.secret }\n');
    expect(configured.readers[0]?.secretFile).toBe(path.join(folder, 'kela.secret'));
    const server = await createPhonebookServer(deps, configured);
    expect((await fetch(`${server.urls[0]}/phonebook/from-the-file-0123/fi/api/folder`)).status).toBe(500);
    expect((await fetch(`${server.urls[0]}/phonebook/kela.secret/fi/api/folder`)).status).toBe(404);
    await server.close();
  });

  test('that cannot work are told with what to do', async () => {
    const one = { ...reader(), identities: {}, networks: [] };
    fs.writeFileSync(path.join(folder, 'bad.secret'), 'too short');
    const failure = (changes: Partial<PhonebookSettings>) => createPhonebookServer(deps, settings(changes)).then(() => 'started', (error: { code: string; hint: string }) => `${error.code} ${error.hint.length > 10}`);
    expect(await failure({ listen: ['https://127.0.0.1:0'] })).toBe('phonebook-tls true');
    expect(await failure({ readers: [{ ...one, secretFile: path.join(folder, 'none') }] })).toBe('phonebook-secret true');
    expect(await failure({ readers: [{ ...one, secretFile: path.join(folder, 'bad.secret') }] })).toBe('phonebook-secret true');
    expect(await failure({ uds: { reader: 'nobody', networks: ['127.0.0.1'] } })).toBe('phonebook-uds true');
    const taken = await createPhonebookServer(deps, settings({}));
    expect(await failure({ listen: taken.urls })).toBe('phonebook-listen true');
    await taken.close();
  });
});

test('phone books are served over HTTPS, and over several listeners at once', async () => {
  const tls = makeCertificate(folder);
  const served = await serve([reader()], { files: [], listen: ['http://127.0.0.1:0', 'https://127.0.0.1:0'], tls });
  const secure = served.urls[1] as string;
  expect(secure).toMatch(/^https:/);
  const answered = await new Promise<number | undefined>((resolve, reject) => {
    request(`${secure}/phonebook/openapi.json`, { ca: fs.readFileSync(tls.certFile) }, (res) => { res.resume(); resolve(res.statusCode); }).on('error', reject).end();
  });
  expect(answered).toBe(200);
  expect((await fetch(`${served.origin}/phonebook/openapi.json`)).status).toBe(200);
  await served.close();
});
