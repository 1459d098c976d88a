/** RMS levels in dB of full scale. */
const TALKING_ABOVE_DB = -40;
const SILENT_BELOW_DB = -46;
/** Frames of 20 ms. */
const START_FRAMES = 3;
const STOP_FRAMES = 30;
const SILENCE_DB = -96;
const SMOOTHING = 0.2;

function levelDb(samples: Int16Array): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i += 1) sum += (samples[i] as number) ** 2;
  return sum === 0 ? SILENCE_DB : 10 * Math.log10(sum / samples.length / 32_768 ** 2);
}

/** Whether somebody talks, by energy with hysteresis: 60 ms of sound begin it, 600 ms of silence end it. */
export class TalkDetector {
  talking = false;
  /** Smoothed level, for comparing speakers. */
  level = SILENCE_DB;
  private run = 0;

  /** Takes 20 ms, undefined for silence; returns whether `talking` changed. */
  frame(samples: Int16Array | undefined): boolean {
    const level = samples === undefined ? SILENCE_DB : levelDb(samples);
    this.level += (level - this.level) * SMOOTHING;
    const against = this.talking ? level < SILENT_BELOW_DB : level > TALKING_ABOVE_DB;
    this.run = against ? this.run + 1 : 0;
    if (this.run < (this.talking ? STOP_FRAMES : START_FRAMES)) return false;
    this.talking = !this.talking;
    this.run = 0;
    return true;
  }
}
