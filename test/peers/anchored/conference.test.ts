import { AnchoredGateway, talk } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { toneShares } from '../../support/spectrum';
import { describePeer, until, type Baresip } from '../harness';

jest.setTimeout(90_000);

const CALLER = 'ex90-1@ahtari.kunta.example';
const AGENT = 'agent@kela.kunta.example';
const INTERPRETER = 'tulkki-1@tulkit.kunta.example';
const TONES = { caller: 400, agent: 700, interpreter: 1000 };
type Role = keyof typeof TONES;

describePeer('baresip', 'an interpreter as third party', () => {
  let anchored: AnchoredGateway;
  let operator: Operator;
  let kela: string;
  let arabic: string;
  let caller: Baresip;
  let agent: Baresip;
  beforeAll(async () => {
    anchored = await AnchoredGateway.start();
    operator = new Operator(anchored.gateway.dataDir);
    await anchored.device(CALLER);
    kela = await anchored.device(AGENT, 'kela');
    arabic = await anchored.device(INTERPRETER, 'tulkki', { joins: true, kind: 'interpreting' });
  });
  beforeEach(async () => {
    agent = await anchored.phone(AGENT, { toneHz: TONES.agent, codecs: ['g722/16000/1'] });
    caller = await anchored.phone(CALLER, { toneHz: TONES.caller, codecs: ['opus/48000/2'] });
  });
  afterEach(() => anchored.closePhones());
  afterAll(() => anchored.stop());

  const interpreter = (answer: 'auto' | 'manual' = 'auto') => anchored.phone(INTERPRETER, { toneHz: TONES.interpreter, codecs: ['pcma'], answer });
  const talking = async (): Promise<string> => {
    await caller.dial(`sip:${kela}`);
    await agent.waitFor('CALL_ESTABLISHED');
    await caller.waitFor('CALL_ESTABLISHED');
    return operator.theCall();
  };
  /** Of the last second of its last call: who is heard. */
  const hears = (phone: Baresip): Role[] => {
    const shares = toneShares(phone.heard().at(-1)!, Object.values(TONES), 1);
    return (Object.keys(TONES) as Role[]).filter((_, i) => (shares[i] as number) > 0.15);
  };
  const over = async (...phones: Baresip[]): Promise<void> => { for (const phone of phones) await phone.waitFor('CALL_CLOSED'); };

  test('an operator adds the interpreter: each hears the two others and not itself, until the caller hangs up', async () => {
    const call = await talking();
    const third = await interpreter();
    await operator.change(call, 'add', arabic);
    await third.waitFor('CALL_ESTABLISHED');
    await talk(3);
    await caller.hangUp();
    await caller.waitFor('CALL_CLOSED');
    expect(hears(caller)).toEqual(['agent', 'interpreter']);
    // The others stay together.
    await talk(2);
    await agent.hangUp();
    await over(agent, third);
    expect(hears(agent)).toEqual(['interpreter']);
    expect(hears(third)).toEqual(['agent']);
  });

  test('everybody is heard by everybody when the interpreter leaves last', async () => {
    const call = await talking();
    const third = await interpreter();
    await operator.change(call, 'add', arabic);
    await third.waitFor('CALL_ESTABLISHED');
    await talk(3);
    await third.hangUp();
    await third.waitFor('CALL_CLOSED');
    expect(hears(third)).toEqual(['caller', 'agent']);
    await talk(3);
    await caller.hangUp();
    await over(caller, agent);
    expect(hears(caller)).toEqual(['agent']);
    expect(hears(agent)).toEqual(['caller']);
  });

  test('the agent dials the interpreter from the same device', async () => {
    await talking();
    const third = await interpreter();
    await agent.dial(`sip:${arabic}`);
    await third.waitFor('CALL_ESTABLISHED');
    await agent.waitFor('CALL_ESTABLISHED');
    await talk(3);
    await third.hangUp();
    await third.waitFor('CALL_CLOSED');
    expect(hears(third)).toEqual(['caller', 'agent']);
    await caller.hangUp();
    await over(caller);
    expect(hears(caller)).toContain('agent');
  });

  test('while the interpreter rings the two go on talking; refused, they stay as they were', async () => {
    const call = await talking();
    const third = await interpreter('manual');
    const adding = operator.change(call, 'add', arabic).catch((error: Error) => error);
    await third.waitFor('CALL_INCOMING');
    await talk(1);
    await third.hangUp();
    await adding;
    expect((await operator.calls()).map(({ id }) => id)).toContain(call);
    await talk(5);
    await caller.hangUp();
    await over(caller, agent);
    expect(hears(caller)).toEqual(['agent']);
    expect(hears(agent)).toEqual(['caller']);
  });

  test('the operator mutes, unmutes and removes a party', async () => {
    const call = await talking();
    const third = await interpreter();
    const { party } = await operator.change(call, 'add', arabic);
    // It is a party of the conference a moment after it answered.
    await until('it is muted', () => operator.change(call, 'mute', party).catch(() => undefined));
    await talk(3);
    await operator.change(call, 'remove', party);
    await third.waitFor('CALL_CLOSED');
    expect(hears(third)).toEqual(['caller', 'agent']);
    await caller.hangUp();
    await over(caller, agent);
    expect(toneShares(caller.heard().at(-1)!, [TONES.interpreter], 2)[0]).toBeLessThan(0.05);
  });

  test('when both principals have left, the interpreter is released', async () => {
    const call = await talking();
    const third = await interpreter();
    await operator.change(call, 'add', arabic);
    await third.waitFor('CALL_ESTABLISHED');
    await caller.hangUp();
    await agent.hangUp();
    await third.waitFor('CALL_CLOSED');
    await until('no call is left', async () => (await operator.calls()).length === 0);
  });
});
