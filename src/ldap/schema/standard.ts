import { attribute, FORM, SYNTAX } from './rules';
import type { AttributeType, ObjectClass, SchemaPart } from './types';

const ADDRESSES = 'x121Address registeredAddress destinationIndicator preferredDeliveryMethod telexNumber teletexTerminalIdentifier telephoneNumber internationalISDNNumber facsimileTelephoneNumber street postOfficeBox postalCode postalAddress physicalDeliveryOfficeName';
const words = (text: string): string[] => text.split(' ');
const only = (syntax: keyof typeof SYNTAX): { syntax: string } => ({ syntax: SYNTAX[syntax] });
const single = { singleValue: true } as const;

/** Attribute types of RFC 4519, RFC 4524, RFC 2798 and RFC 2079 that the classes below name. */
const attributes: AttributeType[] = [
  attribute('2.5.4.0', 'objectClass', FORM.oid),
  attribute('2.5.4.41', 'name', FORM.text),
  attribute('2.5.4.3', 'cn commonName', FORM.name),
  attribute('2.5.4.4', 'sn surname', FORM.name),
  attribute('2.5.4.7', 'l localityName', FORM.name),
  attribute('2.5.4.8', 'st stateOrProvinceName', FORM.name),
  attribute('2.5.4.9', 'street streetAddress', FORM.text),
  attribute('2.5.4.10', 'o organizationName', FORM.name),
  attribute('2.5.4.11', 'ou organizationalUnitName', FORM.name),
  attribute('2.5.4.12', 'title', FORM.name),
  attribute('2.5.4.13', 'description', FORM.text),
  attribute('2.5.4.14', 'searchGuide', only('guide')),
  attribute('2.5.4.15', 'businessCategory', FORM.text),
  attribute('2.5.4.16', 'postalAddress', only('postalAddress')),
  attribute('2.5.4.17', 'postalCode', FORM.text),
  attribute('2.5.4.18', 'postOfficeBox', FORM.text),
  attribute('2.5.4.19', 'physicalDeliveryOfficeName', FORM.text),
  attribute('2.5.4.20', 'telephoneNumber', FORM.telephone),
  attribute('2.5.4.21', 'telexNumber', only('telex')),
  attribute('2.5.4.22', 'teletexTerminalIdentifier', only('teletex')),
  attribute('2.5.4.23', 'facsimileTelephoneNumber fax', only('facsimile')),
  attribute('2.5.4.24', 'x121Address', FORM.numeric),
  attribute('2.5.4.25', 'internationalISDNNumber', FORM.numeric),
  attribute('2.5.4.26', 'registeredAddress', only('postalAddress')),
  attribute('2.5.4.27', 'destinationIndicator', FORM.printable),
  attribute('2.5.4.28', 'preferredDeliveryMethod', only('deliveryMethod'), single),
  attribute('2.5.4.34', 'seeAlso', FORM.dn),
  attribute('2.5.4.35', 'userPassword', FORM.octets),
  attribute('2.5.4.36', 'userCertificate', only('certificate')),
  attribute('2.5.4.42', 'givenName gn', FORM.name),
  attribute('2.5.4.43', 'initials', FORM.name),
  attribute('2.5.4.45', 'x500UniqueIdentifier', only('bitString')),
  attribute('0.9.2342.19200300.100.1.1', 'uid userid', FORM.text),
  attribute('0.9.2342.19200300.100.1.3', 'mail rfc822Mailbox', FORM.ia5),
  attribute('0.9.2342.19200300.100.1.6', 'roomNumber', FORM.text),
  attribute('0.9.2342.19200300.100.1.7', 'photo', only('octetString')),
  attribute('0.9.2342.19200300.100.1.10', 'manager', FORM.dn),
  attribute('0.9.2342.19200300.100.1.20', 'homePhone homeTelephoneNumber', FORM.telephone),
  attribute('0.9.2342.19200300.100.1.21', 'secretary', FORM.dn),
  attribute('0.9.2342.19200300.100.1.25', 'dc domainComponent', FORM.ia5, single),
  attribute('0.9.2342.19200300.100.1.37', 'associatedDomain', FORM.ia5),
  attribute('0.9.2342.19200300.100.1.38', 'associatedName', FORM.dn),
  attribute('0.9.2342.19200300.100.1.39', 'homePostalAddress', only('postalAddress')),
  attribute('0.9.2342.19200300.100.1.41', 'mobile mobileTelephoneNumber', FORM.telephone),
  attribute('0.9.2342.19200300.100.1.42', 'pager pagerTelephoneNumber', FORM.telephone),
  attribute('0.9.2342.19200300.100.1.55', 'audio', only('octetString')),
  attribute('0.9.2342.19200300.100.1.60', 'jpegPhoto', only('jpeg')),
  attribute('1.3.6.1.4.1.250.1.57', 'labeledURI', FORM.exact),
  attribute('2.16.840.1.113730.3.1.1', 'carLicense', FORM.text),
  attribute('2.16.840.1.113730.3.1.2', 'departmentNumber', FORM.text),
  attribute('2.16.840.1.113730.3.1.3', 'employeeNumber', FORM.text, single),
  attribute('2.16.840.1.113730.3.1.4', 'employeeType', FORM.text),
  attribute('2.16.840.1.113730.3.1.39', 'preferredLanguage', FORM.text, single),
  attribute('2.16.840.1.113730.3.1.40', 'userSMIMECertificate', only('binary')),
  attribute('2.16.840.1.113730.3.1.216', 'userPKCS12', only('binary')),
  attribute('2.16.840.1.113730.3.1.241', 'displayName', FORM.text, single),
];

/** RFC 4512 section 2.4.2 and RFC 4519 section 3, RFC 4524 section 3, RFC 2798 section 3. */
const classes: ObjectClass[] = [
  { oid: '2.5.6.3', names: ['locality'], superior: 'top', kind: 'STRUCTURAL', may: words('street seeAlso searchGuide st l description') },
  { oid: '2.5.6.4', names: ['organization'], superior: 'top', kind: 'STRUCTURAL', must: ['o'], may: words(`userPassword searchGuide seeAlso businessCategory ${ADDRESSES} st l description`) },
  { oid: '2.5.6.5', names: ['organizationalUnit'], superior: 'top', kind: 'STRUCTURAL', must: ['ou'], may: words(`userPassword searchGuide seeAlso businessCategory ${ADDRESSES} st l description`) },
  { oid: '2.5.6.6', names: ['person'], superior: 'top', kind: 'STRUCTURAL', must: ['sn', 'cn'], may: words('userPassword telephoneNumber seeAlso description') },
  { oid: '2.5.6.7', names: ['organizationalPerson'], superior: 'person', kind: 'STRUCTURAL', may: words(`title ${ADDRESSES} ou st l`) },
  {
    oid: '2.16.840.1.113730.3.2.2', names: ['inetOrgPerson'], superior: 'organizationalPerson', kind: 'STRUCTURAL',
    may: words('audio businessCategory carLicense departmentNumber displayName employeeNumber employeeType givenName homePhone homePostalAddress initials jpegPhoto labeledURI mail manager mobile o pager photo roomNumber secretary uid userCertificate x500UniqueIdentifier preferredLanguage userSMIMECertificate userPKCS12'),
  },
  {
    oid: '0.9.2342.19200300.100.4.13', names: ['domain'], superior: 'top', kind: 'STRUCTURAL', must: ['dc'],
    may: words(`userPassword searchGuide seeAlso businessCategory ${ADDRESSES} st l description o associatedName`),
  },
  { oid: '0.9.2342.19200300.100.4.17', names: ['domainRelatedObject'], superior: 'top', kind: 'AUXILIARY', must: ['associatedDomain'] },
];

export const STANDARD: SchemaPart = { attributes, classes };

const operational = { usage: 'directoryOperation' } as const;
const ofServer = { usage: 'dSAOperation' } as const;

/** What servers say of themselves and of entries: RFC 4512 sections 3.4, 4.2 and 5.1, RFC 3045, RFC 4530, RFC 5020. */
export const SYSTEM: SchemaPart = {
  attributes: [
    attribute('2.5.18.9', 'hasSubordinates', FORM.boolean, { ...operational, ...single }),
    attribute('2.5.18.10', 'subschemaSubentry', FORM.dn, { ...operational, ...single }),
    attribute('2.5.21.4', 'matchingRules', { equality: 'objectIdentifierFirstComponentMatch', ...only('matchingRuleDescription') }, operational),
    attribute('2.5.21.5', 'attributeTypes', { equality: 'objectIdentifierFirstComponentMatch', ...only('attributeTypeDescription') }, operational),
    attribute('2.5.21.6', 'objectClasses', { equality: 'objectIdentifierFirstComponentMatch', ...only('objectClassDescription') }, operational),
    attribute('2.5.21.9', 'structuralObjectClass', FORM.oid, { ...operational, ...single }),
    attribute('1.3.6.1.4.1.1466.101.120.16', 'ldapSyntaxes', { equality: 'objectIdentifierFirstComponentMatch', ...only('syntaxDescription') }, operational),
    attribute('1.3.6.1.1.16.4', 'entryUUID', FORM.uuid, { ...operational, ...single }),
    attribute('1.3.6.1.1.20', 'entryDN', FORM.dn, { ...operational, ...single }),
    attribute('1.3.6.1.4.1.1466.101.120.5', 'namingContexts', only('dn'), ofServer),
    attribute('1.3.6.1.4.1.1466.101.120.7', 'supportedExtension', only('oid'), ofServer),
    attribute('1.3.6.1.4.1.1466.101.120.13', 'supportedControl', only('oid'), ofServer),
    attribute('1.3.6.1.4.1.1466.101.120.14', 'supportedSASLMechanisms', only('directoryString'), ofServer),
    attribute('1.3.6.1.4.1.1466.101.120.15', 'supportedLDAPVersion', only('integer'), ofServer),
    attribute('1.3.6.1.4.1.4203.1.3.5', 'supportedFeatures', FORM.oid, ofServer),
    attribute('1.3.6.1.1.4', 'vendorName', FORM.exact, { ...ofServer, ...single }),
    attribute('1.3.6.1.1.5', 'vendorVersion', FORM.exact, { ...ofServer, ...single }),
  ],
  classes: [
    { oid: '2.5.6.0', names: ['top'], superior: '', kind: 'ABSTRACT', must: ['objectClass'] },
    { oid: '2.5.20.1', names: ['subschema'], superior: 'top', kind: 'AUXILIARY', may: words('matchingRules attributeTypes objectClasses ldapSyntaxes') },
  ],
};
