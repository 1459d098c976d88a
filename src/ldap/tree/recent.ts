/** What was made last, by number: at most twice `most`, and what is asked for again stays. */
export class Recent<V> {
  private young = new Map<number, V>();
  private old = new Map<number, V>();

  constructor(private readonly most: number) {}

  get(number: number, make: () => V): V {
    const known = this.young.get(number);
    if (known !== undefined) return known;
    const value = this.old.get(number) ?? make();
    if (this.young.size >= this.most) [this.old, this.young] = [this.young, new Map()];
    this.young.set(number, value);
    return value;
  }
}
