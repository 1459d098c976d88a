/** Desk: when services are open. */
export { DEFAULT_ZONE, openAt, type HoursDecision } from './hours';
export { closedText, inLanguage, timeText } from './hours-text';
export { localDate } from './local-date';
export { parseTime } from './parse-time';
