import { decode, encode, PerError } from '../../../src/h323/per';
import { h245 } from '../../../src/h323/schemas';
import { H245Error } from '../../../src/h323/h245';
import { mutate } from '../support/mutate';
import { Random } from '../support/random';
import { randomValue } from '../support/random-value';
import { conversations } from './support/conversations';
import { audio, CAPABILITIES, Party } from './support/party';
import { SimulatedTime } from './support/time';
import { WireEnd } from './support/wire';

const SCHEMA = h245.MultimediaSystemControlMessage;
const MESSAGES = 60_000;
const PER_SESSION = 150;
const LIMITS = { channels: 8, capabilityEntries: 64, waitingCapabilities: 4, determinations: 5 };

interface Outcome {
  taken: number;
  sessions: number;
  told: Set<string>;
}

/** Throws what `draw` gives at sessions, each of which also does something of its own now and then. */
async function bombard(messages: number, random: Random, draw: () => h245.MultimediaSystemControlMessage | undefined): Promise<Outcome> {
  const outcome: Outcome = { taken: 0, sessions: 0, told: new Set() };
  while (outcome.taken < messages) {
    const time = new SimulatedTime();
    const party = new Party('bombarded', new WireEnd(time, () => 1), time, { limits: LIMITS, terminalType: random.integer(0, 255) });
    party.session.start(CAPABILITIES);
    party.wire.open();
    if (random.chance(0.8)) {
      party.wire.say({ response: { terminalCapabilitySetAck: { sequenceNumber: 1 } } });
      party.wire.say({ request: { terminalCapabilitySet: { ...CAPABILITIES, sequenceNumber: 1, protocolIdentifier: '0.0.8.245.0.15' } } });
      party.wire.say({ response: { masterSlaveDeterminationAck: { decision: random.chance(0.5) ? { master: null } : { slave: null } } } });
    }
    const promises: Promise<unknown>[] = [];
    let [channels, entries] = [0, 0];
    for (let i = 0; i < PER_SESSION; i++) {
      if (random.chance(0.05)) promises.push(act(party, random).catch((error: unknown) => { if (!(error instanceof H245Error)) throw error; }));
      if (random.chance(0.02)) await time.pass(random.integer(0, 15_000));
      const message = draw();
      if (!message) continue;
      outcome.taken++;
      party.wire.say(message);
      channels = Math.max(channels, party.session.channels.length);
      entries = Math.max(entries, party.session.remoteCapabilities.capabilityTable?.length ?? 0);
    }
    expect(channels).toBeLessThanOrEqual(LIMITS.channels * 2);
    expect(entries).toBeLessThanOrEqual(LIMITS.capabilityEntries);
    promises.push(party.session.end());
    await time.pass(60_000);
    await Promise.all(promises);
    expect([party.errors.filter((error) => !(error instanceof H245Error)), time.waiting, party.open.size, party.told.at(-1)]).toEqual([[], 0, 0, expect.stringMatching(/^ended/)]);
    outcome.sessions++;
    for (const line of party.told) outcome.told.add(line.replace(/ [0-9].*/, ''));
  }
  return outcome;
}

function act({ session }: Party, random: Random): Promise<unknown> {
  switch (random.integer(0, 3)) {
    case 0: return session.open(audio(random.integer(0, 3)));
    case 1: return session.channels[0] ? session.close(session.channels[0]) : Promise.resolve();
    case 2: return session.setCapabilities(random.pick([{}, CAPABILITIES]));
    default: return session.roundTrip();
  }
}

describe('hostile messages cost the call at most', () => {
  const recorded = conversations().flatMap(({ ours }) => ours.map((message) => encode(SCHEMA, message)));

  test(`${MESSAGES} recorded ones, mutated`, async () => {
    const random = new Random(245);
    const { told, sessions } = await bombard(MESSAGES, random, () => {
      const octets = random.chance(0.1) ? random.pick(recorded) : mutate(random.pick(recorded), random);
      try {
        return decode(SCHEMA, octets);
      } catch (error) {
        if (!(error instanceof PerError)) throw error;
        return undefined;
      }
    });
    expect(sessions).toBeGreaterThan(100);
    expect([...told]).toEqual(expect.arrayContaining(['ready master', 'ready slave', 'opened receive', 'closed receive', 'failed h245-timeout', 'ended local', 'ended peer']));
  }, 300_000);

  test('10,000 of any kind', async () => {
    const random = new Random(246);
    const { told } = await bombard(10_000, random, () => {
      const value = randomValue(SCHEMA, random);
      return 'command' in value && 'endSessionCommand' in value.command && random.chance(0.9) ? undefined : value;
    });
    expect([...told]).toEqual(expect.arrayContaining(['opened receive', 'failed h245-determination', 'ended peer']));
  }, 300_000);

  test('a flood of channels is held at the bound', async () => {
    const time = new SimulatedTime();
    const party = new Party('flooded', new WireEnd(time, () => 1), time, { limits: LIMITS });
    for (let number = 1; number <= 2_000; number++) {
      party.wire.say({ request: { openLogicalChannel: {
        forwardLogicalChannelNumber: number,
        forwardLogicalChannelParameters: { dataType: { audioData: { g728: 1 } }, multiplexParameters: { h2250LogicalChannelParameters: { sessionID: 1 } } },
      } } });
    }
    expect(party.session.channels).toHaveLength(LIMITS.channels);
  });
});
