// A process of its own that begins to write an index over FILE, says so when half of it is written, and
// never ends; prints the code of the error where it cannot write.
import { type ImageFileError, writeImage } from '../../src/directory/live/image-file';

class Blocks extends Array<Uint8Array> {
  override *[Symbol.iterator](): ArrayIterator<Uint8Array> {
    yield new Uint8Array(5_000_000);
    process.stdout.write('half\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    return undefined;
  }
}

const [file = '', database = ''] = process.argv.slice(2);
writeImage(file, database, { head: {}, blocks: new Blocks(new Uint8Array(5_000_000), new Uint8Array(5_000_000)) })
  .catch(({ code }: ImageFileError) => console.log(code));
