import pino from 'pino';

export type Logger = pino.Logger;

/** JSON lines on standard error. Secrets never reach it: what is logged is named field by field, messages are not dumped. */
export function createLogger(level: string): Logger {
  return pino({ level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } }, pino.destination({ fd: 2, sync: false }));
}
