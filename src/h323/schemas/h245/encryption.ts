// H.245 (v15): media encryption (with H.235).
import {
  bitString, BOOLEAN, choice, type Infer, integer, NULL, OBJECT_IDENTIFIER, octetString, optional, sequence, sequenceOf,
} from '../../per';
import { CapabilityTableEntryNumber, GenericCapability, GenericParameter, NonStandardParameter, SequenceNumber } from './values';

export const MediaEncryptionAlgorithm = choice({ nonStandard: NonStandardParameter, algorithm: OBJECT_IDENTIFIER }, {});
export type MediaEncryptionAlgorithm = Infer<typeof MediaEncryptionAlgorithm>;

export const EncryptionCapability = sequenceOf(MediaEncryptionAlgorithm, 1, 256);
export type EncryptionCapability = Infer<typeof EncryptionCapability>;

export const AuthenticationCapability = sequence({ nonStandard: optional(NonStandardParameter) }, { antiSpamAlgorithm: optional(OBJECT_IDENTIFIER) });
export type AuthenticationCapability = Infer<typeof AuthenticationCapability>;

export const IntegrityCapability = sequence({ nonStandard: optional(NonStandardParameter) }, {});
export type IntegrityCapability = Infer<typeof IntegrityCapability>;

export const EncryptionAuthenticationAndIntegrity = sequence({
  encryptionCapability: optional(EncryptionCapability),
  authenticationCapability: optional(AuthenticationCapability),
  integrityCapability: optional(IntegrityCapability),
}, { genericH235SecurityCapability: optional(GenericCapability) });
export type EncryptionAuthenticationAndIntegrity = Infer<typeof EncryptionAuthenticationAndIntegrity>;

export const H235SecurityCapability = sequence({
  encryptionAuthenticationAndIntegrity: EncryptionAuthenticationAndIntegrity,
  mediaCapability: CapabilityTableEntryNumber,
}, {});
export type H235SecurityCapability = Infer<typeof H235SecurityCapability>;

export const EncryptionMode = choice({ nonStandard: NonStandardParameter, h233Encryption: NULL }, {});
export type EncryptionMode = Infer<typeof EncryptionMode>;

export const EscrowData = sequence({ escrowID: OBJECT_IDENTIFIER, escrowValue: bitString(1, 65535) }, {});
export type EscrowData = Infer<typeof EscrowData>;

export const EncryptionSync = sequence({
  nonStandard: optional(NonStandardParameter),
  synchFlag: integer(0, 255),
  h235Key: octetString(1, 65535),
  escrowentry: optional(sequenceOf(EscrowData, 1, 256)),
}, { genericParameter: optional(GenericParameter) });
export type EncryptionSync = Infer<typeof EncryptionSync>;

export const KeyProtectionMethod = sequence({ secureChannel: BOOLEAN, sharedSecret: BOOLEAN, certProtectedKey: BOOLEAN }, {});
export type KeyProtectionMethod = Infer<typeof KeyProtectionMethod>;

export const EncryptionUpdateRequest = sequence({ keyProtectionMethod: optional(KeyProtectionMethod) }, { synchFlag: optional(integer(0, 255)) });
export type EncryptionUpdateRequest = Infer<typeof EncryptionUpdateRequest>;

export const EncryptionUpdateDirection = choice({ masterToSlave: NULL, slaveToMaster: NULL }, {});
export type EncryptionUpdateDirection = Infer<typeof EncryptionUpdateDirection>;

export const EncryptionCommand = choice({
  encryptionSE: octetString(),
  encryptionIVRequest: NULL,
  encryptionAlgorithmID: sequence({
    h233AlgorithmIdentifier: SequenceNumber,
    associatedAlgorithm: NonStandardParameter,
  }),
}, {});
export type EncryptionCommand = Infer<typeof EncryptionCommand>;
