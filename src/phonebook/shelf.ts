import type { HoursDecision } from '../desk';
import type { Device, DirectoryView, Service } from '../directory';
import type { Entry } from './entry';

/** Whether a service is open, and how that is told. */
export interface Opening {
  decision: HoursDecision;
  text?: string;
}

/** An entry, or that there is none for this reader, and the opening that it tells. */
interface Kept {
  opening: Opening | undefined;
  entry: Entry | undefined;
}

/** Entries and folders of all readers together; few of a country's are looked at again and again. */
const MAX_KEPT = 50_000;

/** What was made for one reader in one language, kept until the directory changes. */
export class Shelf {
  private readonly entries = new Map<Service | Device, Kept>();
  private readonly folders = new Map<string, boolean>();

  /** @param count is called for each thing that is put here */
  constructor(private readonly count: () => void) {}

  /** Whether there is anything in a folder for the reader. */
  isFilled(folder: string, probe: () => boolean): boolean {
    let known = this.folders.get(folder);
    if (known === undefined) {
      this.folders.set(folder, known = probe());
      this.count();
    }
    return known;
  }

  /** Makes the entry of a record, once as long as its opening stays the same. */
  entry(record: Service | Device, opening: Opening | undefined, make: () => Entry | undefined): Entry | undefined {
    const known = this.entries.get(record);
    if (known !== undefined && known.opening?.decision === opening?.decision && known.opening?.text === opening?.text) return known.entry;
    if (known === undefined) this.count();
    const entry = make();
    this.entries.set(record, { opening, entry });
    return entry;
  }
}

/** The shelves of one state of the directory; when there is too much on them, all are emptied. */
export class Shelves {
  private view: DirectoryView | undefined;
  private shelves = new Map<string, Shelf>();
  private count = 0;

  of(view: DirectoryView, name: string): Shelf {
    if (view !== this.view || this.count + this.shelves.size >= MAX_KEPT) {
      this.view = view;
      this.shelves = new Map();
      this.count = 0;
    }
    let shelf = this.shelves.get(name);
    if (shelf === undefined) this.shelves.set(name, shelf = new Shelf(() => { this.count++; }));
    return shelf;
  }
}
