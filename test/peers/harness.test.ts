import path from 'node:path';
import { Baresip, describePeer, expectAllSuccessful, runSipp, startSipp, toneShare } from './harness';

const scenario = (name: string): string => path.join(__dirname, 'harness/scenarios', name);

describePeer('sipp', 'sipp against sipp', () => {
  test('a run of calls tells how many succeeded and shows their messages', async () => {
    const answerer = await startSipp({ scenario: { builtin: 'uas' }, calls: 3 });
    const caller = expectAllSuccessful(await runSipp({ scenario: { builtin: 'uac' }, remote: `127.0.0.1:${answerer.port}`, calls: 3 }), 3);
    await answerer.stop();
    expect(caller.messages).toContain('SIP/2.0 200 OK');
  });

  test('over TCP', async () => {
    const answerer = await startSipp({ scenario: { builtin: 'uas' }, transport: 'tcp' });
    expectAllSuccessful(await runSipp({ scenario: { builtin: 'uac' }, remote: `127.0.0.1:${answerer.port}`, transport: 'tcp' }), 1);
    expect((await answerer.stop()).messages).toContain('TCP message received');
  });

  test('a call that nobody answers is told as failed, with the reason', async () => {
    const result = await runSipp({ scenario: { builtin: 'uac' }, remote: '127.0.0.1:9', timeoutSeconds: 2 });
    expect(result.exitCode).not.toBe(0);
    expect(result.successful).toBe(0);
    expect(() => expectAllSuccessful(result, 1)).toThrow(/0 of 1 successful/);
  });

  test('registration with digest, with fields and keywords', async () => {
    const registrar = await startSipp({ scenario: scenario('registrar-digest.xml'), keys: { user: 'anna', password: 'right' } });
    expectAllSuccessful(await runSipp({
      scenario: scenario('register-digest.xml'),
      remote: `127.0.0.1:${registrar.port}`,
      fields: [['anna', '[authentication username=anna password=right]']],
      keys: { domain: 'harness.example', expires: '600' },
    }), 1);
    expectAllSuccessful(await registrar.finished, 1);
  });

  test('registration with a wrong password fails', async () => {
    const registrar = await startSipp({ scenario: scenario('registrar-digest.xml'), keys: { user: 'anna', password: 'right' } });
    const result = await runSipp({
      scenario: scenario('register-digest.xml'),
      remote: `127.0.0.1:${registrar.port}`,
      fields: [['anna', '[authentication username=anna password=wrong]']],
      keys: { domain: 'harness.example', expires: '600' },
    });
    expect(result).toMatchObject({ exitCode: 1, successful: 0, failed: 1 });
    await registrar.stop();
  });
});

describePeer(['sipp', 'baresip'], 'baresip against sipp', () => {
  test('baresip registers with digest', async () => {
    const registrar = await startSipp({ scenario: scenario('registrar-digest.xml'), keys: { user: 'anna', password: 'right' } });
    const baresip = await Baresip.start({ user: 'anna', domain: 'harness.example', password: 'right', registrar: `127.0.0.1:${registrar.port}`, toneHz: 440 });
    try {
      expect(await baresip.registration()).toBe('200 OK');
      expectAllSuccessful(await registrar.finished, 1);
    } finally {
      await baresip.close();
    }
  });
});

describePeer('baresip', 'baresip against baresip', () => {
  test.each(['udp', 'tcp'] as const)('each hears the tone of the other over %s', async (transport) => {
    const caller = await Baresip.start({ user: 'caller', toneHz: 440, transport });
    const callee = await Baresip.start({ user: 'callee', toneHz: 1000, transport });
    try {
      await caller.dial(callee.uri);
      await Promise.all([caller.waitFor('CALL_ESTABLISHED'), callee.waitFor('CALL_ESTABLISHED')]);
      // The clock of a call is its audio: one and a half seconds of it are to be recorded.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await caller.hangUp();
      await Promise.all([caller.waitFor('CALL_CLOSED'), callee.waitFor('CALL_CLOSED')]);
      const [atCaller, atCallee] = [caller.heard()[0], callee.heard()[0]];
      if (!atCaller || !atCallee) throw new Error(`nothing was recorded:\n${caller.log}\n${callee.log}`);
      expect(toneShare(atCaller, 1000)).toBeGreaterThan(0.9);
      expect(toneShare(atCaller, 440)).toBeLessThan(0.1);
      expect(toneShare(atCallee, 440)).toBeGreaterThan(0.9);
      expect(toneShare(atCallee, 1000)).toBeLessThan(0.1);
    } finally {
      await Promise.all([caller.close(), callee.close()]);
    }
  });
});
