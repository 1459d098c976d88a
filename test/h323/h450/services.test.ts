import { asn1Module, decode, encode, type Schema } from '../../../src/h323/per';
import { H450Error, SupplementaryServices, type OperationHandlers } from '../../../src/h323/h450';
import { h450 } from '../../../src/h323/schemas';
import { describePeer } from '../../peers/harness';
import { SimulatedTime } from '../h245/support/time';
import { CATALOGUE } from '../support/catalogue';
import { ErlangOracle } from '../support/erlang';
import { mutate } from '../support/mutate';
import { disagreementsAbout } from '../support/oracle-check';
import { Random } from '../support/random';

/** Everything that was sent, encoded, in this file. */
const SENT: Buffer[] = [];
const KELA = { destinationAddress: [{ 'h323-ID': 'kela' }] };

/** Two sides of a call; what one sends is encoded and decoded on its way. */
function pair(handlers: OperationHandlers, clock = new SimulatedTime()): { near: SupplementaryServices; far: SupplementaryServices; wire: h450.ROS[]; cleared: string[]; clock: SimulatedTime } {
  const wire: h450.ROS[] = [];
  const cleared: string[] = [];
  const carry = (to: () => SupplementaryServices) => (service: h450.H4501SupplementaryService): void => {
    const octets = encode(h450.H4501SupplementaryService, service);
    SENT.push(octets);
    const received = decode(h450.H4501SupplementaryService, octets);
    if ('rosApdus' in received.serviceApdu) wire.push(...received.serviceApdu.rosApdus);
    to().received(received);
  };
  const near: SupplementaryServices = new SupplementaryServices({ send: carry(() => far), handlers: {}, clear: () => cleared.push('near'), clock });
  const far: SupplementaryServices = new SupplementaryServices({ send: carry(() => near), handlers, clear: () => cleared.push('far'), clock });
  return { near, far, wire, cleared, clock };
}

const invoke = (local: number, argument?: Buffer): h450.ServiceApdus => ({ rosApdus: [{ invoke: { invokeId: 9, opcode: { local }, ...(argument && { argument }) } }] });

describe('supplementary services of a call', () => {
  test('hold is told, without an answer (H.450.4 near-end hold)', async () => {
    const told: unknown[] = [];
    const { near, wire } = pair({ holdNotific: (argument) => { told.push(argument); } });
    near.tell('holdNotific', {});
    near.tell('holdNotific');
    await new Promise(setImmediate);
    expect(told).toEqual([{}, undefined]);
    expect(wire).toHaveLength(2);
  });

  test('remote hold and transfer are answered by their results', async () => {
    const { near } = pair({ remoteHold: () => ({}), callTransferIdentify: () => ({ callIdentity: '12', reroutingNumber: KELA }), callTransferInitiate: async ({ callIdentity, reroutingNumber } = { callIdentity: '', reroutingNumber: KELA }) => {
      expect([callIdentity, reroutingNumber]).toEqual(['12', KELA]);
      return undefined;
    } });
    expect(await near.invoke('remoteHold', {})).toEqual({});
    const { callIdentity, reroutingNumber } = (await near.invoke('callTransferIdentify'))!;
    expect(await near.invoke('callTransferInitiate', { callIdentity, reroutingNumber })).toBeUndefined();
  });

  test('an error of the service comes back as that error, any other as unspecified', async () => {
    const { near } = pair({
      callTransferInitiate: () => { throw new H450Error('h450-error', 'nobody there', 'invalidReroutingNumber'); },
      remoteHold: () => { throw new Error('secret'); },
    });
    await expect(near.invoke('callTransferInitiate', { callIdentity: '', reroutingNumber: KELA })).rejects.toMatchObject({ code: 'h450-error', service: 'invalidReroutingNumber', q850: 29 });
    await expect(near.invoke('remoteHold', {})).rejects.toMatchObject({ code: 'h450-error', service: 'unspecified', message: expect.not.stringContaining('secret') });
  });

  test('what is not known, or cannot be read, is rejected', async () => {
    const { near, far, wire } = pair({ remoteHold: () => ({}), callTransferInitiate: () => undefined });
    await expect(near.invoke('callRerouting', {
      reroutingReason: 'cfu', calledAddress: KELA, diversionCounter: 1, h225InfoElement: Buffer.from('04', 'hex'), lastReroutingNr: KELA, subscriptionOption: 'noNotification', callingNumber: KELA,
    })).rejects.toMatchObject({ code: 'h450-rejected' });
    far.received({ serviceApdu: invoke(h450.OPERATIONS.callTransferInitiate.code, Buffer.from('ff', 'hex')) });
    expect(wire.at(-1)).toEqual({ reject: { invokeId: 9, problem: { invoke: 2 } } });
    far.received({ serviceApdu: invoke(999) });
    expect(wire.at(-1)).toEqual({ reject: { invokeId: 9, problem: { invoke: 1 } } });
  });

  test('what is not known is passed over, or clears the call, as its sender wants it', () => {
    const { far, wire, cleared } = pair({});
    far.received({ interpretationApdu: { discardAnyUnrecognizedInvokePdu: null }, serviceApdu: invoke(999) });
    expect([wire, cleared]).toEqual([[], []]);
    far.received({ interpretationApdu: { clearCallIfAnyInvokePduNotRecognized: null }, serviceApdu: invoke(999) });
    expect([wire, cleared]).toEqual([[], ['far']]);
  });

  test('a result that cannot be read is rejected, and the invocation has failed', async () => {
    const { near, wire } = pair({ callTransferIdentify: () => new Promise(() => undefined) });
    const answer = near.invoke('callTransferIdentify');
    near.received({ serviceApdu: { rosApdus: [{ returnResult: { invokeId: 1, result: { opcode: { local: 7 }, result: Buffer.from('ff', 'hex') } } }] } });
    await expect(answer).rejects.toMatchObject({ code: 'h450-rejected' });
    expect(wire.at(-1)).toEqual({ reject: { invokeId: 1, problem: { returnResult: 2 } } });
  });

  test('an invocation ends without an answer in time, or with the call', async () => {
    const { near, clock } = pair({ remoteHold: () => new Promise(() => undefined) });
    const [late, other] = [near.invoke('remoteHold', {}), near.invoke('callTransferIdentify')];
    other.catch(() => undefined);
    const expired = expect(late).rejects.toMatchObject({ code: 'h450-timeout' });
    await clock.pass(10_000);
    await expired;
    const waiting = near.invoke('remoteHold', {});
    near.close();
    await expect(waiting).rejects.toMatchObject({ code: 'h450-closed' });
    await expect(near.invoke('remoteHold', {})).rejects.toMatchObject({ code: 'h450-closed' });
    expect(clock.waiting).toBe(0);
  });

  test('only so many invocations wait, at either side', async () => {
    const lonely = new SupplementaryServices({ send: () => undefined, handlers: {}, clear: () => undefined, clock: new SimulatedTime() });
    for (let i = 0; i < 16; i++) lonely.invoke('remoteHold', {}).catch(() => undefined);
    await expect(lonely.invoke('remoteHold', {})).rejects.toMatchObject({ code: 'h450-closed' });
    const { far, wire } = pair({ remoteHold: () => new Promise(() => undefined) });
    for (let i = 0; i < 17; i++) far.received({ serviceApdu: invoke(h450.OPERATIONS.remoteHold.code) });
    expect(wire).toEqual([{ reject: { invokeId: 9, problem: { invoke: 3 } } }]);
  });

  test('20,000 mutated APDUs do no harm', () => {
    const random = new Random(450);
    const { far } = pair({ remoteHold: () => ({}), callTransferIdentify: () => ({ callIdentity: '1', reroutingNumber: KELA }) });
    const good = [...new Set(SENT)];
    let read = 0;
    for (let i = 0; i < 20_000; i++) {
      let service: h450.H4501SupplementaryService;
      try {
        service = decode(h450.H4501SupplementaryService, mutate(random.pick(good), random));
      } catch {
        continue;
      }
      far.received(service);
      read++;
    }
    expect(read).toBeGreaterThan(1_000);
  });
});

describePeer(['erlc', 'erl'], 'every APDU that was sent', () => {
  test("is read alike by Erlang's PER", () => {
    const oracle = ErlangOracle.compile({ H323: asn1Module('H323', CATALOGUE) });
    const distinct = new Map(SENT.map((octets) => [octets.toString('hex'), octets]));
    const about = [...distinct.values()].slice(0, 200).map((octets) => ({
      name: 'APDU', schema: h450.H4501SupplementaryService as Schema<unknown>, module: 'H323', type: 'H450-H4501SupplementaryService', value: decode(h450.H4501SupplementaryService, octets),
    }));
    expect(disagreementsAbout(oracle, about)).toEqual([]);
  }, 900_000);
});
