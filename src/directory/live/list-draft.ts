import type { LayeredMap } from './layered-map';

/** Changes to a map's lists while the next state is being made; a list that another state has is copied before it changes. */
export class ListDraft<T> {
  private readonly own = new Map<string, T[]>();

  constructor(private readonly lists: LayeredMap<readonly T[]>) {}

  add(name: string, item: T): void {
    this.edit(name, (list) => list.push(item));
  }

  remove(name: string, item: T): void {
    this.edit(name, (list) => list.splice(list.indexOf(item), 1));
  }

  private edit(name: string, change: (list: T[]) => void): void {
    let list = this.own.get(name);
    if (list === undefined || list.length === 0) {
      list ??= [...(this.lists.get(name) ?? [])];
      this.own.set(name, list);
      this.lists.set(name, list);
    }
    change(list);
    if (list.length === 0) this.lists.set(name, undefined);
  }
}
