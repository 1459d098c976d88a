// H.450.1 (02/1998): addresses in supplementary services.
import { BOOLEAN, choice, type Infer, NULL, octetString, optional, sequence, sequenceOf } from '../../per';
import { AliasAddress, PartyNumber, PresentationIndicator, ScreeningIndicator } from '../h225/addresses';

export const SubaddressInformation = octetString(1, 20);
export type SubaddressInformation = Infer<typeof SubaddressInformation>;

export const UserSpecifiedSubaddress = sequence({ subaddressInformation: SubaddressInformation, oddCountIndicator: optional(BOOLEAN) }, {});
export type UserSpecifiedSubaddress = Infer<typeof UserSpecifiedSubaddress>;

export const NSAPSubaddress = octetString(1, 20);
export type NSAPSubaddress = Infer<typeof NSAPSubaddress>;

export const PartySubaddress = choice({ userSpecifiedSubaddress: UserSpecifiedSubaddress, nsapSubaddress: NSAPSubaddress }, {});
export type PartySubaddress = Infer<typeof PartySubaddress>;

export const AddressScreened = sequence({
  partyNumber: PartyNumber,
  screeningIndicator: ScreeningIndicator,
  partySubaddress: optional(PartySubaddress),
}, {});
export type AddressScreened = Infer<typeof AddressScreened>;

export const PresentedAddressScreened = choice({
  presentationAllowedAddress: AddressScreened,
  presentationRestricted: NULL,
  numberNotAvailableDueToInterworking: NULL,
  presentationRestrictedAddress: AddressScreened,
}, {});
export type PresentedAddressScreened = Infer<typeof PresentedAddressScreened>;

export const Address = sequence({ partyNumber: PartyNumber, partySubaddress: optional(PartySubaddress) }, {});
export type Address = Infer<typeof Address>;

export const PresentedAddressUnscreened = choice({
  presentationAllowedAddress: Address,
  presentationRestricted: NULL,
  numberNotAvailableDueToInterworking: NULL,
  presentationRestrictedAddress: Address,
}, {});
export type PresentedAddressUnscreened = Infer<typeof PresentedAddressUnscreened>;

export const NumberScreened = sequence({ partyNumber: PartyNumber, screeningIndicator: ScreeningIndicator }, {});
export type NumberScreened = Infer<typeof NumberScreened>;

export const PresentedNumberScreened = choice({
  presentationAllowedAddress: NumberScreened,
  presentationRestricted: NULL,
  numberNotAvailableDueToInterworking: NULL,
  presentationRestrictedAddress: NumberScreened,
}, {});
export type PresentedNumberScreened = Infer<typeof PresentedNumberScreened>;

export const PresentedNumberUnscreened = choice({
  presentationAllowedAddress: PartyNumber,
  presentationRestricted: NULL,
  numberNotAvailableDueToInterworking: NULL,
  presentationRestrictedAddress: PartyNumber,
}, {});
export type PresentedNumberUnscreened = Infer<typeof PresentedNumberUnscreened>;

export const EndpointAddress = sequence({
  destinationAddress: sequenceOf(AliasAddress),
  remoteExtensionAddress: optional(AliasAddress),
}, {
  destinationAddressPresentationIndicator: optional(PresentationIndicator),
  destinationAddressScreeningIndicator: optional(ScreeningIndicator),
  remoteExtensionAddressPresentationIndicator: optional(PresentationIndicator),
  remoteExtensionAddressScreeningIndicator: optional(ScreeningIndicator),
});
export type EndpointAddress = Infer<typeof EndpointAddress>;

export const PresentationAllowedIndicator = BOOLEAN;
export type PresentationAllowedIndicator = Infer<typeof PresentationAllowedIndicator>;
