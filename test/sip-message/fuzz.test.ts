import { SipMessage, StreamFramer, parseDatagram, parseMessage, parseUri, uriEquals } from '../../src/embedded/sip-server/message';
import type { ParsedMessage } from '../../src/embedded/sip-server/message';
import { corpus } from './messages';
import { seededRandom } from './random';

const ROUNDS = 6000;

type Random = () => number;
const below = (random: Random, bound: number): number => Math.floor(random() * bound);
const pick = <T>(random: Random, items: readonly T[]): T => items[below(random, items.length)]!;

const MUTATIONS: readonly ((octets: Buffer, random: Random) => Buffer)[] = [
  function flipBits(octets, random) {
    const mutant = Buffer.from(octets);
    for (let n = 1 + below(random, 8); n > 0 && mutant.length > 0; n--) mutant[below(random, mutant.length)]! ^= 1 << below(random, 8);
    return mutant;
  },
  function truncate(octets, random) {
    return octets.subarray(0, below(random, octets.length + 1));
  },
  function splice(octets, random) {
    const other = pick(random, corpus);
    return Buffer.concat([octets.subarray(0, below(random, octets.length)), other.subarray(below(random, other.length))]);
  },
  function repeatPart(octets, random) {
    const from = below(random, octets.length);
    const part = octets.subarray(from, from + 1 + below(random, 60));
    return Buffer.concat([octets.subarray(0, from), ...Array.from({ length: below(random, 40) }, () => part), octets.subarray(from)]);
  },
  function insertDelimiter(octets, random) {
    const at = below(random, octets.length);
    const delimiter = pick(random, ['\r\n', '\r\n ', '\n', '\r', '"', '\\', '<', '>', ';', ',', ':', '=', '@', '[', ']', '%', '\0', '?', ' ', '\t', '\u00e4', '\xff']);
    return Buffer.concat([octets.subarray(0, at), Buffer.from(delimiter, 'latin1'), octets.subarray(at)]);
  },
  function swapLines(octets, random) {
    const lines = octets.toString('latin1').split('\r\n');
    const [a, b] = [below(random, lines.length), below(random, lines.length)];
    [lines[a], lines[b]] = [lines[b]!, lines[a]!];
    return Buffer.from(lines.join('\r\n'), 'latin1');
  },
];

/** Everything the engine might do with a result; whatever throws here would have taken a call down. */
function exercise(result: ParsedMessage): void {
  const kinds = [result.message, result.drop, result.keepAlive].filter((kind) => kind !== undefined);
  expect(kinds).toHaveLength(1);
  const { message, fault } = result;
  if (!message) return;
  void [message.topVia, message.from, message.to, message.cseq, message.callId, message.maxForwards, message.contacts, message.contentLength];
  for (const { name, value } of message.headers) {
    if (/[\r\n]/.test(value)) throw new Error(`a line break in the value of ${name}`);
    void message.getAll(name);
  }
  void [parseUri(message.uri), uriEquals(message.uri, message.to?.uri ?? '')];
  if (fault) {
    expect(message.isRequest).toBe(true);
    expect(message.topVia?.host).toBeTruthy();
    expect([400, 413, 416, 505, 513]).toContain(fault.status);
    const answer = SipMessage.responseTo(message, fault.status, fault.reason).serialize();
    expect(parseDatagram(answer).fault).toBeUndefined();
    return;
  }
  // Taken once, taken again: what goes out is as good as what came in, and says the same.
  const again = parseDatagram(message.clone().serialize());
  expect(again.fault).toBeUndefined();
  expect(again.message?.headers.length).toBeGreaterThanOrEqual(message.headers.length);
  expect(again.message?.body.equals(message.body)).toBe(true);
  message.prepend('Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKfuzz').removeFirst('Via');
  expect(message.serialize().equals(again.message!.serialize())).toBe(true);
}

describe.each(MUTATIONS.map((mutate) => [mutate.name, mutate] as const))('torture messages after %s', (_name, mutate) => {
  test('give one of the declared results, and what is accepted can be sent on', () => {
    const random = seededRandom(4475);
    let accepted = 0;
    for (let round = 0; round < ROUNDS / MUTATIONS.length; round++) {
      let mutant = mutate(pick(random, corpus), random);
      while (random() < 0.3 && mutant.length > 0 && mutant.length < 20_000) mutant = pick(random, MUTATIONS)(mutant, random);
      const result = parseDatagram(mutant);
      exercise(result);
      if (result.message && !result.fault) accepted++;
    }
    // A parser that refused everything would pass the rest.
    expect(accepted).toBeGreaterThan(0);
  });

  test('never upset a stream, whatever its pieces', () => {
    const random = seededRandom(5118);
    for (let round = 0; round < 200; round++) {
      const octets = Buffer.concat(Array.from({ length: 3 }, () => mutate(pick(random, corpus), random)));
      const whole = new StreamFramer('accepted').push(Buffer.from(octets));
      const framer = new StreamFramer('accepted');
      const pieces: ParsedMessage[] = [];
      for (let at = 0; at < octets.length; ) {
        const end = at + 1 + below(random, 400);
        pieces.push(...framer.push(Buffer.from(octets.subarray(at, end))));
        at = end;
      }
      whole.forEach(exercise);
      const outline = (results: readonly ParsedMessage[]): unknown =>
        results.map(({ message, ...rest }) => [rest, message?.headers.map(({ value }) => value), message?.body.toString('latin1')]);
      expect(outline(pieces)).toEqual(outline(whole));
    }
  });
});

describe('hostile shapes take time in proportion to their size', () => {
  // Each shape would take minutes if anything in the way were quadratic or worse: the test's own time limit is the bound.
  const MEBI = 2 ** 20;
  const limits = { maxHeadBytes: 4 * MEBI, maxHeaderFields: 1_000_000, maxBodyBytes: MEBI };
  const shape = (via: string, extra: string): Buffer =>
    Buffer.from(`INVITE sip:a@b SIP/2.0\r\nVia: ${via}\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n${extra}\r\n`);
  const VIA = 'SIP/2.0/UDP a;branch=z9hG4bK1';
  test.each([
    ['spaces', 'drop', shape(`SIP/2.0/UDP a${' '.repeat(MEBI)}x`, '')],
    ['folded lines', 'taken', shape(VIA, `Subject: a${'\r\n b'.repeat(MEBI / 4)}\r\n`)],
    ['white space before the fold', 'taken', shape(VIA, `Subject: a${' '.repeat(MEBI)}b\r\n`)],
    ['commas', 400, shape(VIA, `Route: ${','.repeat(MEBI)}\r\n`)],
    ['open brackets', 400, shape(VIA, `Route: ${'<'.repeat(MEBI)}\r\n`)],
    ['escaped quotes', 400, shape(VIA, `Contact: "${'\\"'.repeat(MEBI / 2)}\r\n`)],
    ['parameters', 'taken', shape(`${VIA}${Array.from({ length: 100_000 }, (_, n) => `;p${n}`).join('')}`, '')],
    ['URI parameters', 'taken', shape(VIA, `Contact: <sip:a@b${Array.from({ length: 100_000 }, (_, n) => `;p${n}=1`).join('')}>\r\n`)],
    ['URI flags', 'taken', shape(VIA, `Contact: <sip:a@b${Array.from({ length: 100_000 }, (_, n) => `;p${n}`).join('')}>\r\n`)],
    ['escapes', 'taken', shape(VIA, `Contact: <sip:${'%41'.repeat(MEBI / 3)}@b>\r\n`)],
    ['dots in a host', 'drop', shape(`SIP/2.0/UDP ${'1.'.repeat(MEBI / 2)}1;branch=z9hG4bK1`, '')],
    ['colons in brackets', 'drop', shape(`SIP/2.0/UDP [${':'.repeat(MEBI)}];branch=z9hG4bK1`, '')],
    ['tiny fields', 'taken', shape(VIA, 'a: b\r\n'.repeat(100_000))],
    ['octets beyond ASCII', 'taken', shape(VIA, `Subject: ${'ä'.repeat(MEBI / 2)}\u20ac\r\n`)],
  ])('%s: %s', (_what, verdict, octets) => {
    const { fault, drop } = parseDatagram(octets, limits);
    expect(fault?.status ?? (drop === undefined ? 'taken' : 'drop')).toBe(verdict);
    const message = parseMessage(octets, limits).message!;
    void [message.topVia, message.contacts, message.getAll('Route'), message.getAll('Via')];
    expect(message.serialize()).toHaveLength(octets.length + 'Content-Length: 0\r\n'.length);
  });
});
