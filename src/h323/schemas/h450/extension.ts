// H.450.1 (02/1998): manufacturers' extensions of supplementary services.
import { choice, type Infer, OBJECT_IDENTIFIER, octetString, OPEN_TYPE, sequence, sequenceOf } from '../../per';
import { NonStandardParameter } from '../h225/addresses';

export const Extension = sequence({
  extensionId: OBJECT_IDENTIFIER,
  extensionArgument: OPEN_TYPE,
});
export type Extension = Infer<typeof Extension>;

export const ExtensionSeq = sequenceOf(Extension);
export type ExtensionSeq = Infer<typeof ExtensionSeq>;

/** What may stand in for an argument or result that has no fields of its own, and ends those that have. */
export const ArgumentExtension = choice({
  extensionSeq: ExtensionSeq,
  nonStandardData: NonStandardParameter,
});
export type ArgumentExtension = Infer<typeof ArgumentExtension>;

export const MixedExtension = choice({
  extension: Extension,
  nonStandardData: NonStandardParameter,
});
export type MixedExtension = Infer<typeof MixedExtension>;

/** Q.931 information elements, as in the message they would stand in. */
export const H225InformationElement = octetString();
export type H225InformationElement = Infer<typeof H225InformationElement>;
