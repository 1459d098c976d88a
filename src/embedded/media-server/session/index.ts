export { createSessionFactory } from './session-factory';
export { systemClock, type SessionClock } from './clock';
export type { SessionFactoryOptions, SessionLog } from './options';
