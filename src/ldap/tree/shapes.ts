import { createHash } from 'node:crypto';
import { type Device, type LocalizedText, oidOf, type Organisation, type Person, type Service, type Site } from '../../directory';
import { hours, plan } from '../../directory/fields';
import { type AttributeType, knownType, lineage, nameOf } from '../schema';

/** Kinds of entry, in the order in which a segment holds them. */
export const ENTRY_KINDS = ['root', 'organisation', 'services', 'people', 'site', 'device', 'service', 'person'] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** A device as the tree keeps it: of its credentials only the user name. */
export type DeviceRecord = Omit<Device, 'credentials'> & { username?: string };

/** What an entry of each kind is made from; containers are made from the key of their organisation. */
export interface RecordOf {
  root: { suffix: string };
  organisation: Organisation;
  services: { organisation: string };
  people: { organisation: string };
  site: Site;
  device: DeviceRecord;
  service: Service;
  person: Person;
}

/** What entries say of records beside their own. */
export interface Surroundings {
  readonly suffix: string;
  /** Domain of the registrar, for devices. */
  readonly domain: string;
  organisation(key: string): Organisation | undefined;
  site(key: string): Site | undefined;
}

/** Values of one attribute: one, many, or text by language. */
export type Value = string | readonly string[] | LocalizedText | undefined;

type Getter<R> = (record: R, around: Surroundings) => Value;

/** How entries of one kind look. */
export interface Shape<R> {
  /** Attribute types with their values, in the order in which they are shown; `objectClass` is the first. */
  attributes: ReadonlyMap<AttributeType, Getter<R>>;
  structural: string;
  /** Classes that entries of this kind may have. */
  classes: readonly string[];
  /** Key of the record inside its kind. */
  keyOf(record: R): string;
  dn(record: R, around: Surroundings): string;
}

/** Names of classes with those above them, as `objectClass` lists them. */
function classes(...names: string[]): string[] {
  return [...new Set(names.flatMap((name) => lineage(name).reverse().map(nameOf)))];
}

function attributes<R>(getters: Record<string, Getter<R>>): Map<AttributeType, Getter<R>> {
  return new Map(Object.entries(getters).map(([name, getter]) => [knownType(name), getter]));
}

const flag = (value: boolean | undefined): string | undefined => (value === true ? 'TRUE' : undefined);
/** Digits that a telephone number may have; `*` and `#` are outside its syntax. */
const telephone = (digits: string | undefined): string | undefined => (digits !== undefined && /^[0-9]+$/.test(digits) ? digits : undefined);
const sipUri = (address: string): string => `sip:${address}`;

/** Text in one language, where an attribute can have but one value. */
export const mainText = (text: LocalizedText): string => text.fi ?? text.sv ?? text.en ?? Object.values(text).find((one) => one !== undefined) ?? '';

/**
 * Family name and the rest, of a name made of nothing but words of letters; other names (roles with numbers and places) are
 * no person's, and stand whole where a family name has to be.
 */
export function partsOfName(name: string): { sn: string; givenName?: string } {
  const parts = /^([\p{L}'’. -]*[\p{L}'’.-]) ([\p{L}'’-]+)$/u.exec(name);
  return parts === null ? { sn: name } : { sn: parts[2] as string, givenName: parts[1] as string };
}

const organisationDn = (key: string, { suffix }: Surroundings): string => `o=${key},${suffix}`;

const ROOT_CLASSES: Record<string, string> = { dc: 'domain', o: 'organization', ou: 'organizationalUnit' };
const rootPart = ({ suffix }: { suffix: string }): { type: string; value: string } => {
  const [, type = '', value = ''] = /^([A-Za-z]+)=((?:[^,\\]|\\.)*)/.exec(suffix) ?? [];
  return { type: type.toLowerCase(), value: value.replace(/\\(.)/g, '$1') };
};
/** Types that the topmost entry may be named by. */
export const ROOT_TYPES = Object.keys(ROOT_CLASSES);

const root: Shape<RecordOf['root']> = {
  structural: 'domain',
  classes: classes(...Object.values(ROOT_CLASSES)),
  keyOf: () => '',
  dn: ({ suffix }) => suffix,
  attributes: attributes({
    objectClass: (record) => classes(ROOT_CLASSES[rootPart(record).type] ?? 'domain'),
    ...Object.fromEntries(ROOT_TYPES.map((type) => [type, (record: RecordOf['root']): Value => (rootPart(record).type === type ? rootPart(record).value : undefined)])),
    description: () => 'Service directory',
  }),
};

const ORGANISATION = classes('organization', 'etasiltaOrganization', 'domainRelatedObject');
const organisation: Shape<Organisation> = {
  structural: 'organization',
  classes: ORGANISATION,
  keyOf: ({ key }) => key,
  dn: ({ key }, around) => organisationDn(key, around),
  attributes: attributes<Organisation>({
    objectClass: () => ORGANISATION,
    o: ({ key }) => key,
    cn: ({ names }) => names,
    associatedDomain: ({ domain }) => domain,
    etasiltaOrganizationType: ({ type }) => type,
    etasiltaBusinessId: ({ businessId }) => businessId,
    etasiltaOrganizationOID: (record) => oidOf(record),
    etasiltaMunicipality: ({ municipality }) => municipality,
    etasiltaParent: ({ parent }, around) => (parent === undefined ? undefined : organisationDn(parent, around)),
    etasiltaSample: ({ sample }) => flag(sample),
  }),
};

const UNIT = classes('organizationalUnit');
const unit = <K extends 'services' | 'people'>(name: K, description: string): Shape<{ organisation: string }> => ({
  structural: 'organizationalUnit',
  classes: UNIT,
  keyOf: ({ organisation: key }) => key,
  dn: ({ organisation: key }, around) => `ou=${name},${organisationDn(key, around)}`,
  attributes: attributes<{ organisation: string }>({ objectClass: () => UNIT, ou: () => name, description: () => description }),
});

const SITE = classes('locality', 'etasiltaServicePoint');
const site: Shape<Site> = {
  structural: 'locality',
  classes: SITE,
  keyOf: ({ key }) => key,
  dn: ({ key, organisation: owner }, around) => `l=${key},${organisationDn(owner, around)}`,
  attributes: attributes<Site>({
    objectClass: () => SITE,
    l: ({ key }) => key,
    cn: ({ names }) => names,
    street: ({ address }) => address,
    etasiltaMunicipality: ({ municipality }) => municipality,
    etasiltaMedia: ({ media }) => media,
  }),
};

const DEVICE = classes('commObject', 'SIPIdentity', 'h323Identity', 'etasiltaEndpoint');
const DEVICE_WITH_CREDENTIALS = [...DEVICE, 'h235Identity'];
const device: Shape<DeviceRecord> = {
  structural: 'commObject',
  classes: DEVICE_WITH_CREDENTIALS,
  keyOf: ({ address }) => address,
  dn: ({ address, site: where }, around) => `commUniqueId=${address},l=${where},${organisationDn(around.site(where)?.organisation ?? '', around)}`,
  attributes: attributes<DeviceRecord>({
    objectClass: ({ username }) => (username === undefined ? DEVICE : DEVICE_WITH_CREDENTIALS),
    commUniqueId: ({ address }) => address,
    cn: ({ names, address }) => names ?? address,
    displayName: ({ names, address }) => (names === undefined ? address : mainText(names)),
    SIPIdentitySIPURI: ({ address }) => sipUri(address),
    SIPIdentityUserName: ({ username }) => username,
    SIPIdentityRegistrarAddress: (_, { domain }) => domain,
    'h323Identityh323-ID': ({ h323Id, address }) => ia5(h323Id ?? address),
    h323IdentitydialedDigits: ({ e164 }) => e164,
    'h323IdentityURL-ID': ({ address }) => `h323:${address}`,
    h235IdentityEndpointID: ({ username }) => username,
    telephoneNumber: ({ e164 }) => telephone(e164),
    etasiltaSIPURI: ({ address }) => sipUri(address),
    etasiltaDeviceKind: ({ kind }) => kind,
    etasiltaModel: ({ model }) => model,
    etasiltaEnabled: ({ enabled }) => (enabled ? 'TRUE' : 'FALSE'),
  }),
};

const SERVICE = classes('etasiltaService', 'SIPIdentity', 'h323Identity', 'callPreferenceURIObject');
const service: Shape<Service> = {
  structural: 'etasiltaService',
  classes: SERVICE,
  keyOf: ({ address }) => address,
  dn: ({ address, organisation: owner }, around) => `commUniqueId=${address},ou=services,${organisationDn(owner, around)}`,
  attributes: attributes<Service>({
    objectClass: () => SERVICE,
    commUniqueId: ({ address }) => address,
    cn: ({ names }) => names,
    displayName: ({ names }) => mainText(names),
    description: ({ description }) => description,
    SIPIdentitySIPURI: ({ address }) => sipUri(address),
    'h323Identityh323-ID': ({ address }) => address,
    h323IdentitydialedDigits: ({ numericAlias }) => numericAlias,
    'h323IdentityURL-ID': ({ address }) => `h323:${address}`,
    telephoneNumber: ({ numericAlias }) => telephone(numericAlias),
    etasiltaSIPURI: ({ address }) => sipUri(address),
    etasiltaAlias: ({ aliases }) => aliases,
    etasiltaLanguage: ({ languages }) => languages,
    etasiltaServiceKind: ({ kind }) => kind,
    etasiltaHours: (record) => record.hours && hours.format(record.hours),
    etasiltaPlan: (record) => plan.format(record.plan),
    // Whom a call goes to when nobody answers: "n", no answer.
    callPreferenceURI: (record) => (record.plan.overflow === undefined ? undefined : `${sipUri(record.plan.overflow)} n`),
    etasiltaJoins: ({ joins }) => flag(joins),
    etasiltaHidden: ({ hidden }) => flag(hidden),
    etasiltaEnabled: ({ enabled }) => (enabled ? 'TRUE' : 'FALSE'),
  }),
};

const PERSON = classes('inetOrgPerson', 'etasiltaPerson', 'commURIObject');
const person: Shape<Person> = {
  structural: 'inetOrgPerson',
  classes: PERSON,
  keyOf: ({ key }) => key,
  dn: ({ key, organisation: owner }, around) => `uid=${key},ou=people,${organisationDn(owner, around)}`,
  attributes: attributes<Person>({
    objectClass: () => PERSON,
    uid: ({ key }) => key,
    cn: ({ name }) => name,
    sn: ({ name }) => partsOfName(name).sn,
    givenName: ({ name }) => partsOfName(name).givenName,
    displayName: ({ name }) => name,
    mail: ({ email }) => email,
    title: ({ title }) => title,
    o: ({ organisation: key }, around) => around.organisation(key)?.names,
    l: ({ site: key }, around) => (key === undefined ? undefined : around.site(key)?.names),
    preferredLanguage: ({ languages }) => (languages.length === 0 ? undefined : languages.join(', ')),
    labeledURI: ({ devices }) => devices.map(sipUri),
    // RFC 4516, RFC 2079: the entry of the device, and a label.
    commURI: ({ devices }, { suffix }) => devices.map((address) => `ldap:///${encodeURI(suffix)}??sub?(commUniqueId=${address}) ${address}`),
    etasiltaSIPURI: ({ devices }) => devices.map(sipUri),
    etasiltaDevice: ({ devices }) => devices,
    etasiltaLanguage: ({ languages }) => languages,
    etasiltaRole: ({ roles }) => roles,
    etasiltaSkill: ({ skills }) => skills,
    etasiltaSite: ({ site: key }) => key,
    etasiltaEnabled: ({ enabled }) => (enabled ? 'TRUE' : 'FALSE'),
  }),
};

// eslint-disable-next-line no-control-regex
const ia5 = (text: string): string | undefined => (/^[\x00-\x7f]*$/.test(text) ? text : undefined);

const SHAPES: { [K in EntryKind]: Shape<RecordOf[K]> } = {
  root, organisation, services: unit('services', 'Service addresses'), people: unit('people', 'Persons'), site, device, service, person,
};

/** The shape of a kind that is not known at the place of use. */
export const shapeOf = (kind: EntryKind): Shape<unknown> => SHAPES[kind] as Shape<unknown>;

/** Classes that entries of a kind may have, and the structural one that they have to. */
export const allowedClasses = (kind: EntryKind): { structural: string; classes: readonly string[] } => SHAPES[kind];

/** RFC 9562 section 5.5: the same entry has the same UUID in every run. */
export function entryUuid(kind: EntryKind, key: string): string {
  const hash = createHash('sha1').update('0dedb26b080c435eb61bc26873cd9abd', 'hex').update(`${kind} ${key}`).digest();
  hash[6] = ((hash[6] as number) & 0x0f) | 0x50;
  hash[8] = ((hash[8] as number) & 0x3f) | 0x80;
  return hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
