import { DEFAULT_ZONE } from './hours';
import { dateOf, zoneOf } from './zone';

/** The date, `YYYY-MM-DD`, on the calendar of a zone. */
export const localDate = (at: Date, timezone: string = DEFAULT_ZONE): string => dateOf(zoneOf(timezone).wall(at.getTime()).day);
