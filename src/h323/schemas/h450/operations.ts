import type { Schema } from '../../per';
import {
  ActivateDiversionQArg, CallReroutingArg, CheckRestrictionArg, DeactivateDiversionQArg, DivertingLegInformation1Arg,
  DivertingLegInformation2Arg, DivertingLegInformation3Arg, DivertingLegInformation4Arg, InterrogateDiversionQArg, IntResultList,
} from './diversion';
import { ArgumentExtension } from './extension';
import {
  HoldNotificArg, RemoteHoldArg, RemoteHoldRes, RemoteRetrieveArg, RemoteRetrieveRes, RetrieveNotificArg,
} from './hold';
import { CTActiveArg, CTCompleteArg, CTIdentifyRes, CTInitiateArg, CTSetupArg, CTUpdateArg, SubaddressTransferArg } from './transfer';

/** The local operation codes of H.450.2 (transfer), H.450.3 (diversion) and H.450.4 (hold), with what their open types hold. */
export const OPERATIONS = {
  callTransferIdentify: { code: 7, argument: ArgumentExtension, result: CTIdentifyRes },
  callTransferAbandon: { code: 8, argument: ArgumentExtension },
  callTransferInitiate: { code: 9, argument: CTInitiateArg, result: ArgumentExtension },
  callTransferSetup: { code: 10, argument: CTSetupArg, result: ArgumentExtension },
  callTransferActive: { code: 11, argument: CTActiveArg },
  callTransferComplete: { code: 12, argument: CTCompleteArg },
  callTransferUpdate: { code: 13, argument: CTUpdateArg },
  subaddressTransfer: { code: 14, argument: SubaddressTransferArg },
  activateDiversionQ: { code: 15, argument: ActivateDiversionQArg, result: ArgumentExtension },
  deactivateDiversionQ: { code: 16, argument: DeactivateDiversionQArg, result: ArgumentExtension },
  interrogateDiversionQ: { code: 17, argument: InterrogateDiversionQArg, result: IntResultList },
  checkRestriction: { code: 18, argument: CheckRestrictionArg, result: ArgumentExtension },
  callRerouting: { code: 19, argument: CallReroutingArg, result: ArgumentExtension },
  divertingLegInformation1: { code: 20, argument: DivertingLegInformation1Arg },
  divertingLegInformation2: { code: 21, argument: DivertingLegInformation2Arg },
  divertingLegInformation3: { code: 22, argument: DivertingLegInformation3Arg },
  cfnrDivertedLegFailed: { code: 23, argument: ArgumentExtension },
  divertingLegInformation4: { code: 100, argument: DivertingLegInformation4Arg },
  holdNotific: { code: 101, argument: HoldNotificArg },
  retrieveNotific: { code: 102, argument: RetrieveNotificArg },
  remoteHold: { code: 103, argument: RemoteHoldArg, result: RemoteHoldRes },
  remoteRetrieve: { code: 104, argument: RemoteRetrieveArg, result: RemoteRetrieveRes },
} as const satisfies Record<string, { code: number; argument: Schema<unknown>; result?: Schema<unknown> }>;

export type OperationName = keyof typeof OPERATIONS;

const NAMES = new Map(Object.entries(OPERATIONS).map(([name, { code }]) => [code as number, name as OperationName]));

/** The operation of a local code; undefined for those of other services. */
export const operationNamed = (code: number): OperationName | undefined => NAMES.get(code);

/** Local error codes: H.450.1 general errors, then those of transfer and diversion. */
export const ERRORS = {
  userNotSubscribed: 0,
  rejectedByNetwork: 1,
  rejectedByUser: 2,
  notAvailable: 3,
  insufficientInformation: 5,
  invalidServedUserNumber: 6,
  invalidCallState: 7,
  basicServiceNotProvided: 8,
  notIncomingCall: 9,
  supplementaryServiceInteractionNotAllowed: 10,
  resourceUnavailable: 11,
  invalidDivertedNumber: 12,
  specialServiceNumber: 14,
  diversionToServedUserNumber: 15,
  numberOfDiversionsExceeded: 24,
  callFailure: 25,
  proceduralError: 43,
  temporarilyUnavailable: 1000,
  invalidReroutingNumber: 1004,
  unrecognizedCallIdentity: 1005,
  establishmentFailure: 1006,
  notAuthorized: 1007,
  unspecified: 1008,
} as const;
