import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startSimulatedEndpoint } from '../../src/simulator';
import { TestSwitch } from '../simulator/b2bua';
import { Baresip, describePeer, expectAllSuccessful, makeCertificate, runSipp, startTlsRelay, until } from './harness';

const PASSWORDS = { anna: 'secret', bertta: 'secret' };
const account = (user: keyof typeof PASSWORDS): { address: string; password: string } => ({ address: `${user}@test.example`, password: PASSWORDS[user] });
const hostOf = (uri: string): string => /sip:([^;]+)/.exec(uri)?.[1] ?? '';

/** The peers over TLS, against a switch that is not the gateway. */
describePeer('openssl', 'TLS', () => {
  let folder: string;
  let certFile: string;
  let ca: string;
  let exchange: TestSwitch;

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-tls-'));
    const files = makeCertificate(folder);
    certFile = files.certFile;
    ca = fs.readFileSync(certFile, 'utf8');
    exchange = await TestSwitch.start(PASSWORDS, 'MD5', 'tls', { cert: ca, key: fs.readFileSync(files.keyFile, 'utf8') });
  });
  afterAll(async () => {
    await exchange.close();
    fs.rmSync(folder, { recursive: true });
  });

  test('simulated endpoints register and call', async () => {
    const bertta = await startSimulatedEndpoint({ ...account('bertta'), registrar: exchange.uri, ca, toneHz: 1000 });
    const anna = await startSimulatedEndpoint({ ...account('anna'), registrar: exchange.uri, ca });
    const call = await anna.call('bertta@test.example');
    await until('the tone', () => call.mediaReport.audio?.heard.kind === 'tone');
    expect(call.remote.contact).toContain('transport=tls');
    await anna.close();
    await bertta.close();
  });

  test('a server whose certificate nobody vouches for is not talked to', async () => {
    await expect(startSimulatedEndpoint({ ...account('anna'), registrar: exchange.uri })).rejects.toMatchObject({ sipStatus: 503 });
  });

  describePeer('baresip', 'baresip', () => {
    test('registers', async () => {
      const baresip = await Baresip.start({ user: 'anna', domain: 'test.example', password: 'secret', registrar: hostOf(exchange.uri), transport: 'tls', caFile: certFile, toneHz: 440 });
      try {
        expect(await baresip.registration()).toBe('200 OK');
      } finally {
        await baresip.close();
      }
    });
  });

  describePeer('sipp', 'sipp through a relay', () => {
    test('registers', async () => {
      const [host = '', port] = hostOf(exchange.uri).split(':');
      const relay = await startTlsRelay({ host, port: Number(port), ca });
      try {
        expectAllSuccessful(await runSipp({
          scenario: path.join(__dirname, 'harness/scenarios/register-digest.xml'), remote: `127.0.0.1:${relay.port}`, transport: 'tcp',
          fields: [['anna', '[authentication username=anna password=secret]']], keys: { domain: 'test.example', expires: '600' },
        }));
      } finally {
        await relay.close();
      }
    });
  });
});
