import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** A moving picture that can be told from others: its left and right halves have a colour each, a white square moves along the top. */
export interface TestPicture {
  left: Colour;
  right: Colour;
}

export type Colour = 'red' | 'blue' | 'lime' | 'yellow' | 'magenta' | 'cyan';

const RGB: Record<Colour, readonly [number, number, number]> = {
  red: [255, 0, 0], blue: [0, 0, 255], lime: [0, 255, 0], yellow: [255, 255, 0], magenta: [255, 0, 255], cyan: [0, 255, 255],
};
/** Coding, colour conversion and scaling change a colour by less than this in each component. */
const TOLERANCE = 60;
export const PICTURE_SIZE = { width: 640, height: 360, framesPerSecond: 15 };

/** Writes the picture as a video file of four minutes: baresip stumbles whenever it begins a file again. Needs ffmpeg. */
export function writeTestVideo({ left, right }: TestPicture, folder: string): string {
  const file = path.join(folder, `${left}-${right}.mp4`);
  const once = path.join(folder, `${left}-${right}-once.mp4`);
  const { width, height, framesPerSecond: rate } = PICTURE_SIZE;
  const half = (colour: Colour): string => `color=${colour}:s=${width / 2}x${height}:r=${rate}`;
  execFileSync('ffmpeg', [
    '-v', 'error', '-y', '-f', 'lavfi', '-i', half(left), '-f', 'lavfi', '-i', half(right), '-f', 'lavfi', '-i', `color=white:s=60x60:r=${rate}`,
    '-filter_complex', "[0][1]hstack[halves];[halves][2]overlay=x='mod(n*8,560)':y=20:shortest=1", '-t', '4', '-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-g', '15', once,
  ], { stdio: 'pipe' });
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-stream_loop', '59', '-i', once, '-c', 'copy', file], { stdio: 'pipe' });
  return file;
}

/** Points, as shares of width and height, that are inside the left and the right half, below the moving square and above where pages show one's own picture. */
export const PICTURE_POINTS = [[0.25, 0.45], [0.75, 0.45]] as const;

/** Whether colours read at PICTURE_POINTS are this picture's. */
export function isPicture(colours: readonly (readonly number[])[], { left, right }: TestPicture): boolean {
  return isColour(colours[0], left) && isColour(colours[1], right);
}

/** Points all over a picture, row by row. */
const GRID = { columns: 40, rows: 20 };
export const GRID_POINTS: readonly (readonly [number, number])[] = Array.from({ length: GRID.columns * GRID.rows },
  (_, i) => [(i % GRID.columns + 0.5) / GRID.columns, (Math.floor(i / GRID.columns) + 0.5) / GRID.rows]);
/** A picture is shown when this many points are of each half's colour, side by side, in this many rows one below the other. */
const LEAST_SHOWN = { columns: 3, rows: 3 };

/** Whether colours read at GRID_POINTS have this picture in them: alone, or among others as a conference may arrange them. */
export function showsPicture(colours: readonly (readonly number[])[], { left, right }: TestPicture): boolean {
  const { columns, rows } = LEAST_SHOWN;
  // What is between the two halves may be of neither colour.
  const sideBySide = new RegExp(`l{${columns}}.?r{${columns}}`);
  let below = 0;
  for (let row = 0; row < GRID.rows; row++) {
    const text = colours.slice(row * GRID.columns, (row + 1) * GRID.columns).map((colour) => (isColour(colour, left) ? 'l' : isColour(colour, right) ? 'r' : '-')).join('');
    below = sideBySide.test(text) ? below + 1 : 0;
    if (below === rows) return true;
  }
  return false;
}

const isColour = (seen: readonly number[] | undefined, colour: Colour): boolean =>
  RGB[colour].every((value, component) => Math.abs(value - (seen?.[component] ?? NaN)) < TOLERANCE);

/** Colours at points of an image file. Needs ffmpeg. */
export function readPicture(file: string, points: readonly (readonly [number, number])[] = PICTURE_POINTS): number[][] {
  const { columns, rows } = GRID;
  // Scaled so that each pixel is the mean of what is around a point.
  const pixels = execFileSync('ffmpeg', ['-v', 'error', '-i', file, '-frames:v', '1', '-vf', `scale=${columns}:${rows}:flags=area`, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'], { stdio: 'pipe' });
  return points.map(([x, y]) => {
    const at = 3 * (Math.floor(y * rows) * columns + Math.floor(x * columns));
    return [...pixels.subarray(at, at + 3)];
  });
}
