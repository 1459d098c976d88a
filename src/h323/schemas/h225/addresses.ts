// H.225.0 (v7): transport addresses, aliases and numbers.
import {
  bmpString, choice, enumerated, ia5String, ia5StringFrom, type Infer, integer, NULL, OBJECT_IDENTIFIER, octetString, optional, type Schema,
  sequence, sequenceOf,
} from '../../per';

export const H221NonStandard = sequence({
  t35CountryCode: integer(0, 255),
  t35Extension: integer(0, 255),
  manufacturerCode: integer(0, 65535),
}, {});
export type H221NonStandard = Infer<typeof H221NonStandard>;

export const NonStandardIdentifier = choice({ object: OBJECT_IDENTIFIER, h221NonStandard: H221NonStandard }, {});
export type NonStandardIdentifier = Infer<typeof NonStandardIdentifier>;

export const NonStandardParameter = sequence({ nonStandardIdentifier: NonStandardIdentifier, data: octetString() });
export type NonStandardParameter = Infer<typeof NonStandardParameter>;

export const TransportAddress = choice({
  ipAddress: sequence({ ip: octetString(4), port: integer(0, 65535) }),
  ipSourceRoute: sequence({
    ip: octetString(4),
    port: integer(0, 65535),
    route: sequenceOf(octetString(4)),
    routing: choice({ strict: NULL, loose: NULL }, {}),
  }, {}),
  ipxAddress: sequence({ node: octetString(6), netnum: octetString(4), port: octetString(2) }),
  ip6Address: sequence({ ip: octetString(16), port: integer(0, 65535) }, {}),
  netBios: octetString(16),
  nsap: octetString(1, 20),
  nonStandardAddress: NonStandardParameter,
}, {});
export type TransportAddress = Infer<typeof TransportAddress>;

export const NumberDigits = ia5StringFrom('0123456789#*,', 1, 128);
export type NumberDigits = Infer<typeof NumberDigits>;

export const PublicTypeOfNumber = choice({
  unknown: NULL, internationalNumber: NULL, nationalNumber: NULL, networkSpecificNumber: NULL,
  subscriberNumber: NULL, abbreviatedNumber: NULL,
}, {});
export type PublicTypeOfNumber = Infer<typeof PublicTypeOfNumber>;

export const PublicPartyNumber = sequence({ publicTypeOfNumber: PublicTypeOfNumber, publicNumberDigits: NumberDigits });
export type PublicPartyNumber = Infer<typeof PublicPartyNumber>;

export const PrivateTypeOfNumber = choice({
  unknown: NULL, level2RegionalNumber: NULL, level1RegionalNumber: NULL, pISNSpecificNumber: NULL,
  localNumber: NULL, abbreviatedNumber: NULL,
}, {});
export type PrivateTypeOfNumber = Infer<typeof PrivateTypeOfNumber>;

export const PrivatePartyNumber = sequence({ privateTypeOfNumber: PrivateTypeOfNumber, privateNumberDigits: NumberDigits });
export type PrivatePartyNumber = Infer<typeof PrivatePartyNumber>;

export const PartyNumber = choice({
  e164Number: PublicPartyNumber,
  dataPartyNumber: NumberDigits,
  telexPartyNumber: NumberDigits,
  privateNumber: PrivatePartyNumber,
  nationalStandardPartyNumber: NumberDigits,
}, {});
export type PartyNumber = Infer<typeof PartyNumber>;

const tbcdString = (...size: [] | [number] | [number, number]): Schema<string> => ia5StringFrom('0123456789#*abc', ...size);

export const TBCDSTRING = tbcdString();
export type TBCDSTRING = Infer<typeof TBCDSTRING>;

export const ANSI41UIM = sequence({
  imsi: optional(tbcdString(3, 16)),
  min: optional(tbcdString(3, 16)),
  mdn: optional(tbcdString(3, 16)),
  msisdn: optional(tbcdString(3, 16)),
  esn: optional(tbcdString(16)),
  mscid: optional(tbcdString(3, 16)),
  'system-id': choice({ sid: tbcdString(1, 4), mid: tbcdString(1, 4) }, {}),
  systemMyTypeCode: optional(octetString(1)),
  systemAccessType: optional(octetString(1)),
  qualificationInformationCode: optional(octetString(1)),
  sesn: optional(tbcdString(16)),
  soc: optional(tbcdString(3, 16)),
}, {});
export type ANSI41UIM = Infer<typeof ANSI41UIM>;

export const GSMUIM = sequence({
  imsi: optional(tbcdString(3, 16)),
  tmsi: optional(octetString(1, 4)),
  msisdn: optional(tbcdString(3, 16)),
  imei: optional(tbcdString(15, 16)),
  hplmn: optional(tbcdString(1, 4)),
  vplmn: optional(tbcdString(1, 4)),
}, {});
export type GSMUIM = Infer<typeof GSMUIM>;

export const MobileUIM = choice({ 'ansi-41-uim': ANSI41UIM, 'gsm-uim': GSMUIM }, {});
export type MobileUIM = Infer<typeof MobileUIM>;

export const NatureOfAddress = choice({
  unknown: NULL, subscriberNumber: NULL, nationalNumber: NULL, internationalNumber: NULL,
  networkSpecificNumber: NULL, routingNumberNationalFormat: NULL, routingNumberNetworkSpecificFormat: NULL,
  routingNumberWithCalledDirectoryNumber: NULL,
}, {});
export type NatureOfAddress = Infer<typeof NatureOfAddress>;

export const IsupDigits = ia5StringFrom('0123456789ABCDE', 1, 128);
export type IsupDigits = Infer<typeof IsupDigits>;

export const IsupPublicPartyNumber = sequence({ natureOfAddress: NatureOfAddress, address: IsupDigits }, {});
export type IsupPublicPartyNumber = Infer<typeof IsupPublicPartyNumber>;

export const IsupPrivatePartyNumber = sequence({ privateTypeOfNumber: PrivateTypeOfNumber, address: IsupDigits }, {});
export type IsupPrivatePartyNumber = Infer<typeof IsupPrivatePartyNumber>;

export const IsupNumber = choice({
  e164Number: IsupPublicPartyNumber,
  dataPartyNumber: IsupDigits,
  telexPartyNumber: IsupDigits,
  privateNumber: IsupPrivatePartyNumber,
  nationalStandardPartyNumber: IsupDigits,
}, {});
export type IsupNumber = Infer<typeof IsupNumber>;

export const AliasAddress = choice({ dialledDigits: ia5StringFrom('0123456789#*,', 1, 128), 'h323-ID': bmpString(1, 256) }, {
  'url-ID': ia5String(1, 512),
  transportID: TransportAddress,
  'email-ID': ia5String(1, 512),
  partyNumber: PartyNumber,
  mobileUIM: MobileUIM,
  isupNumber: IsupNumber,
});
export type AliasAddress = Infer<typeof AliasAddress>;

export const AddressPattern = choice({
  wildcard: AliasAddress,
  range: sequence({ startOfRange: PartyNumber, endOfRange: PartyNumber }),
}, {});
export type AddressPattern = Infer<typeof AddressPattern>;

export const DisplayName = sequence({ language: optional(ia5String()), name: bmpString(1, 80) });
export type DisplayName = Infer<typeof DisplayName>;

export const PresentationIndicator = choice({ presentationAllowed: NULL, presentationRestricted: NULL, addressNotAvailable: NULL }, {});
export type PresentationIndicator = Infer<typeof PresentationIndicator>;

export const ScreeningIndicator = enumerated([
  'userProvidedNotScreened',
  'userProvidedVerifiedAndPassed',
  'userProvidedVerifiedAndFailed',
  'networkProvided',
], []);
export type ScreeningIndicator = Infer<typeof ScreeningIndicator>;

export const ExtendedAliasAddress = sequence({
  address: AliasAddress,
  presentationIndicator: optional(PresentationIndicator),
  screeningIndicator: optional(ScreeningIndicator),
}, {});
export type ExtendedAliasAddress = Infer<typeof ExtendedAliasAddress>;
