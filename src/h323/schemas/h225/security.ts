// H.225.0 (v7): security capabilities, errors and tokens.
import { bitString, choice, type Infer, NULL, OBJECT_IDENTIFIER, openType, optional, sequence } from '../../per';
import { ClearToken, CryptoToken, EncodedPwdCertToken, Encrypted, Hashed, signed, TimeStamp } from '../h235';
import { AliasAddress, NonStandardParameter } from './addresses';
import { GatekeeperIdentifier } from './identifiers';

export const SecurityServiceMode = choice({ nonStandard: NonStandardParameter, none: NULL, default: NULL }, {});
export type SecurityServiceMode = Infer<typeof SecurityServiceMode>;

export const SecurityCapabilities = sequence({
  nonStandard: optional(NonStandardParameter),
  encryption: SecurityServiceMode,
  authenticaton: SecurityServiceMode,
  integrity: SecurityServiceMode,
}, {});
export type SecurityCapabilities = Infer<typeof SecurityCapabilities>;

export const SecurityErrors = choice({
  securityWrongSyncTime: NULL, securityReplay: NULL, securityWrongGeneralID: NULL,
  securityWrongSendersID: NULL, securityIntegrityFailed: NULL, securityWrongOID: NULL,
  securityDHmismatch: NULL, securityCertificateExpired: NULL, securityCertificateDateInvalid: NULL,
  securityCertificateRevoked: NULL, securityCertificateNotReadable: NULL,
  securityCertificateSignatureInvalid: NULL, securityCertificateMissing: NULL,
  securityCertificateIncomplete: NULL, securityUnsupportedCertificateAlgOID: NULL, securityUnknownCA: NULL,
}, {});
export type SecurityErrors = Infer<typeof SecurityErrors>;

export const SecurityErrors2 = choice({
  securityWrongSyncTime: NULL, securityReplay: NULL, securityWrongGeneralID: NULL,
  securityWrongSendersID: NULL, securityIntegrityFailed: NULL, securityWrongOID: NULL,
}, {});
export type SecurityErrors2 = Infer<typeof SecurityErrors2>;

export const H245Security = choice({
  nonStandard: NonStandardParameter,
  noSecurity: NULL,
  tls: SecurityCapabilities,
  ipsec: SecurityCapabilities,
}, {});
export type H245Security = Infer<typeof H245Security>;

export const EncryptIntAlg = choice({ nonStandard: NonStandardParameter, isoAlgorithm: OBJECT_IDENTIFIER }, {});
export type EncryptIntAlg = Infer<typeof EncryptIntAlg>;

export const NonIsoIntegrityMechanism = choice({
  'hMAC-MD5': NULL,
  'hMAC-iso10118-2-s': EncryptIntAlg,
  'hMAC-iso10118-2-l': EncryptIntAlg,
  'hMAC-iso10118-3': OBJECT_IDENTIFIER,
}, {});
export type NonIsoIntegrityMechanism = Infer<typeof NonIsoIntegrityMechanism>;

export const IntegrityMechanism = choice({
  nonStandard: NonStandardParameter,
  digSig: NULL,
  iso9797: OBJECT_IDENTIFIER,
  nonIsoIM: NonIsoIntegrityMechanism,
}, {});
export type IntegrityMechanism = Infer<typeof IntegrityMechanism>;

export const ICV = sequence({ algorithmOID: OBJECT_IDENTIFIER, icv: bitString() });
export type ICV = Infer<typeof ICV>;

export const FastStartToken = ClearToken;
export type FastStartToken = Infer<typeof FastStartToken>;

export const EncodedFastStartToken = openType(FastStartToken);
export type EncodedFastStartToken = Infer<typeof EncodedFastStartToken>;

export const CryptoH323Token = choice({
  cryptoEPPwdHash: sequence({ alias: AliasAddress, timeStamp: TimeStamp, token: Hashed }),
  cryptoGKPwdHash: sequence({ gatekeeperId: GatekeeperIdentifier, timeStamp: TimeStamp, token: Hashed }),
  cryptoEPPwdEncr: Encrypted,
  cryptoGKPwdEncr: Encrypted,
  cryptoEPCert: signed(EncodedPwdCertToken),
  cryptoGKCert: signed(EncodedPwdCertToken),
  cryptoFastStart: signed(EncodedFastStartToken),
  nestedcryptoToken: CryptoToken,
}, {});
export type CryptoH323Token = Infer<typeof CryptoH323Token>;
