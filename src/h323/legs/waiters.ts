/** Those who wait for something in a leg to become so; whoever changes something wakes them. */
export class Waiters {
  private waiters: (() => void)[] = [];

  wake(): void {
    for (const waiter of this.waiters.splice(0)) waiter();
  }

  /** Resolves when it holds, or the time is over. */
  async until(holds: () => boolean, patienceMs = Infinity): Promise<void> {
    const deadline = Date.now() + patienceMs;
    while (!holds() && Date.now() < deadline) {
      await new Promise<void>((resolve) => {
        const timer = patienceMs < Infinity ? setTimeout(resolve, deadline - Date.now()) : undefined;
        this.waiters.push(() => { clearTimeout(timer); resolve(); });
      });
    }
  }
}
