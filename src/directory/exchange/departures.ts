import { EtasiltaError } from '../../errors';

/** What becomes of records that a source brought and no longer has. */
export interface DeparturePolicy {
  /** How long a record is kept, marked as missing, before it is removed. */
  removeAfterDays: number;
  /** Share (0 to 1) of a source's records that may go missing in one run; with more the run is refused. */
  maxLostShare: number;
}

export const DEFAULT_DEPARTURE_POLICY: DeparturePolicy = { removeAfterDays: 14, maxLostShare: 0.1 };

export interface Departures {
  /** Missing for the first time: to be marked with this moment. */
  missing: string[];
  /** Marked before, and there again: the mark is taken off. */
  returned: string[];
  /** Marked for longer than the delay: to be removed. */
  overdue: string[];
}

/** So few records may always go missing: a share of a handful says nothing. */
const ALWAYS_ALLOWED = 5;
const DAY_MS = 86_400_000;

/** A source lost so much at once that it is more likely broken than right; nothing was changed. To be raised as an alarm. */
export class SuddenLossError extends EtasiltaError {
  constructor(readonly source: string, readonly lost: number, readonly known: number, maxLostShare: number) {
    super('import-sudden-loss', `${source} no longer has ${lost} of the ${known} records that it had (more than ${Math.round(maxLostShare * 100)} %); nothing was changed`, {
      hint: 'See whether the source is whole and the right one. Where the loss is meant, import once with a larger share allowed.',
    });
  }

  override toJSON(): object {
    return { ...super.toJSON(), source: this.source, lost: this.lost, known: this.known };
  }
}

/**
 * Decides about one kind of records of one source.
 * @param known what the source brought in earlier runs: key -> since when it is missing (ms since the epoch), undefined when it is not
 * @param present what the source has now
 * @throws SuddenLossError
 */
export function findDepartures(source: string, known: Iterable<readonly [string, number | undefined]>, present: { has(key: string): boolean }, policy: DeparturePolicy, now: number): Departures {
  const departures: Departures = { missing: [], returned: [], overdue: [] };
  let there = 0;
  for (const [key, since] of known) {
    if (since === undefined) there++;
    if (present.has(key)) {
      if (since !== undefined) departures.returned.push(key);
    } else if (since === undefined) {
      departures.missing.push(key);
    } else if (now - since >= policy.removeAfterDays * DAY_MS) {
      departures.overdue.push(key);
    }
  }
  const lost = departures.missing.length;
  if (lost > ALWAYS_ALLOWED && lost > there * policy.maxLostShare) throw new SuddenLossError(source, lost, there, policy.maxLostShare);
  return departures;
}
