import { open } from 'node:fs/promises';

const HEADER = 4_096;

/** How long a PCM WAV file lasts, milliseconds; 0 when it is not there or none. */
export async function wavLength(file: string): Promise<number> {
  const handle = await open(file).catch(() => undefined);
  if (!handle) return 0;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER), 0, HEADER, 0);
    if (bytesRead < 12 || buffer.toString('latin1', 0, 4) !== 'RIFF' || buffer.toString('latin1', 8, 12) !== 'WAVE') return 0;
    let bytesPerSecond = 0;
    for (let at = 12; at + 8 <= bytesRead;) {
      const name = buffer.toString('latin1', at, at + 4);
      const size = buffer.readUInt32LE(at + 4);
      if (name === 'fmt ' && at + 20 <= bytesRead) bytesPerSecond = buffer.readUInt32LE(at + 16);
      else if (name === 'data') return bytesPerSecond === 0 ? 0 : Math.round((size * 1_000) / bytesPerSecond);
      at += 8 + size + (size & 1);
    }
    return 0;
  } finally {
    await handle.close();
  }
}
