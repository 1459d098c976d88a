import { DEFAULT_ZONE } from './hours';
import { dateOf, zoneOf } from './zone';

const DAY = 86_400_000;
const FORM = /^(?:(\d{4}-\d{2}-\d{2})(?:[T ](?=\d)|$))?(?:(\d{2}):(\d{2})(?::\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * A time as people write it: `2026-11-23 10:00`, `2026-11-23T10:00`, `2026-11-23` (midnight), `10:00` (today), on the clock of
 * Europe/Helsinki unless it ends with `Z` or an offset; undefined when it is none.
 */
export function parseTime(text: string, now: Date): Date | undefined {
  const match = FORM.exec(text.trim());
  const [, date, hour, minute, offset] = match ?? [];
  if (match === null || (date === undefined && (hour === undefined || offset !== undefined))) return undefined;
  const zone = zoneOf(DEFAULT_ZONE);
  const day = date === undefined ? zone.wall(now.getTime()).day : Date.parse(`${date}T00:00:00Z`) / DAY;
  const minutes = Number(hour ?? 0) * 60 + Number(minute ?? 0);
  // Date.parse takes the 30th of February for the 2nd of March.
  if (!Number.isInteger(day) || (date !== undefined && dateOf(day) !== date) || Number(minute ?? 0) > 59 || minutes >= DAY / 60_000) return undefined;
  if (offset === undefined) return new Date(zone.instant({ day, minutes }, 'first'));
  const instant = Date.parse(text.trim().replace(' ', 'T'));
  return Number.isNaN(instant) ? undefined : new Date(instant);
}
