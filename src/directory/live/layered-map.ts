/** Changes beside the base, at most, before both are merged into a new base. */
const MAX_LAYER = 1024;

/**
 * A map of which every state stays as it was when the next one is made: a large base that all states share, and under its
 * own keys what this state has changed.
 */
export class LayeredMap<V> {
  private constructor(private readonly base: ReadonlyMap<string, V>, private readonly layer: Map<string, V | undefined>) {}

  static empty<V>(): LayeredMap<V> {
    return new LayeredMap<V>(new Map(), new Map());
  }

  get(key: string): V | undefined {
    const changed = this.layer.get(key);
    return changed === undefined && this.base.size > 0 && !this.layer.has(key) ? this.base.get(key) : changed;
  }

  /** Only for a state that nobody else has yet. */
  set(key: string, value: V | undefined): void {
    if (value === undefined && this.base.size === 0) this.layer.delete(key);
    else this.layer.set(key, value);
  }

  /** The next state, to be changed without this one changing. */
  fork(): LayeredMap<V> {
    return this.layer.size <= MAX_LAYER ? new LayeredMap(this.base, new Map(this.layer)) : new LayeredMap(this.merged(), new Map());
  }

  *entries(): Generator<[string, V]> {
    for (const entry of this.base) if (!this.layer.has(entry[0])) yield entry;
    for (const [key, value] of this.layer) if (value !== undefined) yield [key, value];
  }

  /** Without a base, nothing is removed in the layer. */
  private merged(): ReadonlyMap<string, V> {
    if (this.base.size === 0) return this.layer as Map<string, V>;
    const merged = new Map(this.base);
    for (const [key, value] of this.layer) {
      if (value === undefined) merged.delete(key);
      else merged.set(key, value);
    }
    return merged;
  }
}
