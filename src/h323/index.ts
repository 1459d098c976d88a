/**
 * H.323 as a library that stands alone: aligned PER (`per`), the PDUs of the standards (`schemas`), call signalling on the wire
 * (`q931`), captures of all that (`capture`), a gatekeeper (`ras`), calls (`signalling`) and their supplementary services (`h450`),
 * control of media (`h245`) and what SDP makes of it (`sdp`), content (`h239`) and encryption of media (`h235`).
 */
export * as per from './per';
export * as schemas from './schemas';
export * as q931 from './q931';
export * as capture from './capture';
export * as ras from './ras';
export * as h450 from './h450';
export * as signalling from './signalling';
export * as h245 from './h245';
export * as sdp from './sdp';
export * as h239 from './h239';
export * as h235 from './h235';
