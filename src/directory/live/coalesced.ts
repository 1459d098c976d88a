/**
 * Runs `work` for many callers at once: a call during a run waits for one more run that begins after it, so that each caller
 * gets an answer no older than its call.
 */
export function coalesced<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  let next: Promise<T> | undefined;
  const start = (): Promise<T> => {
    running = work().finally(() => { running = undefined; });
    return running;
  };
  const startNext = (): Promise<T> => {
    next = undefined;
    return start();
  };
  return () => {
    if (running === undefined) return next ?? start();
    next ??= running.then(startNext, startNext);
    return next;
  };
}
