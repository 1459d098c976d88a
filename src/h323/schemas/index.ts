/**
 * The PDUs of H.323 as PER schemas, with the field names of the standards. A schema and the TypeScript type of its values have the
 * same name; names that several standards use are told apart by their namespace: `h225.TransportAddress`, `h245.TransportAddress`.
 */
export * as h225 from './h225';
export * as h235 from './h235';
export * as h245 from './h245';
export * as h450 from './h450';
export * as h460 from './h460';
