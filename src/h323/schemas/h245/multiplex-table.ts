// H.245 (v15): the H.223 multiplex table.
import {
  choice, type Infer, integer, NULL, type OneOf, optional, reference, type Schema, sequence, sequenceOf, setOf,
} from '../../per';
import { MultiplexTableEntryNumber, SequenceNumber } from './values';

export interface MultiplexElement {
  type: OneOf<{ logicalChannelNumber: number; subElementList: MultiplexElement[] }>;
  repeatCount: OneOf<{ finite: number; untilClosingFlag: null }>;
}
export const MultiplexElement: Schema<MultiplexElement> = sequence({
  type: choice({
    logicalChannelNumber: integer(0, 65535),
    subElementList: sequenceOf(reference('MultiplexElement', () => MultiplexElement), 2, 255),
  }),
  repeatCount: choice({ finite: integer(1, 65535), untilClosingFlag: NULL }),
});

export const MultiplexEntryDescriptor = sequence({
  multiplexTableEntryNumber: MultiplexTableEntryNumber,
  elementList: optional(sequenceOf(MultiplexElement, 1, 256)),
});
export type MultiplexEntryDescriptor = Infer<typeof MultiplexEntryDescriptor>;

export const MultiplexEntrySend = sequence({
  sequenceNumber: SequenceNumber,
  multiplexEntryDescriptors: setOf(MultiplexEntryDescriptor, 1, 15),
}, {});
export type MultiplexEntrySend = Infer<typeof MultiplexEntrySend>;

export const MultiplexEntrySendAck = sequence({
  sequenceNumber: SequenceNumber,
  multiplexTableEntryNumber: setOf(MultiplexTableEntryNumber, 1, 15),
}, {});
export type MultiplexEntrySendAck = Infer<typeof MultiplexEntrySendAck>;

export const MultiplexEntryRejectionDescriptions = sequence({
  multiplexTableEntryNumber: MultiplexTableEntryNumber,
  cause: choice({ unspecifiedCause: NULL, descriptorTooComplex: NULL }, {}),
}, {});
export type MultiplexEntryRejectionDescriptions = Infer<typeof MultiplexEntryRejectionDescriptions>;

export const MultiplexEntrySendReject = sequence({
  sequenceNumber: SequenceNumber,
  rejectionDescriptions: setOf(MultiplexEntryRejectionDescriptions, 1, 15),
}, {});
export type MultiplexEntrySendReject = Infer<typeof MultiplexEntrySendReject>;

export const MultiplexEntrySendRelease = sequence({ multiplexTableEntryNumber: setOf(MultiplexTableEntryNumber, 1, 15) }, {});
export type MultiplexEntrySendRelease = Infer<typeof MultiplexEntrySendRelease>;

export const RequestMultiplexEntry = sequence({ entryNumbers: setOf(MultiplexTableEntryNumber, 1, 15) }, {});
export type RequestMultiplexEntry = Infer<typeof RequestMultiplexEntry>;

export const RequestMultiplexEntryAck = sequence({ entryNumbers: setOf(MultiplexTableEntryNumber, 1, 15) }, {});
export type RequestMultiplexEntryAck = Infer<typeof RequestMultiplexEntryAck>;

export const RequestMultiplexEntryRejectionDescriptions = sequence({
  multiplexTableEntryNumber: MultiplexTableEntryNumber,
  cause: choice({ unspecifiedCause: NULL }, {}),
}, {});
export type RequestMultiplexEntryRejectionDescriptions = Infer<typeof RequestMultiplexEntryRejectionDescriptions>;

export const RequestMultiplexEntryReject = sequence({
  entryNumbers: setOf(MultiplexTableEntryNumber, 1, 15),
  rejectionDescriptions: setOf(RequestMultiplexEntryRejectionDescriptions, 1, 15),
}, {});
export type RequestMultiplexEntryReject = Infer<typeof RequestMultiplexEntryReject>;

export const RequestMultiplexEntryRelease = sequence({ entryNumbers: setOf(MultiplexTableEntryNumber, 1, 15) }, {});
export type RequestMultiplexEntryRelease = Infer<typeof RequestMultiplexEntryRelease>;

export const H223MultiplexReconfiguration = choice({
  h223ModeChange: choice({ toLevel0: NULL, toLevel1: NULL, toLevel2: NULL, toLevel2withOptionalHeader: NULL }, {}),
  h223AnnexADoubleFlag: choice({ start: NULL, stop: NULL }, {}),
}, {});
export type H223MultiplexReconfiguration = Infer<typeof H223MultiplexReconfiguration>;

export const MobileMultilinkReconfigurationCommand = sequence({
  sampleSize: integer(1, 255),
  samplesPerFrame: integer(1, 255),
  status: choice({ synchronized: NULL, reconfiguration: NULL }, {}),
}, {});
export type MobileMultilinkReconfigurationCommand = Infer<typeof MobileMultilinkReconfigurationCommand>;

export const MobileMultilinkReconfigurationIndication = sequence({ sampleSize: integer(1, 255), samplesPerFrame: integer(1, 255) }, {});
export type MobileMultilinkReconfigurationIndication = Infer<typeof MobileMultilinkReconfigurationIndication>;
