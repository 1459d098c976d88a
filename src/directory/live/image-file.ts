import { createHash, type Hash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EtasiltaError } from '../../errors';

/** What a file keeps: `head` as JSON, `blocks` as octets. */
export interface Image {
  head: unknown;
  blocks: readonly Uint8Array[];
}

export type ImageFileErrorCode = 'search-file-damaged' | 'search-file-unreadable' | 'search-file-unwritable';

/** The file that keeps the search index cannot be used or written: searches go on, the next start takes longer. */
export class ImageFileError extends EtasiltaError {
  declare readonly code: ImageFileErrorCode;

  constructor(code: ImageFileErrorCode, file: string, reason: string, hint: string, cause?: unknown) {
    super(code, `search index ${file} ${reason}`, { hint, cause });
  }
}

/**
 * The file: magic (8 octets), SHA-256 of all that follows (32), octets of the file (8), octets of the head (4), 4 unused; the head as
 * JSON with the lengths of the blocks; the blocks, each at a multiple of 8. The magic and the numbers in the blocks are in the byte
 * order of the machine, so that the file of another one is not taken for one of this.
 */
const MAGIC = new Uint8Array(Uint32Array.of(0x45535243, 0x48494458).buffer);
const DIGEST_AT = 8;
const SIZE_AT = 40;
const HEAD_SIZE_AT = 48;
const HEAD_AT = 56;
/** A larger file is none of ours. */
const MAX_FILE = 2 ** 30;
/** Octets read, written and hashed at a time; the event loop gets its turn between. */
const PIECE = 1 << 20;
/** Space that stays free on the disk for the databases beside the file, octets. */
const RESERVE = 256 * 1024 * 1024;

const aligned = (offset: number): number => Math.ceil(offset / 8) * 8;

/** Reads what {@link writeImage} wrote; undefined where there is no file. The blocks are views of one buffer. Throws ImageFileError. */
export async function readImage(file: string): Promise<Image | undefined> {
  // Where that is refused, the file may be read all the same.
  await removeAbandoned(file).catch(() => undefined);
  const octets = await readWhole(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error instanceof ImageFileError ? error : new ImageFileError('search-file-unreadable', file, `cannot be read (${error.message})`, 'Give the user that runs this program read permission, or remove the file.', error);
  });
  if (octets === undefined) return undefined;
  const headSize = octets.readUInt32LE(HEAD_SIZE_AT);
  const { content, lengths } = JSON.parse(octets.toString('utf8', HEAD_AT, HEAD_AT + headSize)) as { content: unknown; lengths: number[] };
  let at = HEAD_AT + headSize;
  const blocks = lengths.map((length) => {
    const from = aligned(at);
    at = from + length;
    return octets.subarray(from, at);
  });
  return { head: content, blocks };
}

/** The octets of a whole and undamaged file. */
async function readWhole(file: string): Promise<Buffer> {
  // Without O_NONBLOCK, opening a pipe in the file's place would never end.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await handle.stat();
    if (!found.isFile() || found.size < HEAD_AT || found.size > MAX_FILE) throw damaged(file, 'is no file of this program');
    const octets = Buffer.allocUnsafeSlow(found.size);
    const hash = createHash('sha256');
    for (let at = 0; at < octets.length;) {
      const { bytesRead } = await handle.read(octets, at, Math.min(PIECE, octets.length - at), at);
      if (bytesRead === 0) throw damaged(file, 'became shorter while it was read');
      // Told early, so that a large foreign file is not read whole.
      if (at === 0 && (!octets.subarray(0, DIGEST_AT).equals(MAGIC) || octets.readBigUInt64LE(SIZE_AT) !== BigInt(octets.length))) throw damaged(file, 'is not whole, or no file of this program');
      hash.update(octets.subarray(Math.max(at, SIZE_AT), at + bytesRead));
      at += bytesRead;
    }
    if (!hash.digest().equals(octets.subarray(DIGEST_AT, SIZE_AT))) throw damaged(file, 'is damaged: its checksum is not that of its content');
    return octets;
  } finally {
    await handle.close();
  }
}

const damaged = (file: string, reason: string): ImageFileError =>
  new ImageFileError('search-file-damaged', file, reason, 'It is made again from the directory; where that happens often, check the disk.');

/** How many files this process has begun to write. */
let begun = 0;

/**
 * Writes an image beside a database, whole or not at all; it is open to nobody to whom the database is not. Nothing waits for the
 * disk: after a power cut the checksum tells whether all of it arrived. `reserve`: octets that stay free. Throws ImageFileError.
 */
export async function writeImage(file: string, database: string, { head, blocks }: Image, reserve = RESERVE): Promise<void> {
  const part = `${file}.${process.pid}-${++begun}.part`;
  try {
    await removeAbandoned(file);
    const headOctets = Buffer.from(JSON.stringify({ content: head, lengths: blocks.map(({ length }) => length) }));
    const size = blocks.reduce((at, { length }) => aligned(at) + length, HEAD_AT + headOctets.length);
    const { bavail, bsize } = await statfs(dirname(file));
    if (size > MAX_FILE) throw new Error(`${size} octets are too many`);
    if (bavail * bsize < size + reserve) throw new Error('too little space is left on the disk');
    await writePart(part, await stat(database), size, headOctets, blocks);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw unwritable(file, error as Error);
  }
}

/** Removes the file, if there is one. Throws ImageFileError. */
export async function removeImage(file: string): Promise<void> {
  await rm(file, { force: true }).catch((error: Error) => { throw unwritable(file, error); });
}

const unwritable = (file: string, error: Error): ImageFileError =>
  new ImageFileError('search-file-unwritable', file, `cannot be written (${error.message})`, 'Check the space on the disk, and that the user that runs this program may write to the folder.', error);

async function writePart(part: string, database: Stats, size: number, head: Buffer, blocks: readonly Uint8Array[]): Promise<void> {
  const handle = await open(part, 'w', 0o600);
  try {
    const own = await handle.stat();
    // Its group and others mean the same people as the database's only if both have the same owner and group.
    await handle.chmod(database.mode & (own.uid === database.uid && own.gid === database.gid ? 0o666 : 0o600));
    const prefix = Buffer.alloc(HEAD_AT);
    prefix.set(MAGIC);
    prefix.writeBigUInt64LE(BigInt(size), SIZE_AT);
    prefix.writeUInt32LE(head.length, HEAD_SIZE_AT);
    const hash = createHash('sha256').update(prefix.subarray(SIZE_AT));
    let at = await writeAt(handle, HEAD_AT, head, hash);
    for (const block of blocks) {
      at = await writeAt(handle, at, Buffer.alloc(aligned(at) - at), hash);
      at = await writeAt(handle, at, block, hash);
    }
    // Last, so that a file that was given up half-way is told by its first octets.
    prefix.set(hash.digest(), DIGEST_AT);
    await handle.write(prefix, 0, HEAD_AT, 0);
  } finally {
    await handle.close();
  }
}

/** Writes and hashes octets; returns where they end. */
async function writeAt(handle: FileHandle, position: number, octets: Uint8Array, hash: Hash): Promise<number> {
  for (let at = 0; at < octets.length;) {
    const { bytesWritten } = await handle.write(octets, at, Math.min(PIECE, octets.length - at), position + at);
    hash.update(octets.subarray(at, at + bytesWritten));
    at += bytesWritten;
  }
  return position + octets.length;
}

/** Removes what processes left that ended while they wrote. */
async function removeAbandoned(file: string): Promise<void> {
  const folder = dirname(file);
  for (const name of await readdir(folder)) {
    const [, pid] = name.startsWith(`${basename(file)}.`) ? /\.(\d+)-\d+\.part$/.exec(name) ?? [] : [];
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(folder, name), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
