import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * The ASN.1 modules as the ITU published them, in the form in which Debian ships them: in the source package of wireshark. They are
 * fetched once (47 MB) with a source list of its own and kept in the cache folder; nothing is installed. `ETASILTA_H323_ASN1` names a
 * folder that has them already.
 */
const CACHE = path.resolve(__dirname, '../../../node_modules/.cache/h323-asn1');
const MODULES = { h225: 'H323-MESSAGES', h235: 'H235-SECURITY-MESSAGES', h245: 'MULTIMEDIA-SYSTEM-CONTROL' } as const;
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const FETCH_LIMIT_MS = 180_000;

/** Name to text, or why they cannot be had. */
export function publishedModules(): Record<string, string> | { missing: string } {
  const folder = process.env.ETASILTA_H323_ASN1 ?? CACHE;
  if (!hasAll(folder)) {
    const fault = process.env.ETASILTA_H323_ASN1 ? 'not in the folder of ETASILTA_H323_ASN1' : fetch(folder);
    if (fault !== undefined) return { missing: fault };
  }
  return Object.fromEntries(Object.values(MODULES).map((name) => [name, fs.readFileSync(path.join(folder, `${name}.asn`), 'latin1')]));
}

const hasAll = (folder: string): boolean => Object.values(MODULES).every((name) => fs.existsSync(path.join(folder, `${name}.asn`)));

/** Puts the modules into `folder`; returns why it could not. */
function fetch(folder: string): string | undefined {
  const mirror = /^URIs:\s*(\S+)/m.exec(readOr('/etc/apt/sources.list.d/debian.sources'))?.[1];
  const suite = /^VERSION_CODENAME=(\w+)/m.exec(readOr('/etc/os-release'))?.[1];
  if (!mirror || !suite || !fs.existsSync(KEYRING)) return 'no Debian package source here';
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-asn1-'));
  try {
    for (const part of ['lists/partial', 'cache/archives/partial', 'etc/preferences.d']) fs.mkdirSync(path.join(scratch, part), { recursive: true });
    fs.writeFileSync(path.join(scratch, 'status'), '');
    fs.writeFileSync(path.join(scratch, 'etc/sources.list'), `deb-src [signed-by=${KEYRING}] ${mirror} ${suite} main\n`);
    const options = Object.entries({
      'Dir::Etc': `${scratch}/etc`, 'Dir::Etc::sourcelist': 'sources.list', 'Dir::State': scratch, 'Dir::State::status': `${scratch}/status`,
      'Dir::State::lists': `${scratch}/lists`, 'Dir::Cache': `${scratch}/cache`, 'Debug::NoLocking': '1', 'APT::Sandbox::User': '',
      'Acquire::Languages': 'none', 'Acquire::Retries': '0', 'Acquire::http::Timeout': '10',
    }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const run = (program: string, ...args: string[]) => spawnSync(program, args, { cwd: scratch, timeout: FETCH_LIMIT_MS, stdio: 'ignore' }).status === 0;
    if (!run('apt-get', ...options, 'update', '-qq') || !run('apt-get', ...options, 'source', '--download-only', '-qq', 'wireshark')) {
      return 'the source package of wireshark could not be fetched';
    }
    const archive = fs.readdirSync(scratch).find((name) => name.includes('.orig.tar'));
    const members = Object.entries(MODULES).map(([part, name]) => `*/asn1/${part}/${name}.asn`);
    if (!archive || !run('tar', '-xf', archive, '--wildcards', '--transform', 's#.*/##', ...members)) return 'the source package of wireshark could not be unpacked';
    fs.mkdirSync(folder, { recursive: true });
    for (const name of Object.values(MODULES)) fs.copyFileSync(path.join(scratch, `${name}.asn`), path.join(folder, `${name}.asn`));
    return undefined;
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

function readOr(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The types of a module: their names here (no hyphens) to their names there. */
export function typesOf(text: string): Map<string, string> {
  return new Map([...text.matchAll(/^([A-Z][\w-]*)\s*::=/gm)].map(([, name]) => [name!.replaceAll('-', ''), name!]));
}
