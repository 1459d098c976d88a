import { attribute, FORM } from './rules';
import type { ObjectClass, SchemaPart } from './types';

/** The arc of a UUID made for this schema (ITU-T X.667: 2.25 and the UUID as a whole number): 0dedb26b-080c-435e-b61b-c26873cd9abd. */
export const ETASILTA_ARC = '2.25.18514157049490204853407531521572444861';

const single = { singleValue: true } as const;
type Definition = readonly [name: string, form: Parameters<typeof attribute>[2], description: string, more?: typeof single];

/** Their numbers are their places here: new ones go to the end. */
const ATTRIBUTES: readonly Definition[] = [
  ['etasiltaSIPURI', FORM.ia5, 'SIP URI at which this can be called, lower case'],
  ['etasiltaEnabled', FORM.boolean, 'FALSE: can neither call nor be called', single],
  ['etasiltaHidden', FORM.boolean, 'TRUE: not shown in phone books', single],
  ['etasiltaJoins', FORM.boolean, 'TRUE: dialled during a call it joins as a third party', single],
  ['etasiltaServiceKind', FORM.text, 'Kind of service, for folders and reports', single],
  ['etasiltaLanguage', FORM.ia5, 'ISO 639 code of a language in which this is served'],
  ['etasiltaAlias', FORM.ia5, 'Another address that leads to this service'],
  ['etasiltaHours', FORM.exact, 'Opening hours', single],
  ['etasiltaPlan', FORM.exact, 'Who rings, in what order and for how long', single],
  ['etasiltaDeviceKind', FORM.text, 'Kind of device: room, desk, software, ...', single],
  ['etasiltaModel', FORM.text, 'Model of a device', single],
  ['etasiltaBusinessId', FORM.text, 'Finnish business ID (Y-tunnus), NNNNNNN-N', single],
  ['etasiltaOrganizationOID', FORM.oid, 'Object identifier of the organization', single],
  ['etasiltaOrganizationType', FORM.text, 'state, municipality, region, wellbeing, company, association or other', single],
  ['etasiltaMunicipality', { ...FORM.numeric, ordering: 'numericStringOrderingMatch' }, 'Finnish municipality code, three digits', single],
  ['etasiltaParent', FORM.dn, 'The organization above this one', single],
  ['etasiltaSample', FORM.boolean, 'TRUE: the identifiers are valid in form but nobody\'s', single],
  ['etasiltaMedia', FORM.text, 'How media flows: anchored or direct', single],
  ['etasiltaRole', FORM.text, 'Role of a person'],
  ['etasiltaSkill', FORM.text, 'Skill of a person'],
  ['etasiltaDevice', FORM.ia5, 'Address of a device where a person can be reached'],
  ['etasiltaSite', FORM.text, 'Key of the site where a person works', single],
];

const CLASSES: readonly (readonly [name: string, kind: ObjectClass['kind'], superior: string, must: string, may: string, description: string])[] = [
  ['etasiltaOrganization', 'AUXILIARY', 'top', 'cn', 'etasiltaBusinessId etasiltaOrganizationOID etasiltaOrganizationType etasiltaMunicipality etasiltaParent etasiltaSample', 'An organization of the directory'],
  ['etasiltaServicePoint', 'AUXILIARY', 'top', 'cn', 'etasiltaMunicipality etasiltaMedia', 'A site with devices'],
  ['etasiltaEndpoint', 'AUXILIARY', 'top', 'etasiltaDeviceKind', 'cn displayName telephoneNumber etasiltaSIPURI etasiltaModel etasiltaEnabled', 'A device'],
  ['etasiltaService', 'STRUCTURAL', 'commObject', 'cn', 'displayName description telephoneNumber etasiltaSIPURI etasiltaLanguage etasiltaServiceKind etasiltaAlias etasiltaHours etasiltaPlan etasiltaMedia etasiltaJoins etasiltaHidden etasiltaEnabled', 'A service address: what people dial'],
  ['etasiltaPerson', 'AUXILIARY', 'top', '', 'etasiltaSIPURI etasiltaLanguage etasiltaRole etasiltaSkill etasiltaDevice etasiltaSite etasiltaEnabled', 'Somebody who answers'],
];

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');

/** Classes and attributes of this program's own. */
export const ETASILTA: SchemaPart = {
  attributes: ATTRIBUTES.map(([name, form, description, more], i) => attribute(`${ETASILTA_ARC}.1.${i + 1}`, name, form, { description, ...more })),
  classes: CLASSES.map(([name, kind, superior, must, may, description], i) => ({
    oid: `${ETASILTA_ARC}.2.${i + 1}`, names: [name], kind, superior, must: words(must), may: words(may), description,
  })),
};
