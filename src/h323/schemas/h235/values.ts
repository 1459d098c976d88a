// H.235.0 (09/2005): values that tokens and keys are made of.
import {
  bitString, bmpString, type Infer, integer, OBJECT_IDENTIFIER, octetString, optional, sequence, UINT32_MAX,
} from '../../per';

export const ChallengeString = octetString(8, 128);
export type ChallengeString = Infer<typeof ChallengeString>;

export const TimeStamp = integer(1, UINT32_MAX);
export type TimeStamp = Infer<typeof TimeStamp>;

export const RandomVal = integer();
export type RandomVal = Infer<typeof RandomVal>;

export const Password = bmpString(1, 128);
export type Password = Infer<typeof Password>;

export const Identifier = bmpString(1, 128);
export type Identifier = Infer<typeof Identifier>;

export const KeyMaterial = bitString(1, 2048);
export type KeyMaterial = Infer<typeof KeyMaterial>;

export const NonStandardParameter = sequence({ nonStandardIdentifier: OBJECT_IDENTIFIER, data: octetString() });
export type NonStandardParameter = Infer<typeof NonStandardParameter>;

export const IV8 = octetString(8);
export type IV8 = Infer<typeof IV8>;

export const IV16 = octetString(16);
export type IV16 = Infer<typeof IV16>;

export const Params = sequence({ ranInt: optional(integer()), iv8: optional(IV8) }, {
  iv16: optional(IV16),
  iv: optional(octetString()),
  clearSalt: optional(octetString()),
});
export type Params = Infer<typeof Params>;
