import type { ChannelAnswer, ChannelRequest, LogicalChannel } from '../../../src/h323/h245';
import type { h245 } from '../../../src/h323/schemas';
import { Random } from '../support/random';
import { ALAW, CAPABILITIES, H224, H263, Party, ULAW } from './support/party';
import { SimulatedTime } from './support/time';
import { WireEnd } from './support/wire';

const SCHEDULES = 300;
const STEPS = 40;
const MEDIA = { rtp: { host: '192.0.2.9', port: 40_000 } };

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
/** Audio has to be the same in both directions. */
const conflict = (theirs: h245.DataType, ours: h245.DataType): boolean => 'audioData' in theirs && !same(theirs, ours);

/** Two sessions with few numbers to draw from and a wire of changing slowness; every promise they gave. */
class Schedule {
  readonly time = new SimulatedTime();
  readonly parties: [Party, Party];
  readonly promises: Promise<string>[] = [];
  private settled = 0;

  constructor(private readonly random: Random) {
    const wires = WireEnd.pair(this.time, () => random.integer(0, 300));
    const terminalType = random.pick([50, 60]);
    this.parties = wires.map((wire, i) => new Party(`party ${i}`, wire, this.time, {
      terminalType: random.chance(0.8) ? terminalType : 120, random: (octets) => Buffer.alloc(octets, random.integer(0, 2)), handlers: { conflict },
      limits: { determinations: 100, channels: 4 },
    })) as [Party, Party];
    for (const party of this.parties) party.answer = () => this.answer();
  }

  get unsettled(): number {
    return this.promises.length - this.settled;
  }

  async run(): Promise<void> {
    for (const { session, wire } of this.parties) {
      this.later(1_000, () => session.start(CAPABILITIES));
      this.later(1_000, () => wire.open());
    }
    for (let step = 0; step < STEPS; step++) {
      const party = this.random.pick(this.parties);
      this.later(15_000, () => this.act(party));
    }
    await this.time.pass(100_000);
    // Whoever was paused goes on.
    for (const { session } of this.parties) this.keep(session.setCapabilities(CAPABILITIES));
    await this.time.pass(100_000);
  }

  async end(): Promise<void> {
    for (const { session } of this.parties) if (this.random.chance(0.7)) this.later(200, () => this.keep(session.end()));
    this.later(300, () => this.keep(this.parties[0].session.end()));
    await this.time.pass(100_000);
  }

  private act({ session }: Party): void {
    const channel = session.channels.length > 0 ? this.random.pick(session.channels) : undefined;
    switch (this.random.integer(0, 9)) {
      case 0: case 1: case 2: case 3: return this.keep(session.open(this.request()));
      case 4: return channel && this.keep(session.close(channel, this.random.chance(0.5)));
      case 5: return this.keep(session.setCapabilities(this.random.pick([{}, CAPABILITIES, { capabilityTable: CAPABILITIES.capabilityTable!.slice(0, 1) }])));
      case 6: return this.keep(session.roundTrip());
      case 7: return this.keep(session.requestMode([[{ type: { audioMode: { g728: null } } }]]));
      case 8: return channel && this.keep(session.open({ ...this.request(), ...(channel.direction === 'send' && { replaces: channel.number }) }));
      default: return session.sendUserInput('12');
    }
  }

  private request(): ChannelRequest {
    const dataType = this.random.pick([ULAW, ALAW, H263, H224]);
    const sessionId = 'audioData' in dataType ? 1 : 'videoData' in dataType ? this.random.pick([2, 0]) : 3;
    const reverse = dataType === H224 && this.random.chance(0.7) ? { dataType, payloadType: 100 } : undefined;
    return { sessionId, dataType, payloadType: 100, media: MEDIA, ...(reverse && { reverse }) };
  }

  private answer(): ChannelAnswer | Promise<ChannelAnswer> {
    const answer: ChannelAnswer = this.random.chance(0.85) ? { media: MEDIA } : { refuse: { dataTypeNotAvailable: null } };
    return this.random.chance(0.5) ? answer : new Promise((resolve) => this.later(this.random.chance(0.1) ? 15_000 : 1_000, () => resolve(answer)));
  }

  private later(within: number, work: () => void): void {
    this.time.wakeAfter(this.random.integer(0, within), work);
  }

  private keep(promise: Promise<unknown>): void {
    const count = (outcome: string): string => {
      this.settled++;
      return outcome;
    };
    this.promises.push(promise.then(() => count('done'), (error: { code: string }) => count(error.code)));
  }
}

const seen = (channel: LogicalChannel): unknown => [channel.number, channel.sessionId, channel.dataType, channel.payloadType, channel.reverse?.number];
const byDirection = ({ session }: Party, direction: 'send' | 'receive'): LogicalChannel[] => session.channels.filter((channel) => channel.direction === direction);
const sorted = (channels: LogicalChannel[]): unknown[] => [...channels].sort((one, other) => one.number - other.number).map(seen);

describe('random schedules', () => {
  const outcomes = new Map<string, number>();

  test(`${SCHEDULES} of them: both sides end with the same channels, one master, and nothing left over`, async () => {
    for (let seed = 1; seed <= SCHEDULES; seed++) {
      const schedule = new Schedule(new Random(seed));
      await schedule.run();
      const [a, b] = schedule.parties;
      expect([seed, [a.session.status, b.session.status].sort()]).toEqual([seed, ['master', 'slave']]);
      for (const [from, to] of [[a, b], [b, a]] as const) {
        expect([seed, sorted(byDirection(to, 'receive'))]).toEqual([seed, sorted(byDirection(from, 'send'))]);
        expect([seed, new Set(from.session.channels)]).toEqual([seed, from.open]);
        expect([seed, from.errors.map(({ message }) => message)]).toEqual([seed, []]);
        expect([seed, from.told.some((line) => line.startsWith('ready'))]).toEqual([seed, true]);
        const audio = from.session.channels.filter(({ dataType }) => 'audioData' in dataType);
        const [sent, received] = [audio.filter(({ direction }) => direction === 'send'), audio.filter(({ direction }) => direction === 'receive')];
        for (const ours of sent) for (const theirs of received) expect([seed, theirs.dataType]).toEqual([seed, ours.dataType]);
      }
      expect([seed, schedule.unsettled]).toEqual([seed, 0]);
      await schedule.end();
      expect([seed, a.open.size, b.open.size, schedule.unsettled, schedule.time.waiting]).toEqual([seed, 0, 0, 0, 0]);
      for (const outcome of await Promise.all(schedule.promises)) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  }, 300_000);

  test('have met every way in which a wish can end', () => {
    expect([...outcomes.keys()].sort()).toEqual(expect.arrayContaining(['done', 'h245-closed', 'h245-conflict', 'h245-limit', 'h245-not-ready', 'h245-refused']));
    expect(outcomes.get('done')).toBeGreaterThan(SCHEDULES);
    expect([...outcomes.keys()]).not.toContain('h245-timeout');
  });
});
