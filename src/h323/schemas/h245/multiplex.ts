// H.245 (v15): multiplex, transport and quality-of-service capabilities.
import { BOOLEAN, choice, type Infer, integer, NULL, optional, sequence, sequenceOf, setOf, UINT32_MAX } from '../../per';
import { DataApplicationCapability } from './data';
import { CapabilityTableEntryNumber, GenericCapability, NonStandardParameter, Q2931Address, RTPPayloadType } from './values';

export const VCCapability = sequence({
  aal1: optional(sequence({
    nullClockRecovery: BOOLEAN,
    srtsClockRecovery: BOOLEAN,
    adaptiveClockRecovery: BOOLEAN,
    nullErrorCorrection: BOOLEAN,
    longInterleaver: BOOLEAN,
    shortInterleaver: BOOLEAN,
    errorCorrectionOnly: BOOLEAN,
    structuredDataTransfer: BOOLEAN,
    partiallyFilledCells: BOOLEAN,
  }, {})),
  aal5: optional(sequence({
    forwardMaximumSDUSize: integer(0, 65535),
    backwardMaximumSDUSize: integer(0, 65535),
  }, {})),
  transportStream: BOOLEAN,
  programStream: BOOLEAN,
  availableBitRates: sequence({
    type: choice({
      singleBitRate: integer(1, 65535),
      rangeOfBitRates: sequence({ lowerBitRate: integer(1, 65535), higherBitRate: integer(1, 65535) }),
    }),
  }, {}),
}, {
  aal1ViaGateway: optional(sequence({
    gatewayAddress: setOf(Q2931Address, 1, 256),
    nullClockRecovery: BOOLEAN,
    srtsClockRecovery: BOOLEAN,
    adaptiveClockRecovery: BOOLEAN,
    nullErrorCorrection: BOOLEAN,
    longInterleaver: BOOLEAN,
    shortInterleaver: BOOLEAN,
    errorCorrectionOnly: BOOLEAN,
    structuredDataTransfer: BOOLEAN,
    partiallyFilledCells: BOOLEAN,
  }, {})),
});
export type VCCapability = Infer<typeof VCCapability>;

export const H222Capability = sequence({ numberOfVCs: integer(1, 256), vcCapability: setOf(VCCapability) }, {});
export type H222Capability = Infer<typeof H222Capability>;

export const H223AnnexCCapability = sequence({
  videoWithAL1M: BOOLEAN,
  videoWithAL2M: BOOLEAN,
  videoWithAL3M: BOOLEAN,
  audioWithAL1M: BOOLEAN,
  audioWithAL2M: BOOLEAN,
  audioWithAL3M: BOOLEAN,
  dataWithAL1M: BOOLEAN,
  dataWithAL2M: BOOLEAN,
  dataWithAL3M: BOOLEAN,
  alpduInterleaving: BOOLEAN,
  maximumAL1MPDUSize: integer(0, 65535),
  maximumAL2MSDUSize: integer(0, 65535),
  maximumAL3MSDUSize: integer(0, 65535),
}, { rsCodeCapability: optional(BOOLEAN) });
export type H223AnnexCCapability = Infer<typeof H223AnnexCCapability>;

export const H223Capability = sequence({
  'transportWithI-frames': BOOLEAN,
  videoWithAL1: BOOLEAN,
  videoWithAL2: BOOLEAN,
  videoWithAL3: BOOLEAN,
  audioWithAL1: BOOLEAN,
  audioWithAL2: BOOLEAN,
  audioWithAL3: BOOLEAN,
  dataWithAL1: BOOLEAN,
  dataWithAL2: BOOLEAN,
  dataWithAL3: BOOLEAN,
  maximumAl2SDUSize: integer(0, 65535),
  maximumAl3SDUSize: integer(0, 65535),
  maximumDelayJitter: integer(0, 1023),
  h223MultiplexTableCapability: choice({
    basic: NULL,
    enhanced: sequence({
      maximumNestingDepth: integer(1, 15),
      maximumElementListSize: integer(2, 255),
      maximumSubElementListSize: integer(2, 255),
    }, {}),
  }),
}, {
  maxMUXPDUSizeCapability: BOOLEAN,
  nsrpSupport: BOOLEAN,
  mobileOperationTransmitCapability: optional(sequence({
    modeChangeCapability: BOOLEAN,
    h223AnnexA: BOOLEAN,
    h223AnnexADoubleFlag: BOOLEAN,
    h223AnnexB: BOOLEAN,
    h223AnnexBwithHeader: BOOLEAN,
  }, {})),
  h223AnnexCCapability: optional(H223AnnexCCapability),
  bitRate: optional(integer(1, 19200)),
  mobileMultilinkFrameCapability: optional(sequence({ maximumSampleSize: integer(1, 255), maximumPayloadLength: integer(1, 65025) }, {})),
});
export type H223Capability = Infer<typeof H223Capability>;

export const V75Capability = sequence({ audioHeader: BOOLEAN }, {});
export type V75Capability = Infer<typeof V75Capability>;

export const V76Capability = sequence({
  suspendResumeCapabilitywAddress: BOOLEAN,
  suspendResumeCapabilitywoAddress: BOOLEAN,
  rejCapability: BOOLEAN,
  sREJCapability: BOOLEAN,
  mREJCapability: BOOLEAN,
  crc8bitCapability: BOOLEAN,
  crc16bitCapability: BOOLEAN,
  crc32bitCapability: BOOLEAN,
  uihCapability: BOOLEAN,
  numOfDLCS: integer(2, 8191),
  twoOctetAddressFieldCapability: BOOLEAN,
  loopBackTestCapability: BOOLEAN,
  n401Capability: integer(1, 4095),
  maxWindowSizeCapability: integer(1, 127),
  v75Capability: V75Capability,
}, {});
export type V76Capability = Infer<typeof V76Capability>;

export const MediaPacketizationCapability = sequence({ h261aVideoPacketization: BOOLEAN }, { rtpPayloadType: optional(sequenceOf(RTPPayloadType, 1, 256)) });
export type MediaPacketizationCapability = Infer<typeof MediaPacketizationCapability>;

export const QOSMode = choice({ guaranteedQOS: NULL, controlledLoad: NULL }, {});
export type QOSMode = Infer<typeof QOSMode>;

export const RSVPParameters = sequence({
  qosMode: optional(QOSMode),
  tokenRate: optional(integer(1, UINT32_MAX)),
  bucketSize: optional(integer(1, UINT32_MAX)),
  peakRate: optional(integer(1, UINT32_MAX)),
  minPoliced: optional(integer(1, UINT32_MAX)),
  maxPktSize: optional(integer(1, UINT32_MAX)),
}, {});
export type RSVPParameters = Infer<typeof RSVPParameters>;

export const ATMParameters = sequence({
  maxNTUSize: integer(0, 65535),
  atmUBR: BOOLEAN,
  atmrtVBR: BOOLEAN,
  atmnrtVBR: BOOLEAN,
  atmABR: BOOLEAN,
  atmCBR: BOOLEAN,
}, {});
export type ATMParameters = Infer<typeof ATMParameters>;

export const ServicePriorityValue = sequence({ nonStandardParameter: optional(NonStandardParameter) }, { value: integer(0, 255) });
export type ServicePriorityValue = Infer<typeof ServicePriorityValue>;

export const ServicePriority = sequence({
  nonStandardData: optional(NonStandardParameter),
  servicePrioritySignalled: BOOLEAN,
  servicePriorityValue: optional(ServicePriorityValue),
}, {
  serviceClass: optional(integer(0, 4095)),
  serviceSubclass: optional(integer(0, 255)),
});
export type ServicePriority = Infer<typeof ServicePriority>;

export const AuthorizationParameters = sequence({ nonStandardData: optional(NonStandardParameter) }, {});
export type AuthorizationParameters = Infer<typeof AuthorizationParameters>;

export const QOSType = choice({ desired: NULL, required: NULL }, {});
export type QOSType = Infer<typeof QOSType>;

export const QOSClass = choice({
  class0: NULL, class1: NULL, class2: NULL, class3: NULL, class4: NULL, class5: NULL,
}, {});
export type QOSClass = Infer<typeof QOSClass>;

export const QOSDescriptor = sequence({
  nonStandardData: optional(NonStandardParameter),
  qosType: QOSType,
  qosClass: QOSClass,
}, {});
export type QOSDescriptor = Infer<typeof QOSDescriptor>;

export const GenericTransportParameters = sequence({
  nonStandardData: optional(NonStandardParameter),
  averageRate: optional(integer(1, UINT32_MAX)),
  burst: optional(integer(1, UINT32_MAX)),
  peakRate: optional(integer(1, UINT32_MAX)),
  maxPktSize: optional(integer(1, UINT32_MAX)),
}, {});
export type GenericTransportParameters = Infer<typeof GenericTransportParameters>;

export const QOSCapability = sequence({
  nonStandardData: optional(NonStandardParameter),
  rsvpParameters: optional(RSVPParameters),
  atmParameters: optional(ATMParameters),
}, {
  localQoS: optional(BOOLEAN),
  genericTransportParameters: optional(GenericTransportParameters),
  servicePriority: optional(ServicePriority),
  authorizationParameter: optional(AuthorizationParameters),
  qosDescriptor: optional(QOSDescriptor),
  dscpValue: optional(integer(0, 63)),
});
export type QOSCapability = Infer<typeof QOSCapability>;

export const MediaTransportType = choice({ 'ip-UDP': NULL, 'ip-TCP': NULL, 'atm-AAL5-UNIDIR': NULL, 'atm-AAL5-BIDIR': NULL }, { 'atm-AAL5-compressed': sequence({ 'variable-delta': BOOLEAN }, {}) });
export type MediaTransportType = Infer<typeof MediaTransportType>;

export const MediaChannelCapability = sequence({ mediaTransport: optional(MediaTransportType) }, {});
export type MediaChannelCapability = Infer<typeof MediaChannelCapability>;

export const TransportCapability = sequence({
  nonStandard: optional(NonStandardParameter),
  qOSCapabilities: optional(sequenceOf(QOSCapability, 1, 256)),
  mediaChannelCapabilities: optional(sequenceOf(MediaChannelCapability, 1, 256)),
}, {});
export type TransportCapability = Infer<typeof TransportCapability>;

export const RTPH263VideoRedundancyFrameMapping = sequence({ threadNumber: integer(0, 15), frameSequence: sequenceOf(integer(0, 255), 1, 256) }, {});
export type RTPH263VideoRedundancyFrameMapping = Infer<typeof RTPH263VideoRedundancyFrameMapping>;

export const RTPH263VideoRedundancyEncoding = sequence({
  numberOfThreads: integer(1, 16),
  framesBetweenSyncPoints: integer(1, 256),
  frameToThreadMapping: choice({ roundrobin: NULL, custom: sequenceOf(RTPH263VideoRedundancyFrameMapping, 1, 256) }, {}),
  containedThreads: optional(sequenceOf(integer(0, 15), 1, 256)),
}, {});
export type RTPH263VideoRedundancyEncoding = Infer<typeof RTPH263VideoRedundancyEncoding>;

export const RedundancyEncodingMethod = choice({ nonStandard: NonStandardParameter, rtpAudioRedundancyEncoding: NULL }, { rtpH263VideoRedundancyEncoding: RTPH263VideoRedundancyEncoding });
export type RedundancyEncodingMethod = Infer<typeof RedundancyEncodingMethod>;

export const RedundancyEncodingCapability = sequence({
  redundancyEncodingMethod: RedundancyEncodingMethod,
  primaryEncoding: CapabilityTableEntryNumber,
  secondaryEncoding: optional(sequenceOf(CapabilityTableEntryNumber, 1, 256)),
}, {});
export type RedundancyEncodingCapability = Infer<typeof RedundancyEncodingCapability>;

export const MediaDistributionCapability = sequence({
  centralizedControl: BOOLEAN,
  distributedControl: BOOLEAN,
  centralizedAudio: BOOLEAN,
  distributedAudio: BOOLEAN,
  centralizedVideo: BOOLEAN,
  distributedVideo: BOOLEAN,
  centralizedData: optional(sequenceOf(DataApplicationCapability)),
  distributedData: optional(sequenceOf(DataApplicationCapability)),
}, {});
export type MediaDistributionCapability = Infer<typeof MediaDistributionCapability>;

export const MultipointCapability = sequence({
  multicastCapability: BOOLEAN,
  multiUniCastConference: BOOLEAN,
  mediaDistributionCapability: sequenceOf(MediaDistributionCapability),
}, {});
export type MultipointCapability = Infer<typeof MultipointCapability>;

export const H2250Capability = sequence({
  maximumAudioDelayJitter: integer(0, 1023),
  receiveMultipointCapability: MultipointCapability,
  transmitMultipointCapability: MultipointCapability,
  receiveAndTransmitMultipointCapability: MultipointCapability,
  mcCapability: sequence({ centralizedConferenceMC: BOOLEAN, decentralizedConferenceMC: BOOLEAN }, {}),
  rtcpVideoControlCapability: BOOLEAN,
  mediaPacketizationCapability: MediaPacketizationCapability,
}, {
  transportCapability: optional(TransportCapability),
  redundancyEncodingCapability: optional(sequenceOf(RedundancyEncodingCapability, 1, 256)),
  logicalChannelSwitchingCapability: BOOLEAN,
  t120DynamicPortCapability: BOOLEAN,
});
export type H2250Capability = Infer<typeof H2250Capability>;

export const MultiplexCapability = choice({
  nonStandard: NonStandardParameter,
  h222Capability: H222Capability,
  h223Capability: H223Capability,
  v76Capability: V76Capability,
}, { h2250Capability: H2250Capability, genericMultiplexCapability: GenericCapability });
export type MultiplexCapability = Infer<typeof MultiplexCapability>;
