import { type AnyRecord, DirectoryError, type DirectoryErrorCode, DirectoryRepository, type DirectoryStore, kindOf } from '../../directory';
import { readRecord } from '../../directory/record';
import { parseDn } from '../dn';
import { LdapError } from '../errors';
import { normaliserOf } from '../matching';
import { type AddRequest, type DeleteRequest, type ModifyDnRequest, type ModifyRequest, RESULT, type Result, type ResultCode, SUCCESS } from '../protocol';
import type { Entry, Place, ReadableTree } from '../tree';
import { Draft } from './draft';
import { checkClasses, checkDerived, OBJECT_CLASS, recordOf } from './record';
import { WRITABLE, type WritableKind } from './writable';

export type WriteRequest = AddRequest | DeleteRequest | ModifyRequest | ModifyDnRequest;

export interface WriteContext {
  store: DirectoryStore;
  tree: ReadableTree;
  realm: string;
}

/**
 * Changes the directory as an administrator asks, through the same checks as the command line: each request is one
 * transaction. Throws LdapError; answers with a result where part of a DN matched.
 */
export async function write(request: WriteRequest, context: WriteContext): Promise<Result> {
  try {
    switch (request.op) {
      case 'add':
        return await add(request, context);
      case 'delete':
        return await remove(request, context);
      case 'modify':
        return await modify(request, context);
      case 'modifyDn':
        return await move(request, context);
    }
  } catch (error) {
    throw error instanceof DirectoryError ? refusal(error, request) : error;
  }
}

const CODES: Record<DirectoryErrorCode, ResultCode> = {
  'directory-invalid': RESULT.constraintViolation, 'directory-conflict': RESULT.constraintViolation, 'directory-dangling': RESULT.constraintViolation,
  'directory-referred': RESULT.unwillingToPerform, 'directory-unknown': RESULT.noSuchObject,
};

function refusal(error: DirectoryError, { op }: WriteRequest): LdapError {
  const { code, kind, message } = error;
  if (op === 'add' && code === 'directory-conflict' && error.faults.some(({ reason }) => reason === 'is there already')) return new LdapError(RESULT.entryAlreadyExists, message);
  if (code === 'directory-referred' && (kind === 'organisation' || kind === 'site')) return new LdapError(RESULT.notAllowedOnNonLeaf, message);
  return new LdapError(CODES[code], message);
}

/** A DN that names an entry that can be written, or the result that says why it does not. */
function target(dn: string, tree: ReadableTree): { kind: WritableKind; key: string; entry: Entry } | Result {
  const parsed = parseDn(dn);
  if (parsed === undefined) throw new LdapError(RESULT.invalidDnSyntax, 'the name is no DN');
  const found = tree.resolve(parsed);
  if ('matchedDn' in found) return { code: RESULT.noSuchObject, matchedDn: found.matchedDn };
  const { kind, key } = found.entry;
  if (kind === 'root' || kind === 'services' || kind === 'people') throw new LdapError(RESULT.unwillingToPerform, 'this entry is part of the tree itself');
  return { kind, key, entry: found.entry };
}

/** Which kind of entry stands below a place, and which field of it names the place. */
const BELOW: Partial<Record<Place['kind'], readonly (readonly [kind: WritableKind, field?: string])[]>> = {
  root: [['organisation']], organisation: [['site', 'organisation']], site: [['device', 'site']], services: [['service', 'organisation']], people: [['person', 'organisation']],
};

async function add({ dn, attributes }: AddRequest, { store, tree, realm }: WriteContext): Promise<Result> {
  const parsed = parseDn(dn);
  const [rdn = []] = parsed ?? [];
  const [ava] = rdn;
  if (parsed === undefined || ava === undefined) throw new LdapError(RESULT.invalidDnSyntax, 'the name is no DN');
  const parent = tree.resolve(parsed.slice(1));
  if ('matchedDn' in parent) return { code: RESULT.noSuchObject, matchedDn: parent.matchedDn };
  const [kind, field] = BELOW[parent.place.kind]?.find(([one]) => WRITABLE[one].naming === ava.type) ?? [];
  if (kind === undefined || rdn.length !== 1) {
    if ('entry' in tree.resolve(parsed)) throw new LdapError(RESULT.entryAlreadyExists, 'there is such an entry');
    throw new LdapError(RESULT.namingViolation, 'no entry is named so below that one');
  }
  const draft = new Draft();
  for (const attribute of attributes) draft.apply({ operation: 'add', attribute });
  checkClasses(kind, draft);
  const { key } = WRITABLE[kind];
  const before: AnyRecord = { [key]: normaliserOf(ava.type?.equality)?.(ava.value) ?? ava.value, ...(field !== undefined && { [field]: parent.entry.key }) };
  const record = checked(kind, recordOf(kind, draft, before, { tree, realm }));
  checkDerived(kind, draft, tree.show(kind, record));
  await new DirectoryRepository(store).add(kind, record as never);
  return SUCCESS;
}

async function modify({ dn, changes }: ModifyRequest, { store, tree, realm }: WriteContext): Promise<Result> {
  const found = target(dn, tree);
  if ('code' in found) return found;
  const { kind, key } = found;
  // The record is read again inside the transaction: what another client changed meanwhile is not undone.
  await new DirectoryRepository(store).update(kind, key, (record) => {
    const before = record as unknown as AnyRecord;
    const draft = Draft.of(tree.show(kind, before));
    for (const change of changes) draft.apply(change);
    if (draft.touches(OBJECT_CLASS)) throw new LdapError(RESULT.objectClassModsProhibited, 'the classes of an entry follow from its place');
    const after = checked(kind, recordOf(kind, draft, before, { tree, realm }));
    checkDerived(kind, draft, tree.show(kind, after));
    return after as never;
  });
  return SUCCESS;
}

/** The record in its canonical form. Throws DirectoryError. */
function checked(kind: WritableKind, given: AnyRecord): AnyRecord {
  const { record, faults } = readRecord(kindOf(kind), given);
  if (record === undefined) throw new DirectoryError('directory-invalid', kind, String(given[WRITABLE[kind].key]), faults);
  return record;
}

async function remove({ dn }: DeleteRequest, { store, tree }: WriteContext): Promise<Result> {
  const found = target(dn, tree);
  if ('code' in found) return found;
  await new DirectoryRepository(store).remove(found.kind, found.key);
  return SUCCESS;
}

/** Moves an entry below another; its own name stays, as a key is never changed. */
async function move({ dn, newRdn, newSuperior }: ModifyDnRequest, { store, tree }: WriteContext): Promise<Result> {
  const found = target(dn, tree);
  if ('code' in found) return found;
  const { kind, key, entry } = found;
  const [[ava, ...more] = [], ...rest] = parseDn(newRdn) ?? [];
  if (ava === undefined || more.length > 0 || rest.length > 0) throw new LdapError(RESULT.invalidDnSyntax, 'the new name is none of an entry');
  if (ava.type !== WRITABLE[kind].naming || normaliserOf(ava.type?.equality)?.(ava.value)?.toLowerCase() !== key) {
    throw new LdapError(RESULT.unwillingToPerform, 'a key cannot be changed; add an entry of the new name and delete this one');
  }
  if (newSuperior === undefined) return SUCCESS;
  const parsed = parseDn(newSuperior);
  if (parsed === undefined) throw new LdapError(RESULT.invalidDnSyntax, 'the new superior is no DN');
  const parent = tree.resolve(parsed);
  if ('matchedDn' in parent) return { code: RESULT.noSuchObject, matchedDn: parent.matchedDn };
  const [, field] = BELOW[parent.place.kind]?.find(([one]) => one === kind) ?? [undefined, undefined];
  if (field === undefined) {
    if (kind === 'organisation' && parent.place.kind === 'root') return SUCCESS;
    throw new LdapError(RESULT.namingViolation, `an entry like ${entry.dn} does not stand there`);
  }
  await new DirectoryRepository(store).update(kind, key, (record) => ({ ...record, [field]: parent.entry.key }));
  return SUCCESS;
}
