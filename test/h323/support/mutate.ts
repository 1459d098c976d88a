import type { Random } from './random';

/** What hostile or broken peers send: flipped bits, cut ends, lengths and counts blown up, pieces doubled or moved. */
export function mutate(octets: Buffer, random: Random): Buffer {
  const mutated = Buffer.from(octets);
  const at = (): number => random.integer(0, mutated.length - 1);
  switch (random.integer(0, 5)) {
    case 0:
      for (let flips = random.integer(1, 8); flips > 0; flips--) mutated[at()]! ^= 1 << random.integer(0, 7);
      return mutated;
    case 1: return mutated.subarray(0, at());
    case 2:
      // Length bombs: the determinants of long, fragmented and endless lengths.
      mutated[at()] = random.pick([0xff, 0xc4, 0xc1, 0xbf, 0x80, 0x7f, 0xc0]);
      return mutated;
    case 3: {
      const from = at();
      return Buffer.concat([mutated.subarray(0, from), Buffer.alloc(random.integer(1, 64), random.pick([0, 0x55, 0xff])), mutated.subarray(from)]);
    }
    case 4: return Buffer.concat([mutated.subarray(0, at()), mutated.subarray(at())]);
    default: {
      const start = at();
      mutated.fill(random.integer(0, 255), start, Math.min(mutated.length, start + random.integer(1, 16)));
      return mutated;
    }
  }
}
