import { chosen, type NameOf } from '../per';
import type { Cause } from '../q931';
import type { h225 } from '../schemas';

/** Q.850 cause values (ITU-T Q.850 section 2.2.7) that this side gives of its own. */
export const Q850 = {
  noRoute: 3, normalClearing: 16, userBusy: 17, noUserResponding: 18, noAnswer: 19, outOfOrder: 27, invalidNumber: 28, facilityRejected: 29,
  statusResponse: 30, normalUnspecified: 31, temporaryFailure: 41, congestion: 42, resourceUnavailable: 47, invalidCallReference: 81,
  mandatoryMissing: 96, messageTypeUnknown: 97, wrongState: 98, invalidContents: 100, incompatibleState: 101, timerExpired: 102,
} as const;

export type ReasonName = Exclude<NameOf<h225.ReleaseCompleteReason>, '...'>;

/** Table 5/H.225.0: the cause that stands for a reason. The table has no row for hopCountExceeded; 25 is exchange routing error. */
const CAUSE_OF_REASON: Record<ReasonName, number> = {
  noBandwidth: 34, gatekeeperResources: 47, unreachableDestination: 3, destinationRejection: 16, invalidRevision: 88, noPermission: 127,
  unreachableGatekeeper: 38, gatewayResources: 42, badFormatAddress: 28, adaptiveBusy: 41, inConf: 17, undefinedReason: 31, facilityCallDeflection: 16,
  securityDenied: 31, calledPartyNotRegistered: 20, callerNotRegistered: 31, newConnectionNeeded: 47, nonStandardReason: 127,
  replaceWithConferenceInvite: 31, genericDataReason: 31, neededFeatureNotSupported: 31, tunnelledSignallingRejected: 127, invalidCID: 3,
  securityError: 31, hopCountExceeded: 25,
};

/** The reason that stands for a cause, where table 5/H.225.0 has one. */
const REASON_OF_CAUSE: Record<number, h225.ReleaseCompleteReason> = {
  1: { unreachableDestination: null }, 2: { unreachableDestination: null }, 3: { unreachableDestination: null }, 16: { destinationRejection: null },
  17: { inConf: null }, 18: { unreachableDestination: null }, 20: { calledPartyNotRegistered: null }, 21: { destinationRejection: null }, 25: { hopCountExceeded: null },
  27: { unreachableDestination: null }, 28: { badFormatAddress: null }, 34: { noBandwidth: null }, 38: { unreachableGatekeeper: null },
  41: { adaptiveBusy: null }, 42: { gatewayResources: null }, 47: { gatekeeperResources: null }, 88: { invalidRevision: null },
};

/** The Q.850 cause of a Release Complete: its Cause element, else what its reason stands for, else 31 (H.225.0 section 7.2.2.8). */
export function q850Of(cause: Cause | undefined, reason: h225.ReleaseCompleteReason | undefined): number {
  if (cause) return cause.value;
  return (reason && CAUSE_OF_REASON[chosen(reason) as ReasonName]) ?? Q850.normalUnspecified;
}

/** The ReleaseCompleteReason for a Q.850 cause. */
export const reasonOf = (q850: number): h225.ReleaseCompleteReason => REASON_OF_CAUSE[q850] ?? { undefinedReason: null };

/** The Cause element, given by this endpoint as a user (location 0). */
export const causeElement = (q850: number): Cause => ({ codingStandard: 0, location: 0, value: q850 });
