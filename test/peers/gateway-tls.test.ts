import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runSelfTest, startSimulatedEndpoint } from '../../src/simulator';
import { addDevices, addService, DOMAIN, PASSWORD, startTestGateway } from '../support/test-gateway';
import { Baresip, describePeer, makeCertificate, toneShare, until } from './harness';

describePeer('openssl', 'the gateway over TLS', () => {
  const [caller, callee, service] = ['soittaja@kunta.example', 'vastaaja@kunta.example', `kela.fi@${DOMAIN}`];
  let folder: string;
  let files: { certFile: string; keyFile: string };
  let gateway: Awaited<ReturnType<typeof startTestGateway>>;

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-call-tls-'));
    files = makeCertificate(folder);
    gateway = await startTestGateway({
      ETASILTA_SIP_LISTEN: 'sip:127.0.0.1:0;transport=tls', ETASILTA_SIP_TLS_CERT_FILE: files.certFile, ETASILTA_SIP_TLS_KEY_FILE: files.keyFile,
    });
    await addDevices(gateway.directory, [{ address: caller }, { address: callee }]);
    await addService(gateway.directory, service, [callee]);
  });
  afterAll(async () => {
    await gateway.stop();
    fs.rmSync(folder, { recursive: true });
  });

  const registrar = (): string => `sip:${gateway.address('tls')};transport=tls`;
  const ca = (): string => fs.readFileSync(files.certFile, 'utf8');

  test('two simulated endpoints: registered, dialled by service name, heard both ways, over the connections that they opened', async () => {
    const result = await runSelfTest({
      registrar: registrar(), service, ca: ca(), caller: { address: caller, password: PASSWORD }, callee: { address: callee, password: PASSWORD },
    });
    expect(result.reason).toBeUndefined();
    expect(result.passed).toBe(true);
  });

  describePeer('baresip', 'with baresip', () => {
    test('a simulated endpoint dials the service and baresip answers: each hears the other', async () => {
      const phone = await Baresip.start({
        user: 'vastaaja', domain: 'kunta.example', password: PASSWORD, registrar: gateway.address('tls'), transport: 'tls', caFile: files.certFile, toneHz: 1000,
      });
      const simulated = await startSimulatedEndpoint({ address: caller, password: PASSWORD, registrar: registrar(), ca: ca(), toneHz: 600 });
      try {
        expect(await phone.registration()).toBe('200 OK');
        const call = await simulated.call(service);
        await until('one second of sound', () => (call.mediaReport.audio?.received ?? 0) > 60);
        expect(call.mediaReport.audio?.heard).toEqual({ kind: 'tone', frequencyHz: 1000 });
        await call.hangUp();
        await phone.waitFor('CALL_CLOSED');
        const [heard] = phone.heard();
        if (heard === undefined) throw new Error(`nothing was recorded:\n${phone.log}`);
        expect(toneShare(heard, 600)).toBeGreaterThan(0.9);
      } finally {
        await Promise.all([simulated.close(), phone.close()]);
      }
    });
  });
});
