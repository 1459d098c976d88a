// H.245 (v15): the capability exchange.
import { BOOLEAN, choice, type Infer, integer, NULL, OBJECT_IDENTIFIER, optional, sequence, sequenceOf, setOf } from '../../per';
import { AudioCapability, AudioTelephonyEventCapability, AudioToneCapability } from './audio';
import { DataApplicationCapability } from './data';
import { H235SecurityCapability } from './encryption';
import { H222Capability, H223Capability, MultiplexCapability, RedundancyEncodingCapability } from './multiplex';
import {
  AlternativeCapabilitySet, CapabilityDescriptorNumber, CapabilityTableEntryNumber, GenericCapability, GenericInformation,
  MaxRedundancy, NonStandardParameter, SequenceNumber,
} from './values';
import { VideoCapability } from './video';

export const UserInputCapability = choice({
  nonStandard: sequenceOf(NonStandardParameter, 1, 16),
  basicString: NULL,
  iA5String: NULL,
  generalString: NULL,
  dtmf: NULL,
  hookflash: NULL,
}, {
  extendedAlphanumeric: NULL,
  encryptedBasicString: NULL,
  encryptedIA5String: NULL,
  encryptedGeneralString: NULL,
  secureDTMF: NULL,
  genericUserInputCapability: GenericCapability,
});
export type UserInputCapability = Infer<typeof UserInputCapability>;

export const ConferenceCapability = sequence({
  nonStandardData: optional(sequenceOf(NonStandardParameter)),
  chairControlCapability: BOOLEAN,
}, {
  videoIndicateMixingCapability: BOOLEAN,
  multipointVisualizationCapability: optional(BOOLEAN),
});
export type ConferenceCapability = Infer<typeof ConferenceCapability>;

export const MultiplexFormat = choice({
  nonStandard: NonStandardParameter,
  h222Capability: H222Capability,
  h223Capability: H223Capability,
}, {});
export type MultiplexFormat = Infer<typeof MultiplexFormat>;

export const MultiplexedStreamCapability = sequence({
  multiplexFormat: MultiplexFormat,
  controlOnMuxStream: BOOLEAN,
  capabilityOnMuxStream: optional(setOf(AlternativeCapabilitySet, 1, 256)),
}, {});
export type MultiplexedStreamCapability = Infer<typeof MultiplexedStreamCapability>;

export const MultiplePayloadStreamCapability = sequence({ capabilities: setOf(AlternativeCapabilitySet, 1, 256) }, {});
export type MultiplePayloadStreamCapability = Infer<typeof MultiplePayloadStreamCapability>;

export const DepFECCapability = choice({
  rfc2733: sequence({
    redundancyEncoding: BOOLEAN,
    separateStream: sequence({ separatePort: BOOLEAN, samePort: BOOLEAN }, {}),
  }, {}),
}, {});
export type DepFECCapability = Infer<typeof DepFECCapability>;

export const FECCapability = sequence({
  protectedCapability: CapabilityTableEntryNumber,
  fecScheme: optional(OBJECT_IDENTIFIER),
  rfc2733Format: optional(choice({
    rfc2733rfc2198: MaxRedundancy,
    rfc2733sameport: MaxRedundancy,
    rfc2733diffport: MaxRedundancy,
  })),
}, {});
export type FECCapability = Infer<typeof FECCapability>;

export const Capability = choice({
  nonStandard: NonStandardParameter,
  receiveVideoCapability: VideoCapability,
  transmitVideoCapability: VideoCapability,
  receiveAndTransmitVideoCapability: VideoCapability,
  receiveAudioCapability: AudioCapability,
  transmitAudioCapability: AudioCapability,
  receiveAndTransmitAudioCapability: AudioCapability,
  receiveDataApplicationCapability: DataApplicationCapability,
  transmitDataApplicationCapability: DataApplicationCapability,
  receiveAndTransmitDataApplicationCapability: DataApplicationCapability,
  h233EncryptionTransmitCapability: BOOLEAN,
  h233EncryptionReceiveCapability: sequence({ h233IVResponseTime: integer(0, 255) }, {}),
}, {
  conferenceCapability: ConferenceCapability,
  h235SecurityCapability: H235SecurityCapability,
  maxPendingReplacementFor: integer(0, 255),
  receiveUserInputCapability: UserInputCapability,
  transmitUserInputCapability: UserInputCapability,
  receiveAndTransmitUserInputCapability: UserInputCapability,
  genericControlCapability: GenericCapability,
  receiveMultiplexedStreamCapability: MultiplexedStreamCapability,
  transmitMultiplexedStreamCapability: MultiplexedStreamCapability,
  receiveAndTransmitMultiplexedStreamCapability: MultiplexedStreamCapability,
  receiveRTPAudioTelephonyEventCapability: AudioTelephonyEventCapability,
  receiveRTPAudioToneCapability: AudioToneCapability,
  depFecCapability: DepFECCapability,
  multiplePayloadStreamCapability: MultiplePayloadStreamCapability,
  fecCapability: FECCapability,
  redundancyEncodingCap: RedundancyEncodingCapability,
  oneOfCapabilities: AlternativeCapabilitySet,
});
export type Capability = Infer<typeof Capability>;

export const CapabilityTableEntry = sequence({
  capabilityTableEntryNumber: CapabilityTableEntryNumber,
  capability: optional(Capability),
});
export type CapabilityTableEntry = Infer<typeof CapabilityTableEntry>;

export const CapabilityDescriptor = sequence({
  capabilityDescriptorNumber: CapabilityDescriptorNumber,
  simultaneousCapabilities: optional(setOf(AlternativeCapabilitySet, 1, 256)),
});
export type CapabilityDescriptor = Infer<typeof CapabilityDescriptor>;

export const TerminalCapabilitySet = sequence({
  sequenceNumber: SequenceNumber,
  protocolIdentifier: OBJECT_IDENTIFIER,
  multiplexCapability: optional(MultiplexCapability),
  capabilityTable: optional(setOf(CapabilityTableEntry, 1, 256)),
  capabilityDescriptors: optional(setOf(CapabilityDescriptor, 1, 256)),
}, { genericInformation: optional(sequenceOf(GenericInformation)) });
export type TerminalCapabilitySet = Infer<typeof TerminalCapabilitySet>;

export const TerminalCapabilitySetAck = sequence({ sequenceNumber: SequenceNumber }, { genericInformation: optional(sequenceOf(GenericInformation)) });
export type TerminalCapabilitySetAck = Infer<typeof TerminalCapabilitySetAck>;

export const TerminalCapabilitySetReject = sequence({
  sequenceNumber: SequenceNumber,
  cause: choice({
    unspecified: NULL,
    undefinedTableEntryUsed: NULL,
    descriptorCapacityExceeded: NULL,
    tableEntryCapacityExceeded: choice({ highestEntryNumberProcessed: CapabilityTableEntryNumber, noneProcessed: NULL }),
  }, {}),
}, { genericInformation: optional(sequenceOf(GenericInformation)) });
export type TerminalCapabilitySetReject = Infer<typeof TerminalCapabilitySetReject>;

export const TerminalCapabilitySetRelease = sequence({}, { genericInformation: optional(sequenceOf(GenericInformation)) });
export type TerminalCapabilitySetRelease = Infer<typeof TerminalCapabilitySetRelease>;
