import { attribute, FORM } from './rules';
import type { AttributeType, ObjectClass, SchemaPart } from './types';

const ARC = '0.0.8.350.1.1';
type Form = Parameters<typeof attribute>[2];

/** The attributes of one module of H.350, numbered from 1 in the order given. */
function module(number: number, list: readonly (readonly [name: string, form: Form])[]): AttributeType[] {
  return list.map(([name, form], i) => attribute(`${ARC}.${number}.1.${i + 1}`, name, form));
}

function objectClass(number: number, name: string, kind: ObjectClass['kind'], must: string[], may: string[], description: string): ObjectClass {
  return { oid: `${ARC}.${number}.2.1`, names: [name], description, superior: 'top', kind, must, may };
}

const common = module(2, [['commUniqueId', FORM.ia5], ['commOwner', FORM.exactIa5], ['commPrivate', FORM.plainIa5]]);
const h323 = module(3, [
  ['h323IdentityGKDomain', FORM.ia5], ['h323Identityh323-ID', FORM.ia5], ['h323IdentitydialedDigits', FORM.ia5], ['h323Identityemail-ID', FORM.ia5],
  ['h323IdentityURL-ID', FORM.exactIa5], ['h323IdentitytransportID', FORM.ia5], ['h323IdentitypartyNumber', FORM.ia5], ['h323IdentitymobileUIM', FORM.ia5],
  ['h323IdentityEndpointType', FORM.ia5], ['h323IdentityServiceLevel', FORM.ia5],
]);
const sip = module(6, [
  ['SIPIdentitySIPURI', FORM.exactIa5], ['SIPIdentityRegistrarAddress', FORM.ia5], ['SIPIdentityProxyAddress', FORM.ia5], ['SIPIdentityAddress', FORM.ia5],
  ['SIPIdentityPassword', FORM.octets], ['SIPIdentityUserName', FORM.ia5], ['SIPIdentityServiceLevel', FORM.ia5],
]);
const names = (attributes: readonly AttributeType[]): string[] => attributes.map(({ names: [name = ''] }) => name);

/**
 * ITU-T H.350 and the parts of it that devices, gatekeepers and phone books read: H.350.1 (H.323), H.350.2 (H.235), H.350.4
 * (SIP), H.350.6 (call preferences). Written from their object identifiers and matching rules; `commObject` is structural and
 * the identities are auxiliary, which is what lets one entry be of several.
 */
export const H350: SchemaPart = {
  attributes: [
    ...module(1, [['commURI', FORM.exactIa5]]),
    ...common, ...h323,
    ...module(4, [['h235IdentityEndpointID', FORM.ia5], ['h235IdentityPassword', FORM.octets]]),
    ...sip,
    ...module(8, [['callPreferenceURI', FORM.exactIa5]]),
  ],
  classes: [
    objectClass(1, 'commURIObject', 'AUXILIARY', [], ['commURI'], 'Leads to the communication objects of a person'),
    objectClass(2, 'commObject', 'STRUCTURAL', ['commUniqueId'], ['commOwner', 'commPrivate'], 'One thing that can be called'),
    objectClass(3, 'h323Identity', 'AUXILIARY', [], names(h323), 'Aliases of an H.323 endpoint'),
    objectClass(4, 'h235Identity', 'AUXILIARY', [], ['h235IdentityEndpointID', 'h235IdentityPassword', 'userCertificate'], 'Credentials of an H.323 endpoint'),
    objectClass(6, 'SIPIdentity', 'AUXILIARY', [], [...names(sip), 'userSMIMECertificate'], 'Addresses of a SIP endpoint'),
    objectClass(8, 'callPreferenceURIObject', 'AUXILIARY', [], ['callPreferenceURI'], 'Where calls go otherwise'),
  ],
};
