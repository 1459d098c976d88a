// H.235.0 (09/2005): keys and certificates.
import { bitString, choice, type Infer, OBJECT_IDENTIFIER, octetString, openType, optional, sequence } from '../../per';
import { Encrypted, signed } from './protected';
import { Identifier, KeyMaterial, Params, RandomVal, TimeStamp } from './values';

export const DHset = sequence({
  halfkey: bitString(0, 2048),
  modSize: bitString(0, 2048),
  generator: bitString(0, 2048),
}, {});
export type DHset = Infer<typeof DHset>;

export const ECpoint = sequence({ x: optional(bitString(0, 511)), y: optional(bitString(0, 511)) }, {});
export type ECpoint = Infer<typeof ECpoint>;

export const ECKASDH = choice({
  eckasdhp: sequence({
    'public-key': ECpoint,
    modulus: bitString(0, 511),
    base: ECpoint,
    weierstrassA: bitString(0, 511),
    weierstrassB: bitString(0, 511),
  }),
  eckasdh2: sequence({
    'public-key': ECpoint,
    fieldSize: bitString(0, 511),
    base: ECpoint,
    weierstrassA: bitString(0, 511),
    weierstrassB: bitString(0, 511),
  }),
}, {});
export type ECKASDH = Infer<typeof ECKASDH>;

export const ECGDSASignature = sequence({ r: bitString(0, 511), s: bitString(0, 511) });
export type ECGDSASignature = Infer<typeof ECGDSASignature>;

export const TypedCertificate = sequence({ type: OBJECT_IDENTIFIER, certificate: octetString() }, {});
export type TypedCertificate = Infer<typeof TypedCertificate>;

export const KeySyncMaterial = sequence({ generalID: Identifier, keyMaterial: KeyMaterial }, {});
export type KeySyncMaterial = Infer<typeof KeySyncMaterial>;

export const EncodedKeySyncMaterial = openType(KeySyncMaterial);
export type EncodedKeySyncMaterial = Infer<typeof EncodedKeySyncMaterial>;

export const KeySignedMaterial = sequence({
  generalId: Identifier,
  mrandom: RandomVal,
  srandom: optional(RandomVal),
  timeStamp: optional(TimeStamp),
  encrptval: Encrypted,
});
export type KeySignedMaterial = Infer<typeof KeySignedMaterial>;

export const EncodedKeySignedMaterial = openType(KeySignedMaterial);
export type EncodedKeySignedMaterial = Infer<typeof EncodedKeySignedMaterial>;

export const V3KeySyncMaterial = sequence({
  generalID: optional(Identifier),
  algorithmOID: optional(OBJECT_IDENTIFIER),
  paramS: Params,
  encryptedSessionKey: optional(octetString()),
  encryptedSaltingKey: optional(octetString()),
  clearSaltingKey: optional(octetString()),
  paramSsalt: optional(Params),
  keyDerivationOID: optional(OBJECT_IDENTIFIER),
}, { genericKeyMaterial: optional(octetString()) });
export type V3KeySyncMaterial = Infer<typeof V3KeySyncMaterial>;

export const H235Key = choice({
  secureChannel: KeyMaterial,
  sharedSecret: Encrypted,
  certProtectedKey: signed(EncodedKeySignedMaterial),
}, { secureSharedSecret: V3KeySyncMaterial });
export type H235Key = Infer<typeof H235Key>;

export const ReturnSig = sequence({
  generalId: Identifier,
  responseRandom: RandomVal,
  requestRandom: optional(RandomVal),
  certificate: optional(TypedCertificate),
});
export type ReturnSig = Infer<typeof ReturnSig>;

export const EncodedReturnSig = openType(ReturnSig);
export type EncodedReturnSig = Infer<typeof EncodedReturnSig>;

export const H235CertificateSignature = sequence({
  certificate: TypedCertificate,
  responseRandom: RandomVal,
  requesterRandom: optional(RandomVal),
  signature: signed(EncodedReturnSig),
}, {});
export type H235CertificateSignature = Infer<typeof H235CertificateSignature>;
