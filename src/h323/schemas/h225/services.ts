// H.225.0 (v7): service control, supplementary service options and circuit-switched parameters of a call.
import {
  bmpString, BOOLEAN, choice, ia5String, type Infer, integer, NULL, octetString, optional, sequence, sequenceOf, UINT32_MAX,
} from '../../per';
import { QOSCapability } from '../h245/multiplex';
import { NonStandardParameter } from './addresses';
import { ConferenceIdentifier } from './identifiers';
import { SecurityErrors } from './security';

export const H248SignalsDescriptor = octetString();
export type H248SignalsDescriptor = Infer<typeof H248SignalsDescriptor>;

export const CallCreditServiceControl = sequence({
  amountString: optional(bmpString(1, 512)),
  billingMode: optional(choice({ credit: NULL, debit: NULL }, {})),
  callDurationLimit: optional(integer(1, UINT32_MAX)),
  enforceCallDurationLimit: optional(BOOLEAN),
  callStartingPoint: optional(choice({ alerting: NULL, connect: NULL }, {})),
}, {});
export type CallCreditServiceControl = Infer<typeof CallCreditServiceControl>;

export const ServiceControlDescriptor = choice({
  url: ia5String(0, 512),
  signal: H248SignalsDescriptor,
  nonStandard: NonStandardParameter,
  callCreditServiceControl: CallCreditServiceControl,
}, {});
export type ServiceControlDescriptor = Infer<typeof ServiceControlDescriptor>;

export const ServiceControlSession = sequence({
  sessionId: integer(0, 255),
  contents: optional(ServiceControlDescriptor),
  reason: choice({ open: NULL, refresh: NULL, close: NULL }, {}),
}, {});
export type ServiceControlSession = Infer<typeof ServiceControlSession>;

export const H248PackagesDescriptor = octetString();
export type H248PackagesDescriptor = Infer<typeof H248PackagesDescriptor>;

export const CallCreditCapability = sequence({
  canDisplayAmountString: optional(BOOLEAN),
  canEnforceDurationLimit: optional(BOOLEAN),
}, {});
export type CallCreditCapability = Infer<typeof CallCreditCapability>;

export const StimulusControl = sequence({
  nonStandard: optional(NonStandardParameter),
  isText: optional(NULL),
  h248Message: optional(octetString()),
}, {});
export type StimulusControl = Infer<typeof StimulusControl>;

export const Q954Details = sequence({ conferenceCalling: BOOLEAN, threePartyService: BOOLEAN }, {});
export type Q954Details = Infer<typeof Q954Details>;

export const QseriesOptions = sequence({
  q932Full: BOOLEAN,
  q951Full: BOOLEAN,
  q952Full: BOOLEAN,
  q953Full: BOOLEAN,
  q955Full: BOOLEAN,
  q956Full: BOOLEAN,
  q957Full: BOOLEAN,
  q954Info: Q954Details,
}, {});
export type QseriesOptions = Infer<typeof QseriesOptions>;

export const ScnConnectionType = choice({
  unknown: NULL, bChannel: NULL, hybrid2x64: NULL, hybrid384: NULL, hybrid1536: NULL, hybrid1920: NULL,
  multirate: NULL,
}, {});
export type ScnConnectionType = Infer<typeof ScnConnectionType>;

export const ScnConnectionAggregation = choice({
  auto: NULL, none: NULL, h221: NULL, 'bonded-mode1': NULL, 'bonded-mode2': NULL, 'bonded-mode3': NULL,
}, {});
export type ScnConnectionAggregation = Infer<typeof ScnConnectionAggregation>;

export const CallType = choice({ pointToPoint: NULL, oneToN: NULL, nToOne: NULL, nToN: NULL }, {});
export type CallType = Infer<typeof CallType>;

export const CallModel = choice({ direct: NULL, gatekeeperRouted: NULL }, {});
export type CallModel = Infer<typeof CallModel>;

export const TransportQOS = choice({ endpointControlled: NULL, gatekeeperControlled: NULL, noControl: NULL }, { qOSCapabilities: sequenceOf(QOSCapability, 1, 256) });
export type TransportQOS = Infer<typeof TransportQOS>;

export const ReleaseCompleteReason = choice({
  noBandwidth: NULL, gatekeeperResources: NULL, unreachableDestination: NULL, destinationRejection: NULL,
  invalidRevision: NULL, noPermission: NULL, unreachableGatekeeper: NULL, gatewayResources: NULL,
  badFormatAddress: NULL, adaptiveBusy: NULL, inConf: NULL, undefinedReason: NULL,
}, {
  facilityCallDeflection: NULL,
  securityDenied: NULL,
  calledPartyNotRegistered: NULL,
  callerNotRegistered: NULL,
  newConnectionNeeded: NULL,
  nonStandardReason: NonStandardParameter,
  replaceWithConferenceInvite: ConferenceIdentifier,
  genericDataReason: NULL,
  neededFeatureNotSupported: NULL,
  tunnelledSignallingRejected: NULL,
  invalidCID: NULL,
  securityError: SecurityErrors,
  hopCountExceeded: NULL,
});
export type ReleaseCompleteReason = Infer<typeof ReleaseCompleteReason>;

export const FacilityReason = choice({
  routeCallToGatekeeper: NULL, callForwarded: NULL, routeCallToMC: NULL, undefinedReason: NULL,
}, {
  conferenceListChoice: NULL, startH245: NULL, noH245: NULL, newTokens: NULL, featureSetUpdate: NULL,
  forwardedElements: NULL, transportedInformation: NULL,
});
export type FacilityReason = Infer<typeof FacilityReason>;
