// H.450.1 (02/1998): the APDU that carries supplementary services, and the remote operations (X.880) in it.
import {
  choice, extensibleInteger, integer, type Infer, NULL, OBJECT_IDENTIFIER, OPEN_TYPE, optional, sequence, sequenceOf,
} from '../../per';
import { AliasAddress } from '../h225/addresses';

export const InvokeId = integer();
export type InvokeId = Infer<typeof InvokeId>;

/** An operation or error: those of H.450 are local. */
export const Code = choice({ local: integer(), global: OBJECT_IDENTIFIER });
export type Code = Infer<typeof Code>;

export const Invoke = sequence({
  invokeId: extensibleInteger(0, 65535),
  linkedId: optional(InvokeId),
  opcode: Code,
  argument: optional(OPEN_TYPE),
});
export type Invoke = Infer<typeof Invoke>;

export const ReturnResult = sequence({
  invokeId: InvokeId,
  result: optional(sequence({ opcode: Code, result: OPEN_TYPE })),
});
export type ReturnResult = Infer<typeof ReturnResult>;

export const ReturnError = sequence({
  invokeId: InvokeId,
  errcode: Code,
  parameter: optional(OPEN_TYPE),
});
export type ReturnError = Infer<typeof ReturnError>;

/** `problem` is a number of X.880: for invoke, 1 is an unrecognized operation and 2 a mistyped argument. */
export const Reject = sequence({
  invokeId: InvokeId,
  problem: choice({ general: integer(), invoke: integer(), returnResult: integer(), returnError: integer() }),
});
export type Reject = Infer<typeof Reject>;

export const ROS = choice({ invoke: Invoke, returnResult: ReturnResult, returnError: ReturnError, reject: Reject });
export type ROS = Infer<typeof ROS>;

export const EntityType = choice({ endpoint: NULL, anyEntity: NULL }, {});
export type EntityType = Infer<typeof EntityType>;

export const NetworkFacilityExtension = sequence({
  sourceEntity: EntityType,
  sourceEntityAddress: optional(AliasAddress),
  destinationEntity: EntityType,
  destinationEntityAddress: optional(AliasAddress),
}, {});
export type NetworkFacilityExtension = Infer<typeof NetworkFacilityExtension>;

/** What a receiver does with an operation that it does not know; reject it, when this is absent. */
export const InterpretationApdu = choice({
  discardAnyUnrecognizedInvokePdu: NULL,
  clearCallIfAnyInvokePduNotRecognized: NULL,
  rejectAnyUnrecognizedInvokePdu: NULL,
}, {});
export type InterpretationApdu = Infer<typeof InterpretationApdu>;

export const ServiceApdus = choice({ rosApdus: sequenceOf(ROS, 1) }, {});
export type ServiceApdus = Infer<typeof ServiceApdus>;

/** One element of `h4501SupplementaryService` of an H323-UU-PDU. */
export const H4501SupplementaryService = sequence({
  networkFacilityExtension: optional(NetworkFacilityExtension),
  interpretationApdu: optional(InterpretationApdu),
  serviceApdu: ServiceApdus,
}, {});
export type H4501SupplementaryService = Infer<typeof H4501SupplementaryService>;
