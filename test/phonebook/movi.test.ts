import { join } from 'node:path';
import os from 'node:os';
import { createHash } from 'node:crypto';
import { XMLValidator } from 'fast-xml-parser';
import { loadDialPlan } from '../../src/addressing';
import type { Calls } from '../../src/calls';
import { loadConfig } from '../../src/config';
import { DirectoryRepository, hashPassword, importDirectory, openDirectoryStore, type DirectoryStore } from '../../src/directory';
import { openLiveDirectory } from '../../src/directory/live';
import { createLogger } from '../../src/log';
import { createMoviPhonebook, type MoviPhonebook } from '../../src/phonebook';
import { createReach } from '../../src/routing';
import { openRegistrationStore, SipFront, type RegistrationStore } from '../../src/sip';
import { startSipEngine, type SipEngine } from '../../src/sip-engine';
import { connectRaw, rowsOf, statusOf, type RawClient } from '../sip/raw-client';
import { MONDAY, PILOT } from './support';

const DEVICE = 'tulkki-ar-1@tulkkikeskus.example';
const REALM = 'palvelu.example';
const PASSWORD = 'kissakala-42';

/** The requests are those of a recorded Jabber Video 4.3, with other names. */
describe('Jabber Video searches the phone book by INFO', () => {
  let store: DirectoryStore;
  let registrations: RegistrationStore;
  let engine: SipEngine;
  let front: SipFront;
  let client: RawClient;
  let movi: MoviPhonebook;
  const clock = { now: MONDAY };
  let count = 0;

  beforeAll(async () => {
    store = await openDirectoryStore(':memory:');
    await importDirectory(store, PILOT);
    await new DirectoryRepository(store).update('device', DEVICE, (device) => ({ ...device, credentials: hashPassword('tulkki-ar-1', REALM, PASSWORD) }));
    const directory = await openLiveDirectory(store);
    const log = createLogger('error');
    const config = loadConfig({ cwd: os.tmpdir(), env: { ETASILTA_SIP_LISTEN: 'sip:127.0.0.1:0;transport=tcp', ETASILTA_LOG_LEVEL: 'error' } });
    engine = await startSipEngine(config, log);
    registrations = await openRegistrationStore(':memory:');
    const reach = createReach(await loadDialPlan(join(__dirname, '../../dialplans'), { domain: REALM }));
    movi = createMoviPhonebook({ directory, reach, now: () => clock.now }, { language: 'fi', openState: 'suffix', persons: 'none' });
    front = await SipFront.create({
      config: config.sip, domain: REALM, realm: REALM, nonceKey: Buffer.alloc(32, 7), srf: engine.srf, contacts: engine.contacts, directory, store: registrations, userAgent: 'test', log,
      infoServices: [movi],
    });
    // Nobody calls here.
    front.listen(undefined as unknown as Calls);
    client = await connectRaw(engine.contacts.find((contact) => contact.startsWith('tcp/')) as string);
  });
  afterAll(async () => {
    await client.close();
    await front.close();
    await engine.close();
    await registrations.close();
    await store.close();
  });

  const search = (text: string, more: { offset?: number; size?: number; group?: string } = {}): string => `<?xml version="1.0" encoding="UTF-8"?>
<SearchParameters>
  <searchString>${text}</searchString>
  <returnFields>DisplayName,ContactMethodGroups</returnFields>
  <groupId>${more.group ?? ''}</groupId>
  <maxResultSize>${more.size ?? 10}</maxResultSize>
  <offset>${more.offset ?? 0}</offset>
</SearchParameters>
`;

  async function send(body: string, uri: string, type: string, authorization?: string): Promise<string> {
    count++;
    client.send([
      `INFO ${uri} SIP/2.0`, `Via: SIP/2.0/TCP 127.0.0.1:${client.port};branch=z9hG4bK${count}.1;rport`, 'Call-ID: 546f4050ff00d58b@192.168.0.3', `CSeq: ${100 + count} INFO`,
      `Contact: <sip:${DEVICE};gr=urn:uuid:fa086037-f36b-57f1-b190-e1ebcddbb2c8>`, `From: <sip:${DEVICE}>;tag=bd417b01657b6303`, `To: <${uri}>`, 'Max-Forwards: 70',
      'User-Agent: TANDBERG/772 (MCX 4.3.12.13351) - Mac OS X', 'Expires: 10', ...(authorization ? [`Authorization: ${authorization}`] : []),
      `Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body)}`, '', body,
    ].join('\r\n'));
    return client.next();
  }

  /** Asks, is challenged, and signs the domain alone, as the client does. */
  async function info(body: string, { uri = `sip:phonebook@${REALM}`, type = 'application/tandberg-phonebook+xml', password = PASSWORD } = {}): Promise<{ status: number; type?: string; body: string }> {
    const challenge = rowsOf(await send(body, uri, type), 'WWW-Authenticate')[0] ?? '';
    const nonce = /nonce="([^"]+)"/.exec(challenge)?.[1] ?? '';
    const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
    const signed = `sip:${REALM}`;
    const response = md5(`${md5(`tulkki-ar-1:${REALM}:${password}`)}:${nonce}:00000001:d6d3beb9:auth:${md5(`INFO:${signed}`)}`);
    const answer = await send(body, uri, type, `Digest nonce="${nonce}", realm="${REALM}", qop=auth, username="tulkki-ar-1", uri="${signed}", response="${response}", algorithm=MD5, nc=00000001, cnonce="d6d3beb9"`);
    return { status: statusOf(answer), type: rowsOf(answer, 'Content-Type')[0], body: answer.slice(answer.indexOf('\r\n\r\n') + 4) };
  }

  it('answers every letter, in pieces of ten', async () => {
    const first = await info(search('tu'));
    expect([first.status, first.type]).toEqual([200, 'application/tandberg-phonebook+xml']);
    expect(XMLValidator.validate(first.body)).toBe(true);
    const names = (body: string): string[] => [...body.matchAll(/<DisplayName>(.*?)<\/DisplayName>/g)].map(([, name]) => name as string);
    expect(names(first.body)).toHaveLength(10);
    const second = await info(search('tu', { offset: 10 }));
    expect(names(second.body).filter((name) => names(first.body).includes(name))).toEqual([]);
    expect((await info(search('tulkki arab'))).body).toContain('<DisplayName>Tulkki: arabia (avoinna, sulkeutuu klo 16.00)</DisplayName>');
    expect((await info(search('tulkki arab'))).body).toContain('<Address>sip:tulkki.ar@palvelu.example</Address>');
  });

  it('answers in the device\'s own domain too, and lists groups', async () => {
    expect((await info(search(''), { uri: 'sip:phonebook@tulkkikeskus.example' })).body).toContain('<DisplayName>Viranomaiset</DisplayName>');
    expect((await info(search('', { group: 'o_kela' }))).body).toContain('<DisplayName>Kela, suomeksi');
    expect((await info(search('', { group: 'o_nobody' }))).status).toBe(404);
  });

  it('answers devices only that know their password', async () => {
    expect(await info(search('kela'), { password: 'wrong' })).toMatchObject({ status: 401, body: '' });
  });

  it('refuses what is no search, another type and another user', async () => {
    expect((await info('<!DOCTYPE x [<!ENTITY a "b">]><SearchParameters/>')).status).toBe(400);
    expect((await info('kela')).status).toBe(400);
    expect((await info('v=0', { type: 'application/sdp' })).status).toBe(415);
    expect((await info(search('kela'), { uri: `sip:somebody@${REALM}` })).status).toBe(405);
  });

  it('slows down a device that asks without end, and no other', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 60; i++) statuses.push((await movi.answer(DEVICE, search('kela', { size: 1 }))).status);
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(50);
    expect(statuses.at(-1)).toBe(503);
    expect((await movi.answer('tulkki-ar-2@tulkkikeskus.example', search('kela'))).status).toBe(200);
    clock.now += 10_000;
    expect((await movi.answer(DEVICE, search('kela'))).status).toBe(200);
    expect((await movi.answer('unknown@tulkkikeskus.example', search('kela'))).status).toBe(404);
  });
});
