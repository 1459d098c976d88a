import { once } from 'node:events';
import fs from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Child, GatewayProcess } from './harness';

/** The harness's own proof: the built program starts, is killed, starts again on the same ports and data, and takes commands. */
describe('the built program as a process', () => {
  let gateway: GatewayProcess;
  beforeAll(async () => { gateway = await GatewayProcess.start({ pilot: true }); }, 60_000);
  afterAll(() => gateway.stop());

  test('says where it listens, and its commands find it', async () => {
    expect(gateway.address('udp')).toMatch(/^127\.0\.0\.1:\d+$/);
    const status = await gateway.command('status', '--json');
    expect(status.output).toContain(gateway.address('udp'));
    expect(status.code).toBe(0);
  });

  test('after kill -9 it comes back on the same ports with the same data', async () => {
    const before = gateway.contacts;
    await gateway.kill();
    expect((await gateway.command('status')).code).not.toBe(0);
    await gateway.restart();
    expect(gateway.contacts).toEqual(before);
    expect((await gateway.command('service', 'show', 'itsetesti.fi@palvelu.example', '--json')).output).toContain('itsetesti');
  });

  test('a configuration that it cannot use is told with the program\'s own words', async () => {
    await expect(GatewayProcess.start({ config: { nonsense: true } })).rejects.toThrow(/nonsense/);
  });

  test('told to stop while it waits for its SIP server, it stops', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-waiting-'));
    const silent = net.createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    fs.writeFileSync(path.join(folder, 'etasilta.yaml'), JSON.stringify({
      dataDir: 'var', sip: { engine: 'drachtio', drachtio: { host: '127.0.0.1', port: (silent.address() as AddressInfo).port, secret: 'silent' } },
    }));
    const waiting = new Child(process.execPath, [path.resolve(__dirname, '../../dist/main.js'), 'serve', '--config', path.join(folder, 'etasilta.yaml')]);
    try {
      await once(silent, 'connection');
      waiting.signal('SIGTERM');
      expect(await waiting.ended).toBe(0);
      expect(waiting.output).toContain('before the gateway was up');
    } finally {
      await waiting.stop();
      silent.close();
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });
});
