import fs from 'node:fs';
import path from 'node:path';
import { type CallRecord } from '../../src/calls';
import { DirectoryRepository, openDirectoryStore } from '../../src/directory';
import type { GatewayStatus } from '../../src/server';
import { openRegistrationStore } from '../../src/sip';
import { controlRequest } from '../../src/web';
import { recordsOf } from '../support/records';
import { registeredPhone } from '../support/registered-phone';
import { sippCaller, sippDevice } from '../support/sipp-devices';
import { addDevices, addService, DOMAIN, PASSWORD } from '../support/test-gateway';
import { Baresip, Child, describePeer, expectAllSuccessful, freePorts, GatewayProcess, until, type Sipp } from './harness';
import { phoneSdp, type RawPhone, type RawPhoneOptions } from './harness/raw-phone';

jest.setTimeout(120_000);

const PROGRAM = path.join(__dirname, '../../dist/main.js');
const CALLER = 'soittaja@laite.kunta.example';
const AGENT = 'agentti@laite.kunta.example';
/** A system of many lines behind one address. */
const LINES = 'linjat@laite.kunta.example';
const TO_AGENT = `agentti.fi@${DOMAIN}`;
const TO_LINES = `linjat.fi@${DOMAIN}`;
const UNKNOWN_END = 'the gateway stopped during the call; its end is unknown';

describePeer(['sipp', 'baresip'], 'when the gateway stops', () => {
  let gateway: GatewayProcess;
  const phones: RawPhone[] = [];
  const sipps: Sipp[] = [];

  beforeEach(async () => {
    gateway = await GatewayProcess.start({
      config: {
        log: { level: 'warn' },
        sip: {
          listen: [`sip:127.0.0.1:${await freePorts()};transport=udp,tcp`], peers: [{ name: 'partner', addresses: ['127.0.0.1'] }],
          registration: { minSeconds: 10 },
        },
      },
    });
    const store = await openDirectoryStore(gateway.dataDir);
    const directory = new DirectoryRepository(store);
    await addDevices(directory, [{ address: CALLER, kind: 'gateway' }, { address: AGENT }, { address: LINES, kind: 'gateway' }]);
    await addService(directory, TO_AGENT, [AGENT]);
    await addService(directory, TO_LINES, [LINES], { ringSeconds: 120 });
    await store.close();
  });
  afterEach(async () => {
    for (const sipp of sipps.splice(0)) await sipp.stop();
    for (const phone of phones.splice(0)) await phone.close();
    await gateway.stop();
  });

  const phone = async (address: string, options: Partial<RawPhoneOptions> = {}): Promise<RawPhone> => {
    const one = await registeredPhone(gateway, address, options);
    phones.push(one);
    return one;
  };
  const caller = async (uac: string, service: string, calls: number, rate: number): Promise<Sipp> => {
    const sipp = await sippCaller(gateway.address('udp'), uac, service.split('@')[0] as string, { calls, rate, timeoutSeconds: 100, keepMessages: false });
    sipps.push(sipp);
    return sipp;
  };
  const ask = <T>(what: string): Promise<T> => controlRequest<T>(path.join(gateway.dataDir, 'control.sock'), 'GET', what);
  const status = (): Promise<GatewayStatus> => ask('/status');
  const reachable = async (address: string): Promise<boolean[]> =>
    (await ask<{ address: string; reachable: boolean }[]>('/registrations')).filter((each) => each.address === address).map((each) => each.reachable);
  /** Registrations are written behind their answers, a fraction of a second later. */
  const saved = (...addresses: string[]): Promise<unknown> => until(`${addresses.join(', ')} in the database`, async () => {
    const store = await openRegistrationStore(gateway.dataDir);
    try {
      const rows = await store.db.selectFrom('registrations').select('aor').execute();
      return addresses.every((address) => rows.some(({ aor }) => aor === address));
    } finally {
      await store.close();
    }
  });
  const records = (): Promise<CallRecord[]> => recordsOf(gateway.dataDir, 5_000);
  /** The partner calls the agent once more, and is answered. */
  const callAgent = async (): Promise<void> => { expectAllSuccessful(await (await caller('uac-basic', TO_AGENT, 1, 1)).finished); };

  test('by kill -9 in a rush: every call that had rung anybody has a record, and those that ran end as unknown and say so', async () => {
    const lines = await phone(LINES);
    await caller('uac-basic', TO_LINES, 2_000, 60);
    // Some talk until the kill, some are only ringing.
    await until('a hundred calls', () => lines.calls.length > 100);
    lines.onCalled = 'ring';
    await until('ringing calls', () => lines.calls.filter(({ state }) => state === 'ringing').length > 20);
    lines.onCalled = 'answer';
    const held = lines.calls.length;
    await until('more calls', () => lines.calls.length > held + 50);
    await gateway.kill();
    for (const sipp of sipps.splice(0)) await sipp.stop();

    const before = await records();
    expect(before.length).toBeGreaterThanOrEqual(lines.calls.length);
    const running = new Set(before.filter(({ outcome }) => outcome === 'running').map(({ id }) => id));
    expect(running.size).toBeGreaterThan(20);
    await gateway.restart();
    const after = await records();
    expect(new Set(after.map(({ id }) => id))).toEqual(new Set(before.map(({ id }) => id)));
    for (const record of after) {
      expect(record).toMatchObject(running.has(record.id) ? { outcome: 'unknown', cause: UNKNOWN_END } : { outcome: 'answered', endedAt: expect.any(Number) as number });
      if (running.has(record.id)) expect(record.endedAt).toBeUndefined();
    }
    const shown = await gateway.command('calls', 'show', [...running][0] as string);
    expect(shown.output).toContain('unknown');
    expect(shown.output).toContain(UNKNOWN_END);
  });

  test('by kill -9 while calls ring and talk: registrations over UDP are valid at once, those over connections are marked until they are back', async () => {
    const agent = await phone(AGENT);
    const behindFirewall: Partial<RawPhoneOptions> = { transport: 'tcp', contact: 'sip:linjat@10.99.0.7:5060;transport=tcp' };
    const lines = await phone(LINES, behindFirewall);
    const own = await phone(CALLER);
    const talking = await own.call(`sip:${TO_AGENT}`);
    lines.onCalled = 'ring';
    const ringing = own.ask('INVITE', `sip:${TO_LINES}`, [], phoneSdp()).catch(() => undefined);
    await lines.called();
    await saved(AGENT, LINES);
    await gateway.kill();
    await gateway.restart();

    expect(await reachable(AGENT)).toEqual([true]);
    expect(await reachable(LINES)).toEqual([false]);
    await callAgent();
    // The record keeps who was called and when it was answered; only the end is unknown.
    expect((await records()).filter(({ outcome }) => outcome === 'unknown')).toEqual(expect.arrayContaining([
      expect.objectContaining({ service: TO_AGENT, device: AGENT, answeredAt: expect.any(Number) as number }),
      expect.objectContaining({ dialled: `sip:${TO_LINES}` }),
    ]));
    // What is left of the old call is told that there is none.
    await own.hangUp(talking);
    expect((await own.ask('INVITE', `sip:${TO_LINES}`, [], phoneSdp())).startLine).toMatch(/^SIP\/2\.0 480 /);
    const back = await phone(LINES, behindFirewall);
    expect(await reachable(LINES)).toEqual([true]);
    await own.hangUp(await own.call(`sip:${TO_LINES}`));
    expect(back.calls).toHaveLength(1);
    expect(agent.calls).toHaveLength(2);
    void ringing;
  });

  test('by kill -9: baresip comes back over TCP by itself', async () => {
    const agent = await Baresip.start({ user: 'agentti', domain: 'laite.kunta.example', password: PASSWORD, registrar: gateway.address('tcp'), transport: 'tcp', toneHz: 440, registrationSeconds: 60 });
    try {
      expect(await agent.registration()).toBe('200 OK');
      await saved(AGENT);
      await gateway.kill();
      await gateway.restart();
      await until('it is reachable again', async () => (await reachable(AGENT)).includes(true), 60_000);
      await callAgent();
      await agent.waitFor('CALL_CLOSED');
    } finally {
      await agent.close();
    }
  });

  test('a second gateway on the same folder is refused, says why, and harms nothing', async () => {
    await phone(AGENT);
    const second = await gateway.command('serve');
    expect(second.code).toBe(1);
    expect(second.output).toMatch(/A gateway already runs with this data folder/);
    expect(second.output).toMatch(/Stop it first/);
    await callAgent();
  });

  test('of two that start at once on one folder, one runs and the other is refused', async () => {
    await gateway.terminate();
    const both = [1, 2].map(() => new Child(process.execPath, [PROGRAM, '--config', gateway.configFile, '--json', 'serve'], { cwd: gateway.folder }));
    try {
      const refused = await until('one of them ends', () => both.find(({ running }) => !running), 30_000);
      expect(await refused.ended).toBe(1);
      expect(refused.output).toContain('A gateway already runs with this data folder');
      const other = both.find((each) => each !== refused) as Child;
      await until('the other one is ready', () => other.output.includes('"ready":true'), 30_000);
      other.signal('SIGTERM');
      expect(await other.ended).toBe(0);
    } finally {
      for (const each of both) await each.stop();
    }
  });

  test('a control socket that a killed gateway left behind stops neither commands nor the next start', async () => {
    await gateway.kill();
    expect(fs.statSync(path.join(gateway.dataDir, 'control.sock')).isSocket()).toBe(true);
    const asked = await gateway.command('status');
    expect(asked.code).toBe(1);
    expect(asked.output).toContain('No gateway runs');
    await gateway.restart();
    expect((await gateway.command('status')).code).toBe(0);
  });

  test('by SIGTERM: talking ends get BYE, ringing ones CANCEL, waiting callers 503; records are complete and the exit code is 0', async () => {
    const device = await sippDevice(gateway.address('udp'), LINES, 'uas-basic', { calls: 20, timeoutSeconds: 100 });
    sipps.push(device);
    const talking = await caller('uac-callee-ends', TO_LINES, 20, 20);
    const agent = await phone(AGENT);
    agent.onCalled = 'ring';
    const own = await phone(CALLER);
    const waiting = own.ask('INVITE', `sip:${TO_AGENT}`, [], phoneSdp());
    const ringing = await agent.called();
    await until('20 calls talk', async () => (await status()).calls.talking === 20, 30_000);

    expect(await gateway.terminate()).toBe(0);
    expectAllSuccessful(await talking.finished, 20);
    expectAllSuccessful(await device.finished, 20);
    expect((await waiting).startLine).toMatch(/^SIP\/2\.0 503 /);
    await until('the agent stops ringing', () => ringing.state === 'cancelled');
    const all = await records();
    expect(all).toHaveLength(21);
    for (const record of all) {
      expect(record).toMatchObject({ endedAt: expect.any(Number) as number, endedBy: 'gateway', cause: 'the gateway is stopping', outcome: record.service === TO_LINES ? 'answered' : 'failed' });
    }
    expect(fs.existsSync(path.join(gateway.dataDir, 'control.sock'))).toBe(false);
  });
});
