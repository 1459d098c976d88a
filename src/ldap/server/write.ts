import { LdapError } from '../errors';
import { type AddRequest, type Control, type DeleteRequest, type ModifyDnRequest, type ModifyRequest, type Request, RESULT, type Result } from '../protocol';
import type { ReadableTree } from '../tree';
import type { ServerContext } from './context';
import { checkControls, CONTROL } from './controls';
import type { Identity } from './identity';

export type WriteRequest = AddRequest | DeleteRequest | ModifyRequest | ModifyDnRequest;

export const isWrite = ({ op }: Request): boolean => op === 'add' || op === 'delete' || op === 'modify' || op === 'modifyDn';

/** Changes the directory for an administrator. Throws LdapError. */
export async function write(request: WriteRequest, controls: readonly Control[], identity: Identity, _context: ServerContext, _readable: () => Promise<ReadableTree>): Promise<Result> {
  checkControls(controls, [CONTROL.manageDsaIt]);
  if (!identity.administrator) throw new LdapError(RESULT.insufficientAccessRights, 'only administrators change the directory');
  throw new LdapError(RESULT.unwillingToPerform, `${request.op} is not taken`);
}
