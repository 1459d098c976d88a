import type { Credentials } from '../../directory';
import type { Attribute, Entry } from '../tree';
import type { ServerContext } from './context';
import type { Identity } from './identity';
import { attributeOf } from './selection';

/**
 * The MD5 digest of a device's password, HA1 of RFC 7616, as SIPIdentityPassword. H.350.4 means a password in clear there,
 * which nobody has; Kamailio's `pv_www_authenticate` takes HA1 with flag 1. Read from the database at each request, as the
 * tree never holds it.
 */
export async function devicePasswords(entry: Entry, { credentials }: Identity, { store }: ServerContext): Promise<Attribute[]> {
  if (!credentials || entry.kind !== 'device' || !entry.whole) return [];
  const row = await store.db.selectFrom('devices').select('credentials').where('address', '=', entry.key).executeTakeFirst();
  const digest = row?.credentials == null ? undefined : (JSON.parse(row.credentials) as Credentials).ha1Md5;
  return digest === undefined ? [] : [attributeOf('SIPIdentityPassword', [digest])];
}
