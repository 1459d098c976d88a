import { normaliserOf } from '../matching';
import { type AttributeType, knownType } from '../schema';

/**
 * Attributes whose values are indexed, in groups that share an index: what one kind of query looks for. An index may find
 * too much (another attribute of the group has the value), never too little: whatever it finds is compared with the filter.
 */
export const INDEX_GROUPS = {
  name: ['cn', 'displayName', 'sn', 'givenName'],
  mail: ['mail'],
  address: [
    'uid', 'commUniqueId', 'SIPIdentitySIPURI', 'SIPIdentityUserName', 'h323Identityh323-ID', 'h323IdentityURL-ID', 'h235IdentityEndpointID', 'labeledURI',
    'etasiltaSIPURI', 'etasiltaAlias', 'etasiltaDevice',
  ],
  number: ['telephoneNumber', 'h323IdentitydialedDigits'],
} as const satisfies Record<string, readonly string[]>;

export type IndexGroup = keyof typeof INDEX_GROUPS;
export const GROUP_NAMES = Object.keys(INDEX_GROUPS) as IndexGroup[];

const GROUP_OF = new Map<AttributeType, IndexGroup>(GROUP_NAMES.flatMap((group) => INDEX_GROUPS[group].map((name) => [knownType(name), group] as const)));

/** The group that has all of these types; undefined: they are not indexed, or not together. */
export function groupOf(types: readonly AttributeType[]): IndexGroup | undefined {
  const [first] = types;
  const group = first && GROUP_OF.get(first);
  return group !== undefined && types.every((type) => GROUP_OF.get(type) === group) ? group : undefined;
}

/** The indexed types of a group. */
export const typesOf = (group: IndexGroup): AttributeType[] => INDEX_GROUPS[group].map(knownType);

/**
 * The spelling under which a value is indexed: the one that its own rules compare, in lower case, so that types that mind
 * case and types that do not share an index.
 */
export function indexed(type: AttributeType, value: string): string | undefined {
  return normaliserOf(type.equality)?.(value)?.toLowerCase();
}
