'use strict';
const { performance } = require('node:perf_hooks');

/** p50 and p99 of times in ms. */
function quantiles(times) {
  const sorted = Float64Array.from(times).sort();
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return { count: sorted.length, p50: at(0.5), p99: at(0.99) };
}

/**
 * Runs `search` for every query of every sort, all sorts mixed, in an order that is always the same. Returns quantiles
 * by sort and for all.
 */
async function measureSearches(queries, search) {
  const mixed = Object.entries(queries).flatMap(([sort, texts]) => texts.map((text, i) => ({ sort, text, at: (i + 0.5) / texts.length })));
  mixed.sort((a, b) => a.at - b.at);
  const times = new Map(Object.keys(queries).map((sort) => [sort, []]));
  for (const { sort, text } of mixed) {
    const began = performance.now();
    await search(text);
    times.get(sort).push(performance.now() - began);
  }
  return { all: quantiles([...times.values()].flat()), ...Object.fromEntries([...times].map(([sort, list]) => [sort, quantiles(list)])) };
}

module.exports = { quantiles, measureSearches };
