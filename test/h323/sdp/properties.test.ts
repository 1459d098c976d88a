import { chosen } from '../../../src/h323/per';
import { h245 } from '../../../src/h323/schemas';
import { acceptChannel, acceptFastStart, capabilitiesOf, channelsOfFastStart, channelsToOpen, descriptionOf, descriptionOfFastStart, fastStartOf, SdpError, type ProposedChannel } from '../../../src/h323/sdp';
import { Random } from '../support/random';
import { randomValue } from '../support/random-value';
import { DESCRIPTIONS } from './descriptions';
import { randomDescription } from './random-description';
import { linesOf, PARTY, received } from './support';

const ROUNDS = 400;
const LIMIT_MS = 120_000;

/** H.264 levels as H.241 numbers them: macroblocks a second, macroblocks a picture. */
const LEVELS: Record<number, [number, number]> = {
  15: [1_485, 99], 19: [1_485, 99], 22: [3_000, 396], 29: [6_000, 396], 36: [11_880, 396], 43: [11_880, 396], 50: [19_800, 792], 57: [20_250, 1_620], 64: [40_500, 1_620],
  71: [108_000, 3_600], 78: [216_000, 5_120], 85: [245_760, 8_192], 92: [245_760, 8_192], 99: [522_240, 8_704], 106: [589_824, 22_080], 113: [983_040, 36_864],
};

interface Receiving {
  profile: number;
  level: number;
  mbps: number;
  fs: number;
}

function receiving({ collapsing = [] }: h245.GenericCapability): Receiving {
  const value = (parameter: number): number => Number(Object.values(collapsing.find(({ parameterIdentifier }) => 'standard' in parameterIdentifier && parameterIdentifier.standard === parameter)?.parameterValue ?? { none: 0 })[0]);
  const [mbps, fs] = LEVELS[value(42)]!;
  return { profile: value(41), level: value(42), mbps: Math.max(mbps, value(3) * 500), fs: Math.max(fs, value(4) * 256) };
}

/** Whether a channel is one of the capabilities, or less than one of them. */
function isContained(dataType: h245.DataType, set: h245.TerminalCapabilitySet): boolean {
  return set.capabilityTable!.some(({ capability }) => {
    if (!capability) return false;
    if ('audioData' in dataType) return 'receiveAudioCapability' in capability && isLess(dataType.audioData, capability.receiveAudioCapability);
    if ('videoData' in dataType) return 'receiveVideoCapability' in capability && isLess(dataType.videoData, capability.receiveVideoCapability);
    return 'data' in dataType && 'receiveAndTransmitDataApplicationCapability' in capability && JSON.stringify(dataType.data) === JSON.stringify(capability.receiveAndTransmitDataApplicationCapability);
  });
}

/** Numbers that are less are contained: frames in a packet, rates, and options that are off; picture intervals that are longer, too. */
function isLess(one: object, other: object, name = ''): boolean {
  if (chosen(one as never) === 'genericVideoCapability') {
    const [ours, theirs] = [one, other].map((video) => (video as { genericVideoCapability?: h245.GenericCapability }).genericVideoCapability);
    if (!theirs) return false;
    const [channel, limit] = [receiving(ours!), receiving(theirs)];
    return channel.profile === limit.profile && channel.level <= limit.level && channel.mbps <= limit.mbps && channel.fs <= limit.fs && ours!.maxBitRate! <= theirs.maxBitRate!;
  }
  return Object.entries(one).every(([key, value]: [string, unknown]) => {
    const limit = (other as Record<string, unknown>)[key];
    if (typeof value === 'number' && name !== 'parameterIdentifier') return typeof limit === 'number' && (key.endsWith('MPI') ? value >= limit : value <= limit);
    if (typeof value === 'boolean') return !value || limit === true;
    if (value === null || typeof value !== 'object') return value === limit;
    return typeof limit === 'object' && limit !== null && isLess(value, limit, key);
  });
}

test('whatever is opened is within what both sides receive, and is accepted', () => {
  const random = new Random(245);
  const met = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    const [one, other] = [randomDescription(random), randomDescription(random)];
    const [ofOne, ofOther] = [received(capabilitiesOf(one)), received(capabilitiesOf(other))];
    for (const channel of channelsToOpen(one, ofOther)) {
      met.set(kindOf(channel), (met.get(kindOf(channel)) ?? 0) + 1);
      const told = `${one}\n${other}\n${JSON.stringify(channel)}`;
      if (!isContained(channel.dataType, ofOther)) throw new Error(`more than the other side receives: ${told}`);
      if (!isContained(channel.dataType, ofOne)) throw new Error(`more than this side receives: ${told}`);
      const answer = acceptChannel(other.replaceAll(/^a=(sendonly|inactive)$/gm, 'a=sendrecv'), { ...channel, number: 1 });
      if ('refuse' in answer) throw new Error(`refused, ${answer.reason}: ${told}`);
    }
  }
  // All kinds of media have been drawn.
  for (const kind of ['g711Alaw64k', 'g729AnnexA', 'genericAudioCapability', 'genericVideoCapability', 'h263VideoCapability', 'h261VideoCapability', 'extendedVideoCapability', 'application']) {
    expect([kind, met.get(kind) ?? 0]).toEqual([kind, expect.any(Number)]);
    expect(met.get(kind) ?? 0).toBeGreaterThan(2);
  }
}, LIMIT_MS);

const kindOf = ({ dataType }: ProposedChannel): string => Object.keys(Object.values(dataType)[0] as object)[0]!;

test('a fast start is answered within what was offered, by what the answer has', () => {
  const random = new Random(2_250);
  let answered = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const [caller, called] = [randomDescription(random), randomDescription(random)];
    const offered = fastStartOf(caller);
    expect(new Set(offered.map(({ forwardLogicalChannelNumber }) => forwardLogicalChannelNumber)).size).toBe(offered.length);
    const { accepted, channels } = acceptFastStart(offered, called);
    const numbers = new Map(offered.map((request) => [request.forwardLogicalChannelNumber, request]));
    for (const { forwardLogicalChannelNumber, forwardLogicalChannelParameters, reverseLogicalChannelParameters } of accepted) {
      const proposal = numbers.get(forwardLogicalChannelNumber)!;
      expect(forwardLogicalChannelParameters.dataType).toEqual(proposal.forwardLogicalChannelParameters.dataType);
      expect(reverseLogicalChannelParameters?.dataType).toEqual(proposal.reverseLogicalChannelParameters?.dataType);
    }
    // Both sides see the same channels, each from its end.
    const seen = channelsOfFastStart(caller, accepted);
    expect(seen.map(({ number, direction, payloadType }) => [number, direction === 'send' ? 'receive' : 'send', payloadType])).toEqual(channels.map(({ number, direction, payloadType }) => [number, direction, payloadType]));
    answered += channels.length;
    if (channels.length > 0) expect(linesOf(descriptionOfFastStart(offered, PARTY)!, /^m=/)).not.toEqual([]);
  }
  expect(answered).toBeGreaterThan(ROUNDS / 4);
}, LIMIT_MS);

test('any capabilities, channels and fast start that can be decoded are taken, sensible or not', () => {
  const random = new Random(323);
  const parties = Object.values(DESCRIPTIONS);
  for (let round = 0; round < 150; round++) {
    const party = random.pick(parties);
    const set = randomValue(h245.TerminalCapabilitySet, random);
    const requests = Array.from({ length: 3 }, () => randomValue(h245.OpenLogicalChannel, random));
    for (const channel of channelsToOpen(party, set)) expect(channel.payloadType).toBeLessThan(128);
    const channels = requests.map(({ forwardLogicalChannelNumber: number, forwardLogicalChannelParameters: { dataType } }) => ({
      number, dataType, direction: random.pick(['send', 'receive'] as const), sessionId: random.integer(0, 255), payloadType: random.integer(0, 127), media: { rtp: { host: '192.0.2.7', port: 4_000 } },
    }));
    for (const channel of channels) expect(acceptChannel(party, channel)).toBeDefined();
    const described = descriptionOf(channels, set, { ...PARTY, offer: party });
    expect(linesOf(described, /^m=/)).toHaveLength(linesOf(party, /^m=/).length);
    expect(acceptFastStart(requests, party)).toBeDefined();
    expect(channelsOfFastStart(party, requests)).toBeDefined();
    descriptionOfFastStart(requests, PARTY, set);
  }
}, LIMIT_MS);

test('a description cut or changed anywhere is read, or refused with its typed error', () => {
  const random = new Random(8_866);
  let [read, refused] = [0, 0];
  for (let round = 0; round < 600; round++) {
    const text = random.pick(Object.values(DESCRIPTIONS));
    const [from, length] = [random.integer(0, text.length - 1), random.integer(0, 30)];
    const put = random.pick(['', 'm=', '\r\n', ' ', '=', ':', '/', '9'.repeat(12), '-1', '\0', 'ä', 'a=rtpmap:', 'a=fmtp:97 ', 'c=IN IP6 ']);
    try {
      const changed = text.slice(0, from) + put + text.slice(from + length);
      const told = capabilitiesOf(changed);
      channelsToOpen(changed, received(told));
      fastStartOf(changed);
      descriptionOf([], told, { ...PARTY, offer: changed });
      read++;
    } catch (error) {
      if (!(error instanceof SdpError)) throw error;
      refused++;
    }
  }
  expect(read).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(5);
}, LIMIT_MS);
