import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSipServer, type SipServer } from '../../src/embedded/sip-server';
import { routeFor } from '../../src/sip/route-for';
import { describePeer } from '../peers/harness';
import { TEST_LIMITS } from '../sip-server/support/limits';
import { DOMAIN, startGateway } from './edge-gateway';
import { answer, connectRaw, type RawClient, rowsOf, statusOf } from './raw-client';
import { ask, contactOf, privateUri, register } from './raw-device';

const AOR = `ex90-1@${DOMAIN}`;
const SDP = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n';

/** Encrypted connections outward from an office are the way in that its firewall leaves open. */
describePeer('openssl', 'an endpoint over TLS', () => {
  let folder: string;
  let server: SipServer;
  let gateway: Awaited<ReturnType<typeof startGateway>>;
  let client: RawClient;
  let cert: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'etasilta-'));
    const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile, '-out', certFile,
      '-days', '2', '-subj', '/CN=palvelu.example', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:palvelu.example'], { stdio: 'ignore' });
    cert = readFileSync(certFile, 'utf8');
    server = await startSipServer({
      admin: { host: '127.0.0.1', port: 0 }, secret: 's', contacts: ['sip:127.0.0.1:0;transport=tls', 'sip:127.0.0.1:0;transport=wss'],
      tls: { cert, key: readFileSync(keyFile, 'utf8') },
      limits: TEST_LIMITS,
    });
    gateway = await startGateway({ adminPort: server.adminPort, secret: 's', contacts: server.contacts, close: () => server.close() }, join(folder, 'state.sqlite'));
  });
  afterEach(() => client.close());
  afterAll(async () => {
    await gateway.stop();
    await server.close();
    rmSync(folder, { recursive: true });
  });

  test.each(['tls', 'wss'])('(%s) registers, is called over its own connection and calls over it without a challenge', async (transport) => {
    client = await connectRaw(server.contacts.find((contact) => contact.startsWith(`${transport}/`))!, cert);
    const registered = await register(client);
    expect([statusOf(registered), rowsOf(registered, 'Contact')[0]]).toEqual([200, `${contactOf(client)};expires=3600`]);
    const binding = gateway.location.contactsFor(AOR)[0]!;
    expect(binding.flow).toEqual({ transport, address: '127.0.0.1', port: client.port });

    const { uri, proxy } = routeFor(binding);
    const rung = gateway.srf.createUAC(uri, { proxy, localSdp: SDP }).then(() => 200, (error: { status: number }) => error.status);
    const invite = await client.next();
    expect(invite.split('\r\n')[0]).toBe(`INVITE ${privateUri(client)} SIP/2.0`);
    client.send(answer(invite, 486));
    expect(await rung).toBe(486);
    expect((await client.next()).startsWith('ACK ')).toBe(true);

    expect(statusOf(await ask(client, 'INVITE', 'sip:kela.fi@palvelu.example'))).toBe(486);
  });
});
