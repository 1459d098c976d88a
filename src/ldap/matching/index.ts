/** Matching rules (RFC 4517, RFC 4518) and filters made of them. */
export { evaluate, type Matchable } from './evaluate';
export { compareBy, normaliseDn, normaliserOf, substringsOf } from './normalise';
export { type Assertion, type Sought, type TypedFilter, typedFilter } from './typed-filter';
