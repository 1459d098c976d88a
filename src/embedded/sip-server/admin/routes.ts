import type { Application, Applications } from '../core/application';

/** Which application gets what: every method and record event has its own round (as drachtio-server's). */
export class Routes<A extends Application> implements Applications {
  private readonly byVerb = new Map<string, { takers: A[]; next: number }>();

  add(verb: string, application: A): void {
    const key = verb.toLowerCase();
    const round = this.byVerb.get(key);
    if (round === undefined) this.byVerb.set(key, { takers: [application], next: 0 });
    else if (!round.takers.includes(application)) round.takers.push(application);
  }

  remove(verb: string, application: A): void {
    const key = verb.toLowerCase();
    const round = this.byVerb.get(key);
    if (round === undefined) return;
    round.takers = round.takers.filter((taker) => taker !== application);
    if (round.takers.length === 0) this.byVerb.delete(key);
  }

  removeAll(application: A): void {
    for (const verb of [...this.byVerb.keys()]) this.remove(verb, application);
  }

  /** The next taker; with `fits` the next one that fits, such as one with a tag. */
  choose(verb: string, fits: (application: A) => boolean = () => true): A | undefined {
    const round = this.byVerb.get(verb);
    if (round === undefined) return undefined;
    for (let tried = 0; tried < round.takers.length; tried++) {
      const taker = round.takers[round.next % round.takers.length] as A;
      round.next = (round.next + 1) % round.takers.length;
      if (fits(taker)) return taker;
    }
    return undefined;
  }
}
