import type { DirectoryStore } from '../open';
import type { DirectoryReader } from '../reader';
import { type Image, type ImageFileError, readImage, removeImage, writeImage } from './image-file';
import { SearchIndex, imageOf, segmentOf, type ImageHead, type Segment } from './search';
import type { SearchState } from './search-state';
import { inSlices } from './slices';
import type { Snapshot } from './snapshot';

/**
 * What decides which index the same records give: raised whenever that changes (words, their order, documents' texts, layout). Letters
 * are folded and told from signs by the rules of a version of Unicode.
 */
const FORMAT = `1 ${process.versions.unicode ?? ''}`;
/** A smaller index is built sooner than it is looked for. */
const MIN_DOCUMENTS = 20_000;

/** Head of the file. */
interface Kept {
  format: string;
  /** State of the directory that the index shows; the stamp of its last change tells it from that of any other directory. */
  revision: number;
  stamp: string;
  municipalities: readonly (readonly [string, string])[];
  segment: ImageHead;
}

export interface KeptSearchOptions {
  /** Hears what is wrong with the file, each kind of fault once. */
  onFault?: (fault: ImageFileError) => void;
  /** Indexes of fewer documents are not kept; for tests. */
  minDocuments?: number;
}

/**
 * The search index on disk, in `directory.search` beside the database, so that the next start need not build it. The file is only a
 * copy: whatever is wrong with it, the index is built instead.
 */
export class KeptSearch {
  private readonly file: string | undefined;
  private readonly told = new Set<string>();
  private writing: Promise<void> | undefined;

  constructor(private readonly store: DirectoryStore, private readonly options: KeptSearchOptions) {
    this.file = store.file === ':memory:' ? undefined : store.file.replace(/(\.sqlite)?$/, '.search');
  }

  /** The index of an earlier state of this same directory, undefined where none is kept. Throws StoreError. */
  async load(reader: DirectoryReader, view: Snapshot): Promise<SearchState | undefined> {
    const image = this.file === undefined ? undefined : await this.read(this.file);
    const kept = image?.head as Kept | undefined;
    if (image === undefined || kept?.format !== FORMAT || kept.stamp !== await reader.stampOf(kept.revision)) return undefined;
    const segment = segmentOf({ head: kept.segment, blocks: image.blocks });
    await inSlices(segment.warm());
    return { index: new SearchIndex(segment), view, revision: kept.revision, municipalities: new Map(kept.municipalities) };
  }

  /** Begins to write an index that was built from a state and has not been changed since; `stamp` is that of the state's last change. */
  save(segment: Segment, { revision, municipalities }: SearchState, stamp: string | undefined): void {
    const { file, store } = this;
    if (file === undefined || stamp === undefined || this.writing !== undefined) return;
    const { head, blocks } = imageOf(segment);
    const kept: Kept = { format: FORMAT, revision, stamp, municipalities: [...municipalities], segment: head };
    const worthIt = segment.size >= (this.options.minDocuments ?? MIN_DOCUMENTS);
    this.writing = (worthIt ? writeImage(file, store.file, { head: kept, blocks }) : removeImage(file))
      .catch((error: ImageFileError) => this.tell(error))
      .finally(() => { this.writing = undefined; });
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.writing;
  }

  private async read(file: string): Promise<Image | undefined> {
    try {
      return await readImage(file);
    } catch (error) {
      this.tell(error as ImageFileError);
      return undefined;
    }
  }

  private tell(fault: ImageFileError): void {
    if (this.told.has(fault.code)) return;
    this.told.add(fault.code);
    this.options.onFault?.(fault);
  }
}
