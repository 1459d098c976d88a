import { lastRecord } from '../support/records';
import { sippCaller, sippDevice } from '../support/sipp-devices';
import { addDevices, addService, DOMAIN, startTestGateway, type TestGateway } from '../support/test-gateway';
import { describePeer, expectAllSuccessful, type Sipp, type SippOptions } from './harness';

jest.setTimeout(60_000);

describePeer('sipp', 'calls between sipp and sipp', () => {
  let gateway: TestGateway;
  const open: Sipp[] = [];
  beforeAll(async () => {
    gateway = await startTestGateway({ ETASILTA_SIP_PEERS: JSON.stringify([{ name: 'partner', addresses: ['127.0.0.1'] }]) });
  });
  // Devices of its own for each test: none is left with a contact of an earlier one.
  let A: string;
  let B: string;
  let count = 0;
  const named = (service: string): string => `${service}${count}`;
  beforeEach(async () => {
    count++;
    [A, B] = [`a${count}@laite.kunta.example`, `b${count}@laite.kunta.example`];
    await addDevices(gateway.directory, [{ address: A }, { address: B }]);
    await addService(gateway.directory, `${named('yksi')}@${DOMAIN}`, [A]);
    await addService(gateway.directory, `${named('kaikki')}@${DOMAIN}`, [A, B]);
    await addService(gateway.directory, `${named('jono')}@${DOMAIN}`, [A, B], { strategy: 'order', targetSeconds: 1 });
    await addService(gateway.directory, `${named('hidas')}@${DOMAIN}`, [A], { ringSeconds: 1 });
  });
  afterEach(async () => { for (const sipp of open.splice(0)) await sipp.stop(); });
  afterAll(() => gateway.stop());

  const device = async (address: string, uas: string, options: Partial<SippOptions> = {}): Promise<Sipp> => {
    const sipp = await sippDevice(gateway.address('udp'), address, uas, options);
    open.push(sipp);
    return sipp;
  };
  const call = async (uac: string, service: string, options: Partial<SippOptions> = {}) => {
    const sipp = await sippCaller(gateway.address(options.transport ?? 'udp'), uac, named(service), options);
    open.push(sipp);
    return expectAllSuccessful(await sipp.finished);
  };
  const done = async (...devices: Sipp[]) => { for (const each of devices) expectAllSuccessful(await each.finished); };

  test('a basic call: rings, answers, talks, hangs up, and is recorded', async () => {
    const callee = await device(A, 'uas-basic');
    await call('uac-basic', 'yksi');
    await done(callee);
    expect(await lastRecord(gateway.dataDir)).toMatchObject({
      caller: 'sipp@partner.example', source: 'peer:partner', service: `${named('yksi')}@${DOMAIN}`, device: A, outcome: 'answered', endedBy: 'caller',
      rangAt: expect.any(Number), answeredAt: expect.any(Number), endedAt: expect.any(Number), attempts: [{ device: A, result: 'answered' }],
    });
  });

  test('the callee hangs up', async () => {
    const callee = await device(A, 'uas-hangs-up');
    await call('uac-callee-ends', 'yksi');
    await done(callee);
    expect(await lastRecord(gateway.dataDir)).toMatchObject({ outcome: 'answered', endedBy: 'callee' });
  });

  test('a device that knows the gateway by its address alone dials by name too', async () => {
    const callee = await device(A, 'uas-basic');
    await call('uac-by-address', 'yksi');
    await done(callee);
    expect((await lastRecord(gateway.dataDir)).service).toBe(`${named('yksi')}@${DOMAIN}`);
  });

  test('over TCP at both ends', async () => {
    const callee = await device(A, 'uas-basic', { transport: 'tcp' });
    await call('uac-basic', 'yksi', { transport: 'tcp' });
    await done(callee);
  });

  test('CANCEL while ringing: the callee stops at once, the caller gets 487', async () => {
    const callee = await device(A, 'uas-rings-until-cancel');
    await call('uac-cancel', 'yksi');
    await done(callee);
    expect(await lastRecord(gateway.dataDir)).toMatchObject({ outcome: 'abandoned', endedBy: 'caller', attempts: [{ result: 'cancelled' }] });
  });

  test('a ring group: the first to answer gets the call, the other is told it was completed elsewhere', async () => {
    const [slow, quick] = [await device(A, 'uas-rings-until-cancel'), await device(B, 'uas-basic')];
    await call('uac-basic', 'kaikki');
    await done(slow, quick);
    expect((await slow.finished).messages).toContain('Reason: SIP;cause=200;text="Call completed elsewhere"');
  });

  test('one after another: the next rings when one is busy', async () => {
    const [busy, free] = [await device(A, 'uas-busy'), await device(B, 'uas-basic')];
    await call('uac-basic', 'jono');
    await done(busy, free);
    expect((await lastRecord(gateway.dataDir)).attempts).toMatchObject([{ device: A, result: 'busy', status: 486 }, { device: B, result: 'answered' }]);
  });

  test('one after another: the next rings when one does not answer in its time', async () => {
    const [absent, present] = [await device(A, 'uas-rings-until-cancel'), await device(B, 'uas-basic')];
    await call('uac-basic', 'jono');
    await done(absent, present);
    expect((await lastRecord(gateway.dataDir)).attempts).toMatchObject([{ device: A, result: 'no-answer' }, { device: B, result: 'answered' }]);
  });

  test.each(['round-robin', 'longest-idle', 'least-calls'] as const)('%s: calls one after another go to the two devices in turn', async (strategy) => {
    await addService(gateway.directory, `${named('vuoro')}@${DOMAIN}`, [A, B], { strategy });
    const both = [await device(A, 'uas-basic', { calls: 2 }), await device(B, 'uas-basic', { calls: 2 })];
    const answered: (string | undefined)[] = [];
    for (let i = 0; i < 4; i++) {
      await call('uac-basic', 'vuoro');
      answered.push((await lastRecord(gateway.dataDir)).device);
    }
    expect(answered).toEqual([A, B, A, B]);
    for (const each of both) expectAllSuccessful(await each.finished, 2);
  });

  test('everybody busy: 486 with a Warning for the helpdesk', async () => {
    await device(A, 'uas-busy');
    const { messages } = await call('uac-expect-486', 'yksi');
    expect(messages).toMatch(/Warning: 399 etasilta "everybody is busy"/);
    expect(messages).toMatch(/Reason: Q\.850;cause=17/);
  });

  test('no answer: 480 and the ringing leg is cancelled', async () => {
    const callee = await device(A, 'uas-rings-until-cancel');
    await call('uac-expect-480', 'hidas');
    await done(callee);
    expect(await lastRecord(gateway.dataDir)).toMatchObject({ outcome: 'unanswered', sipStatus: 480, q850: 19 });
  });

  test('an unknown name: 404 with the nearest names', async () => {
    const { messages } = await call('uac-expect-404', 'yksii');
    expect(messages).toMatch(/Warning: 399 etasilta ".*yksi\d+@palvelu\.example/);
  });

  test('hold, added video, fast update, DTMF, REFER with NOTIFY and UPDATE pass end to end', async () => {
    const callee = await device(A, 'uas-reinvite');
    await call('uac-reinvite', 'yksi');
    await done(callee);
  });

  test('glare: 491 passes, the call goes on', async () => {
    const callee = await device(A, 'uas-glare');
    await call('uac-glare', 'yksi');
    await done(callee);
  });

  test('no offer in the INVITE (third-party call control): the offer comes in the 200, the answer in the ACK', async () => {
    const callee = await device(A, 'uas-late-offer');
    await call('uac-late-offer', 'yksi');
    await done(callee);
  });

  test('a caller that requires reliable provisional responses gets them (RFC 3262)', async () => {
    const callee = await device(A, 'uas-rings-a-while');
    await call('uac-reliable', 'yksi');
    await done(callee);
  });

  test('an unknown requirement is refused with 420 and named', async () => {
    expect((await call('uac-expect-420', 'yksi')).messages).toMatch(/^Unsupported: teleportation/m);
  });

  test('media lines that the callee left out are refused with port 0 in their place', async () => {
    const callee = await device(A, 'uas-basic');
    await call('uac-multi-line', 'yksi');
    await done(callee);
  });

  test('a lost ACK: the 200 is sent again until it is acknowledged', async () => {
    const callee = await device(A, 'uas-basic');
    const { messages } = await call('uac-lost-ack', 'yksi');
    await done(callee);
    expect(messages.match(/^SIP\/2\.0 200 OK[^]*?CSeq: 1 INVITE/gm)?.length).toBeGreaterThan(1);
  });

  test('lost packets: retransmissions carry the call through', async () => {
    const callee = await device(A, 'uas-basic');
    await call('uac-basic', 'yksi', { args: ['-lost', '10'] });
    await done(callee);
  });

  test('no ACK at all: both ends are released after 32 seconds', async () => {
    const callee = await device(A, 'uas-basic');
    await call('uac-never-ack', 'yksi');
    await done(callee);
    expect(await lastRecord(gateway.dataDir)).toMatchObject({ outcome: 'answered', endedBy: 'gateway', sipStatus: 408 });
  });

  test('nobody registered: 480, and the record says so', async () => {
    const other = await startTestGateway({ ETASILTA_SIP_PEERS: JSON.stringify([{ name: 'partner', addresses: ['127.0.0.1'] }]) });
    try {
      await addDevices(other.directory, [{ address: A }]);
      await addService(other.directory, `yksi@${DOMAIN}`, [A]);
      const sipp = await sippCaller(other.address('udp'), 'uac-expect-480', 'yksi');
      open.push(sipp);
      expect(expectAllSuccessful(await sipp.finished).messages).toContain('no device of this service is reachable');
    } finally {
      await other.stop();
    }
  });
});

describePeer('sipp', 'callers that nobody knows', () => {
  let gateway: TestGateway;
  beforeAll(async () => { gateway = await startTestGateway(); });
  afterAll(() => gateway.stop());

  test('are challenged alike for addresses that exist and that do not', async () => {
    await addDevices(gateway.directory, [{ address: 'a@laite.kunta.example' }]);
    await addService(gateway.directory, `yksi@${DOMAIN}`, ['a@laite.kunta.example']);
    const answers = await Promise.all(['yksi', 'eiole'].map(async (service) => {
      const sipp = await sippCaller(gateway.address('udp'), 'uac-expect-404', service, { timeoutSeconds: 5 });
      return (await sipp.finished).messages.match(/SIP\/2\.0 401[^]*?\r?\n\r?\n/)?.[0].split(/\r?\n/).map((line) => line.split(':')[0]);
    }));
    expect(answers[0]).toEqual(expect.arrayContaining(['SIP/2.0 401 Unauthorized', 'WWW-Authenticate']));
    expect(answers[0]).toEqual(answers[1]);
  });
});

