import { readFile } from 'node:fs/promises';
import type { SoundLibrary } from '../audio/source';
import { packetise, parseAnnexB, type H264Pictures } from './annex-b';
import { decodable } from './codecs';
import { packetizationMode } from './h264';
import type { VideoLine } from './line';

/** A picture stands still: it is sent this often, and at once when a decoder asks. */
const PICTURE_MS = 1_000;
const SOONEST_MS = 200;

/** Shows the pictures of a file, one a second, on a line that nobody else's video is sent to. */
export class Slide {
  private content: H264Pictures | undefined;
  private shown = 0;
  private shownAt = -Infinity;

  /** Rejects with MediaError when the file cannot be shown. */
  async open(file: string, library: SoundLibrary): Promise<void> {
    const { path } = await library.path(file);
    this.content = parseAnnexB(await readFile(path), file);
  }

  /** Sends the next picture when it is due and the line's decoder can show it. */
  tick(line: VideoLine, now: number): void {
    const { content } = this;
    const { codec } = line.stream;
    if (content === undefined || now - this.shownAt < (line.pictureWanted ? SOONEST_MS : PICTURE_MS)) return;
    const source = { ...codec, name: 'H264', fmtp: { 'profile-level-id': content.profileLevelId, 'packetization-mode': '0' } };
    if (!decodable(source, codec)) return;
    const payloads = packetise(content.pictures[this.shown % content.pictures.length] as Buffer[], packetizationMode(codec));
    if (payloads === undefined) return;
    line.outlet.picture(payloads, PICTURE_MS, now);
    line.pictureWanted = false;
    this.shown += 1;
    this.shownAt = now;
  }
}
