import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const LIMIT_MS = 180_000;

/** Runs a program; whether it ended well. */
export type Run = (program: string, ...args: string[]) => boolean;

/**
 * Packages of Debian without installing them: `work` gets a folder and apt-get with lists of its own. `type` is `deb` or `deb-src`,
 * `suite` a release, by default this machine's. Undefined where there is no Debian mirror to be had.
 */
export function withDebian<T>(type: 'deb' | 'deb-src', suite: string | undefined, work: (folder: string, apt: (...args: string[]) => boolean, run: Run) => T): T | undefined {
  const mirror = /^URIs:\s*(\S+)/m.exec(readOr('/etc/apt/sources.list.d/debian.sources'))?.[1];
  const release = suite ?? /^VERSION_CODENAME=(\w+)/m.exec(readOr('/etc/os-release'))?.[1];
  if (!mirror || !release || !fs.existsSync(KEYRING)) return undefined;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-debian-'));
  try {
    for (const part of ['lists/partial', 'cache/archives/partial', 'etc/preferences.d']) fs.mkdirSync(path.join(folder, part), { recursive: true });
    fs.writeFileSync(path.join(folder, 'status'), '');
    fs.writeFileSync(path.join(folder, 'etc/sources.list'), `${type} [signed-by=${KEYRING}] ${mirror} ${release} main\n`);
    const options = Object.entries({
      'Dir::Etc': `${folder}/etc`, 'Dir::Etc::sourcelist': 'sources.list', 'Dir::State': folder, 'Dir::State::status': `${folder}/status`,
      'Dir::State::lists': `${folder}/lists`, 'Dir::Cache': `${folder}/cache`, 'Debug::NoLocking': '1', 'APT::Sandbox::User': '',
      'Acquire::Languages': 'none', 'Acquire::Retries': '0', 'Acquire::http::Timeout': '10',
    }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const run: Run = (program, ...args) => spawnSync(program, args, { cwd: folder, timeout: LIMIT_MS, stdio: 'ignore' }).status === 0;
    const apt = (...args: string[]): boolean => run('apt-get', ...options, '-qq', ...args);
    return apt('update') ? work(folder, apt, run) : undefined;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function readOr(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
