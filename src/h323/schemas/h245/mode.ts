// H.245 (v15): mode requests.
import {
  BOOLEAN, choice, type Infer, integer, NULL, OBJECT_IDENTIFIER, octetString, type OneOf, optional, reference, type Schema,
  sequence, sequenceOf, setOf, UINT32_MAX, type UnknownAdditions, type UnknownAlternative,
} from '../../per';
import { G729Extensions, GSMAudioCapability } from './audio';
import { H223AL1MParameters, H223AL2MParameters, H223AL3MParameters, MultiplexedStreamParameter } from './channel-parameters';
import { T38FaxProfile } from './data';
import { EncryptionAuthenticationAndIntegrity, EncryptionMode } from './encryption';
import { RedundancyEncodingMethod } from './multiplex';
import {
  DataProtocolCapability, GenericCapability, LogicalChannelNumber, MaxRedundancy, NonStandardParameter, SequenceNumber,
} from './values';
import { EnhancementLayerInfo, H263Options } from './video';

export const H261VideoMode = sequence({
  resolution: choice({ qcif: NULL, cif: NULL }),
  bitRate: integer(1, 19200),
  stillImageTransmission: BOOLEAN,
}, {});
export type H261VideoMode = Infer<typeof H261VideoMode>;

export const H262VideoMode = sequence({
  profileAndLevel: choice({
    'profileAndLevel-SPatML': NULL, 'profileAndLevel-MPatLL': NULL, 'profileAndLevel-MPatML': NULL,
    'profileAndLevel-MPatH-14': NULL, 'profileAndLevel-MPatHL': NULL, 'profileAndLevel-SNRatLL': NULL,
    'profileAndLevel-SNRatML': NULL, 'profileAndLevel-SpatialatH-14': NULL, 'profileAndLevel-HPatML': NULL,
    'profileAndLevel-HPatH-14': NULL, 'profileAndLevel-HPatHL': NULL,
  }, {}),
  videoBitRate: optional(integer(0, 1073741823)),
  vbvBufferSize: optional(integer(0, 262143)),
  samplesPerLine: optional(integer(0, 16383)),
  linesPerFrame: optional(integer(0, 16383)),
  framesPerSecond: optional(integer(0, 15)),
  luminanceSampleRate: optional(integer(0, UINT32_MAX)),
}, {});
export type H262VideoMode = Infer<typeof H262VideoMode>;

export const H263VideoMode = sequence({
  resolution: choice({
    sqcif: NULL, qcif: NULL, cif: NULL, cif4: NULL, cif16: NULL,
  }, { custom: NULL }),
  bitRate: integer(1, 19200),
  unrestrictedVector: BOOLEAN,
  arithmeticCoding: BOOLEAN,
  advancedPrediction: BOOLEAN,
  pbFrames: BOOLEAN,
}, {
  errorCompensation: BOOLEAN,
  enhancementLayerInfo: optional(EnhancementLayerInfo),
  h263Options: optional(H263Options),
});
export type H263VideoMode = Infer<typeof H263VideoMode>;

export const IS11172VideoMode = sequence({
  constrainedBitstream: BOOLEAN,
  videoBitRate: optional(integer(0, 1073741823)),
  vbvBufferSize: optional(integer(0, 262143)),
  samplesPerLine: optional(integer(0, 16383)),
  linesPerFrame: optional(integer(0, 16383)),
  pictureRate: optional(integer(0, 15)),
  luminanceSampleRate: optional(integer(0, UINT32_MAX)),
}, {});
export type IS11172VideoMode = Infer<typeof IS11172VideoMode>;

export const VideoMode = choice({
  nonStandard: NonStandardParameter,
  h261VideoMode: H261VideoMode,
  h262VideoMode: H262VideoMode,
  h263VideoMode: H263VideoMode,
  is11172VideoMode: IS11172VideoMode,
}, { genericVideoMode: GenericCapability });
export type VideoMode = Infer<typeof VideoMode>;

export const IS11172AudioMode = sequence({
  audioLayer: choice({ audioLayer1: NULL, audioLayer2: NULL, audioLayer3: NULL }),
  audioSampling: choice({ audioSampling32k: NULL, audioSampling44k1: NULL, audioSampling48k: NULL }),
  multichannelType: choice({ singleChannel: NULL, twoChannelStereo: NULL, twoChannelDual: NULL }),
  bitRate: integer(1, 448),
}, {});
export type IS11172AudioMode = Infer<typeof IS11172AudioMode>;

export const IS13818AudioMode = sequence({
  audioLayer: choice({ audioLayer1: NULL, audioLayer2: NULL, audioLayer3: NULL }),
  audioSampling: choice({
    audioSampling16k: NULL, audioSampling22k05: NULL, audioSampling24k: NULL, audioSampling32k: NULL,
    audioSampling44k1: NULL, audioSampling48k: NULL,
  }),
  multichannelType: choice({
    singleChannel: NULL, twoChannelStereo: NULL, twoChannelDual: NULL, 'threeChannels2-1': NULL,
    'threeChannels3-0': NULL, 'fourChannels2-0-2-0': NULL, 'fourChannels2-2': NULL, 'fourChannels3-1': NULL,
    'fiveChannels3-0-2-0': NULL, 'fiveChannels3-2': NULL,
  }),
  lowFrequencyEnhancement: BOOLEAN,
  multilingual: BOOLEAN,
  bitRate: integer(1, 1130),
}, {});
export type IS13818AudioMode = Infer<typeof IS13818AudioMode>;

export const G7231AnnexCMode = sequence({
  'maxAl-sduAudioFrames': integer(1, 256),
  silenceSuppression: BOOLEAN,
  g723AnnexCAudioMode: sequence({
    highRateMode0: integer(27, 78),
    highRateMode1: integer(27, 78),
    lowRateMode0: integer(23, 66),
    lowRateMode1: integer(23, 66),
    sidMode0: integer(6, 17),
    sidMode1: integer(6, 17),
  }, {}),
}, {});
export type G7231AnnexCMode = Infer<typeof G7231AnnexCMode>;

export interface VBDMode {
  type: AudioMode;
  '...'?: UnknownAdditions;
}
export const VBDMode: Schema<VBDMode> = sequence({ type: reference('AudioMode', () => AudioMode) }, {});

export const AudioMode = choice({
  nonStandard: NonStandardParameter,
  g711Alaw64k: NULL,
  g711Alaw56k: NULL,
  g711Ulaw64k: NULL,
  g711Ulaw56k: NULL,
  'g722-64k': NULL,
  'g722-56k': NULL,
  'g722-48k': NULL,
  g728: NULL,
  g729: NULL,
  g729AnnexA: NULL,
  g7231: choice({
    noSilenceSuppressionLowRate: NULL, noSilenceSuppressionHighRate: NULL, silenceSuppressionLowRate: NULL,
    silenceSuppressionHighRate: NULL,
  }),
  is11172AudioMode: IS11172AudioMode,
  is13818AudioMode: IS13818AudioMode,
}, {
  g729wAnnexB: integer(1, 256),
  g729AnnexAwAnnexB: integer(1, 256),
  g7231AnnexCMode: G7231AnnexCMode,
  gsmFullRate: GSMAudioCapability,
  gsmHalfRate: GSMAudioCapability,
  gsmEnhancedFullRate: GSMAudioCapability,
  genericAudioMode: GenericCapability,
  g729Extensions: G729Extensions,
  vbd: VBDMode,
});
export type AudioMode = Infer<typeof AudioMode>;

export const DataMode = sequence({
  application: choice({
    nonStandard: NonStandardParameter,
    t120: DataProtocolCapability,
    'dsm-cc': DataProtocolCapability,
    userData: DataProtocolCapability,
    t84: DataProtocolCapability,
    t434: DataProtocolCapability,
    h224: DataProtocolCapability,
    nlpid: sequence({ nlpidProtocol: DataProtocolCapability, nlpidData: octetString() }),
    dsvdControl: NULL,
    h222DataPartitioning: DataProtocolCapability,
  }, {
    t30fax: DataProtocolCapability,
    t140: DataProtocolCapability,
    t38fax: sequence({ t38FaxProtocol: DataProtocolCapability, t38FaxProfile: T38FaxProfile }),
    genericDataMode: GenericCapability,
  }),
  bitRate: integer(0, UINT32_MAX),
}, {});
export type DataMode = Infer<typeof DataMode>;

export const H235Mode = sequence({
  encryptionAuthenticationAndIntegrity: EncryptionAuthenticationAndIntegrity,
  mediaMode: choice({
    nonStandard: NonStandardParameter,
    videoMode: VideoMode,
    audioMode: AudioMode,
    dataMode: DataMode,
  }, {}),
}, {});
export type H235Mode = Infer<typeof H235Mode>;

export interface FECMode {
  protectedElement: ModeElementType;
  fecScheme?: string;
  rfc2733Format?: OneOf<{ rfc2733rfc2198: number; rfc2733sameport: number; rfc2733diffport: number }>;
  '...'?: UnknownAdditions;
}
export const FECMode: Schema<FECMode> = sequence({
  protectedElement: reference('ModeElementType', () => ModeElementType),
  fecScheme: optional(OBJECT_IDENTIFIER),
  rfc2733Format: optional(choice({
    rfc2733rfc2198: MaxRedundancy,
    rfc2733sameport: MaxRedundancy,
    rfc2733diffport: MaxRedundancy,
  })),
}, {});

export const RedundancyEncodingDTModeElement = sequence({
  type: choice({
    nonStandard: NonStandardParameter,
    videoMode: VideoMode,
    audioMode: AudioMode,
    dataMode: DataMode,
    encryptionMode: EncryptionMode,
    h235Mode: H235Mode,
  }, { fecMode: FECMode }),
}, {});
export type RedundancyEncodingDTModeElement = Infer<typeof RedundancyEncodingDTModeElement>;

export const RedundancyEncodingDTMode = sequence({
  redundancyEncodingMethod: RedundancyEncodingMethod,
  primary: RedundancyEncodingDTModeElement,
  secondary: sequenceOf(RedundancyEncodingDTModeElement),
}, {});
export type RedundancyEncodingDTMode = Infer<typeof RedundancyEncodingDTMode>;

export interface MultiplePayloadStreamElementMode {
  type: ModeElementType;
  '...'?: UnknownAdditions;
}
export const MultiplePayloadStreamElementMode: Schema<MultiplePayloadStreamElementMode> = sequence({ type: reference('ModeElementType', () => ModeElementType) }, {});

export const MultiplePayloadStreamMode = sequence({ elements: sequenceOf(MultiplePayloadStreamElementMode) }, {});
export type MultiplePayloadStreamMode = Infer<typeof MultiplePayloadStreamMode>;

export type DepFECMode = OneOf<{
  rfc2733Mode: {
    mode: OneOf<{
      redundancyEncoding: null;
      separateStream: OneOf<{
        differentPort: { protectedSessionID: number; protectedPayloadType?: number; '...'?: UnknownAdditions };
        samePort: { protectedType: ModeElementType; '...'?: UnknownAdditions };
        '...': UnknownAlternative;
      }>;
      '...': UnknownAlternative;
    }>;
    '...'?: UnknownAdditions;
  };
  '...': UnknownAlternative;
}>;
export const DepFECMode: Schema<DepFECMode> = choice({
  rfc2733Mode: sequence({
    mode: choice({
      redundancyEncoding: NULL,
      separateStream: choice({
        differentPort: sequence({
          protectedSessionID: integer(1, 255),
          protectedPayloadType: optional(integer(0, 127)),
        }, {}),
        samePort: sequence({ protectedType: reference('ModeElementType', () => ModeElementType) }, {}),
      }, {}),
    }, {}),
  }, {}),
}, {});

export const ModeElementType = choice({
  nonStandard: NonStandardParameter,
  videoMode: VideoMode,
  audioMode: AudioMode,
  dataMode: DataMode,
  encryptionMode: EncryptionMode,
}, {
  h235Mode: H235Mode,
  multiplexedStreamMode: MultiplexedStreamParameter,
  redundancyEncodingDTMode: RedundancyEncodingDTMode,
  multiplePayloadStreamMode: MultiplePayloadStreamMode,
  depFecMode: DepFECMode,
  fecMode: FECMode,
});
export type ModeElementType = Infer<typeof ModeElementType>;

export const MultiplexedStreamModeParameters = sequence({ logicalChannelNumber: LogicalChannelNumber }, {});
export type MultiplexedStreamModeParameters = Infer<typeof MultiplexedStreamModeParameters>;

export const H223ModeParameters = sequence({
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
export type H223ModeParameters = Infer<typeof H223ModeParameters>;

export const V76ModeParameters = choice({ suspendResumewAddress: NULL, suspendResumewoAddress: NULL }, {});
export type V76ModeParameters = Infer<typeof V76ModeParameters>;

export const RedundancyEncodingMode = sequence({
  redundancyEncodingMethod: RedundancyEncodingMethod,
  secondaryEncoding: optional(choice({ nonStandard: NonStandardParameter, audioData: AudioMode }, {})),
}, {});
export type RedundancyEncodingMode = Infer<typeof RedundancyEncodingMode>;

export const H2250ModeParameters = sequence({ redundancyEncodingMode: optional(RedundancyEncodingMode) }, {});
export type H2250ModeParameters = Infer<typeof H2250ModeParameters>;

export const ModeElement = sequence({ type: ModeElementType, h223ModeParameters: optional(H223ModeParameters) }, {
  v76ModeParameters: optional(V76ModeParameters),
  h2250ModeParameters: optional(H2250ModeParameters),
  genericModeParameters: optional(GenericCapability),
  multiplexedStreamModeParameters: optional(MultiplexedStreamModeParameters),
  logicalChannelNumber: optional(LogicalChannelNumber),
});
export type ModeElement = Infer<typeof ModeElement>;

export const ModeDescription = setOf(ModeElement, 1, 256);
export type ModeDescription = Infer<typeof ModeDescription>;

export const RequestMode = sequence({ sequenceNumber: SequenceNumber, requestedModes: sequenceOf(ModeDescription, 1, 256) }, {});
export type RequestMode = Infer<typeof RequestMode>;

export const RequestModeAck = sequence({
  sequenceNumber: SequenceNumber,
  response: choice({ willTransmitMostPreferredMode: NULL, willTransmitLessPreferredMode: NULL }, {}),
}, {});
export type RequestModeAck = Infer<typeof RequestModeAck>;

export const RequestModeReject = sequence({
  sequenceNumber: SequenceNumber,
  cause: choice({ modeUnavailable: NULL, multipointConstraint: NULL, requestDenied: NULL }, {}),
}, {});
export type RequestModeReject = Infer<typeof RequestModeReject>;

export const RequestModeRelease = sequence({}, {});
export type RequestModeRelease = Infer<typeof RequestModeRelease>;
