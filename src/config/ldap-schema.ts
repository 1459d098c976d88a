import { z } from 'zod';

const LEVELS = ['nothing', 'services', 'phonebook', 'everything'] as const;

/** An account of the LDAP server: a name with a password, and what it may see. */
const account = z.strictObject({
  name: z.string().regex(/^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$/, 'a name of [a-z0-9.-]').describe('Binds as cn=NAME,ou=accounts,SUFFIX'),
  passwordHash: z.string().regex(/^scrypt:\d{4,6}:\d{1,2}:\d{1,2}:[A-Za-z0-9_-]{16,64}:[A-Za-z0-9_-]{43}$/, 'what "etasilta ldap password" prints').describe('Made by "etasilta ldap password"'),
  role: z.enum(['reader', 'administrator']).default('reader').describe('Administrators see everything and change the directory'),
  organisations: z.array(z.string()).max(1_000).default([]).describe('Keys of the organisations of which it sees everything, with those below them'),
  others: z.enum(LEVELS).default('services').describe('What it sees of all others: services that are shown, the whole phone book, everything'),
  credentials: z.boolean().default(false).describe('May read the MD5 digests (HA1) of its organisations\' devices as SIPIdentityPassword, for a registrar'),
});

/** Settings of the LDAP server. */
export const ldapSchema = z.strictObject({
  listen: z.array(z.string().regex(/^ldaps?:\/\/[^/\s]+$/, 'an address such as ldaps://192.0.2.1:1636')).max(16).default([])
    .describe('Where LDAP is served, such as ldap://127.0.0.1:1389 ldaps://192.0.2.1:1636; nowhere by default'),
  socket: z.string().min(1).optional().describe('Unix socket; whoever may open it (the user of this program) is administrator by SASL EXTERNAL'),
  tls: z.strictObject({
    certFile: z.string().describe('Certificate chain, PEM'),
    keyFile: z.string().describe('Private key, PEM'),
  }).optional().describe('Certificate for ldaps and StartTLS'),
  suffix: z.string().regex(/^(?:dc|o|ou)=[^=]+(?:,[A-Za-z]+=[^=]+)*$/i, 'a DN such as dc=palvelu,dc=example').optional().describe('DN of the topmost entry; default: made of domain'),
  anonymous: z.enum(LEVELS).default('nothing').describe('What is seen without a password'),
  clearTextBind: z.enum(['loopback', 'always']).default('loopback').describe('Where passwords may come without TLS'),
  accounts: z.array(account).max(1_000).default([]).describe('Who may bind'),
}).prefault({}).describe('The directory as LDAP');
