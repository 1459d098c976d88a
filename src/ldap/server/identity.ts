import { escapeDnValue, parseDn } from '../dn';
import { normaliseDn } from '../matching';
import type { Level, Tree, Visibility } from '../tree';
import type { Account, LdapServerOptions } from './options';

/** Who a connection speaks for. */
export interface Identity {
  /** Empty: nobody has bound. */
  dn: string;
  administrator: boolean;
  /** May read digests as SIPIdentityPassword. */
  credentials: boolean;
  visibility: Visibility;
}

const everything: Visibility = { levelOf: () => 'everything' };
const same = (level: Level): Visibility => ({ levelOf: () => level });

/** Sees everything of its organisations and those below them, and `others` of the rest. */
function ofAccount({ organisations, others }: Account): Visibility {
  const own = new Set(organisations);
  return {
    levelOf(organisation: string, tree: Tree): Level {
      let key: string | undefined = organisation;
      // Loops are refused when records are written; the bound only keeps a damaged database from holding the process.
      for (let steps = 0; key !== undefined && steps < 32; steps++) {
        if (own.has(key)) return 'everything';
        key = tree.organisation(key)?.parent;
      }
      return others;
    },
  };
}

export const anonymous = ({ anonymous: level }: Pick<LdapServerOptions, 'anonymous'>): Identity =>
  ({ dn: '', administrator: false, credentials: false, visibility: same(level) });

/** Whoever opened the unix socket that only the owner of the data may open. */
export const local = (suffix: string): Identity => ({ dn: `cn=local,ou=accounts,${suffix}`, administrator: true, credentials: false, visibility: everything });

const accountDn = (name: string, suffix: string): string => `cn=${escapeDnValue(name)},ou=accounts,${suffix}`;

/** The accounts of the configuration by their names. */
export class Accounts {
  private readonly byDn = new Map<string, { account: Account; identity: Identity }>();

  constructor({ accounts, suffix }: Pick<LdapServerOptions, 'accounts' | 'suffix'>) {
    for (const account of accounts) {
      const dn = accountDn(account.name, suffix);
      const administrator = account.role === 'administrator';
      this.byDn.set(normalised(dn) ?? dn, {
        account, identity: { dn, administrator, credentials: account.credentials, visibility: administrator ? everything : ofAccount(account) },
      });
    }
  }

  /** Undefined: nobody binds by this DN. */
  find(dn: string): { account: Account; identity: Identity } | undefined {
    return this.byDn.get(normalised(dn) ?? '');
  }
}

function normalised(text: string): string | undefined {
  const dn = parseDn(text);
  return dn && normaliseDn(dn);
}
