/**
 * What was made last and asked for at least twice, by number: at most twice `most`, and what is asked for again stays. Most entries
 * of a country are found once a day; kept, each of them would have to be moved out of the garbage collector's young generation.
 */
export class Recent<V> {
  private young = new Map<number, V>();
  private old = new Map<number, V>();
  /** Numbers (plus one) that were asked for, each in its place until another one takes that. */
  private readonly asked: Uint32Array;

  /** @param most a power of two */
  constructor(private readonly most: number) {
    this.asked = new Uint32Array(ASKED * most);
  }

  get(number: number, make: () => V): V {
    const known = this.young.get(number);
    if (known !== undefined) return known;
    const before = this.old.get(number);
    const value = before ?? make();
    if (before !== undefined || this.wasAsked(number)) this.keep(number, value);
    return value;
  }

  private wasAsked(number: number): boolean {
    const place = number & (this.asked.length - 1);
    const was = this.asked[place] === number + 1;
    this.asked[place] = number + 1;
    return was;
  }

  private keep(number: number, value: V): void {
    if (this.young.size >= this.most) [this.old, this.young] = [this.young, new Map()];
    this.young.set(number, value);
  }
}

const ASKED = 4;
