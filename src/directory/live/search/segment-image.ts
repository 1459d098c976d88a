import { PackedStrings } from './packed-strings';
import { Segment } from './segment';
import { Vocabulary } from './vocabulary';

/** A segment as octets that another process can use as they are: in the byte order of this machine. */
export interface SegmentImage {
  /** Goes through JSON. */
  head: ImageHead;
  /** Each begins at a multiple of four octets of its buffer. */
  blocks: readonly Uint8Array[];
}

export interface ImageHead {
  terms: readonly string[];
  places: readonly string[];
  kindStarts: readonly number[];
  /** How many blocks are chunks of keys; the chunks of labels follow them and are the last. */
  keyChunks: number;
}

/** Shares the segment's memory. What was removed from the segment is in it. */
export function imageOf({ parts }: Segment): SegmentImage {
  const { vocabulary, places, kindStarts, keys, labels } = parts;
  return {
    head: { terms: vocabulary.terms, places, kindStarts, keyChunks: keys.parts.chunks.length },
    blocks: [
      ...[parts.starts, parts.postings, parts.hidden, parts.undialable, parts.placeOf, keys.parts.starts, labels.parts.starts]
        .map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)),
      ...keys.parts.chunks, ...labels.parts.chunks,
    ],
  };
}

/** The segment of an image that `imageOf` made; shares the image's memory. */
export function segmentOf({ head, blocks }: SegmentImage): Segment {
  const [starts, postings, hidden, undialable, placeOf, keyStarts, labelStarts] = blocks.slice(0, 7).map(numbers) as NumberBlocks;
  const chunks = blocks.slice(7).map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength));
  return new Segment({
    vocabulary: new Vocabulary(head.terms), places: head.places, kindStarts: head.kindStarts, starts, postings, hidden, undialable, placeOf,
    keys: new PackedStrings({ chunks: chunks.slice(0, head.keyChunks), starts: keyStarts }),
    labels: new PackedStrings({ chunks: chunks.slice(head.keyChunks), starts: labelStarts }),
  });
}

type NumberBlocks = [Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array];

const numbers = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint32Array => new Uint32Array(buffer, byteOffset, byteLength / 4);
