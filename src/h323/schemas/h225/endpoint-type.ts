// H.225.0 (v7): what kind of endpoint it is and which protocols it supports.
import {
  bitString, BOOLEAN, choice, ia5String, type Infer, integer, OBJECT_IDENTIFIER, octetString, optional, sequence, sequenceOf,
} from '../../per';
import { T38FaxProfile } from '../h245/data';
import { DataProtocolCapability } from '../h245/values';
import { AliasAddress, H221NonStandard, NonStandardParameter } from './addresses';
import { BandWidth } from './identifiers';

export const DataRate = sequence({
  nonStandardData: optional(NonStandardParameter),
  channelRate: BandWidth,
  channelMultiplier: optional(integer(1, 256)),
}, {});
export type DataRate = Infer<typeof DataRate>;

export const SupportedPrefix = sequence({ nonStandardData: optional(NonStandardParameter), prefix: AliasAddress }, {});
export type SupportedPrefix = Infer<typeof SupportedPrefix>;

export const H310Caps = sequence({ nonStandardData: optional(NonStandardParameter) }, {
  dataRatesSupported: optional(sequenceOf(DataRate)),
  supportedPrefixes: sequenceOf(SupportedPrefix),
});
export type H310Caps = Infer<typeof H310Caps>;

export const H320Caps = sequence({ nonStandardData: optional(NonStandardParameter) }, {
  dataRatesSupported: optional(sequenceOf(DataRate)),
  supportedPrefixes: sequenceOf(SupportedPrefix),
});
export type H320Caps = Infer<typeof H320Caps>;

export const H321Caps = sequence({ nonStandardData: optional(NonStandardParameter) }, {
  dataRatesSupported: optional(sequenceOf(DataRate)),
  supportedPrefixes: sequenceOf(SupportedPrefix),
});
export type H321Caps = Infer<typeof H321Caps>;

export const H322Caps = sequence({ nonStandardData: optional(NonStandardParameter) }, {
  dataRatesSupported: optional(sequenceOf(DataRate)),
  supportedPrefixes: sequenceOf(SupportedPrefix),
});
export type H322Caps = Infer<typeof H322Caps>;

export const H323Caps = sequence({ nonStandardData: optional(NonStandardParameter) }, {
  dataRatesSupported: optional(sequenceOf(DataRate)),
  supportedPrefixes: sequenceOf(SupportedPrefix),
});
export type H323Caps = Infer<typeof H323Caps>;

export const H324Caps = sequence({ nonStandardData: optional(NonStandardParameter) }, {
  dataRatesSupported: optional(sequenceOf(DataRate)),
  supportedPrefixes: sequenceOf(SupportedPrefix),
});
export type H324Caps = Infer<typeof H324Caps>;

export const VoiceCaps = sequence({ nonStandardData: optional(NonStandardParameter) }, {
  dataRatesSupported: optional(sequenceOf(DataRate)),
  supportedPrefixes: sequenceOf(SupportedPrefix),
});
export type VoiceCaps = Infer<typeof VoiceCaps>;

export const T120OnlyCaps = sequence({ nonStandardData: optional(NonStandardParameter) }, {
  dataRatesSupported: optional(sequenceOf(DataRate)),
  supportedPrefixes: sequenceOf(SupportedPrefix),
});
export type T120OnlyCaps = Infer<typeof T120OnlyCaps>;

export const NonStandardProtocol = sequence({
  nonStandardData: optional(NonStandardParameter),
  dataRatesSupported: optional(sequenceOf(DataRate)),
  supportedPrefixes: sequenceOf(SupportedPrefix),
}, {});
export type NonStandardProtocol = Infer<typeof NonStandardProtocol>;

export const T38FaxAnnexbOnlyCaps = sequence({
  nonStandardData: optional(NonStandardParameter),
  dataRatesSupported: optional(sequenceOf(DataRate)),
  supportedPrefixes: sequenceOf(SupportedPrefix),
  t38FaxProtocol: DataProtocolCapability,
  t38FaxProfile: T38FaxProfile,
}, {});
export type T38FaxAnnexbOnlyCaps = Infer<typeof T38FaxAnnexbOnlyCaps>;

export const SIPCaps = sequence({
  nonStandardData: optional(NonStandardParameter),
  dataRatesSupported: optional(sequenceOf(DataRate)),
  supportedPrefixes: optional(sequenceOf(SupportedPrefix)),
}, {});
export type SIPCaps = Infer<typeof SIPCaps>;

export const SupportedProtocols = choice({
  nonStandardData: NonStandardParameter,
  h310: H310Caps,
  h320: H320Caps,
  h321: H321Caps,
  h322: H322Caps,
  h323: H323Caps,
  h324: H324Caps,
  voice: VoiceCaps,
  't120-only': T120OnlyCaps,
}, {
  nonStandardProtocol: NonStandardProtocol,
  t38FaxAnnexbOnly: T38FaxAnnexbOnlyCaps,
  sip: SIPCaps,
});
export type SupportedProtocols = Infer<typeof SupportedProtocols>;

export const GatewayInfo = sequence({
  protocol: optional(sequenceOf(SupportedProtocols)),
  nonStandardData: optional(NonStandardParameter),
}, {});
export type GatewayInfo = Infer<typeof GatewayInfo>;

export const McuInfo = sequence({ nonStandardData: optional(NonStandardParameter) }, { protocol: optional(sequenceOf(SupportedProtocols)) });
export type McuInfo = Infer<typeof McuInfo>;

export const TerminalInfo = sequence({ nonStandardData: optional(NonStandardParameter) }, {});
export type TerminalInfo = Infer<typeof TerminalInfo>;

export const GatekeeperInfo = sequence({ nonStandardData: optional(NonStandardParameter) }, {});
export type GatekeeperInfo = Infer<typeof GatekeeperInfo>;

export const VendorIdentifier = sequence({
  vendor: H221NonStandard,
  productId: optional(octetString(1, 256)),
  versionId: optional(octetString(1, 256)),
}, { enterpriseNumber: optional(OBJECT_IDENTIFIER) });
export type VendorIdentifier = Infer<typeof VendorIdentifier>;

export const TunnelledProtocolAlternateIdentifier = sequence({ protocolType: ia5String(1, 64), protocolVariant: optional(ia5String(1, 64)) }, {});
export type TunnelledProtocolAlternateIdentifier = Infer<typeof TunnelledProtocolAlternateIdentifier>;

export const TunnelledProtocol = sequence({
  id: choice({
    tunnelledProtocolObjectID: OBJECT_IDENTIFIER,
    tunnelledProtocolAlternateID: TunnelledProtocolAlternateIdentifier,
  }, {}),
  subIdentifier: optional(ia5String(1, 64)),
}, {});
export type TunnelledProtocol = Infer<typeof TunnelledProtocol>;

export const EndpointType = sequence({
  nonStandardData: optional(NonStandardParameter),
  vendor: optional(VendorIdentifier),
  gatekeeper: optional(GatekeeperInfo),
  gateway: optional(GatewayInfo),
  mcu: optional(McuInfo),
  terminal: optional(TerminalInfo),
  mc: BOOLEAN,
  undefinedNode: BOOLEAN,
}, {
  set: optional(bitString(32)),
  supportedTunnelledProtocols: optional(sequenceOf(TunnelledProtocol)),
});
export type EndpointType = Infer<typeof EndpointType>;
