// H.245 (v15): commands, indications and the small procedures.
import {
  BOOLEAN, choice, generalString, ia5StringFrom, type Infer, integer, NULL, OBJECT_IDENTIFIER, octetString, optional, sequence,
  sequenceOf, setOf, UINT32_MAX,
} from '../../per';
import { MultiplePayloadStream } from './channel-parameters';
import { EncryptionSync, EncryptionUpdateDirection, EncryptionUpdateRequest } from './encryption';
import { TransportCapability } from './multiplex';
import {
  CapabilityDescriptorNumber, CapabilityTableEntryNumber, GenericInformation, LogicalChannelNumber, NonStandardIdentifier,
  NonStandardParameter, Params, SequenceNumber, TransportAddress,
} from './values';

export const MasterSlaveDetermination = sequence({ terminalType: integer(0, 255), statusDeterminationNumber: integer(0, 16777215) }, {});
export type MasterSlaveDetermination = Infer<typeof MasterSlaveDetermination>;

export const MasterSlaveDeterminationAck = sequence({ decision: choice({ master: NULL, slave: NULL }) }, {});
export type MasterSlaveDeterminationAck = Infer<typeof MasterSlaveDeterminationAck>;

export const MasterSlaveDeterminationReject = sequence({ cause: choice({ identicalNumbers: NULL }, {}) }, {});
export type MasterSlaveDeterminationReject = Infer<typeof MasterSlaveDeterminationReject>;

export const MasterSlaveDeterminationRelease = sequence({}, {});
export type MasterSlaveDeterminationRelease = Infer<typeof MasterSlaveDeterminationRelease>;

export const RoundTripDelayRequest = sequence({ sequenceNumber: SequenceNumber }, {});
export type RoundTripDelayRequest = Infer<typeof RoundTripDelayRequest>;

export const RoundTripDelayResponse = sequence({ sequenceNumber: SequenceNumber }, {});
export type RoundTripDelayResponse = Infer<typeof RoundTripDelayResponse>;

export const MaintenanceLoopRequest = sequence({
  type: choice({
    systemLoop: NULL,
    mediaLoop: LogicalChannelNumber,
    logicalChannelLoop: LogicalChannelNumber,
  }, {}),
}, {});
export type MaintenanceLoopRequest = Infer<typeof MaintenanceLoopRequest>;

export const MaintenanceLoopAck = sequence({
  type: choice({
    systemLoop: NULL,
    mediaLoop: LogicalChannelNumber,
    logicalChannelLoop: LogicalChannelNumber,
  }, {}),
}, {});
export type MaintenanceLoopAck = Infer<typeof MaintenanceLoopAck>;

export const MaintenanceLoopReject = sequence({
  type: choice({
    systemLoop: NULL,
    mediaLoop: LogicalChannelNumber,
    logicalChannelLoop: LogicalChannelNumber,
  }, {}),
  cause: choice({ canNotPerformLoop: NULL }, {}),
}, {});
export type MaintenanceLoopReject = Infer<typeof MaintenanceLoopReject>;

export const MaintenanceLoopOffCommand = sequence({}, {});
export type MaintenanceLoopOffCommand = Infer<typeof MaintenanceLoopOffCommand>;

export const SendTerminalCapabilitySet = choice({
  specificRequest: sequence({
    multiplexCapability: BOOLEAN,
    capabilityTableEntryNumbers: optional(setOf(CapabilityTableEntryNumber, 1, 65535)),
    capabilityDescriptorNumbers: optional(setOf(CapabilityDescriptorNumber, 1, 256)),
  }, {}),
  genericRequest: NULL,
}, {});
export type SendTerminalCapabilitySet = Infer<typeof SendTerminalCapabilitySet>;

export const FlowControlCommand = sequence({
  scope: choice({
    logicalChannelNumber: LogicalChannelNumber,
    resourceID: integer(0, 65535),
    wholeMultiplex: NULL,
  }),
  restriction: choice({ maximumBitRate: integer(0, 16777215), noRestriction: NULL }),
}, {});
export type FlowControlCommand = Infer<typeof FlowControlCommand>;

export const EndSessionCommand = choice({
  nonStandard: NonStandardParameter,
  disconnect: NULL,
  gstnOptions: choice({
    telephonyMode: NULL, v8bis: NULL, v34DSVD: NULL, v34DuplexFAX: NULL, v34H324: NULL,
  }, {}),
}, {
  isdnOptions: choice({ telephonyMode: NULL, v140: NULL, terminalOnHold: NULL }, {}),
  genericInformation: sequenceOf(GenericInformation),
});
export type EndSessionCommand = Infer<typeof EndSessionCommand>;

export const PictureReference = choice({ pictureNumber: integer(0, 1023), longTermPictureIndex: integer(0, 255) }, {});
export type PictureReference = Infer<typeof PictureReference>;

export const MiscellaneousCommand = sequence({
  logicalChannelNumber: LogicalChannelNumber,
  type: choice({
    equaliseDelay: NULL,
    zeroDelay: NULL,
    multipointModeCommand: NULL,
    cancelMultipointModeCommand: NULL,
    videoFreezePicture: NULL,
    videoFastUpdatePicture: NULL,
    videoFastUpdateGOB: sequence({ firstGOB: integer(0, 17), numberOfGOBs: integer(1, 18) }),
    videoTemporalSpatialTradeOff: integer(0, 31),
    videoSendSyncEveryGOB: NULL,
    videoSendSyncEveryGOBCancel: NULL,
  }, {
    videoFastUpdateMB: sequence({
      firstGOB: optional(integer(0, 255)),
      firstMB: optional(integer(1, 8192)),
      numberOfMBs: integer(1, 8192),
    }, {}),
    maxH223MUXPDUsize: integer(1, 65535),
    encryptionUpdate: EncryptionSync,
    encryptionUpdateRequest: EncryptionUpdateRequest,
    switchReceiveMediaOff: NULL,
    switchReceiveMediaOn: NULL,
    progressiveRefinementStart: sequence({
      repeatCount: choice({
        doOneProgression: NULL, doContinuousProgressions: NULL, doOneIndependentProgression: NULL,
        doContinuousIndependentProgressions: NULL,
      }, {}),
    }, {}),
    progressiveRefinementAbortOne: NULL,
    progressiveRefinementAbortContinuous: NULL,
    videoBadMBs: sequence({
      firstMB: integer(1, 9216),
      numberOfMBs: integer(1, 9216),
      temporalReference: integer(0, 1023),
    }, {}),
    lostPicture: sequenceOf(PictureReference),
    lostPartialPicture: sequence({
      pictureReference: PictureReference,
      firstMB: integer(1, 9216),
      numberOfMBs: integer(1, 9216),
    }, {}),
    recoveryReferencePicture: sequenceOf(PictureReference),
    encryptionUpdateCommand: sequence({
      encryptionSync: EncryptionSync,
      multiplePayloadStream: optional(MultiplePayloadStream),
    }, {}),
    encryptionUpdateAck: sequence({ synchFlag: integer(0, 255) }, {}),
  }),
}, { direction: optional(EncryptionUpdateDirection) });
export type MiscellaneousCommand = Infer<typeof MiscellaneousCommand>;

export const NewATMVCCommand = sequence({
  resourceID: integer(0, 65535),
  bitRate: integer(1, 65535),
  bitRateLockedToPCRClock: BOOLEAN,
  bitRateLockedToNetworkClock: BOOLEAN,
  aal: choice({
    aal1: sequence({
      clockRecovery: choice({ nullClockRecovery: NULL, srtsClockRecovery: NULL, adaptiveClockRecovery: NULL }, {}),
      errorCorrection: choice({
        nullErrorCorrection: NULL, longInterleaver: NULL, shortInterleaver: NULL, errorCorrectionOnly: NULL,
      }, {}),
      structuredDataTransfer: BOOLEAN,
      partiallyFilledCells: BOOLEAN,
    }, {}),
    aal5: sequence({
      forwardMaximumSDUSize: integer(0, 65535),
      backwardMaximumSDUSize: integer(0, 65535),
    }, {}),
  }, {}),
  multiplex: choice({ noMultiplex: NULL, transportStream: NULL, programStream: NULL }, {}),
  reverseParameters: sequence({
    bitRate: integer(1, 65535),
    bitRateLockedToPCRClock: BOOLEAN,
    bitRateLockedToNetworkClock: BOOLEAN,
    multiplex: choice({ noMultiplex: NULL, transportStream: NULL, programStream: NULL }, {}),
  }, {}),
}, {});
export type NewATMVCCommand = Infer<typeof NewATMVCCommand>;

export const FunctionNotSupported = sequence({
  cause: choice({ syntaxError: NULL, semanticError: NULL, unknownFunction: NULL }, {}),
  returnedFunction: optional(octetString()),
}, {});
export type FunctionNotSupported = Infer<typeof FunctionNotSupported>;

export const MiscellaneousIndication = sequence({
  logicalChannelNumber: LogicalChannelNumber,
  type: choice({
    logicalChannelActive: NULL,
    logicalChannelInactive: NULL,
    multipointConference: NULL,
    cancelMultipointConference: NULL,
    multipointZeroComm: NULL,
    cancelMultipointZeroComm: NULL,
    multipointSecondaryStatus: NULL,
    cancelMultipointSecondaryStatus: NULL,
    videoIndicateReadyToActivate: NULL,
    videoTemporalSpatialTradeOff: integer(0, 31),
  }, {
    videoNotDecodedMBs: sequence({
      firstMB: integer(1, 8192),
      numberOfMBs: integer(1, 8192),
      temporalReference: integer(0, 255),
    }, {}),
    transportCapability: TransportCapability,
  }),
}, {});
export type MiscellaneousIndication = Infer<typeof MiscellaneousIndication>;

export const JitterIndication = sequence({
  scope: choice({
    logicalChannelNumber: LogicalChannelNumber,
    resourceID: integer(0, 65535),
    wholeMultiplex: NULL,
  }),
  estimatedReceivedJitterMantissa: integer(0, 3),
  estimatedReceivedJitterExponent: integer(0, 7),
  skippedFrameCount: optional(integer(0, 15)),
  additionalDecoderBuffer: optional(integer(0, 262143)),
}, {});
export type JitterIndication = Infer<typeof JitterIndication>;

export const H223SkewIndication = sequence({
  logicalChannelNumber1: LogicalChannelNumber,
  logicalChannelNumber2: LogicalChannelNumber,
  skew: integer(0, 4095),
}, {});
export type H223SkewIndication = Infer<typeof H223SkewIndication>;

export const H2250MaximumSkewIndication = sequence({
  logicalChannelNumber1: LogicalChannelNumber,
  logicalChannelNumber2: LogicalChannelNumber,
  maximumSkew: integer(0, 4095),
}, {});
export type H2250MaximumSkewIndication = Infer<typeof H2250MaximumSkewIndication>;

export const MCLocationIndication = sequence({ signalAddress: TransportAddress }, {});
export type MCLocationIndication = Infer<typeof MCLocationIndication>;

export const VendorIdentification = sequence({
  vendor: NonStandardIdentifier,
  productNumber: optional(octetString(1, 256)),
  versionNumber: optional(octetString(1, 256)),
}, {});
export type VendorIdentification = Infer<typeof VendorIdentification>;

export const NewATMVCIndication = sequence({
  resourceID: integer(0, 65535),
  bitRate: integer(1, 65535),
  bitRateLockedToPCRClock: BOOLEAN,
  bitRateLockedToNetworkClock: BOOLEAN,
  aal: choice({
    aal1: sequence({
      clockRecovery: choice({ nullClockRecovery: NULL, srtsClockRecovery: NULL, adaptiveClockRecovery: NULL }, {}),
      errorCorrection: choice({
        nullErrorCorrection: NULL, longInterleaver: NULL, shortInterleaver: NULL, errorCorrectionOnly: NULL,
      }, {}),
      structuredDataTransfer: BOOLEAN,
      partiallyFilledCells: BOOLEAN,
    }, {}),
    aal5: sequence({
      forwardMaximumSDUSize: integer(0, 65535),
      backwardMaximumSDUSize: integer(0, 65535),
    }, {}),
  }, {}),
  multiplex: choice({ noMultiplex: NULL, transportStream: NULL, programStream: NULL }, {}),
}, {
  reverseParameters: sequence({
    bitRate: integer(1, 65535),
    bitRateLockedToPCRClock: BOOLEAN,
    bitRateLockedToNetworkClock: BOOLEAN,
    multiplex: choice({ noMultiplex: NULL, transportStream: NULL, programStream: NULL }, {}),
  }, {}),
});
export type NewATMVCIndication = Infer<typeof NewATMVCIndication>;

export const UserInputIndication = choice({ nonStandard: NonStandardParameter, alphanumeric: generalString() }, {
  userInputSupportIndication: choice({
    nonStandard: NonStandardParameter,
    basicString: NULL,
    iA5String: NULL,
    generalString: NULL,
  }, {
    encryptedBasicString: NULL,
    encryptedIA5String: NULL,
    encryptedGeneralString: NULL,
  }),
  signal: sequence({
    signalType: ia5StringFrom('0123456789#*ABCD!', 1),
    duration: optional(integer(1, 65535)),
    rtp: optional(sequence({
      timestamp: optional(integer(0, UINT32_MAX)),
      expirationTime: optional(integer(0, UINT32_MAX)),
      logicalChannelNumber: LogicalChannelNumber,
    }, {})),
  }, {
    rtpPayloadIndication: optional(NULL),
    paramS: optional(Params),
    encryptedSignalType: optional(octetString(1)),
    algorithmOID: optional(OBJECT_IDENTIFIER),
  }),
  signalUpdate: sequence({
    duration: integer(1, 65535),
    rtp: optional(sequence({ logicalChannelNumber: LogicalChannelNumber }, {})),
  }, {}),
  extendedAlphanumeric: sequence({ alphanumeric: generalString(), rtpPayloadIndication: optional(NULL) }, {
    encryptedAlphanumeric: optional(sequence({
      algorithmOID: OBJECT_IDENTIFIER,
      paramS: optional(Params),
      encrypted: octetString(),
    }, {})),
  }),
  encryptedAlphanumeric: sequence({
    algorithmOID: OBJECT_IDENTIFIER,
    paramS: optional(Params),
    encrypted: octetString(),
  }, {}),
  genericInformation: sequenceOf(GenericInformation),
});
export type UserInputIndication = Infer<typeof UserInputIndication>;

export const FlowControlIndication = sequence({
  scope: choice({
    logicalChannelNumber: LogicalChannelNumber,
    resourceID: integer(0, 65535),
    wholeMultiplex: NULL,
  }),
  restriction: choice({ maximumBitRate: integer(0, 16777215), noRestriction: NULL }),
}, {});
export type FlowControlIndication = Infer<typeof FlowControlIndication>;
