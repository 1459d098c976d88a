import fs from 'node:fs';
import path from 'node:path';
import { DirectoryRepository, openDirectoryStore } from '../../src/directory';
import type { GatewayStatus } from '../../src/server';
import { controlRequest } from '../../src/web';
import { describePeer, expectAllSuccessful, freePorts, GatewayProcess, startSipp, until, type Sipp } from '../peers/harness';
import { READY } from './ready';
import { recordsOf } from './records';
import { registerContact, scenario, sippCaller } from './sipp-devices';
import { addDevices, addService, DOMAIN } from './test-gateway';

const DEVICE = 'linjat@laite.kunta.example';

export interface SoakRun {
  media: 'direct' | 'anchored';
  /** Calls, and those of them after which memory is looked at first. */
  calls: number;
  first: number;
  /** Calls a second: under half of what two cores carry, so that a busy machine loses none. */
  rate: number;
}

/** Of an offer that is ready: sound and picture, RTP and RTCP. */
const PORTS_OF_OFFER = 4;
/** RFC 3261's longest timers are over after 64*T1 = 32 s. */
const IDLE_LIMIT_MS = 60_000;
/** How long memory is watched after the first calls. */
const SETTLE_MS = 5_000;
/** How long Node may take to give memory back at the end. */
const COLLECT_LIMIT_MS = 90_000;

/** A steady run of short calls through a gateway of its own: no call fails, and nothing is left of them. */
export const describeSoak = ({ media, first, calls: total, rate }: SoakRun): void => describePeer('sipp', `a steady run of short calls with ${media} media`, () => {
  jest.setTimeout(360_000);
  let gateway: GatewayProcess;
  const sipps: Sipp[] = [];

  beforeAll(async () => {
    gateway = await GatewayProcess.start({
      config: { log: { level: 'warn' }, calls: { media }, sip: { listen: [`sip:127.0.0.1:${await freePorts()};transport=udp,tcp`], peers: [{ name: 'partner', addresses: ['127.0.0.1'] }] } },
    });
    const store = await openDirectoryStore(gateway.dataDir);
    const directory = new DirectoryRepository(store);
    await addDevices(directory, [{ address: DEVICE, kind: 'gateway' }]);
    await addService(directory, `yksi.fi@${DOMAIN}`, [DEVICE]);
    await store.close();
  }, 60_000);
  afterAll(async () => {
    for (const sipp of sipps) await sipp.stop();
    await gateway.stop();
  });

  const run = async (calls: number): Promise<void> => {
    const sipp = await sippCaller(gateway.address('udp'), 'uac-basic', 'yksi', { calls, rate, limit: calls, timeoutSeconds: 200, keepMessages: false });
    sipps.push(sipp);
    expectAllSuccessful(await sipp.finished, calls);
  };
  const status = (): Promise<GatewayStatus> => controlRequest(path.join(gateway.dataDir, 'control.sock'), 'GET', '/status');
  const residentMiB = (): number => Number(/^VmRSS:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${gateway.pid}/status`, 'utf8'))?.[1]) / 1024;
  const openFiles = (): number => fs.readdirSync(`/proc/${gateway.pid}/fd`).length;
  /** What the gateway holds for calls. */
  const held = async (): Promise<object> => {
    const { calls, sip: { server }, media: { used, embedded } } = await status();
    return {
      running: calls.running, serverTransactions: server?.serverTransactions, clientTransactions: server?.clientTransactions,
      // An offer that has waited for a minute has been told that it still does, and is an early dialog then.
      offers: (server?.unanswered ?? 0) + (server?.dialogs ?? 0), connections: server?.connections,
      mediaSessions: used, channels: embedded?.sessions, ports: embedded?.ports.used, conferences: embedded?.conferences,
    };
  };
  /** Without a call: the INVITEs of the media server with offers that are ready for the next ones. */
  const IDLE = {
    running: 0, serverTransactions: READY, clientTransactions: 0, offers: READY, connections: 0,
    mediaSessions: 0, channels: READY, ports: READY * PORTS_OF_OFFER, conferences: 0,
  };
  const idle = async (): Promise<void> => {
    await until('every transaction and dialog is over', async () => JSON.stringify(await held()) === JSON.stringify(IDLE), IDLE_LIMIT_MS).catch(() => undefined);
    expect(await held()).toEqual(IDLE);
  };
  /**
   * Resident memory as the kernel counts it, the least of many samples. Under load it is mostly garbage that nobody has
   * collected yet; Node collects it and gives memory back once it has been idle for some seconds. So the end is looked at until
   * that has happened, and the beginning at the first rest, which comes as near to it as a program without --expose-gc can.
   */
  const leastMemory = async (enough: (least: number, watchedMs: number) => boolean): Promise<number> => {
    const start = Date.now();
    let least = Infinity;
    await until('little enough memory', () => {
      least = Math.min(least, residentMiB());
      return enough(least, Date.now() - start);
    }, COLLECT_LIMIT_MS).catch(() => undefined);
    return least;
  };

  test(`${total} calls at ${rate} a second: none fails, every record is complete, and afterwards nothing is left of them`, async () => {
    const device = await startSipp({ scenario: scenario('uas-basic'), calls: total, timeoutSeconds: 340, keepMessages: false });
    sipps.push(device);
    const contact = `sip:linjat@127.0.0.1:${device.port}`;
    await registerContact(gateway.address('udp'), DEVICE, contact);
    await until('offers are ready', async () => (await status()).media.servers[0]?.ready === READY);
    const filesBefore = openFiles();

    await run(first);
    const afterFirst = await leastMemory((_, watchedMs) => watchedMs > SETTLE_MS);
    await run(total - first);
    expectAllSuccessful(await device.finished, total);
    // Nobody is there to be asked whether it still is.
    await registerContact(gateway.address('udp'), DEVICE, contact, { expires: 0 });
    await idle();
    const atEnd = await leastMemory((least) => least <= afterFirst * 1.1);

    expect(atEnd).toBeLessThanOrEqual(afterFirst * 1.1);
    await until('no more files and sockets are open than before', () => openFiles() <= filesBefore);
    expect((await status()).calls).toMatchObject({ running: 0, taken: total, refusedFull: 0 });
    const records = await recordsOf(gateway.dataDir, total + 1);
    expect(records).toHaveLength(total);
    const complete = { outcome: 'answered', device: DEVICE, endedBy: 'caller', rangAt: expect.any(Number) as number, answeredAt: expect.any(Number) as number, endedAt: expect.any(Number) as number };
    for (const record of records) expect(record).toMatchObject(complete);
  });
});
