import { setImmediate } from 'node:timers/promises';

/** How long the event loop may be held, ms. */
const SLICE_MS = 10;

/** Runs a computation to its end, letting others have their turn between its steps. */
export async function inSlices<T>(steps: Generator<void, T>): Promise<T> {
  for (let began = performance.now(); ;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() - began < SLICE_MS) continue;
    await setImmediate();
    began = performance.now();
  }
}
