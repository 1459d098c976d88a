// H.225.0 (v7): call capacity and circuits.
import {
  BOOLEAN, ia5String, type Infer, integer, NULL, octetString, optional, sequence, sequenceOf, UINT32_MAX,
} from '../../per';
import { GenericData } from './generic-data';

export const CapacityReportingCapability = sequence({ canReportCallCapacity: BOOLEAN }, {});
export type CapacityReportingCapability = Infer<typeof CapacityReportingCapability>;

export const CapacityReportingSpecification = sequence({ when: sequence({ callStart: optional(NULL), callEnd: optional(NULL) }, {}) }, {});
export type CapacityReportingSpecification = Infer<typeof CapacityReportingSpecification>;

export const CarrierInfo = sequence({
  carrierIdentificationCode: optional(octetString(3, 4)),
  carrierName: optional(ia5String(1, 128)),
}, {});
export type CarrierInfo = Infer<typeof CarrierInfo>;

export const CallsAvailable = sequence({ calls: integer(0, UINT32_MAX), group: optional(ia5String(1, 128)) }, { carrier: optional(CarrierInfo) });
export type CallsAvailable = Infer<typeof CallsAvailable>;

export const CallCapacityInfo = sequence({
  voiceGwCallsAvailable: optional(sequenceOf(CallsAvailable)),
  h310GwCallsAvailable: optional(sequenceOf(CallsAvailable)),
  h320GwCallsAvailable: optional(sequenceOf(CallsAvailable)),
  h321GwCallsAvailable: optional(sequenceOf(CallsAvailable)),
  h322GwCallsAvailable: optional(sequenceOf(CallsAvailable)),
  h323GwCallsAvailable: optional(sequenceOf(CallsAvailable)),
  h324GwCallsAvailable: optional(sequenceOf(CallsAvailable)),
  t120OnlyGwCallsAvailable: optional(sequenceOf(CallsAvailable)),
  t38FaxAnnexbOnlyGwCallsAvailable: optional(sequenceOf(CallsAvailable)),
  terminalCallsAvailable: optional(sequenceOf(CallsAvailable)),
  mcuCallsAvailable: optional(sequenceOf(CallsAvailable)),
}, { sipGwCallsAvailable: optional(sequenceOf(CallsAvailable)) });
export type CallCapacityInfo = Infer<typeof CallCapacityInfo>;

export const CallCapacity = sequence({
  maximumCallCapacity: optional(CallCapacityInfo),
  currentCallCapacity: optional(CallCapacityInfo),
}, {});
export type CallCapacity = Infer<typeof CallCapacity>;

export const CicInfo = sequence({ cic: sequenceOf(octetString(2, 4)), pointCode: octetString(2, 5) }, {});
export type CicInfo = Infer<typeof CicInfo>;

export const GroupID = sequence({ member: optional(sequenceOf(integer(0, 65535))), group: ia5String(1, 128) }, {});
export type GroupID = Infer<typeof GroupID>;

export const CircuitIdentifier = sequence({ cic: optional(CicInfo), group: optional(GroupID) }, { carrier: optional(CarrierInfo) });
export type CircuitIdentifier = Infer<typeof CircuitIdentifier>;

export const CircuitInfo = sequence({
  sourceCircuitID: optional(CircuitIdentifier),
  destinationCircuitID: optional(CircuitIdentifier),
  genericData: optional(sequenceOf(GenericData)),
}, {});
export type CircuitInfo = Infer<typeof CircuitInfo>;
