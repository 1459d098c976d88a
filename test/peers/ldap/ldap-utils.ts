import { execFile } from 'node:child_process';

const LIMIT_MS = 15_000;

/** What a program of ldap-utils said, and the LDAP result code that it exits with. */
export interface Outcome {
  code: number;
  /** Standard output. */
  said: string;
  /** Standard output, then standard error. */
  output: string;
}

/** Runs one program of ldap-utils, which reads no settings of the machine's. Rejects where it was not run to its end: it is missing, or took too long. */
export function runLdapUtil(program: string, args: readonly string[], { input = '', env = {} }: { input?: string; env?: NodeJS.ProcessEnv } = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { env: { ...process.env, LDAPCONF: '/dev/null', ...env }, timeout: LIMIT_MS, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ code: Number(error?.code ?? 0), said: stdout, output: `${stdout}${stderr}` });
    });
    // A program that refuses its arguments reads nothing.
    child.stdin?.on('error', () => undefined).end(input);
  });
}

/** Who asks which server. */
export interface LdapUser {
  url: string;
  dn: string;
  password: string;
}
export const asUser = ({ url, dn, password }: LdapUser): string[] => ['-x', '-H', url, '-D', dn, '-w', password];

/** Searches by ldapsearch; `said` is LDIF of one line a value. */
export const ldapsearch = (user: LdapUser, ...args: string[]): Promise<Outcome> => runLdapUtil('ldapsearch', [...asUser(user), '-LLL', '-o', 'ldif-wrap=no', ...args]);
