import { startSipServerInWorker } from '../../src/embedded/sip-server';
import { request, udpPeer } from './support/peer';
import { RunningServer, SECRET } from './support/running-server';

const options = { admin: { host: '127.0.0.1', port: 0 }, secret: SECRET, contacts: ['sip:127.0.0.1:0;transport=udp,tcp'] };

test('the server in its own thread serves like the other, counts and ends', async () => {
  const running = RunningServer.over(await startSipServerInWorker(options));
  await running.application((srf) => srf.options((_req, res) => res.send(200)));
  const phone = await udpPeer('127.0.0.1', running.port('udp'));
  phone.send(request(phone, 'OPTIONS', 'sip:x@example.com'));
  await phone.next(200);
  expect(await running.server.stats()).toMatchObject({ adminClients: 1, messagesIn: 1, messagesOut: 1 });
  phone.close();
  await running.stop();
  await expect(running.server.stats()).rejects.toThrow('thread has ended');
});

test('what it logs comes out in the thread that started it', async () => {
  const events: string[] = [];
  const server = await startSipServerInWorker({ ...options, log: (_level, event) => events.push(event) });
  await server.close();
  expect(events).toContain('listening');
});

test('a fault of the start is thrown where it was started', async () => {
  await expect(startSipServerInWorker({ ...options, contacts: ['nonsense'] })).rejects.toMatchObject({ code: 'contact-invalid' });
  await expect(startSipServerInWorker({ ...options, contacts: ['sip:127.0.0.1:0;transport=wss'] })).rejects.toMatchObject({ code: 'certificate-missing' });
  await expect(startSipServerInWorker({ ...options, secret: '' })).rejects.toMatchObject({ code: 'secret-missing' });
});
