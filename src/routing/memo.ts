/** Results by key for one state of the directory, at most `limit`; a new state empties it. */
export class Memo<T> {
  private readonly kept = new Map<string, T>();
  private revision: number | undefined;

  constructor(private readonly limit: number) {}

  get(revision: number, key: string, make: () => T): T {
    if (this.revision !== revision) this.kept.clear();
    this.revision = revision;
    const known = this.kept.get(key);
    if (known !== undefined) return known;
    const made = make();
    if (this.kept.size >= this.limit) this.kept.delete(this.kept.keys().next().value as string);
    this.kept.set(key, made);
    return made;
  }
}
