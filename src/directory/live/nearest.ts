import { osaDistance } from './osa-distance';

/** Letters of addresses, and one for the beginning; anything else counts as one more. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789-.@';
const CODES = LETTERS.length + 2;
const BEGINNING = LETTERS.length;
const OTHER = LETTERS.length + 1;
/** Entries of the index that one search reads, at most: pairs that nearly all addresses have tell little. */
const MAX_READ = 200_000;
/** Addresses with the most letter pairs in common whose distance is measured. */
const MEASURED = 128;
const MAX_TEXT = 128;

const CODE_OF = new Uint8Array(128).fill(OTHER);
for (let i = 0; i < LETTERS.length; i++) CODE_OF[LETTERS.charCodeAt(i)] = i;

export interface Near {
  address: string;
  /** Edits apart, times two; half an edit more where only the first part of the name was compared. */
  distance: number;
}

/**
 * Finds the addresses that look like a mistyped one: by shared pairs of letters first (an inverted index), then by counted
 * edits (one inserted, missing, wrong letter, or two swapped).
 */
export class NearestAddresses {
  private readonly starts = new Uint32Array(CODES * CODES + 1);
  private readonly postings: Uint32Array;
  private readonly shared: Uint8Array;

  constructor(private readonly addresses: readonly string[]) {
    for (const address of addresses) for (const pair of pairsOf(address)) this.starts[pair + 1] = (this.starts[pair + 1] ?? 0) + 1;
    for (let i = 0; i < CODES * CODES; i++) this.starts[i + 1] = (this.starts[i + 1] ?? 0) + (this.starts[i] ?? 0);
    this.postings = new Uint32Array(this.starts[CODES * CODES] ?? 0);
    this.shared = new Uint8Array(addresses.length);
    const next = this.starts.slice();
    for (const [i, address] of addresses.entries()) {
      for (const pair of pairsOf(address)) {
        const at = next[pair] ?? 0;
        this.postings[at] = i;
        next[pair] = at + 1;
      }
    }
  }

  /**
   * Addresses near to `text`, which is folded, in no order.
   */
  near(text: string): Near[] {
    const wanted = text.slice(0, MAX_TEXT);
    return this.candidates(wanted).flatMap((i) => nearness(wanted, this.addresses[i] ?? '') ?? []);
  }

  private candidates(text: string): number[] {
    const touched: number[] = [];
    const rarestFirst = [...new Set(pairsOf(text))].sort((a, b) => this.countOf(a) - this.countOf(b));
    let read = 0;
    for (const pair of rarestFirst) {
      read += this.countOf(pair);
      if (read > MAX_READ) break;
      for (let p = this.starts[pair] ?? 0; p < (this.starts[pair + 1] ?? 0); p++) {
        const i = this.postings[p] ?? 0;
        const count = this.shared[i] ?? 0;
        if (count === 0) touched.push(i);
        if (count < 255) this.shared[i] = count + 1;
      }
    }
    const byCount: number[][] = [];
    for (const i of touched) {
      (byCount[this.shared[i] ?? 0] ??= []).push(i);
      this.shared[i] = 0;
    }
    const best: number[] = [];
    for (let count = byCount.length - 1; count > 0 && best.length < MEASURED; count--) {
      for (const i of byCount[count] ?? []) if (best.length < MEASURED) best.push(i);
    }
    return best;
  }

  private countOf(pair: number): number {
    return (this.starts[pair + 1] ?? 0) - (this.starts[pair] ?? 0);
  }
}

export const compareNear = (a: Near, b: Near): number => a.distance - b.distance || (a.address < b.address ? -1 : a.address > b.address ? 1 : 0);

/**
 * How near `address` is to folded `text`, name and domain each by themselves; without an `@` only the name counts. More than
 * every third letter wrong is not near. A dialled name is compared with the whole name and, a little worse, with its first
 * part: `kela` is near to `kela.fi`.
 */
export function nearness(text: string, address: string): Near | undefined {
  const [name = '', domain] = splitAt(text);
  const [local = '', ownDomain = ''] = splitAt(address);
  const first = local.split('.', 1)[0] ?? '';
  const byName = Math.min(2 * osaDistance(name, local), first === local ? Infinity : 2 * osaDistance(name, first) + 1);
  const byDomain = domain === undefined ? 0 : 2 * osaDistance(domain, ownDomain);
  return byName <= 2 * edits(name) + 1 && byDomain <= 2 * edits(domain ?? '') ? { address, distance: byName + byDomain } : undefined;
}

/** How many edits a text may be apart to be called near. */
const edits = (text: string): number => Math.max(1, Math.floor(text.length / 3));

const splitAt = (address: string): string[] => {
  const at = address.indexOf('@');
  return at < 0 ? [address] : [address.slice(0, at), address.slice(at + 1)];
};

function pairsOf(text: string): number[] {
  const pairs: number[] = [];
  let before = BEGINNING;
  for (let i = 0; i < text.length; i++) {
    const code = CODE_OF[text.charCodeAt(i)] ?? OTHER;
    pairs.push(before * CODES + code);
    before = code;
  }
  return pairs;
}
