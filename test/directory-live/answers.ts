import { KIND_NAMES, type DirectoryDocument, type DirectoryStore } from '../../src/directory';
import { openLiveDirectory, type ImageFileError, type LiveDirectory, type SearchHit } from '../../src/directory/live';
import { randomFrom } from '../../src/directory/sample';

/** What people may type of a directory: its words, their beginnings, two of them, with a letter wrong. Equal for an equal seed. */
export function queriesFor(document: DirectoryDocument, seed: number, count = 60): string[] {
  const random = randomFrom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const texts = JSON.stringify(document).match(/[\p{L}\p{N}]{2,}/gu) ?? [];
  const typed = (): string => {
    const word = pick(texts);
    const at = Math.floor(random() * word.length);
    return pick([word, word.slice(0, at + 1), word.slice(0, at) + word.slice(at + 1), `${word.slice(0, at)}x${word.slice(at)}`]);
  };
  return ['', ...Array.from({ length: count }, () => pick([typed(), `${typed()} ${typed()}`]))];
}

/** Everything that a live directory answers to queries. */
export async function answersOf(live: LiveDirectory, queries: readonly string[]): Promise<SearchHit[][]> {
  const answers: SearchHit[][] = [];
  for (const query of queries) {
    answers.push(await live.search(query), await live.search(query, { limit: 1000, hidden: true, language: 'sv' }), await live.search(query, { kinds: ['person'], dialable: true, limit: 5 }));
  }
  return answers;
}

export interface Warmed {
  live: LiveDirectory;
  faults: ImageFileError[];
}

/** A live directory that keeps even the smallest index, ready. */
export async function warmed(store: DirectoryStore): Promise<Warmed> {
  const faults: ImageFileError[] = [];
  const live = await openLiveDirectory(store, { minDocuments: 0, onFault: (fault) => faults.push(fault) });
  await live.warm();
  return { live, faults };
}

/** A directory's records as commands for the process that writes. */
export const commandsFor = (document: Partial<DirectoryDocument>): object[] =>
  KIND_NAMES.flatMap((kind) => (document[`${kind}s`] ?? []).map((record) => ({ put: [kind, record] })));
