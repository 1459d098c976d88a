import type { Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { LdifError } from './error';
import { MAX_ENTRY, type Places, placesByClass } from './class-index';
import { EntryReader } from './entry-reader';
import type { SourceEntry } from './source-entry';

/** What is read at once: so little that most of it is garbage before the collector of young objects comes by. Closer than GAP is read in one go. */
const PIECE = 128 * 1024;
const GAP = 32 * 1024;

/** The entries of an LDIF file (RFC 2849); a file of changes only where these add entries. */
export class LdifFile {
  private constructor(private readonly file: string, private readonly state: string, private readonly places: ReadonlyMap<string, Places>) {}

  /** Looks where the entries of these classes are; `*`: all entries. Throws LdifError. */
  static async open(file: string, classes: readonly string[]): Promise<LdifFile> {
    try {
      return new LdifFile(file, stateOf(await stat(file)), await placesByClass(file, [...new Set(classes.map((name) => name.toLowerCase()))]));
    } catch (error) {
      throw error instanceof LdifError ? error : new LdifError(file, 0, `cannot be read (${(error as Error).message})`);
    }
  }

  /**
   * Entries of one of the classes, a piece of the file at a time, with those of their attributes that are wanted. Those of a piece are to
   * be taken before the next is asked for. Throws LdifError.
   */
  async *entries(ofClass: string, wanted: readonly string[]): AsyncGenerator<Iterable<SourceEntry>> {
    const name = ofClass.toLowerCase();
    const places = this.places.get(name) ?? [];
    const reader = new EntryReader(this.file, [...wanted, 'objectClass']);
    const handle = await open(this.file);
    try {
      const piece = Buffer.allocUnsafe(PIECE + MAX_ENTRY);
      for (let i = 0; i < places.length;) {
        const begin = places[i] as number;
        let next = i;
        let end = begin;
        for (; next < places.length && (places[next] as number) - end <= GAP && end - begin < PIECE; next += 3) end = (places[next] as number) + (places[next + 1] as number);
        const { bytesRead } = await handle.read(piece, 0, end - begin, begin);
        yield entriesIn(reader, piece.subarray(0, bytesRead), begin, places.slice(i, next), name);
        i = next;
      }
      // Half of a new file would look like a loss of entries.
      if (stateOf(await handle.stat()) !== this.state) throw new LdifError(this.file, 0, 'has changed while it was read');
    } finally {
      await handle.close();
    }
  }
}

const stateOf = ({ ino, size, mtimeMs }: Stats): string => `${ino} ${size} ${mtimeMs}`;

/** Entries of a piece of the file that begins at `begin`. They are taken apart one by one, so that none need be held. */
function* entriesIn(reader: EntryReader, piece: Buffer, begin: number, places: Places, ofClass: string): Generator<SourceEntry> {
  for (let i = 0; i < places.length; i += 3) {
    const start = (places[i] as number) - begin;
    const entry = reader.read(piece, start, Math.min(start + (places[i + 1] as number), piece.length), places[i + 2] as number);
    if (entry !== undefined && (ofClass === '*' || entry.attributes.get('objectclass')?.some((one) => one.toLowerCase() === ofClass))) yield entry;
  }
}
