import { join } from 'node:path';
import { describePeer, runSipp, startSipp, type Sipp } from '../peers/harness';
import { startSipServerInWorker } from '../../src/embedded/sip-server';
import { TEST_LIMITS } from './support/limits';
import { RunningServer, SECRET, type Application, type Asked, type Answer } from './support/running-server';
import { SDP } from './support/messages';

const scenario = (name: string): string => join(__dirname, '../fixtures/sipp', `${name}.xml`);

/** sipp at both ends, drachtio-srf between, the server in its own thread as the gateway runs it. */
describePeer('sipp', 'sipp against the server', () => {
  let running: RunningServer;
  const waiting: Sipp[] = [];

  beforeEach(async () => {
    running = RunningServer.over(await startSipServerInWorker({
      admin: { host: '127.0.0.1', port: 0 }, secret: SECRET, contacts: ['sip:127.0.0.1:0;transport=udp,tcp'],
      limits: TEST_LIMITS,
    }));
  });

  afterEach(async () => {
    for (const one of waiting.splice(0)) await one.stop();
    await running.stop();
  });

  async function called(what: Parameters<typeof startSipp>[0]): Promise<Sipp> {
    const sipp = await startSipp(what);
    waiting.push(sipp);
    return sipp;
  }

  const remote = (transport = 'udp'): string => `127.0.0.1:${running.port(transport)}`;
  const answers = (srf: Application): void => srf.invite((req, res) => void srf.createUAS(req, res, { localSdp: SDP }));
  const bridges = (port: number, transport = 'udp') => (srf: Application): void => srf.invite(async (req: Asked, res: Answer) => {
    try {
      const { uas, uac } = await srf.createB2BUA(req, res, `sip:callee@127.0.0.1:${port};transport=${transport}`, { localSdpB: req.body });
      uas.on('destroy', () => void uac.destroy());
      uac.on('destroy', () => void uas.destroy());
    } catch {
      // The caller has been told by drachtio-srf.
    }
  });

  test.each(['udp', 'tcp'] as const)('a hundred bridged calls over %s, none failed, nothing left over', async (transport) => {
    const callee = await called({ scenario: { builtin: 'uas' }, transport, calls: 1_000, timeoutSeconds: 60 });
    await running.application(bridges(callee.port, transport));
    const result = await runSipp({ scenario: { builtin: 'uac' }, remote: remote(transport), transport, calls: 100, rate: 50, timeoutSeconds: 60, args: ['-d', '50'] });
    expect(result).toMatchObject({ exitCode: 0, successful: 100, failed: 0 });
    expect(await running.server.stats()).toMatchObject({ dialogs: 0, unanswered: 0, dropped: 0, rejected: 0 });
  });

  test('CANCEL while ringing', async () => {
    await running.application((srf) => srf.invite((_req, res) => res.send(180)));
    expect(await runSipp({ scenario: scenario('uac-cancel-while-ringing'), remote: remote(), calls: 5 })).toMatchObject({ exitCode: 0, successful: 5 });
  });

  test.each(['udp', 'tcp'] as const)('re-INVITE over %s', async (transport) => {
    await running.application(answers);
    expect(await runSipp({ scenario: scenario('uac-reinvite-then-bye'), remote: remote(transport), transport, calls: 5 })).toMatchObject({ exitCode: 0, successful: 5 });
  });

  test('a lost ACK: the 200 is repeated until one comes, and the call is whole', async () => {
    await running.application(answers);
    expect(await runSipp({ scenario: scenario('uac-late-ack'), remote: remote(), calls: 2 })).toMatchObject({ exitCode: 0, successful: 2 });
    expect((await running.server.stats()).retransmissionsOut).toBeGreaterThanOrEqual(4);
  });

  test('busy: 486 and ACK on both legs', async () => {
    const callee = await called({ scenario: scenario('uas-busy'), calls: 5 });
    await running.application(bridges(callee.port));
    expect(await runSipp({ scenario: scenario('uac-refused-486'), remote: remote(), calls: 5 })).toMatchObject({ exitCode: 0, successful: 5 });
    expect(await callee.finished).toMatchObject({ successful: 5 });
  });
});
