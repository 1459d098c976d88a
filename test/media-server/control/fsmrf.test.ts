import type { MediaServer } from 'drachtio-fsmrf';
import { RtpPhone } from './support/rtp-phone';
import { RunningMediaServer } from './support/running-media-server';

/** The unmodified drachtio-fsmrf on the embedded media server; what is heard is heard over real RTP. */
let running: RunningMediaServer;
let server: MediaServer;
const phones: RtpPhone[] = [];

beforeEach(async () => {
  running = await RunningMediaServer.start();
  server = await running.connect();
});

afterEach(async () => {
  for (const phone of phones.splice(0)) phone.close();
  await running.stop();
});

async function phone(): Promise<RtpPhone> {
  const opened = await RtpPhone.open();
  phones.push(opened);
  return opened;
}

test('connects, and finds the SIP profile', () => {
  expect(server.sip.ipv4.udp.address).toBe(`127.0.0.1:${running.media.sipPort}`);
});

test('creates an endpoint for a remote description', async () => {
  const one = await phone();
  const endpoint = await server.createEndpoint({ remoteSdp: one.sdp() });
  expect(endpoint.remote.mediaPort).toBe(String(one.port));
  expect(endpoint.local.sdp).toContain('m=audio ');
  expect(endpoint.local.mediaIp).toBe('127.0.0.1');
  expect(endpoint.dtmfType).toBe('rfc2833');
  await endpoint.destroy();
  expect(running.media.stats().sessions).toBe(0);
});

test('creates an endpoint without one, and gives it a party later', async () => {
  const endpoint = await server.createEndpoint();
  expect(endpoint.local.sdp).toMatch(/m=audio [\s\S]*m=video /);
  const one = await phone();
  await endpoint.modify(one.sdp());
  expect(endpoint.remote.mediaPort).toBe(String(one.port));
  await endpoint.destroy();
});
