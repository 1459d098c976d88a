/** Legs of calls/ over H.323: what arrives by call signalling, and how H.323 devices are rung. */
export { H323Edge, type H323EdgeOptions, type SignallingSettings } from './edge';
export { LegError } from './errors';
export type { H323CallInfo } from './running';
