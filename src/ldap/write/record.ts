import { type AnyRecord, type Credentials, fieldsOf, hashPassword, kindOf, type LocalizedText, oidOf } from '../../directory';
import { parseDn } from '../dn';
import { LdapError } from '../errors';
import { RESULT } from '../protocol';
import { type AttributeType, knownType, lineage, nameOf, objectClass } from '../schema';
import type { Entry, ReadableTree } from '../tree';
import { allowedClasses } from '../tree';
import { type Draft, sameValue } from './draft';
import { WRITABLE, type Writable, type WritableKind } from './writable';

const OBJECT_CLASS = knownType('objectClass');
const USER_NAME = knownType('SIPIdentityUserName');
const PASSWORD = knownType('SIPIdentityPassword');

export interface RecordContext {
  tree: ReadableTree;
  /** Digest realm of passwords that are set. */
  realm: string;
}

/**
 * The record that a draft describes, not yet checked by the directory's own rules. `before` is the record as it was, empty
 * for a new one. Throws LdapError for what an entry of this kind cannot have.
 */
export function recordOf(kind: WritableKind, draft: Draft, before: AnyRecord, context: RecordContext): AnyRecord {
  const record: AnyRecord = { ...before };
  for (const writable of WRITABLE[kind].attributes) {
    if (isTouched(draft, writable.type)) record[writable.field] = fieldValue(kind, writable, draft, before, context) ?? null;
  }
  // What is shown where nothing was set is not set by sending it back.
  if (kind === 'device' && record.h323Id === record.address) record.h323Id = null;
  if (kind === 'organisation' && record.oid != null && record.oid === oidOf({ ...record, oid: undefined } as never)) record.oid = null;
  if (kind === 'device') record.credentials = credentials(draft, record, context.realm);
  return record;
}

const isTouched = (draft: Draft, type: AttributeType): boolean => [...draft.touched.values()].some((one) => one.type === type);

function fieldValue(kind: WritableKind, { type, field, form }: Writable, draft: Draft, before: AnyRecord, { tree }: RecordContext): unknown {
  const values = draft.values(type);
  const [value] = values;
  if (form === 'localized') return localized(type, draft, before[field] as LocalizedText | undefined);
  if (draft.optionsOf(type).some((option) => option !== '')) throw new LdapError(RESULT.constraintViolation, `${nameOf(type)} has no languages here`);
  if (form === 'list') return [...values];
  if (values.length > 1) throw new LdapError(RESULT.constraintViolation, `${nameOf(type)} has one value at most here`);
  if (value === undefined) return undefined;
  switch (form) {
    case 'flag':
      return value === 'TRUE';
    case 'organisation': {
      const dn = parseDn(value);
      const found = dn && tree.resolve(dn);
      if (found === undefined || !('entry' in found) || found.entry.kind !== 'organisation') throw new LdapError(RESULT.constraintViolation, `${nameOf(type)} names no organization`);
      return found.entry.key;
    }
    case 'parsed': {
      const reasons: string[] = [];
      const parsed = fieldsOf(kindOf(kind)).find(([name]) => name === field)?.[1].type.parse(value, (_, reason) => reasons.push(reason));
      if (reasons.length > 0) throw new LdapError(RESULT.constraintViolation, `${nameOf(type)}: ${reasons.join('; ')}`);
      return parsed;
    }
    default:
      return value;
  }
}

/**
 * Text by language: values with options, and the one without, which stands for the main language. Where a client changed
 * only that one, the main language's text is what it meant.
 */
function localized(type: AttributeType, draft: Draft, before: LocalizedText | undefined): LocalizedText | undefined {
  const texts: LocalizedText = {};
  for (const option of draft.optionsOf(type)) {
    const values = draft.values(type, option);
    if (values.length > 1) throw new LdapError(RESULT.constraintViolation, `${nameOf(type)} has one value a language here`);
    if (option !== '') texts[option.slice('lang-'.length)] = values[0];
  }
  const main = ['fi', 'sv', 'en', ...Object.keys(texts)].find((language) => texts[language] !== undefined) ?? 'fi';
  const [plain] = draft.values(type);
  if (draft.touches(type) && plain !== texts[main]) {
    const language = before === undefined ? 'fi' : main;
    if (texts[language] !== undefined && (before === undefined || draft.touches(type, `lang-${language}`))) {
      throw new LdapError(RESULT.constraintViolation, `${nameOf(type)} without a language has to be the one with lang-${language}`);
    }
    if (plain === undefined) delete texts[language];
    else texts[language] = plain;
  }
  return Object.keys(texts).length === 0 ? undefined : texts;
}

/** A password is turned into digests and kept nowhere; taking it away takes the digests away. */
function credentials(draft: Draft, record: AnyRecord, realm: string): Credentials | null {
  const before = (record.credentials ?? null) as Credentials | null;
  const [userName] = draft.values(USER_NAME);
  if (!draft.touches(PASSWORD)) {
    if (draft.touches(USER_NAME) && userName !== before?.username) throw new LdapError(RESULT.constraintViolation, 'SIPIdentityUserName is changed together with SIPIdentityPassword: digests are of both');
    return before;
  }
  const [password, ...more] = draft.values(PASSWORD);
  if (more.length > 0) throw new LdapError(RESULT.constraintViolation, 'SIPIdentityPassword has one value at most here');
  return password === undefined ? null : hashPassword(userName ?? (String(record.address).split('@')[0] as string), realm, password);
}

/** Refuses what the client said of the entry and what is not so of the entry as it became. */
export function checkDerived(kind: WritableKind, draft: Draft, entry: Entry): void {
  const { naming, attributes } = WRITABLE[kind];
  for (const { type, option } of draft.touched.values()) {
    if (type === OBJECT_CLASS || type === PASSWORD || type === USER_NAME || attributes.some((one) => one.type === type)) continue;
    const given = draft.values(type, option);
    const shown = [...entry.attributesOf(type)].find((one) => one.option === option)?.values ?? [];
    const same = given.length === shown.length && given.every((value) => shown.some((one) => sameValue(type, one, value)));
    if (same) continue;
    if (type === naming) throw new LdapError(RESULT.notAllowedOnRdn, `${nameOf(type)} is what the entry is named by`);
    if (!entry.hasType(type)) throw new LdapError(RESULT.objectClassViolation, `an entry of this kind has no ${nameOf(type)}`);
    throw new LdapError(RESULT.constraintViolation, `${nameOf(type)} follows from other attributes and is ${shown.length === 0 ? 'not there' : `"${shown.join('", "')}"`}`);
  }
}

/** Classes of a new entry: the structural one of its kind, and of the others none that its kind does not have. */
export function checkClasses(kind: WritableKind, draft: Draft): void {
  const given = draft.values(OBJECT_CLASS).map((name) => objectClass(name));
  const { structural, classes } = allowedClasses(kind);
  const strange = draft.values(OBJECT_CLASS).find((_, i) => !classes.some((name) => objectClass(name) === given[i]));
  if (strange !== undefined) throw new LdapError(RESULT.objectClassViolation, `an entry here is not of class ${strange}; it may be of ${classes.join(', ')}`);
  if (!given.includes(objectClass(structural)) && !given.some((one) => one !== undefined && lineage(nameOf(one)).includes(objectClass(structural) as never))) {
    throw new LdapError(RESULT.objectClassViolation, `an entry here is of class ${structural}`);
  }
}

export { OBJECT_CLASS };
