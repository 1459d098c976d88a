import { escapeDnValue } from '../dn';
import type { LdapServerOptions } from './options';

/** The server's options as the configuration has them: `suffix` may be left out. */
export type LdapSettings = Omit<LdapServerOptions, 'suffix' | 'domain' | 'realm'> & { suffix?: string };

/** What `createLdapServer` takes; undefined: nothing is to be served. */
export function ldapServerOptions(settings: LdapSettings, domain: string, realm: string): LdapServerOptions | undefined {
  if (settings.listen.length === 0 && settings.socket === undefined) return undefined;
  return { ...settings, domain, realm, suffix: settings.suffix ?? suffixOf(domain) };
}

/** RFC 2247: `palvelu.example` is `dc=palvelu,dc=example`. */
export const suffixOf = (domain: string): string => domain.split('.').map((label) => `dc=${escapeDnValue(label)}`).join(',');
