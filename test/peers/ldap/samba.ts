import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Child, until } from '../harness';
import { asUser, ldapsearch, runLdapUtil, type LdapUser, type Outcome } from './ldap-utils';

const run = promisify(execFile);
const PASSWORD = 'Kissakala-42';
/** Of its own, so that the port of LDAP, which cannot be chosen, is free there. */
const HOST = '127.77.0.1';

/** `samba-tool`, but without access lists of the file shares, which need a file system that can keep them; nobody reads those shares. */
const PROVISION = `import sys
import samba.provision
samba.provision.setsysvolacl = lambda *args, **kwargs: None
from samba.netcmd.main import cmd_sambatool
sys.exit(cmd_sambatool()._run('samba-tool', *sys.argv[1:]))
`;

/** What a program said that must not fail. */
function said(outcome: Outcome): string {
  if (outcome.code !== 0) throw new Error(`samba answers ${outcome.code}: ${outcome.output}`);
  return outcome.said;
}

/** A domain controller of an Active Directory, LDAP alone. */
export class Samba {
  readonly url = `ldap://${HOST}`;
  readonly base = 'dc=kunta,dc=example';
  readonly bindName = 'administrator@kunta.example';
  readonly password = PASSWORD;

  private constructor(private readonly child: Child, private readonly folder: string) {}

  static async start(): Promise<Samba> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-samba-'));
    const program = path.join(folder, 'provision.py');
    fs.writeFileSync(program, PROVISION);
    const option = (text: string): string => `--option=${text}`;
    await run('/usr/bin/python3', [
      program, 'domain', 'provision', '--realm=KUNTA.EXAMPLE', '--domain=KUNTA', '--server-role=dc', '--dns-backend=NONE', '--host-name=dc1', `--host-ip=${HOST}`, `--adminpass=${PASSWORD}`,
      `--targetdir=${folder}`, option(`interfaces=${HOST}/8`), option('bind interfaces only=yes'),
    ], { maxBuffer: 1 << 24 });
    const config = path.join(folder, 'etc/smb.conf');
    fs.writeFileSync(config, fs.readFileSync(config, 'utf8').replace('[global]', [
      '[global]', `pid directory = ${folder}`, `ncalrpc dir = ${path.join(folder, 'ncalrpc')}`, `log file = ${path.join(folder, 'log')}`,
    ].join('\n')).replace(/server services = .*/, 'server services = ldap\nldap server require strong auth = no'));
    const samba = new Samba(new Child('samba', ['-i', '-M', 'single', '-s', config, '--debug-stdout']), folder);
    await until('samba answers', () => {
      if (!samba.child.running) throw new Error(`samba has ended: ${samba.child.output}`);
      return samba.search('', 'base', ['highestCommittedUSN']).then(() => true, () => false);
    }, 60_000);
    return samba;
  }

  /** What ldapsearch prints. */
  async search(base: string, scope: string, attributes: readonly string[]): Promise<string> {
    return said(await ldapsearch(this.user, '-b', base, '-s', scope, '(objectClass=*)', ...attributes));
  }

  async modify(ldif: string): Promise<void> {
    said(await runLdapUtil('ldapmodify', asUser(this.user), { input: ldif }));
  }

  private get user(): LdapUser {
    return { url: this.url, dn: this.bindName, password: PASSWORD };
  }

  async stop(): Promise<void> {
    await this.child.stop();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
