import { startSimulatedEndpoint, type SimulatedEndpoint } from '../../src/simulator';
import { Baresip, describePeer, toneShare, until } from './harness';

/** An endpoint without registrar that sends everything straight to a peer. */
const towards = (uri: string, transport: 'udp' | 'tcp' = 'udp'): Promise<SimulatedEndpoint> => startSimulatedEndpoint({
  address: 'simulator@test.example', registrar: `sip:${/127\.0\.0\.1:\d+/.exec(uri)?.[0]};transport=${transport}`, register: false, toneHz: 600,
});

describePeer('baresip', 'simulated endpoint and baresip', () => {
  test.each(['udp', 'tcp'] as const)('the simulator calls over %s: each hears the tone of the other', async (transport) => {
    const baresip = await Baresip.start({ user: 'phone', toneHz: 1000, transport });
    const simulator = await towards(baresip.uri, transport);
    try {
      const call = await simulator.call(baresip.uri);
      await until('one second of sound', () => (call.mediaReport.audio?.received ?? 0) > 60);
      expect(call.remote.software).toContain('baresip');
      expect(call.mediaReport.audio?.heard).toEqual({ kind: 'tone', frequencyHz: 1000 });
      await call.hangUp();
      await baresip.waitFor('CALL_CLOSED');
      const [heard] = baresip.heard();
      if (heard === undefined) throw new Error(`nothing was recorded:\n${baresip.log}`);
      expect(toneShare(heard, 600)).toBeGreaterThan(0.9);
    } finally {
      await Promise.all([simulator.close(), baresip.close()]);
    }
  });

  test('baresip calls, holds and resumes, sends digits, hangs up', async () => {
    const baresip = await Baresip.start({ user: 'phone', toneHz: 1000, codecs: ['pcmu'] });
    const simulator = await towards(baresip.uri);
    try {
      const answered = simulator.nextCall();
      await baresip.dial(simulator.contact);
      const call = await answered;
      expect(call.mediaReport.audio?.codec).toBe('PCMU');
      await until('sound', () => call.mediaReport.audio?.heard.kind === 'tone');
      await baresip.command('hold');
      const sent = (): number => call.mediaReport.audio?.sent ?? 0;
      await until('silence on hold', async () => {
        const before = sent();
        await new Promise((resolve) => setTimeout(resolve, 100));
        return sent() === before;
      });
      const held = sent();
      await baresip.command('resume');
      await until('sound again', () => sent() > held);
      await baresip.command('sndcode', '5');
      await until('the digit', () => call.mediaReport.audio?.digits === '5');
      await baresip.hangUp();
      expect(await call.ended).toMatchObject({ by: 'there' });
    } finally {
      await Promise.all([simulator.close(), baresip.close()]);
    }
  });

  test('baresip rings with nobody at the phone: the ringing time runs out', async () => {
    const baresip = await Baresip.start({ user: 'phone', toneHz: 1000, answer: 'manual' });
    const simulator = await towards(baresip.uri);
    try {
      await expect(simulator.call(baresip.uri, { ringSeconds: 0.5 })).rejects.toMatchObject({ failure: { status: 487, rang: { name: expect.stringContaining('phone') as string } } });
      await baresip.waitFor('CALL_CLOSED');
    } finally {
      await Promise.all([simulator.close(), baresip.close()]);
    }
  });
});
