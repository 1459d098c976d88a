// H.245 (v15): values that messages of every kind share.
import {
  choice, extensibleInteger, ia5String, type Infer, integer, NULL, numericString, OBJECT_IDENTIFIER, octetString, optional,
  reference, type Schema, sequence, sequenceOf, UINT32_MAX, type UnknownAdditions,
} from '../../per';

export const SequenceNumber = integer(0, 255);
export type SequenceNumber = Infer<typeof SequenceNumber>;

export const NonStandardIdentifier = choice({
  object: OBJECT_IDENTIFIER,
  h221NonStandard: sequence({
    t35CountryCode: integer(0, 255),
    t35Extension: integer(0, 255),
    manufacturerCode: integer(0, 65535),
  }),
});
export type NonStandardIdentifier = Infer<typeof NonStandardIdentifier>;

export const NonStandardParameter = sequence({ nonStandardIdentifier: NonStandardIdentifier, data: octetString() });
export type NonStandardParameter = Infer<typeof NonStandardParameter>;

export const CapabilityIdentifier = choice({
  standard: OBJECT_IDENTIFIER,
  h221NonStandard: NonStandardParameter,
  uuid: octetString(16),
  domainBased: ia5String(1, 64),
}, {});
export type CapabilityIdentifier = Infer<typeof CapabilityIdentifier>;

export const ParameterIdentifier = choice({
  standard: integer(0, 127),
  h221NonStandard: NonStandardParameter,
  uuid: octetString(16),
  domainBased: ia5String(1, 64),
}, {});
export type ParameterIdentifier = Infer<typeof ParameterIdentifier>;

export interface GenericParameter {
  parameterIdentifier: ParameterIdentifier;
  parameterValue: ParameterValue;
  supersedes?: ParameterIdentifier[];
  '...'?: UnknownAdditions;
}
export const GenericParameter: Schema<GenericParameter> = sequence({
  parameterIdentifier: ParameterIdentifier,
  parameterValue: reference('ParameterValue', () => ParameterValue),
  supersedes: optional(sequenceOf(ParameterIdentifier)),
}, {});

export const ParameterValue = choice({
  logical: NULL,
  booleanArray: integer(0, 255),
  unsignedMin: integer(0, 65535),
  unsignedMax: integer(0, 65535),
  unsigned32Min: integer(0, UINT32_MAX),
  unsigned32Max: integer(0, UINT32_MAX),
  octetString: octetString(),
  genericParameter: sequenceOf(GenericParameter),
}, {});
export type ParameterValue = Infer<typeof ParameterValue>;

export const V42bis = sequence({ numberOfCodewords: integer(1, 65536), maximumStringLength: integer(1, 256) }, {});
export type V42bis = Infer<typeof V42bis>;

export const CompressionType = choice({ v42bis: V42bis }, {});
export type CompressionType = Infer<typeof CompressionType>;

export const DataProtocolCapability = choice({
  nonStandard: NonStandardParameter,
  v14buffered: NULL,
  v42lapm: NULL,
  hdlcFrameTunnelling: NULL,
  h310SeparateVCStack: NULL,
  h310SingleVCStack: NULL,
  transparent: NULL,
}, {
  segmentationAndReassembly: NULL,
  hdlcFrameTunnelingwSAR: NULL,
  v120: NULL,
  separateLANStack: NULL,
  v76wCompression: choice({
    transmitCompression: CompressionType,
    receiveCompression: CompressionType,
    transmitAndReceiveCompression: CompressionType,
  }, {}),
  tcp: NULL,
  udp: NULL,
});
export type DataProtocolCapability = Infer<typeof DataProtocolCapability>;

export const GenericCapability = sequence({
  capabilityIdentifier: CapabilityIdentifier,
  maxBitRate: optional(integer(0, UINT32_MAX)),
  collapsing: optional(sequenceOf(GenericParameter)),
  nonCollapsing: optional(sequenceOf(GenericParameter)),
  nonCollapsingRaw: optional(octetString()),
  transport: optional(DataProtocolCapability),
}, {});
export type GenericCapability = Infer<typeof GenericCapability>;

export const GenericMessage = sequence({
  messageIdentifier: CapabilityIdentifier,
  subMessageIdentifier: optional(integer(0, 127)),
  messageContent: optional(sequenceOf(GenericParameter)),
}, {});
export type GenericMessage = Infer<typeof GenericMessage>;

export const GenericInformation = GenericMessage;
export type GenericInformation = Infer<typeof GenericInformation>;

export const NonStandardMessage = sequence({ nonStandardData: NonStandardParameter }, {});
export type NonStandardMessage = Infer<typeof NonStandardMessage>;

export const CapabilityTableEntryNumber = integer(1, 65535);
export type CapabilityTableEntryNumber = Infer<typeof CapabilityTableEntryNumber>;

export const CapabilityDescriptorNumber = integer(0, 255);
export type CapabilityDescriptorNumber = Infer<typeof CapabilityDescriptorNumber>;

export const AlternativeCapabilitySet = sequenceOf(CapabilityTableEntryNumber, 1, 256);
export type AlternativeCapabilitySet = Infer<typeof AlternativeCapabilitySet>;

export const LogicalChannelNumber = integer(1, 65535);
export type LogicalChannelNumber = Infer<typeof LogicalChannelNumber>;

export const MaximumBitRate = integer(0, UINT32_MAX);
export type MaximumBitRate = Infer<typeof MaximumBitRate>;

export const MultiplexTableEntryNumber = integer(1, 15);
export type MultiplexTableEntryNumber = Infer<typeof MultiplexTableEntryNumber>;

export const RTPPayloadType = sequence({
  payloadDescriptor: choice({
    nonStandardIdentifier: NonStandardParameter,
    'rfc-number': extensibleInteger(1, 32768),
    oid: OBJECT_IDENTIFIER,
  }, {}),
  payloadType: optional(integer(0, 127)),
}, {});
export type RTPPayloadType = Infer<typeof RTPPayloadType>;

export const UnicastAddress = choice({
  iPAddress: sequence({ network: octetString(4), tsapIdentifier: integer(0, 65535) }, {}),
  iPXAddress: sequence({ node: octetString(6), netnum: octetString(4), tsapIdentifier: octetString(2) }, {}),
  iP6Address: sequence({ network: octetString(16), tsapIdentifier: integer(0, 65535) }, {}),
  netBios: octetString(16),
  iPSourceRouteAddress: sequence({
    routing: choice({ strict: NULL, loose: NULL }),
    network: octetString(4),
    tsapIdentifier: integer(0, 65535),
    route: sequenceOf(octetString(4)),
  }, {}),
}, { nsap: octetString(1, 20), nonStandardAddress: NonStandardParameter });
export type UnicastAddress = Infer<typeof UnicastAddress>;

export const MulticastAddress = choice({
  iPAddress: sequence({ network: octetString(4), tsapIdentifier: integer(0, 65535) }, {}),
  iP6Address: sequence({ network: octetString(16), tsapIdentifier: integer(0, 65535) }, {}),
}, { nsap: octetString(1, 20), nonStandardAddress: NonStandardParameter });
export type MulticastAddress = Infer<typeof MulticastAddress>;

export const TransportAddress = choice({ unicastAddress: UnicastAddress, multicastAddress: MulticastAddress }, {});
export type TransportAddress = Infer<typeof TransportAddress>;

export const Q2931Address = sequence({
  address: choice({ internationalNumber: numericString(1, 16), nsapAddress: octetString(1, 20) }, {}),
  subaddress: optional(octetString(1, 20)),
}, {});
export type Q2931Address = Infer<typeof Q2931Address>;

export const McuNumber = integer(0, 192);
export type McuNumber = Infer<typeof McuNumber>;

export const TerminalNumber = integer(0, 192);
export type TerminalNumber = Infer<typeof TerminalNumber>;

export const TerminalLabel = sequence({ mcuNumber: McuNumber, terminalNumber: TerminalNumber }, {});
export type TerminalLabel = Infer<typeof TerminalLabel>;

export const TerminalID = octetString(1, 128);
export type TerminalID = Infer<typeof TerminalID>;

export const ConferenceID = octetString(1, 32);
export type ConferenceID = Infer<typeof ConferenceID>;

export const Password = octetString(1, 32);
export type Password = Infer<typeof Password>;

export const Criteria = sequence({ field: OBJECT_IDENTIFIER, value: octetString(1, 65535) }, {});
export type Criteria = Infer<typeof Criteria>;

export const CertSelectionCriteria = sequenceOf(Criteria, 1, 16);
export type CertSelectionCriteria = Infer<typeof CertSelectionCriteria>;

export const IV8 = octetString(8);
export type IV8 = Infer<typeof IV8>;

export const IV16 = octetString(16);
export type IV16 = Infer<typeof IV16>;

export const Params = sequence({ iv8: optional(IV8), iv16: optional(IV16), iv: optional(octetString()) }, {});
export type Params = Infer<typeof Params>;

export const MaxRedundancy = integer(1);
export type MaxRedundancy = Infer<typeof MaxRedundancy>;
