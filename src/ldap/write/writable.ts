import type { KindName } from '../../directory';
import { type AttributeType, knownType } from '../schema';

/** Kinds of entry that can be written; who answers for a service is not in the tree. */
export type WritableKind = Exclude<KindName, 'membership'>;

/**
 * How values of an attribute become a field of the record: `text` one value, `list` all of them, `flag` TRUE or FALSE,
 * `localized` one value a language option, `parsed` the text form of a structure, `organisation` a DN for a key.
 */
export type Form = 'text' | 'list' | 'flag' | 'localized' | 'parsed' | 'organisation';

export interface Writable {
  type: AttributeType;
  field: string;
  form: Form;
}

const writable = (fields: Record<string, readonly [field: string, form: Form]>): Writable[] =>
  Object.entries(fields).map(([name, [field, form]]) => ({ type: knownType(name), field, form }));

/** What can be written of each kind. All else that entries show follows from it. */
export const WRITABLE: Readonly<Record<WritableKind, { naming: AttributeType; key: string; attributes: readonly Writable[] }>> = {
  organisation: {
    naming: knownType('o'), key: 'key',
    attributes: writable({
      cn: ['names', 'localized'], associatedDomain: ['domain', 'text'], etasiltaOrganizationType: ['type', 'text'], etasiltaBusinessId: ['businessId', 'text'],
      etasiltaOrganizationOID: ['oid', 'text'], etasiltaMunicipality: ['municipality', 'text'], etasiltaParent: ['parent', 'organisation'], etasiltaSample: ['sample', 'flag'],
    }),
  },
  site: {
    naming: knownType('l'), key: 'key',
    attributes: writable({ cn: ['names', 'localized'], street: ['address', 'text'], etasiltaMunicipality: ['municipality', 'text'], etasiltaMedia: ['media', 'text'] }),
  },
  device: {
    naming: knownType('commUniqueId'), key: 'address',
    attributes: writable({
      cn: ['names', 'localized'], etasiltaDeviceKind: ['kind', 'text'], etasiltaModel: ['model', 'text'], 'h323Identityh323-ID': ['h323Id', 'text'],
      h323IdentitydialedDigits: ['e164', 'text'], etasiltaEnabled: ['enabled', 'flag'],
    }),
  },
  service: {
    naming: knownType('commUniqueId'), key: 'address',
    attributes: writable({
      cn: ['names', 'localized'], description: ['description', 'localized'], etasiltaLanguage: ['languages', 'list'], etasiltaServiceKind: ['kind', 'text'],
      h323IdentitydialedDigits: ['numericAlias', 'text'], etasiltaAlias: ['aliases', 'list'], etasiltaPlan: ['plan', 'parsed'], etasiltaHours: ['hours', 'parsed'],
      etasiltaJoins: ['joins', 'flag'], etasiltaHidden: ['hidden', 'flag'], etasiltaEnabled: ['enabled', 'flag'],
    }),
  },
  person: {
    naming: knownType('uid'), key: 'key',
    attributes: writable({
      cn: ['name', 'text'], mail: ['email', 'text'], title: ['title', 'localized'], etasiltaRole: ['roles', 'list'], etasiltaLanguage: ['languages', 'list'],
      etasiltaSkill: ['skills', 'list'], etasiltaDevice: ['devices', 'list'], etasiltaSite: ['site', 'text'], etasiltaEnabled: ['enabled', 'flag'],
    }),
  },
};
