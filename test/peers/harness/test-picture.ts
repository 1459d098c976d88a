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
  return [left, right].every((colour, i) => RGB[colour].every((value, component) => Math.abs(value - (colours[i]?.[component] ?? NaN)) < TOLERANCE));
}

/** Colours at PICTURE_POINTS of an image file. Needs ffmpeg. */
export function readPicture(file: string): number[][] {
  // Scaled so that each pixel is the mean of a tenth of the picture.
  const pixels = execFileSync('ffmpeg', ['-v', 'error', '-i', file, '-frames:v', '1', '-vf', 'scale=10:10:flags=area', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'], { stdio: 'pipe' });
  return PICTURE_POINTS.map(([x, y]) => {
    const at = 3 * (Math.floor(y * 10) * 10 + Math.floor(x * 10));
    return [...pixels.subarray(at, at + 3)];
  });
}
