import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import WebSocket from 'ws';
import { controlRequest } from '../../src/web';
import { registerContact, scenario, sippCaller, sippDevice } from '../support/sipp-devices';
import { addDevices, addService, DOMAIN, PASSWORD, startTestGateway, type TestGateway } from '../support/test-gateway';
import { Baresip, describePeer, expectAllSuccessful, makeCertificate, SipWsClient, startSipp, until, type Sipp } from './harness';
import { phoneSdp } from './harness/raw-phone';

jest.setTimeout(60_000);

const BROWSER = 'selain@koti.kunta.example';
const OTHER_BROWSER = 'selain-2@koti.kunta.example';
const DESK = 'ex90-1@laite.kunta.example';
/** Services: one that the desk answers, one that the browser does, one where the browser comes first and then the desk. */
const [TO_DESK, TO_BROWSER, TO_BOTH] = ['kela.fi', 'koti.fi', 'jono.fi'].map((name) => `${name}@${DOMAIN}`) as [string, string, string];

describePeer(['sipp', 'baresip', 'openssl'], 'browsers over WebSocket', () => {
  let gateway: TestGateway;
  let folder: string;
  let ca: string;
  const clients: SipWsClient[] = [];
  const sipps: Sipp[] = [];

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-ws-'));
    const { certFile, keyFile } = makeCertificate(folder);
    ca = fs.readFileSync(certFile, 'utf8');
    gateway = await startTestGateway({
      ETASILTA_SIP_LISTEN: 'sip:127.0.0.1:0;transport=udp sip:127.0.0.1:0;transport=ws sip:127.0.0.1:0;transport=wss',
      ETASILTA_SIP_TLS_CERT_FILE: certFile, ETASILTA_SIP_TLS_KEY_FILE: keyFile, ETASILTA_SIP_REGISTRATION_KEEP_ALIVE_SECONDS: '5',
      ETASILTA_SIP_PEERS: JSON.stringify([{ name: 'partner', addresses: ['127.0.0.1'] }]),
    });
    await addDevices(gateway.directory, [{ address: BROWSER }, { address: OTHER_BROWSER }, { address: DESK }]);
    await addService(gateway.directory, TO_DESK, [DESK]);
    await addService(gateway.directory, TO_BROWSER, [BROWSER]);
    await addService(gateway.directory, TO_BOTH, [BROWSER, DESK], { strategy: 'order' });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    for (const sipp of sipps.splice(0)) await sipp.stop();
  });
  afterAll(async () => {
    await gateway.stop();
    fs.rmSync(folder, { recursive: true });
  });

  const browser = async (transport: 'ws' | 'wss', address = BROWSER, password = PASSWORD): Promise<SipWsClient> => {
    const [user = '', domain = ''] = address.split('@');
    const client = await SipWsClient.connect({ url: `${transport}://${gateway.address(transport)}`, user, domain, password, ca: transport === 'wss' ? ca : undefined });
    clients.push(client);
    return client;
  };
  const desk = async (uas: string): Promise<Sipp> => {
    const sipp = await sippDevice(gateway.address('udp'), DESK, uas);
    sipps.push(sipp);
    return sipp;
  };
  const partnerCalls = async (uac: string, service: string): Promise<void> => {
    const sipp = await sippCaller(gateway.address('udp'), uac, service.split('@')[0] as string);
    sipps.push(sipp);
    expectAllSuccessful(await sipp.finished);
  };
  const registrations = (): Promise<{ address: string; reachable: boolean; contact: string }[]> =>
    controlRequest(path.join(gateway.dataDir, 'control.sock'), 'GET', '/registrations');

  describe.each(['ws', 'wss'] as const)('over %s', (transport) => {
    test('registers with digest and outbound under an address that nobody can look up', async () => {
      const client = await browser(transport);
      const answer = await client.register();
      expect(answer.startLine).toBe('SIP/2.0 200 OK');
      expect(client.contact).toMatch(/\.invalid;transport=ws$/);
      expect(await registrations()).toContainEqual(expect.objectContaining({ address: BROWSER, contact: client.contact, reachable: true }));
      await client.register(0);
      expect((await registrations()).filter(({ contact }) => contact === client.contact)).toEqual([]);
    });

    test('a wrong password is refused', async () => {
      await expect((await browser(transport, BROWSER, 'arvaus')).register()).rejects.toMatchObject({ status: 401 });
    });

    test('dials a service by its name and reaches a SIP device', async () => {
      const callee = await desk('uas-basic');
      const client = await browser(transport);
      await client.register();
      const call = await client.invite(`sip:kela@${DOMAIN}`);
      // The device speaks plain audio only: every other line of the browser's offer is refused in its place, none dropped.
      expect(call.remoteSdp.match(/^m=\w+ \d+/gm)).toEqual([expect.stringMatching(/^m=audio [1-9]/), 'm=video 0']);
      await call.hangUp();
      expectAllSuccessful(await callee.finished);
    });

    test('is called by its service over the connection that it opened, and hangs up', async () => {
      const client = await browser(transport);
      await client.register();
      const calling = partnerCalls('uac-callee-ends', TO_BROWSER);
      const call = await client.nextCall();
      expect(client.log.find((message) => message.startsWith('< INVITE'))).toContain(`< INVITE ${client.contact} SIP/2.0\r\n`);
      await call.hangUp();
      await calling;
    });

    test('hears it when the caller hangs up', async () => {
      const client = await browser(transport);
      await client.register();
      const calling = partnerCalls('uac-basic', TO_BROWSER);
      const call = await client.nextCall();
      await until('the end at the browser', () => call.ended);
      await calling;
    });

    test('its CRLF keep-alive is answered (RFC 7118 section 6, RFC 5626 section 4.4.1)', async () => {
      const socket = new WebSocket(`${transport}://${gateway.address(transport)}`, 'sip', { ca });
      try {
        const pong = new Promise<string>((resolve, reject) => { socket.on('message', (data) => resolve(String(data))).on('error', reject); });
        socket.on('open', () => socket.send('\r\n\r\n'));
        expect(await pong).toBe('\r\n');
      } finally {
        socket.terminate();
      }
    });
  });

  test('one browser calls the other by its address', async () => {
    const [one, two] = [await browser('ws'), await browser('wss', OTHER_BROWSER)];
    await one.register();
    await two.register();
    const call = await one.invite(`sip:${OTHER_BROWSER}`);
    const other = await two.nextCall();
    // Direct media: descriptions pass as they are.
    expect(two.offers[0]).toContain('m=audio 9 UDP/TLS/RTP/SAVPF 111 8 126');
    await other.hangUp();
    await until('the end at the caller', () => call.ended);
  });

  test('baresip hears what a browser-style caller offers and answers it', async () => {
    const agent = await Baresip.start({ user: 'ex90-1', domain: 'laite.kunta.example', password: PASSWORD, registrar: gateway.address('udp'), toneHz: 440 });
    try {
      expect(await agent.registration()).toBe('200 OK');
      const client = await browser('ws');
      await client.register();
      const call = await client.invite(`sip:kela@${DOMAIN}`, phoneSdp());
      await agent.waitFor('CALL_ESTABLISHED');
      expect(call.remoteSdp).toMatch(/^m=audio [1-9]\d* RTP\/AVP 8/m);
      await call.hangUp();
      await agent.waitFor('CALL_CLOSED');
    } finally {
      await agent.close();
    }
  });

  test('calls pass over a browser whose connection dropped, at once and after it was noticed as gone; when it is back it is called again', async () => {
    const gone = await browser('ws');
    await gone.register();
    await gone.close();
    const callee = await startSipp({ scenario: scenario('uas-basic'), calls: 2, timeoutSeconds: 50 });
    sipps.push(callee);
    await registerContact(gateway.address('udp'), DESK, `sip:ex90-1@127.0.0.1:${callee.port}`);
    await partnerCalls('uac-basic', TO_BOTH);
    const state = async (): Promise<boolean | undefined> => (await registrations()).find(({ contact }) => contact === gone.contact)?.reachable;
    await until('the keep-alive notices', async () => (await state()) === false, 40_000);
    await partnerCalls('uac-basic', TO_BOTH);
    expectAllSuccessful(await callee.finished, 2);

    const back = await browser('ws');
    await back.register();
    const calling = partnerCalls('uac-basic', TO_BOTH);
    await back.nextCall();
    await calling;
  });
});
