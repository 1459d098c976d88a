'use strict';

/**
 * The highest rate at which `isClean(rate)` holds, in bounded steps: doubled from `startRate` until a rate is not clean,
 * then halved in between (geometric mean) until the two bounds are within `precision` of each other.
 * `maxSteps` bounds the whole; a result of 0 means that no rate tried was clean.
 */
async function findMaximum(isClean, { startRate, maxRate, maxSteps, precision = 1.12 }) {
  let clean = 0;
  let unclean = Infinity;
  let rate = startRate;
  for (let step = 0; step < maxSteps; step += 1) {
    if (await isClean(rate)) clean = rate;
    else unclean = rate;
    if (clean >= maxRate || unclean / clean < precision || unclean <= 10) break;
    rate = roundRate(unclean === Infinity ? Math.min(clean * 2, maxRate) : Math.sqrt(unclean * (clean || unclean / 4)));
    if (rate === clean || rate === unclean) break;
  }
  return clean;
}

const roundRate = (rate) => Math.max(5, Math.round(rate / 10) * 10);

/** The value below which `share` (0..1) of the ascending `sorted` values lie, or null when there are none. */
const percentile = (sorted, share) => (sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);

module.exports = { findMaximum, percentile };
