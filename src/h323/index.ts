/**
 * H.323 as a library that stands alone: aligned PER (`per`), the PDUs of the standards (`schemas`) and call signalling on the wire
 * (`q931`), and captures of it (`capture`).
 */
export * as per from './per';
export * as schemas from './schemas';
export * as q931 from './q931';
export * as capture from './capture';
