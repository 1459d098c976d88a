import { CAPABILITIES, meeting, names, Party, readyMeeting } from './support/party';
import { SimulatedTime } from './support/time';
import { WireEnd } from './support/wire';

const numbers = (...values: number[]) => (): Buffer => {
  const octets = Buffer.alloc(3);
  octets.writeUIntBE(values.length > 1 ? values.shift()! : values[0]!, 0, 3);
  return octets;
};

describe('capability exchange and master/slave determination', () => {
  test('both start at once: each knows the other, one is master', async () => {
    const { a, b, time } = meeting();
    for (const { session, wire } of [a, b]) {
      session.start(CAPABILITIES);
      wire.open();
    }
    await time.pass(1_000);
    expect([a.session.status, b.session.status].sort()).toEqual(['master', 'slave']);
    expect(a.told).toEqual(['capabilities 3', `ready ${a.session.status}`]);
    expect(b.told).toEqual(['capabilities 3', `ready ${b.session.status}`]);
    expect(names(a.wire.sent).slice(0, 2)).toEqual(['request terminalCapabilitySet', 'request masterSlaveDetermination']);
    expect(b.session.remoteCapabilities).toEqual(CAPABILITIES);
  });

  test('one starts long after the other has asked: it answers, and does not ask who is master again', async () => {
    const { a, b, time } = meeting();
    a.wire.open();
    b.wire.open();
    a.session.start(CAPABILITIES);
    await time.pass(100);
    b.session.start(CAPABILITIES);
    await time.pass(100);
    expect([a.told, b.told]).toEqual([['capabilities 3', `ready ${a.session.status}`], ['capabilities 3', `ready ${b.session.status}`]]);
    expect(names(b.wire.sent)).toEqual(['response terminalCapabilitySetAck', 'response masterSlaveDeterminationAck', 'request terminalCapabilitySet']);
  });

  test('the greater terminal type is master', async () => {
    const { a, b } = await readyMeeting({ terminalType: 240 }, { terminalType: 50 });
    expect([a.session.status, b.session.status]).toEqual(['master', 'slave']);
  });

  test('of equal types the one whose number is behind by less than half the circle is master', async () => {
    for (const [ours, theirs, status] of [[1, 2, 'master'], [2, 1, 'slave'], [0xffffff, 0, 'master'], [0, 0x7fffff, 'master'], [0, 0x800001, 'slave']] as const) {
      const { a, b } = await readyMeeting({ terminalType: 60, random: numbers(ours) }, { terminalType: 60, random: numbers(theirs) });
      expect([ours, theirs, a.session.status]).toEqual([ours, theirs, status]);
      expect(b.session.status).not.toBe(status);
    }
  });

  test.each([['equal', 77], ['opposite on the circle', 77 + 0x800000]])('numbers that are %s are drawn again', async (_, other) => {
    const { a, b } = await readyMeeting({ terminalType: 60, random: numbers(77, 77, 5) }, { terminalType: 60, random: numbers(other, other, 9) });
    expect([a.session.status, b.session.status]).toEqual(['master', 'slave']);
  });

  test('a peer that did not ask rejects equal numbers, and is asked again', async () => {
    const { a, b, time } = meeting({ random: numbers(77, 77, 5) }, { random: numbers(77) });
    a.wire.open();
    b.wire.open();
    a.session.start(CAPABILITIES);
    await time.pass(100);
    expect(names(b.wire.sent)).toEqual(['response terminalCapabilitySetAck', 'response masterSlaveDeterminationReject', 'response masterSlaveDeterminationAck']);
    expect([a.session.status, b.session.status]).toEqual(['master', 'slave']);
  });

  test('numbers that are equal for ever: given up after N100', async () => {
    const { a, b, time } = meeting({ random: numbers(5), limits: { determinations: 4 } }, { random: numbers(5), limits: { determinations: 4 } });
    for (const { session, wire } of [a, b]) {
      session.start(CAPABILITIES);
      wire.open();
    }
    await time.pass(1_000);
    expect([a, b].map(({ wire }) => names(wire.sent).filter((name) => name === 'request masterSlaveDetermination').length)).toEqual([4, 4]);
    expect(a.errors.concat(b.errors).map(({ code, q850 }) => `${code} ${q850}`)).toEqual(expect.arrayContaining(['h245-determination 111']));
    expect(a.session.status).toBeUndefined();
  });

  test('a silent peer: T101, T106 and the limit of the whole run out, and are released', async () => {
    const time = new SimulatedTime();
    const party = new Party('a', new WireEnd(time, () => 1), time);
    party.session.start(CAPABILITIES);
    party.wire.open();
    await time.pass(100_000);
    expect(party.told).toEqual(['failed h245-timeout', 'failed h245-timeout', 'failed h245-timeout']);
    expect(names(party.wire.sent).slice(2)).toEqual(['indication terminalCapabilitySetRelease', 'indication masterSlaveDeterminationRelease']);
    expect(time.waiting).toBe(0);
  });

  test('a peer that takes itself for master, too, is a fault', async () => {
    const time = new SimulatedTime();
    const { session, wire, told } = new Party('a', new WireEnd(time, () => 1), time, { terminalType: 60 });
    session.start(CAPABILITIES);
    wire.open();
    wire.say({ request: { masterSlaveDetermination: { terminalType: 50, statusDeterminationNumber: 1 } } });
    wire.say({ response: { masterSlaveDeterminationAck: { decision: { slave: null } } } });
    expect(told).toEqual(['failed h245-determination']);
  });
});

describe('capability sets', () => {
  test('later ones take the place of those before, by telling what changed, is new and is gone', async () => {
    const { a, b, time } = await readyMeeting();
    const [ulaw, alaw, dtmf] = CAPABILITIES.capabilityTable!;
    const g729 = { capabilityTableEntryNumber: 9, capability: { receiveAudioCapability: { g729: 2 } } };
    await Promise.all([a.session.setCapabilities({
      capabilityTable: [ulaw!, dtmf!, g729], capabilityDescriptors: [{ capabilityDescriptorNumber: 1, simultaneousCapabilities: [[1, 2, 9]] }],
    }), time.pass(100)]);
    expect(a.wire.sent).toMatchObject([{ request: { terminalCapabilitySet: {
      capabilityTable: [ulaw, dtmf, g729, { capabilityTableEntryNumber: 2 }],
      capabilityDescriptors: [{ capabilityDescriptorNumber: 1, simultaneousCapabilities: [[1, 2, 9]] }, { capabilityDescriptorNumber: 0 }],
    } } }]);
    expect(b.session.remoteCapabilities).toMatchObject({
      capabilityTable: [{ capabilityTableEntryNumber: 1 }, { capabilityTableEntryNumber: 3 }, { capabilityTableEntryNumber: 9, capability: { receiveAudioCapability: { g729: 2 } } }],
      // Entry 2 is no more, so that nothing can refer to it.
      capabilityDescriptors: [{ capabilityDescriptorNumber: 1, simultaneousCapabilities: [[1, 9]] }],
    });
    expect(b.session.remoteCapabilities.capabilityDescriptors).toHaveLength(1);
    // What is taken back by the empty set need not be told gone.
    a.wire.sent.splice(0);
    await Promise.all([a.session.setCapabilities({}), a.session.setCapabilities({ capabilityTable: [alaw!] }), time.pass(100)]);
    expect(a.wire.sent.slice(0, 2)).toMatchObject([{ request: { terminalCapabilitySet: {} } }, {}]);
    expect(b.session.remoteCapabilities).toEqual({ capabilityTable: [alaw] });
  });

  test('one is sent after the other was acknowledged, and only so many wait', async () => {
    const { a, b, time } = await readyMeeting();
    const sets = Array.from({ length: 10 }, () => a.session.setCapabilities(CAPABILITIES).then(() => 'acknowledged', (error: { code: string }) => error.code));
    expect(names(a.wire.sent)).toEqual(['request terminalCapabilitySet']);
    await time.pass(1_000);
    expect(await Promise.all(sets)).toEqual([...Array<string>(9).fill('acknowledged'), 'h245-limit']);
    expect(b.told).toEqual(Array<string>(9).fill('capabilities 3'));
  });

  test('a table over the bound is refused, and nothing of it is kept', async () => {
    const { a, b, time } = await readyMeeting({}, { limits: { capabilityEntries: 20 } });
    const capabilityTable = Array.from({ length: 30 }, (_, i) => ({ capabilityTableEntryNumber: i + 10, capability: { receiveAudioCapability: { g728: 1 } } }));
    const [refused] = await Promise.all([a.session.setCapabilities({ capabilityTable }).catch((error: Error) => error.message), time.pass(100)]);
    expect(refused).toContain('tableEntryCapacityExceeded');
    expect(b.session.remoteCapabilities).toEqual(CAPABILITIES);
  });

  test('are sent again when the peer asks for them', async () => {
    const { a, b, time } = await readyMeeting();
    b.wire.send({ command: { sendTerminalCapabilitySet: { genericRequest: null } } });
    await time.pass(100);
    expect(names(a.wire.sent)).toEqual(['request terminalCapabilitySet']);
    expect(b.told).toEqual(['capabilities 3']);
  });
});
