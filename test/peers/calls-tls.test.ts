import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { scenario } from '../support/sipp-devices';
import { addDevices, addService, DOMAIN, PASSWORD, startTestGateway, type TestGateway } from '../support/test-gateway';
import {
  Baresip, describePeer, expectAllSuccessful, makeCertificate, runSipp, startTlsRelay, toneShare, type BaresipOptions, type CertificateFiles, type TlsRelay,
} from './harness';

jest.setTimeout(60_000);

const CALLER = 'ex90-1@ahtari.kunta.example';
const AGENT = 'agent@kela.kunta.example';

describePeer(['baresip', 'sipp', 'openssl'], 'calls over TLS', () => {
  let folder: string;
  let server: CertificateFiles;
  let stranger: CertificateFiles;
  let gateway: TestGateway;
  const phones: Baresip[] = [];
  const relays: TlsRelay[] = [];

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-calls-tls-'));
    [server, stranger] = ['server', 'stranger'].map((name) => {
      fs.mkdirSync(path.join(folder, name));
      return makeCertificate(path.join(folder, name));
    }) as [CertificateFiles, CertificateFiles];
    gateway = await startTestGateway({
      ETASILTA_SIP_LISTEN: 'sip:127.0.0.1:0;transport=tls sip:127.0.0.1:0;transport=udp',
      ETASILTA_SIP_TLS_CERT_FILE: server.certFile, ETASILTA_SIP_TLS_KEY_FILE: server.keyFile,
      ETASILTA_SIP_PEERS: JSON.stringify([{ name: 'partner', addresses: ['127.0.0.1'] }]),
    });
    await addDevices(gateway.directory, [{ address: CALLER }, { address: AGENT }]);
    await addService(gateway.directory, `kela.fi@${DOMAIN}`, [AGENT]);
  });
  afterEach(async () => {
    for (const phone of phones.splice(0)) await phone.close();
    for (const relay of relays.splice(0)) await relay.close();
  });
  afterAll(async () => {
    await gateway.stop();
    fs.rmSync(folder, { recursive: true });
  });

  const phone = async (address: string, more: Partial<BaresipOptions> = {}): Promise<Baresip> => {
    const [user = '', domain] = address.split('@');
    const one = await Baresip.start({ user, domain, password: PASSWORD, registrar: gateway.address('tls'), transport: 'tls', caFile: server.certFile, toneHz: 1000, ...more });
    phones.push(one);
    return one;
  };
  const relay = async (ca: string): Promise<TlsRelay> => {
    const [host = '', port] = gateway.address('tls').split(':');
    const one = await startTlsRelay({ host, port: Number(port), ca: fs.readFileSync(ca, 'utf8') });
    relays.push(one);
    return one;
  };

  test('at both ends: each registers, one dials the service by name, each hears the other', async () => {
    const [agent, caller] = [await phone(AGENT, { toneHz: 400 }), await phone(CALLER)];
    expect([await agent.registration(), await caller.registration()]).toEqual(['200 OK', '200 OK']);
    await caller.dial(`sip:kela@${DOMAIN}`);
    await Promise.all([caller.waitFor('CALL_ESTABLISHED'), agent.waitFor('CALL_ESTABLISHED')]);
    // The clock of a call is its audio: one and a half seconds of it are to be recorded.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await agent.hangUp();
    await Promise.all([caller.waitFor('CALL_CLOSED'), agent.waitFor('CALL_CLOSED')]);
    expect(toneShare(caller.heard()[0]!, 400)).toBeGreaterThan(0.5);
    expect(toneShare(agent.heard()[0]!, 1000)).toBeGreaterThan(0.5);
  });

  test('sipp calls over TLS, the device is called over UDP', async () => {
    const agent = await phone(AGENT, { transport: 'udp', registrar: gateway.address('udp') });
    expect(await agent.registration()).toBe('200 OK');
    const { port } = await relay(server.certFile);
    expectAllSuccessful(await runSipp({ scenario: scenario('uac-basic'), remote: `127.0.0.1:${port}`, service: 'kela', transport: 'tcp' }));
    await agent.waitFor('CALL_CLOSED');
  });

  test('who trusts another authority does not get to talk, and nobody else notices', async () => {
    const { port } = await relay(stranger.certFile);
    const result = await runSipp({ scenario: scenario('uac-basic'), remote: `127.0.0.1:${port}`, service: 'kela', transport: 'tcp', timeoutSeconds: 3 });
    expect(result).toMatchObject({ successful: 0 });
    const [host = '', tlsPort] = gateway.address('tls').split(':');
    const refused = await new Promise<NodeJS.ErrnoException>((resolve, reject) => {
      const socket = tls.connect({ host, port: Number(tlsPort), ca: fs.readFileSync(stranger.certFile) }, () => reject(new Error('the certificate was taken')));
      socket.on('error', resolve);
    });
    expect(refused.code).toMatch(/SELF_SIGNED|UNABLE_TO_VERIFY/);
    expect(await (await phone(CALLER)).registration()).toBe('200 OK');
  });

  test('plain SIP and old TLS on the TLS port get no answer', async () => {
    const [host = '', port] = gateway.address('tls').split(':');
    const plain = await runSipp({ scenario: scenario('uac-basic'), remote: gateway.address('tls'), service: 'kela', transport: 'tcp', timeoutSeconds: 3 });
    expect(plain).toMatchObject({ successful: 0 });
    expect(plain.messages).not.toContain('SIP/2.0 100');
    const old = await new Promise<string>((resolve) => {
      const socket = tls.connect({ host, port: Number(port), rejectUnauthorized: false, maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }, () => resolve('accepted'));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'refused'));
    });
    expect(old).toMatch(/ALERT_PROTOCOL_VERSION/);
    expect(await (await phone(CALLER)).registration()).toBe('200 OK');
  });
});
