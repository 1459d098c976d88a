import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Child, freePorts, until } from '../harness';

const SCHEMAS = path.resolve(__dirname, '../../../directory-data/ldap');

export interface SlapdOptions {
  suffix: string;
  /** LDIF with which it begins. */
  ldif: string;
  password: string;
  /** Further lines for its database. */
  database?: string[];
}

/** An OpenLDAP server of its own, with our schema files loaded as any administrator would. */
export class Slapd {
  private constructor(readonly url: string, readonly rootDn: string, private readonly child: Child, private readonly folder: string) {}

  static async start({ suffix, ldif, password, database = [] }: SlapdOptions): Promise<Slapd> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-slapd-'));
    const port = await freePorts();
    const rootDn = `cn=manager,${suffix}`;
    const config = path.join(folder, 'slapd.conf');
    fs.mkdirSync(path.join(folder, 'data'));
    fs.writeFileSync(path.join(folder, 'data.ldif'), ldif);
    fs.writeFileSync(config, [
      ...['core', 'cosine', 'inetorgperson'].map((name) => `include /etc/ldap/schema/${name}.schema`),
      ...['h350', 'etasilta'].map((name) => `include ${path.join(SCHEMAS, `${name}.schema`)}`),
      'modulepath /usr/lib/ldap', 'moduleload back_mdb', 'moduleload sssvlv', `pidfile ${path.join(folder, 'slapd.pid')}`, 'sizelimit unlimited',
      'database mdb', 'overlay sssvlv', 'maxsize 268435456', `suffix "${suffix}"`, `rootdn "${rootDn}"`, `rootpw ${password}`, `directory ${path.join(folder, 'data')}`,
      ...database, '',
    ].join('\n'));
    try {
      execFileSync('slapadd', ['-q', '-f', config, '-l', path.join(folder, 'data.ldif')], { stdio: 'pipe' });
    } catch (error) {
      throw new Error(`slapadd: ${String((error as { stderr?: Buffer }).stderr)}`);
    }
    const child = new Child('slapd', ['-d', '0', '-h', `ldap://127.0.0.1:${port}`, '-f', config]);
    await until('slapd listens', () => child.running && new Promise<boolean>((resolve) => {
      const probe = net.connect(port, '127.0.0.1', () => { probe.destroy(); resolve(true); });
      probe.on('error', () => resolve(false));
    }));
    return new Slapd(`ldap://127.0.0.1:${port}`, rootDn, child, folder);
  }

  async stop(): Promise<void> {
    await this.child.stop();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
