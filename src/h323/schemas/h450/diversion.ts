// H.450.3 (02/1998): call diversion. The standard leaves its arguments unnamed; they go by their operations here.
import { BOOLEAN, bmpString, enumerated, type Infer, integer, optional, sequence, setOf, withDefault } from '../../per';
import { EndpointAddress, PartySubaddress, PresentationAllowedIndicator } from './addressing';
import { ArgumentExtension, H225InformationElement } from './extension';

export const DiversionReason = enumerated(['unknown', 'cfu', 'cfb', 'cfnr'], []);
export type DiversionReason = Infer<typeof DiversionReason>;

export const Procedure = enumerated(['cfu', 'cfb', 'cfnr'], []);
export type Procedure = Infer<typeof Procedure>;

export const SubscriptionOption = enumerated(
  ['noNotification', 'notificationWithoutDivertedToNr', 'notificationWithDivertedToNr'], [],
);
export type SubscriptionOption = Infer<typeof SubscriptionOption>;

export const BasicService = enumerated(['allServices'], []);
export type BasicService = Infer<typeof BasicService>;

export const ActivateDiversionQArg = sequence({
  procedure: Procedure,
  basicService: BasicService,
  divertedToAddress: EndpointAddress,
  servedUserNr: EndpointAddress,
  activatingUserNr: EndpointAddress,
  extension: optional(ArgumentExtension),
}, {});
export type ActivateDiversionQArg = Infer<typeof ActivateDiversionQArg>;

export const DeactivateDiversionQArg = sequence({
  procedure: Procedure,
  basicService: BasicService,
  servedUserNr: EndpointAddress,
  deactivatingUserNr: EndpointAddress,
  extension: optional(ArgumentExtension),
}, {});
export type DeactivateDiversionQArg = Infer<typeof DeactivateDiversionQArg>;

export const InterrogateDiversionQArg = sequence({
  procedure: Procedure,
  basicService: withDefault(BasicService, 'allServices'),
  servedUserNr: EndpointAddress,
  interrogatingUserNr: EndpointAddress,
  extension: optional(ArgumentExtension),
}, {});
export type InterrogateDiversionQArg = Infer<typeof InterrogateDiversionQArg>;

export const IntResult = sequence({
  servedUserNr: EndpointAddress,
  basicService: BasicService,
  procedure: Procedure,
  divertedToAddress: EndpointAddress,
  remoteEnabled: withDefault(BOOLEAN, false),
  extension: optional(ArgumentExtension),
}, {});
export type IntResult = Infer<typeof IntResult>;

export const IntResultList = setOf(IntResult, 0, 29);
export type IntResultList = Infer<typeof IntResultList>;

export const CheckRestrictionArg = sequence({
  servedUserNr: EndpointAddress,
  basicService: BasicService,
  divertedToNr: EndpointAddress,
  extension: optional(ArgumentExtension),
}, {});
export type CheckRestrictionArg = Infer<typeof CheckRestrictionArg>;

export const CallReroutingArg = sequence({
  reroutingReason: DiversionReason,
  originalReroutingReason: optional(DiversionReason),
  calledAddress: EndpointAddress,
  diversionCounter: integer(1, 15),
  h225InfoElement: H225InformationElement,
  lastReroutingNr: EndpointAddress,
  subscriptionOption: SubscriptionOption,
  callingPartySubaddress: optional(PartySubaddress),
  callingNumber: EndpointAddress,
  callingInfo: optional(bmpString(1, 128)),
  originalCalledNr: optional(EndpointAddress),
  redirectingInfo: optional(bmpString(1, 128)),
  originalCalledInfo: optional(bmpString(1, 128)),
  extension: optional(ArgumentExtension),
}, {});
export type CallReroutingArg = Infer<typeof CallReroutingArg>;

export const DivertingLegInformation1Arg = sequence({
  diversionReason: DiversionReason,
  subscriptionOption: SubscriptionOption,
  nominatedNr: EndpointAddress,
  nominatedInfo: optional(bmpString(1, 128)),
  redirectingNr: optional(EndpointAddress),
  redirectingInfo: optional(bmpString(1, 128)),
  extension: optional(ArgumentExtension),
}, {});
export type DivertingLegInformation1Arg = Infer<typeof DivertingLegInformation1Arg>;

export const DivertingLegInformation2Arg = sequence({
  diversionCounter: integer(1, 15),
  diversionReason: DiversionReason,
  originalDiversionReason: optional(DiversionReason),
  divertingNr: optional(EndpointAddress),
  originalCalledNr: optional(EndpointAddress),
  redirectingInfo: optional(bmpString(1, 128)),
  originalCalledInfo: optional(bmpString(1, 128)),
  extension: optional(ArgumentExtension),
}, {});
export type DivertingLegInformation2Arg = Infer<typeof DivertingLegInformation2Arg>;

export const DivertingLegInformation3Arg = sequence({
  presentationAllowedIndicator: PresentationAllowedIndicator,
  redirectionNr: optional(EndpointAddress),
  redirectionInfo: optional(bmpString(1, 128)),
  extension: optional(ArgumentExtension),
}, {});
export type DivertingLegInformation3Arg = Infer<typeof DivertingLegInformation3Arg>;

export const DivertingLegInformation4Arg = sequence({
  diversionReason: DiversionReason,
  subscriptionOption: SubscriptionOption,
  callingNr: EndpointAddress,
  callingInfo: optional(bmpString(1, 128)),
  nominatedNr: EndpointAddress,
  nominatedInfo: optional(bmpString(1, 128)),
  extension: optional(ArgumentExtension),
}, {});
export type DivertingLegInformation4Arg = Infer<typeof DivertingLegInformation4Arg>;
