/** The schema: what attributes and classes there are, how their values compare, and how that is published. */
export { SCHEMA_FILES, schemaFile, schemaLdif, SUBSCHEMA } from './format';
export { ATTRIBUTE_TYPES, attributeDescription, attributeType, knownType, lineage, matchingRule, nameOf, OBJECT_CLASSES, objectClass, withSubtypes } from './registry';
export { MATCHING_RULES, SYNTAX } from './rules';
export type { AttributeType, MatchingRuleDefinition, ObjectClass } from './types';
