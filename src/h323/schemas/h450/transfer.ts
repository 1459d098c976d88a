// H.450.2 (02/1998): call transfer.
import { bmpString, enumerated, type Infer, numericString, optional, sequence, withDefault } from '../../per';
import { EndpointAddress, PartySubaddress } from './addressing';
import { ArgumentExtension, H225InformationElement } from './extension';

/** Names the secondary call at the transferred-to endpoint; empty when there is none. */
export const CallIdentity = numericString(0, 4);
export type CallIdentity = Infer<typeof CallIdentity>;

export const CTInitiateArg = sequence({
  callIdentity: CallIdentity,
  reroutingNumber: EndpointAddress,
  argumentExtension: optional(ArgumentExtension),
}, {});
export type CTInitiateArg = Infer<typeof CTInitiateArg>;

export const CTSetupArg = sequence({
  callIdentity: CallIdentity,
  transferringNumber: optional(EndpointAddress),
  argumentExtension: optional(ArgumentExtension),
}, {});
export type CTSetupArg = Infer<typeof CTSetupArg>;

export const CTIdentifyRes = sequence({
  callIdentity: CallIdentity,
  reroutingNumber: EndpointAddress,
  resultExtension: optional(ArgumentExtension),
}, {});
export type CTIdentifyRes = Infer<typeof CTIdentifyRes>;

export const CTUpdateArg = sequence({
  redirectionNumber: EndpointAddress,
  redirectionInfo: optional(bmpString(1, 128)),
  basicCallInfoElements: optional(H225InformationElement),
  argumentExtension: optional(ArgumentExtension),
}, {});
export type CTUpdateArg = Infer<typeof CTUpdateArg>;

export const SubaddressTransferArg = sequence({
  redirectionSubaddress: PartySubaddress,
  argumentExtension: optional(ArgumentExtension),
}, {});
export type SubaddressTransferArg = Infer<typeof SubaddressTransferArg>;

export const EndDesignation = enumerated(['primaryEnd', 'secondaryEnd'], []);
export type EndDesignation = Infer<typeof EndDesignation>;

export const CallStatus = enumerated(['answered', 'alerting'], []);
export type CallStatus = Infer<typeof CallStatus>;

export const CTCompleteArg = sequence({
  endDesignation: EndDesignation,
  redirectionNumber: EndpointAddress,
  basicCallInfoElements: optional(H225InformationElement),
  redirectionInfo: optional(bmpString(1, 128)),
  callStatus: withDefault(CallStatus, 'answered'),
  argumentExtension: optional(ArgumentExtension),
}, {});
export type CTCompleteArg = Infer<typeof CTCompleteArg>;

export const CTActiveArg = sequence({
  connectedAddress: EndpointAddress,
  basicCallInfoElements: optional(H225InformationElement),
  connectedInfo: optional(bmpString(1, 128)),
  argumentExtension: optional(ArgumentExtension),
}, {});
export type CTActiveArg = Infer<typeof CTActiveArg>;
