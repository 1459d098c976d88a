import fs from 'node:fs';
import path from 'node:path';

/** baresip's H.264 and file camera: a program as far as tests are concerned. */
export const VIDEO_MODULE = '/usr/lib/baresip/modules/avcodec.so';

/** Kamailio's reader of H.350 directories. */
export const KAMAILIO_H350 = '/usr/lib/x86_64-linux-gnu/kamailio/modules/h350.so';

/** What makes Samba a domain controller. */
export const SAMBA_SETUP = '/usr/share/samba/setup/provision.ldif';
export const SAMBA_MODULES = '/usr/lib/x86_64-linux-gnu/samba/ldb/samba_dsdb.so';

const PACKAGES: Record<string, string> = {
  sipp: 'sip-tester', baresip: 'baresip-core', [VIDEO_MODULE]: 'baresip-ffmpeg', openssl: 'openssl', ffmpeg: 'ffmpeg', chromium: 'chromium',
  erlc: 'erlang-asn1', erl: 'erlang-asn1', tshark: 'tshark',
  samba: 'samba', [SAMBA_SETUP]: 'samba-ad-provision', [SAMBA_MODULES]: 'samba-dsdb-modules',
  slapd: 'slapd', ldapsearch: 'ldap-utils', ldapmodify: 'ldap-utils', kamailio: 'kamailio', [KAMAILIO_H350]: 'kamailio-ldap-modules',
};

/** The program's full path, or undefined where it is not on the PATH. */
export function findProgram(name: string): string | undefined {
  if (path.isAbsolute(name)) return fs.existsSync(name) ? name : undefined;
  return (process.env.PATH ?? '').split(path.delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => path.join(folder, name))
    .find((file) => fs.existsSync(file));
}

/**
 * A suite that needs real programs beside it. Where one is missing, the suite is skipped under its own name with the
 * program's; in continuous integration (`CI=true`) it fails instead, so that nothing is left out there unseen.
 */
export function describePeer(programs: string | readonly string[], name: string, suite: () => void): void {
  const missing = (typeof programs === 'string' ? [programs] : programs).filter((program) => findProgram(program) === undefined);
  if (missing.length === 0) {
    describe(name, suite);
    return;
  }
  const reason = `${missing.join(' and ')} not installed`;
  if (process.env.CI === 'true') {
    describe(name, () => {
      test(`needs ${missing.join(' and ')}`, () => {
        throw new Error(`${reason}; on Debian: apt-get install ${missing.map((program) => PACKAGES[program] ?? program).join(' ')}`);
      });
    });
    return;
  }
  describe.skip(`${name} (${reason})`, suite);
}
