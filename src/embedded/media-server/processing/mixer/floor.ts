/** Somebody who may have the floor. */
export interface Speaker {
  readonly talking: boolean;
  /** dB of full scale, smoothed. */
  readonly level: number;
}

/** In frames of 20 ms: nobody loses the floor sooner, and a louder voice has to last. */
const MINIMUM_HOLD = 75;
const LOUDER_FOR = 50;
const LOUDER_BY_DB = 6;

/** Who speaks, with hysteresis: a cough or a crosstalk of a moment takes the floor from nobody who talks. */
export class Floor<S extends Speaker> {
  holder: S | undefined;
  /** Who held it before and is still there. */
  previous: S | undefined;
  private held = 0;
  private challenger: S | undefined;
  private louder = 0;

  /** To be called each 20 ms; returns whether the floor went to somebody else, or to nobody. */
  frame(speakers: readonly S[]): boolean {
    const vacated = this.holder !== undefined && !speakers.includes(this.holder);
    if (vacated) this.holder = undefined;
    if (this.previous !== undefined && !speakers.includes(this.previous)) this.previous = undefined;
    this.held += 1;
    const { holder } = this;
    let loudest: S | undefined;
    for (const speaker of speakers) {
      if (speaker !== holder && speaker.talking && (loudest === undefined || speaker.level > loudest.level)) loudest = speaker;
    }
    if (loudest === undefined) {
      this.challenger = undefined;
      return vacated;
    }
    if (holder?.talking === true) {
      if (loudest !== this.challenger) this.louder = 0;
      this.challenger = loudest;
      this.louder = loudest.level > holder.level + LOUDER_BY_DB ? this.louder + 1 : 0;
      if (this.louder < LOUDER_FOR || this.held < MINIMUM_HOLD) return false;
    }
    this.previous = holder ?? this.previous;
    if (this.previous === loudest) this.previous = undefined;
    this.holder = loudest;
    this.held = this.louder = 0;
    return true;
  }
}
