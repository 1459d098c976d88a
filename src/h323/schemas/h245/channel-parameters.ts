// H.245 (v15): what a logical channel carries and how it is multiplexed.
import {
  BOOLEAN, choice, ia5StringFrom, type Infer, integer, NULL, OBJECT_IDENTIFIER, octetString, optional, reference, type Schema,
  sequence, sequenceOf, type UnknownAdditions,
} from '../../per';
import { AudioCapability } from './audio';
import { MultiplexFormat } from './capability';
import { DataApplicationCapability } from './data';
import { EncryptionAuthenticationAndIntegrity, EncryptionMode } from './encryption';
import { RedundancyEncodingMethod, TransportCapability } from './multiplex';
import {
  LogicalChannelNumber, NonStandardParameter, Q2931Address, RTPPayloadType, TerminalLabel, TransportAddress,
} from './values';
import { VideoCapability } from './video';

export const NetworkAccessParameters = sequence({
  distribution: optional(choice({ unicast: NULL, multicast: NULL }, {})),
  networkAddress: choice({
    q2931Address: Q2931Address,
    e164Address: ia5StringFrom('0123456789#*,', 1, 128),
    localAreaAddress: TransportAddress,
  }, {}),
  associateConference: BOOLEAN,
  externalReference: optional(octetString(1, 255)),
}, {
  t120SetupProcedure: optional(choice({ originateCall: NULL, waitForCall: NULL, issueQuery: NULL }, {})),
});
export type NetworkAccessParameters = Infer<typeof NetworkAccessParameters>;

export const V75Parameters = sequence({ audioHeaderPresent: BOOLEAN }, {});
export type V75Parameters = Infer<typeof V75Parameters>;

export interface RedundancyEncoding {
  redundancyEncodingMethod: RedundancyEncodingMethod;
  secondaryEncoding?: DataType;
  rtpRedundancyEncoding?: {
    primary?: RedundancyEncodingElement;
    secondary?: RedundancyEncodingElement[];
    '...'?: UnknownAdditions;
  };
  '...'?: UnknownAdditions;
}
export const RedundancyEncoding: Schema<RedundancyEncoding> = sequence({
  redundancyEncodingMethod: RedundancyEncodingMethod,
  secondaryEncoding: optional(reference('DataType', () => DataType)),
}, {
  rtpRedundancyEncoding: optional(sequence({
    primary: optional(reference('RedundancyEncodingElement', () => RedundancyEncodingElement)),
    secondary: optional(sequenceOf(reference('RedundancyEncodingElement', () => RedundancyEncodingElement))),
  }, {})),
});

export interface MultiplePayloadStreamElement {
  dataType: DataType;
  payloadType?: number;
  '...'?: UnknownAdditions;
}
export const MultiplePayloadStreamElement: Schema<MultiplePayloadStreamElement> = sequence({
  dataType: reference('DataType', () => DataType),
  payloadType: optional(integer(0, 127)),
}, {});

export const MultiplePayloadStream = sequence({ elements: sequenceOf(MultiplePayloadStreamElement) }, {});
export type MultiplePayloadStream = Infer<typeof MultiplePayloadStream>;

export const DepFECData = choice({
  rfc2733: sequence({
    mode: choice({
      redundancyEncoding: NULL,
      separateStream: choice({
        differentPort: sequence({
          protectedSessionID: integer(1, 255),
          protectedPayloadType: optional(integer(0, 127)),
        }, {}),
        samePort: sequence({ protectedPayloadType: integer(0, 127) }, {}),
      }, {}),
    }, {}),
  }, {}),
});
export type DepFECData = Infer<typeof DepFECData>;

export const FECData = choice({
  rfc2733: sequence({
    protectedPayloadType: integer(0, 127),
    fecScheme: optional(OBJECT_IDENTIFIER),
    pktMode: choice({
      rfc2198coding: NULL,
      rfc2733sameport: sequence({}, {}),
      rfc2733diffport: sequence({ protectedChannel: LogicalChannelNumber }, {}),
    }, {}),
  }, {}),
}, {});
export type FECData = Infer<typeof FECData>;

export const H235Media = sequence({
  encryptionAuthenticationAndIntegrity: EncryptionAuthenticationAndIntegrity,
  mediaType: choice({
    nonStandard: NonStandardParameter,
    videoData: VideoCapability,
    audioData: AudioCapability,
    data: DataApplicationCapability,
  }, {
    redundancyEncoding: RedundancyEncoding,
    multiplePayloadStream: MultiplePayloadStream,
    depFec: DepFECData,
    fec: FECData,
  }),
}, {});
export type H235Media = Infer<typeof H235Media>;

export const MultiplexedStreamParameter = sequence({ multiplexFormat: MultiplexFormat, controlOnMuxStream: BOOLEAN }, {});
export type MultiplexedStreamParameter = Infer<typeof MultiplexedStreamParameter>;

export const DataType = choice({
  nonStandard: NonStandardParameter,
  nullData: NULL,
  videoData: VideoCapability,
  audioData: AudioCapability,
  data: DataApplicationCapability,
  encryptionData: EncryptionMode,
}, {
  h235Control: NonStandardParameter,
  h235Media: H235Media,
  multiplexedStream: MultiplexedStreamParameter,
  redundancyEncoding: RedundancyEncoding,
  multiplePayloadStream: MultiplePayloadStream,
  depFec: DepFECData,
  fec: FECData,
});
export type DataType = Infer<typeof DataType>;

export const H222LogicalChannelParameters = sequence({
  resourceID: integer(0, 65535),
  subChannelID: integer(0, 8191),
  'pcr-pid': optional(integer(0, 8191)),
  programDescriptors: optional(octetString()),
  streamDescriptors: optional(octetString()),
}, {});
export type H222LogicalChannelParameters = Infer<typeof H222LogicalChannelParameters>;

export const H223AnnexCArqParameters = sequence({
  numberOfRetransmissions: choice({ finite: integer(0, 16), infinite: NULL }, {}),
  sendBufferSize: integer(0, 16777215),
}, {});
export type H223AnnexCArqParameters = Infer<typeof H223AnnexCArqParameters>;

export const H223AL1MParameters = sequence({
  transferMode: choice({ framed: NULL, unframed: NULL }, {}),
  headerFEC: choice({ 'sebch16-7': NULL, 'golay24-12': NULL }, {}),
  crcLength: choice({ crc4bit: NULL, crc12bit: NULL, crc20bit: NULL, crc28bit: NULL }, { crc8bit: NULL, crc16bit: NULL, crc32bit: NULL, crcNotUsed: NULL }),
  rcpcCodeRate: integer(8, 32),
  arqType: choice({
    noArq: NULL,
    typeIArq: H223AnnexCArqParameters,
    typeIIArq: H223AnnexCArqParameters,
  }, {}),
  alpduInterleaving: BOOLEAN,
  alsduSplitting: BOOLEAN,
}, { rsCodeCorrection: optional(integer(0, 127)) });
export type H223AL1MParameters = Infer<typeof H223AL1MParameters>;

export const H223AL2MParameters = sequence({
  headerFEC: choice({ 'sebch16-5': NULL, 'golay24-12': NULL }, {}),
  alpduInterleaving: BOOLEAN,
}, {});
export type H223AL2MParameters = Infer<typeof H223AL2MParameters>;

export const H223AL3MParameters = sequence({
  headerFormat: choice({ 'sebch16-7': NULL, 'golay24-12': NULL }, {}),
  crcLength: choice({ crc4bit: NULL, crc12bit: NULL, crc20bit: NULL, crc28bit: NULL }, { crc8bit: NULL, crc16bit: NULL, crc32bit: NULL, crcNotUsed: NULL }),
  rcpcCodeRate: integer(8, 32),
  arqType: choice({
    noArq: NULL,
    typeIArq: H223AnnexCArqParameters,
    typeIIArq: H223AnnexCArqParameters,
  }, {}),
  alpduInterleaving: BOOLEAN,
}, { rsCodeCorrection: optional(integer(0, 127)) });
export type H223AL3MParameters = Infer<typeof H223AL3MParameters>;

export const H223LogicalChannelParameters = sequence({
  adaptationLayerType: choice({
    nonStandard: NonStandardParameter,
    al1Framed: NULL,
    al1NotFramed: NULL,
    al2WithoutSequenceNumbers: NULL,
    al2WithSequenceNumbers: NULL,
    al3: sequence({ controlFieldOctets: integer(0, 2), sendBufferSize: integer(0, 16777215) }),
  }, { al1M: H223AL1MParameters, al2M: H223AL2MParameters, al3M: H223AL3MParameters }),
  segmentableFlag: BOOLEAN,
}, {});
export type H223LogicalChannelParameters = Infer<typeof H223LogicalChannelParameters>;

export const CRCLength = choice({ crc8bit: NULL, crc16bit: NULL, crc32bit: NULL }, {});
export type CRCLength = Infer<typeof CRCLength>;

export const V76HDLCParameters = sequence({ crcLength: CRCLength, n401: integer(1, 4095), loopbackTestProcedure: BOOLEAN }, {});
export type V76HDLCParameters = Infer<typeof V76HDLCParameters>;

export const V76LogicalChannelParameters = sequence({
  hdlcParameters: V76HDLCParameters,
  suspendResume: choice({ noSuspendResume: NULL, suspendResumewAddress: NULL, suspendResumewoAddress: NULL }, {}),
  uIH: BOOLEAN,
  mode: choice({
    eRM: sequence({
      windowSize: integer(1, 127),
      recovery: choice({ rej: NULL, sREJ: NULL, mSREJ: NULL }, {}),
    }, {}),
    uNERM: NULL,
  }, {}),
  v75Parameters: V75Parameters,
}, {});
export type V76LogicalChannelParameters = Infer<typeof V76LogicalChannelParameters>;

export const H2250LogicalChannelParameters = sequence({
  nonStandard: optional(sequenceOf(NonStandardParameter)),
  sessionID: integer(0, 255),
  associatedSessionID: optional(integer(1, 255)),
  mediaChannel: optional(TransportAddress),
  mediaGuaranteedDelivery: optional(BOOLEAN),
  mediaControlChannel: optional(TransportAddress),
  mediaControlGuaranteedDelivery: optional(BOOLEAN),
  silenceSuppression: optional(BOOLEAN),
  destination: optional(TerminalLabel),
  dynamicRTPPayloadType: optional(integer(96, 127)),
  mediaPacketization: optional(choice({ h261aVideoPacketization: NULL }, { rtpPayloadType: RTPPayloadType })),
}, {
  transportCapability: optional(TransportCapability),
  redundancyEncoding: optional(RedundancyEncoding),
  source: optional(TerminalLabel),
});
export type H2250LogicalChannelParameters = Infer<typeof H2250LogicalChannelParameters>;

export interface RedundancyEncodingElement {
  dataType: DataType;
  payloadType?: number;
  '...'?: UnknownAdditions;
}
export const RedundancyEncodingElement: Schema<RedundancyEncodingElement> = sequence({
  dataType: reference('DataType', () => DataType),
  payloadType: optional(integer(0, 127)),
}, {});

export const H2250LogicalChannelAckParameters = sequence({
  nonStandard: optional(sequenceOf(NonStandardParameter)),
  sessionID: optional(integer(1, 255)),
  mediaChannel: optional(TransportAddress),
  mediaControlChannel: optional(TransportAddress),
  dynamicRTPPayloadType: optional(integer(96, 127)),
}, { flowControlToZero: BOOLEAN, portNumber: optional(integer(0, 65535)) });
export type H2250LogicalChannelAckParameters = Infer<typeof H2250LogicalChannelAckParameters>;
