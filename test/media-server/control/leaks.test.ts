import type { Endpoint, MediaServer } from 'drachtio-fsmrf';
import { until } from '../../peers/harness/until';
import { RtpPhone } from './support/rtp-phone';
import { RunningMediaServer } from './support/running-media-server';

/** What calls leave behind when they are over: nothing. */
const CALLS = 1_000;
const AT_ONCE = 5;
/** A machine that is busy with other things refuses calls for a moment; they are tried again. */
const TRIES = 20;

interface Handles {
  getActiveResourcesInfo(): string[];
}

const resources = (kind: string): number => (process as unknown as Handles).getActiveResourcesInfo().filter((name) => name === kind).length;

test(`${CALLS} channels in a row leave no session, port, socket or timer`, async () => {
  const running = await RunningMediaServer.start();
  const server: MediaServer = await running.connect();
  const phone = await RtpPhone.open();
  const remoteSdp = phone.sdp();
  const endpointOf = async (tries: number): Promise<Endpoint> => {
    try {
      return await server.createEndpoint({ remoteSdp });
    } catch (error) {
      if ((error as { status?: number }).status !== 503 || tries === 1) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
      return endpointOf(tries - 1);
    }
  };
  const one = async (i: number): Promise<void> => {
    const endpoint = await endpointOf(TRIES);
    if (i % 5 === 0) await endpoint.play('silence_stream://20');
    if (i % 7 === 0) await endpoint.join(`room-${i % 3}`);
    await endpoint.destroy();
  };
  await one(0);
  const sockets = resources('TCPSocketWrap');
  const ports = resources('UDPWRAP');
  for (let i = 0; i < CALLS; i += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, (_, k) => one(i + k)));
  await until('the sockets of the last calls', () => resources('TCPSocketWrap') <= sockets && resources('UDPWRAP') <= ports);
  const stats = running.media.stats();
  expect(stats).toMatchObject({ sessions: 0, conferences: 0, sessionsSinceStart: CALLS + 1, applications: 1 });
  expect(stats.ports.used).toBe(0);
  phone.close();
  await running.stop();
}, 120_000);
