import { fold } from '../addressing';
import { KIND_NAMES, type KindName } from './errors';
import * as type from './fields';
import type { AnyKind, AnyRecord, Claim, Field, Kind } from './kind';
import { DEVICE_KINDS, ORGANISATION_TYPES, ROOM, type Device, type Membership, type Organisation, type Person, type Service, type Site } from './model';

const optional = <T>(of: type.FieldType<NonNullable<T>>): Field<T> => ({ type: of });
const required = <T>(of: type.FieldType<NonNullable<T>>): Field<T> => ({ type: of, required: true });
const initially = <T>(of: type.FieldType<NonNullable<T>>, initial: NonNullable<T>): Field<T> => ({ type: of, initial });
/** A reference that its record cannot be without: removing the other removes this one too. */
const belongsTo = (refersTo: KindName, of = type.key): Field<string> => ({ type: of, required: true, refersTo, onRemove: 'remove' });
const mayReferTo = (refersTo: KindName, of = type.key): Field<string | undefined> => ({ type: of, refersTo, onRemove: 'clear' });

const name = type.localized(200);

export const organisation: Kind<Organisation> = {
  name: 'organisation',
  plural: 'organisations',
  keyField: 'key',
  keyOf: ({ key }) => key,
  fields: {
    key: required(type.key),
    businessId: optional(type.businessId),
    oid: optional(type.oid),
    type: required(type.oneOf(ORGANISATION_TYPES)),
    names: required(name),
    domain: required(type.domain),
    parent: mayReferTo('organisation'),
    municipality: optional(type.municipalityCode),
    sample: optional(type.flag),
  },
  check({ key, parent, oid, businessId }, report) {
    if (parent === key) report('parent', 'an organisation cannot be its own parent');
    if (oid !== undefined && businessId !== undefined && type.contradictsBusinessId(oid, businessId)) {
      report('oid', `"${oid}" belongs to another Y-tunnus; ${type.deriveOid(businessId)} is derived from ${businessId}`);
    }
  },
};

export const site: Kind<Site> = {
  name: 'site',
  plural: 'sites',
  keyField: 'key',
  keyOf: ({ key }) => key,
  fields: {
    key: required(type.key),
    organisation: belongsTo('organisation'),
    names: required(name),
    municipality: optional(type.municipalityCode),
    address: optional(type.text(200)),
    media: optional(type.mediaMode),
  },
};

export const device: Kind<Device> = {
  name: 'device',
  plural: 'devices',
  keyField: 'address',
  keyOf: ({ address }) => address,
  fields: {
    address: required(type.deviceAddress),
    site: belongsTo('site'),
    names: optional(name),
    kind: required(type.oneOf(DEVICE_KINDS)),
    model: optional(type.text(100)),
    h323Id: optional(type.h323Id),
    e164: optional(type.e164),
    credentials: optional(type.credentials),
    enabled: initially(type.flag, true),
  },
  claims({ address, h323Id, e164 }) {
    const claims: Claim[] = [{ space: 'name', address, field: 'address' }];
    if (h323Id !== undefined && fold(h323Id) !== address) claims.push({ space: 'name', address: fold(h323Id), field: 'h323Id' });
    if (e164 !== undefined) claims.push({ space: 'number', address: e164, field: 'e164' });
    return claims;
  },
};

export const service: Kind<Service> = {
  name: 'service',
  plural: 'services',
  keyField: 'address',
  keyOf: ({ address }) => address,
  fields: {
    address: required(type.serviceAddress),
    organisation: belongsTo('organisation'),
    languages: initially(type.list(type.language, 100), []),
    names: required(name),
    description: optional(type.localized(2500)),
    kind: optional(type.tag),
    numericAlias: optional(type.numericAlias),
    aliases: optional(type.list(type.serviceAddress, 100)),
    formerAddresses: optional(type.formerAddresses),
    formerNumbers: optional(type.formerNumbers),
    plan: required(type.plan),
    hours: optional(type.hours),
    joins: optional(type.flag),
    hidden: optional(type.flag),
    pin: optional(type.pin),
    enabled: initially(type.flag, true),
  },
  check({ address, aliases, formerAddresses, numericAlias, formerNumbers, plan, kind, pin }, report) {
    if (pin !== undefined && kind !== ROOM) report('pin', `only a service of kind "${ROOM}" has a PIN`);
    if (aliases?.includes(address)) report('aliases', `${address} is the service's own address`);
    for (const former of formerAddresses ?? []) {
      if (former.address === address || aliases?.includes(former.address)) report('formerAddresses', `${former.address} is the service's address or alias now`);
    }
    if (formerNumbers?.some(({ number }) => number === numericAlias)) report('formerNumbers', `${numericAlias} is the service's number now`);
    if (plan.overflow === address) report('plan.overflow', 'a service cannot overflow to itself');
  },
  claims({ address, aliases = [], formerAddresses = [], numericAlias, formerNumbers = [] }) {
    const claims: Claim[] = [address, ...aliases].map((one, i) => ({ space: 'name', address: one, field: i === 0 ? 'address' : 'aliases' }));
    for (const former of formerAddresses) claims.push({ space: 'name', address: former.address, field: 'formerAddresses' });
    if (numericAlias !== undefined) claims.push({ space: 'number', address: numericAlias, field: 'numericAlias' });
    for (const former of formerNumbers) claims.push({ space: 'number', address: former.number, field: 'formerNumbers' });
    return claims;
  },
};

export const person: Kind<Person> = {
  name: 'person',
  plural: 'persons',
  keyField: 'key',
  keyOf: ({ key }) => key,
  fields: {
    key: required(type.personKey),
    organisation: belongsTo('organisation'),
    site: mayReferTo('site'),
    name: required(type.text(200)),
    email: optional(type.email),
    title: optional(name),
    roles: initially(type.list(type.tag, 50), []),
    languages: initially(type.list(type.language, 100), []),
    skills: initially(type.list(type.tag, 100), []),
    devices: { type: type.list(type.deviceAddress, 20), initial: [], refersTo: 'device', onRemove: 'clear' },
    enabled: initially(type.flag, true),
  },
};

export const membership: Kind<Membership> = {
  name: 'membership',
  plural: 'memberships',
  keyOf: ({ service: address, group, device: unit, person: who }) => `${address} ${group} ${unit ?? who}`,
  fields: {
    service: belongsTo('service', type.serviceAddress),
    device: { type: type.deviceAddress, refersTo: 'device', onRemove: 'remove' },
    person: { type: type.personKey, refersTo: 'person', onRemove: 'remove' },
    group: initially(type.groupName, 'main'),
    position: initially(type.integer(0, 9999), 0),
  },
  check({ device: unit, person: who }, report) {
    if ((unit === undefined) === (who === undefined)) report('', 'exactly one of device and person is needed');
  },
};

const ALL = { organisation, site, device, service, person, membership };

/** All kinds, in the order in which they refer to each other: what is referred to comes first. */
export const KINDS: readonly AnyKind[] = KIND_NAMES.map((one) => ALL[one] as unknown as AnyKind);

export const kindOf = (one: KindName): AnyKind => ALL[one] as unknown as AnyKind;

const FIELDS = new Map(KINDS.map((kind) => [kind.name, Object.entries(kind.fields) as [string, Field<unknown>][]]));

/** Fields of a kind with their names, in the order of the model. */
export const fieldsOf = (kind: AnyKind): [string, Field<unknown>][] => FIELDS.get(kind.name) ?? [];

const REFERENCES = new Map(KINDS.map((kind) => [kind.name, fieldsOf(kind).flatMap(([field, { refersTo: target }]) => (target ? [{ field, target }] : []))]));

/** Kinds that a kind refers to. */
export const refersTo = (kind: AnyKind): KindName[] => [...new Set(REFERENCES.get(kind.name)?.map(({ target }) => target))];

/** The keys that a record refers to, with the kind and field. */
export function referencesOf(kind: AnyKind, record: AnyRecord): { field: string; kind: KindName; key: string }[] {
  const references: { field: string; kind: KindName; key: string }[] = [];
  for (const { field, target } of REFERENCES.get(kind.name) ?? []) {
    const value = record[field];
    if (typeof value === 'string') references.push({ field, kind: target, key: value });
    else if (Array.isArray(value)) for (const key of value as string[]) references.push({ field, kind: target, key });
  }
  return references;
}
