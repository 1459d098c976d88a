// H.225.0 (v7): the generic extensibility framework (H.460 features travel in it).
import {
  bmpString, BOOLEAN, choice, extensibleInteger, ia5String, type Infer, integer, OBJECT_IDENTIFIER, octetString, optional,
  reference, type Schema, sequence, sequenceOf, UINT32_MAX, type UnknownAdditions,
} from '../../per';
import { AliasAddress, TransportAddress } from './addresses';
import { GloballyUniqueID } from './identifiers';

export const GenericIdentifier = choice({
  standard: extensibleInteger(0, 16383),
  oid: OBJECT_IDENTIFIER,
  nonStandard: GloballyUniqueID,
}, {});
export type GenericIdentifier = Infer<typeof GenericIdentifier>;

export interface EnumeratedParameter {
  id: GenericIdentifier;
  content?: Content;
  '...'?: UnknownAdditions;
}
export const EnumeratedParameter: Schema<EnumeratedParameter> = sequence({ id: GenericIdentifier, content: optional(reference('Content', () => Content)) }, {});

export const GenericData = sequence({
  id: GenericIdentifier,
  parameters: optional(sequenceOf(EnumeratedParameter, 1, 512)),
}, {});
export type GenericData = Infer<typeof GenericData>;

export const Content = choice({
  raw: octetString(),
  text: ia5String(),
  unicode: bmpString(),
  bool: BOOLEAN,
  number8: integer(0, 255),
  number16: integer(0, 65535),
  number32: integer(0, UINT32_MAX),
  id: GenericIdentifier,
  alias: AliasAddress,
  transport: TransportAddress,
  compound: sequenceOf(EnumeratedParameter, 1, 512),
  nested: sequenceOf(GenericData, 1, 16),
}, {});
export type Content = Infer<typeof Content>;

export const FeatureDescriptor = GenericData;
export type FeatureDescriptor = Infer<typeof FeatureDescriptor>;

export const FeatureSet = sequence({
  replacementFeatureSet: BOOLEAN,
  neededFeatures: optional(sequenceOf(FeatureDescriptor)),
  desiredFeatures: optional(sequenceOf(FeatureDescriptor)),
  supportedFeatures: optional(sequenceOf(FeatureDescriptor)),
}, {});
export type FeatureSet = Infer<typeof FeatureSet>;
