import { startMediaServerInWorker } from '../../../src/embedded/media-server';
import { Control } from '../../../src/embedded/media-server/control/control';
import type { ServerEvent } from '../../../src/embedded/media-server/control/event';
import { startHeartbeat } from '../../../src/embedded/media-server/control/heartbeat';
import { LoadMeter } from '../../../src/embedded/media-server/control/load-meter';
import { createProcessing } from '../../../src/embedded/media-server/processing';
import { EslClient } from './support/esl-client';
import { PASSWORD } from './support/running-media-server';

test('applications are told every 20 s that the server lives and how full it is', () => {
  jest.useFakeTimers();
  const load = new LoadMeter();
  const control = new Control({ processing: createProcessing(), maxSessions: 7, load, log: () => undefined, folder: '/' });
  const heard: ServerEvent[] = [];
  control.events.add({ onlyChannel: undefined, wants: (name) => name === 'HEARTBEAT', notify: (event) => heard.push(event) });
  const stop = startHeartbeat(control);
  jest.advanceTimersByTime(40_000);
  expect(heard).toHaveLength(2);
  expect(heard[0]?.get('Max-Sessions')).toBe('7');
  expect(heard[0]?.get('Session-Count')).toBe('0');
  expect(Number(heard[0]?.get('Idle-CPU'))).toBeGreaterThanOrEqual(0);
  expect(heard[0]?.get('Up-Time')).toMatch(/^0 years, 0 days, 0 hours/);
  stop();
  load.close();
  jest.useRealTimers();
});

test('the server in its own thread serves like the other, counts and ends', async () => {
  const lines: string[] = [];
  const server = await startMediaServerInWorker({
    esl: { host: '127.0.0.1', port: 0 }, password: PASSWORD, sip: { host: '127.0.0.1', port: 0 }, rtp: { min: 0, max: 0 }, log: (_level, event) => lines.push(event),
  });
  const client = await EslClient.authenticated(server.eslPort, PASSWORD);
  expect(await client.api('sofia status')).toContain(`sip:mod_sofia@127.0.0.1:${server.sipPort}`);
  expect(await server.stats()).toMatchObject({ sessions: 0, applications: 1 });
  expect(lines).toContain('listening');
  await server.close();
  await client.ended();
  await expect(server.stats()).rejects.toThrow('thread has ended');
});

test('a fault of the start is thrown where it was started', async () => {
  await expect(startMediaServerInWorker({
    esl: { host: '127.0.0.1', port: 0 }, password: '', sip: { host: '127.0.0.1', port: 0 }, rtp: { min: 0, max: 0 },
  })).rejects.toMatchObject({ code: 'password-missing' });
});
