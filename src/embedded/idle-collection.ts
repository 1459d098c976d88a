import v8 from 'node:v8';
import vm from 'node:vm';

const TICK_MS = 5_000;
/**
 * Quiet ticks after which memory is given back; twice, because V8 lets go of its pages only at the second time, and twice
 * again when the last SIP transactions are forgotten (RFC 3261 section 17: after 32 s).
 */
const COLLECT_AT = new Set([2, 4, 8, 10]);

/**
 * Gives the memory of a rush back when it is over: V8 collects when it allocates, and an idle process does not, so the
 * gateway would keep its largest size through the night. Each thread has a heap of its own and calls this for itself.
 * Nothing happens while anything runs. Returns the function that stops it.
 */
export function collectWhenIdle(isBusy: () => boolean): () => void {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as () => void;
  let quietTicks = Infinity;
  const timer = setInterval(() => {
    quietTicks = isBusy() ? 0 : quietTicks + 1;
    if (COLLECT_AT.has(quietTicks)) collect();
  }, TICK_MS).unref();
  return () => clearInterval(timer);
}
