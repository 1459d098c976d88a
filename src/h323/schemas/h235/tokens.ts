// H.235.0 (09/2005): clear and cryptographic tokens.
import {
  bitString, bmpString, BOOLEAN, choice, type Infer, integer, NULL, OBJECT_IDENTIFIER, octetString, openType, optional,
  sequence, sequenceOf,
} from '../../per';
import { DHset, ECKASDH, H235Key, TypedCertificate } from './keys';
import { Encrypted, Hashed, signed } from './protected';
import { ChallengeString, Identifier, NonStandardParameter, Params, Password, RandomVal, TimeStamp } from './values';

export const AuthenticationBES = choice({ default: NULL, radius: NULL }, {});
export type AuthenticationBES = Infer<typeof AuthenticationBES>;

export const AuthenticationMechanism = choice({
  dhExch: NULL,
  pwdSymEnc: NULL,
  pwdHash: NULL,
  certSign: NULL,
  ipsec: NULL,
  tls: NULL,
  nonStandard: NonStandardParameter,
}, { authenticationBES: AuthenticationBES, keyExch: OBJECT_IDENTIFIER });
export type AuthenticationMechanism = Infer<typeof AuthenticationMechanism>;

export const Element = choice({
  octets: octetString(),
  integer: integer(),
  bits: bitString(),
  name: bmpString(),
  flag: BOOLEAN,
}, {});
export type Element = Infer<typeof Element>;

export const ProfileElement = sequence({ elementID: integer(0, 255), paramS: optional(Params), element: optional(Element) }, {});
export type ProfileElement = Infer<typeof ProfileElement>;

export const ClearToken = sequence({
  tokenOID: OBJECT_IDENTIFIER,
  timeStamp: optional(TimeStamp),
  password: optional(Password),
  dhkey: optional(DHset),
  challenge: optional(ChallengeString),
  random: optional(RandomVal),
  certificate: optional(TypedCertificate),
  generalID: optional(Identifier),
  nonStandard: optional(NonStandardParameter),
}, {
  eckasdhkey: optional(ECKASDH),
  sendersID: optional(Identifier),
  h235Key: optional(H235Key),
  profileInfo: optional(sequenceOf(ProfileElement)),
});
export type ClearToken = Infer<typeof ClearToken>;

export const EncodedGeneralToken = openType(ClearToken);
export type EncodedGeneralToken = Infer<typeof EncodedGeneralToken>;

export const PwdCertToken = ClearToken;
export type PwdCertToken = Infer<typeof PwdCertToken>;

export const EncodedPwdCertToken = openType(PwdCertToken);
export type EncodedPwdCertToken = Infer<typeof EncodedPwdCertToken>;

export const CryptoToken = choice({
  cryptoEncryptedToken: sequence({ tokenOID: OBJECT_IDENTIFIER, token: Encrypted }),
  cryptoSignedToken: sequence({ tokenOID: OBJECT_IDENTIFIER, token: signed(EncodedGeneralToken) }),
  cryptoHashedToken: sequence({ tokenOID: OBJECT_IDENTIFIER, hashedVals: ClearToken, token: Hashed }),
  cryptoPwdEncr: Encrypted,
}, {});
export type CryptoToken = Infer<typeof CryptoToken>;
