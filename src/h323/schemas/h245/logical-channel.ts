// H.245 (v15): opening and closing logical channels.
import { choice, type Infer, integer, NULL, optional, sequence, sequenceOf } from '../../per';
import {
  DataType, H222LogicalChannelParameters, H223LogicalChannelParameters, H2250LogicalChannelAckParameters,
  H2250LogicalChannelParameters, NetworkAccessParameters, V76LogicalChannelParameters,
} from './channel-parameters';
import { EncryptionSync } from './encryption';
import { QOSCapability } from './multiplex';
import { GenericInformation, LogicalChannelNumber, MaximumBitRate, SequenceNumber } from './values';

export const OpenLogicalChannel = sequence({
  forwardLogicalChannelNumber: LogicalChannelNumber,
  forwardLogicalChannelParameters: sequence({
    portNumber: optional(integer(0, 65535)),
    dataType: DataType,
    multiplexParameters: choice({
      h222LogicalChannelParameters: H222LogicalChannelParameters,
      h223LogicalChannelParameters: H223LogicalChannelParameters,
      v76LogicalChannelParameters: V76LogicalChannelParameters,
    }, { h2250LogicalChannelParameters: H2250LogicalChannelParameters, none: NULL }),
  }, {
    forwardLogicalChannelDependency: optional(LogicalChannelNumber),
    replacementFor: optional(LogicalChannelNumber),
  }),
  reverseLogicalChannelParameters: optional(sequence({
    dataType: DataType,
    multiplexParameters: optional(choice({
      h223LogicalChannelParameters: H223LogicalChannelParameters,
      v76LogicalChannelParameters: V76LogicalChannelParameters,
    }, { h2250LogicalChannelParameters: H2250LogicalChannelParameters })),
  }, {
    reverseLogicalChannelDependency: optional(LogicalChannelNumber),
    replacementFor: optional(LogicalChannelNumber),
  })),
}, {
  separateStack: optional(NetworkAccessParameters),
  encryptionSync: optional(EncryptionSync),
  genericInformation: optional(sequenceOf(GenericInformation)),
});
export type OpenLogicalChannel = Infer<typeof OpenLogicalChannel>;

export const OpenLogicalChannelAck = sequence({
  forwardLogicalChannelNumber: LogicalChannelNumber,
  reverseLogicalChannelParameters: optional(sequence({
    reverseLogicalChannelNumber: LogicalChannelNumber,
    portNumber: optional(integer(0, 65535)),
    multiplexParameters: optional(choice({ h222LogicalChannelParameters: H222LogicalChannelParameters }, { h2250LogicalChannelParameters: H2250LogicalChannelParameters })),
  }, { replacementFor: optional(LogicalChannelNumber) })),
}, {
  separateStack: optional(NetworkAccessParameters),
  forwardMultiplexAckParameters: optional(choice({ h2250LogicalChannelAckParameters: H2250LogicalChannelAckParameters }, {})),
  encryptionSync: optional(EncryptionSync),
  genericInformation: optional(sequenceOf(GenericInformation)),
});
export type OpenLogicalChannelAck = Infer<typeof OpenLogicalChannelAck>;

export const OpenLogicalChannelReject = sequence({
  forwardLogicalChannelNumber: LogicalChannelNumber,
  cause: choice({
    unspecified: NULL, unsuitableReverseParameters: NULL, dataTypeNotSupported: NULL,
    dataTypeNotAvailable: NULL, unknownDataType: NULL, dataTypeALCombinationNotSupported: NULL,
  }, {
    multicastChannelNotAllowed: NULL, insufficientBandwidth: NULL, separateStackEstablishmentFailed: NULL,
    invalidSessionID: NULL, masterSlaveConflict: NULL, waitForCommunicationMode: NULL,
    invalidDependentChannel: NULL, replacementForRejected: NULL, securityDenied: NULL,
    qoSControlNotSupported: NULL,
  }),
}, { genericInformation: optional(sequenceOf(GenericInformation)) });
export type OpenLogicalChannelReject = Infer<typeof OpenLogicalChannelReject>;

export const OpenLogicalChannelConfirm = sequence({ forwardLogicalChannelNumber: LogicalChannelNumber }, { genericInformation: optional(sequenceOf(GenericInformation)) });
export type OpenLogicalChannelConfirm = Infer<typeof OpenLogicalChannelConfirm>;

export const CloseLogicalChannel = sequence({
  forwardLogicalChannelNumber: LogicalChannelNumber,
  source: choice({ user: NULL, lcse: NULL }),
}, {
  reason: choice({ unknown: NULL, reopen: NULL, reservationFailure: NULL }, { networkErrorCode: integer(0, 255) }),
});
export type CloseLogicalChannel = Infer<typeof CloseLogicalChannel>;

export const CloseLogicalChannelAck = sequence({ forwardLogicalChannelNumber: LogicalChannelNumber }, {});
export type CloseLogicalChannelAck = Infer<typeof CloseLogicalChannelAck>;

export const RequestChannelClose = sequence({ forwardLogicalChannelNumber: LogicalChannelNumber }, {
  qosCapability: optional(QOSCapability),
  reason: choice({ unknown: NULL, normal: NULL, reopen: NULL, reservationFailure: NULL }, { networkErrorCode: integer(0, 255) }),
});
export type RequestChannelClose = Infer<typeof RequestChannelClose>;

export const RequestChannelCloseAck = sequence({ forwardLogicalChannelNumber: LogicalChannelNumber }, {});
export type RequestChannelCloseAck = Infer<typeof RequestChannelCloseAck>;

export const RequestChannelCloseReject = sequence({
  forwardLogicalChannelNumber: LogicalChannelNumber,
  cause: choice({ unspecified: NULL }, {}),
}, {});
export type RequestChannelCloseReject = Infer<typeof RequestChannelCloseReject>;

export const RequestChannelCloseRelease = sequence({ forwardLogicalChannelNumber: LogicalChannelNumber }, {});
export type RequestChannelCloseRelease = Infer<typeof RequestChannelCloseRelease>;

export const LogicalChannelRateRequest = sequence({
  sequenceNumber: SequenceNumber,
  logicalChannelNumber: LogicalChannelNumber,
  maximumBitRate: MaximumBitRate,
}, {});
export type LogicalChannelRateRequest = Infer<typeof LogicalChannelRateRequest>;

export const LogicalChannelRateAcknowledge = sequence({
  sequenceNumber: SequenceNumber,
  logicalChannelNumber: LogicalChannelNumber,
  maximumBitRate: MaximumBitRate,
}, {});
export type LogicalChannelRateAcknowledge = Infer<typeof LogicalChannelRateAcknowledge>;

export const LogicalChannelRateRejectReason = choice({ undefinedReason: NULL, insufficientResources: NULL }, {});
export type LogicalChannelRateRejectReason = Infer<typeof LogicalChannelRateRejectReason>;

export const LogicalChannelRateReject = sequence({
  sequenceNumber: SequenceNumber,
  logicalChannelNumber: LogicalChannelNumber,
  rejectReason: LogicalChannelRateRejectReason,
  currentMaximumBitRate: optional(MaximumBitRate),
}, {});
export type LogicalChannelRateReject = Infer<typeof LogicalChannelRateReject>;

export const LogicalChannelRateRelease = sequence({}, {});
export type LogicalChannelRateRelease = Infer<typeof LogicalChannelRateRelease>;
