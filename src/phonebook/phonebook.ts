import { isLanguage } from '../addressing';
import type { LiveDirectory } from '../directory/live';
import type { Reach } from '../routing';
import { Book } from './book';
import { EntryMaker } from './entry';
import { standpointOf, type Reader } from './reader';
import { Shelves } from './shelf';

export interface PhonebookParts {
  directory: Pick<LiveDirectory, 'view' | 'search' | 'persons'>;
  reach: Reach;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** The phone book of this system: the one neutral tree that every format is made from. */
export class Phonebook {
  private readonly shelves = new Shelves();

  constructor(private readonly parts: PhonebookParts) {}

  /**
   * Opens the book for one request; every change of the directory made before is in it. Undefined when the reader's
   * organisation or device is not in the directory or is disabled.
   * @param language ISO 639 code; anything else, and nothing, means the reader's own
   * @param identities MAC address and serial number that a device gave of itself
   */
  async open(reader: Reader, language?: string, identities?: readonly string[]): Promise<Book | undefined> {
    const { directory, reach, now } = this.parts;
    const view = await directory.view();
    const standpoint = standpointOf(view, reader, identities);
    if (standpoint === undefined) return undefined;
    const spoken = language !== undefined && isLanguage(language) ? language : reader.language;
    const shelf = this.shelves.of(view, `${reader.name}\n${spoken}\n${standpoint.device}`);
    return new Book(view, directory, reader, standpoint, new EntryMaker(view, reach, reader, standpoint, spoken, new Date(now()), shelf));
  }
}
