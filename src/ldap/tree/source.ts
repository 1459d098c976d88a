import { DirectoryReader, type DirectoryStore } from '../../directory';
import { coalesced } from '../../directory/live/coalesced';
import { loadTree, type TreeOptions, type TreeState, updateTree } from './loader';
import type { Tree } from './tree';

/** With more layers than this the whole tree is built again, while searches go on over the layers. */
const MAX_LAYERS = 8;

/** The directory as a tree, kept equal to its database whoever changes that. */
export interface TreeSource {
  /** The tree with every change that any process committed before the call. Throws StoreError. */
  current(): Promise<Tree>;
}

/** Nothing is read before the first `current()`. Nothing has to be closed but the store. */
export function treeSource(store: DirectoryStore, options: TreeOptions): TreeSource {
  let state: TreeState | undefined;
  let version = -1;
  /** A tree built anew that nobody has yet. */
  let fresh: TreeState | undefined;
  let rebuilding = false;

  /** Brings a state up to the database; undefined where too much changed to tell. */
  const updated = (from: TreeState): Promise<TreeState | undefined> => store.transaction(async (trx) => {
    const changes = await new DirectoryReader(trx).changesSince(from.tree.revision);
    if (changes.all) return undefined;
    return changes.changes.length === 0 ? from : updateTree(trx, from, changes.revision, changes.changes);
  }, 'read');

  const rebuildAside = (): void => {
    if (rebuilding) return;
    rebuilding = true;
    // Should it fail, the layers still answer, and the next change tries again.
    loadTree(store, options).then((loaded) => { fresh = loaded; }, () => undefined).finally(() => { rebuilding = false; });
  };

  return {
    current: coalesced(async () => {
      for (;;) {
        const seen = await store.dataVersion();
        if (fresh !== undefined) {
          state = fresh;
          fresh = undefined;
        } else if (state !== undefined && seen === version) {
          return state.tree;
        }
        const next = state && await updated(state);
        if (next === undefined) {
          state = await loadTree(store, options);
          version = -1;
          continue;
        }
        state = next;
        version = seen;
        if (next.tree.layers.length > MAX_LAYERS) rebuildAside();
        return next.tree;
      }
    }),
  };
}
