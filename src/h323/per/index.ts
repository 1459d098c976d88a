/**
 * Aligned PER (ITU-T X.691, ASN.1 of X.680) for the protocols of H.323: schemas are built from the functions below, one for each
 * notation of ASN.1, and the TypeScript type of their values is inferred.
 *
 *   const Greeting = sequence({ to: bmpString(1, 64), urgent: optional(BOOLEAN) }, {});
 *   type Greeting = Infer<typeof Greeting>;              // { to: string; urgent?: boolean; '...'?: UnknownAdditions }
 *   decode(Greeting, encode(Greeting, { to: 'Kela' }));  // { to: 'Kela' }
 */
export { decode, encode, type Addition, type Alternative, type Bounds, type Component, type Form, type Infer, type Schema, type StringType } from './schema';
export { DEFAULT_LIMITS, type DecodeLimits } from './reader';
export { fromJson, toJson, type Json } from './json';
export { asn1Module } from './notation';
export { PerError, type PerErrorCode } from './fault';
export { BOOLEAN, enumerated, NULL, OBJECT_IDENTIFIER, type UnknownEnumeration } from './primitives';
export { extensibleInteger, integer, UINT32_MAX } from './integer';
export {
  bitString, bmpString, generalString, ia5String, ia5StringFrom, numericString, octetString, printableString, visibleString, type BitString,
} from './strings';
export { group, optional, sequence, set, withDefault, type UnknownAdditions } from './sequence';
export { alternative, choice, chosen, type NameOf, type OneOf, type UnknownAlternative } from './choice';
export { sequenceOf, setOf } from './list';
export { OPEN_TYPE, openType, reference } from './open-type';
