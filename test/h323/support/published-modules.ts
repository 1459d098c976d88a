import fs from 'node:fs';
import path from 'node:path';
import { withDebian } from './debian';

/**
 * The ASN.1 modules as the ITU published them, in the form in which Debian ships them: in the source package of wireshark. They are
 * fetched once (47 MB) with a source list of its own and kept in the cache folder; nothing is installed. `ETASILTA_H323_ASN1` names a
 * folder that has them already.
 */
const CACHE = path.resolve(__dirname, '../../../node_modules/.cache/h323-asn1');
const MODULES = { h225: 'H323-MESSAGES', h235: 'H235-SECURITY-MESSAGES', h245: 'MULTIMEDIA-SYSTEM-CONTROL' } as const;

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
  const fetched = withDebian('deb-src', undefined, (scratch, apt, run) => {
    if (!apt('source', '--download-only', 'wireshark')) return false;
    const archive = fs.readdirSync(scratch).find((name) => name.includes('.orig.tar'));
    const members = Object.entries(MODULES).map(([part, name]) => `*/asn1/${part}/${name}.asn`);
    if (!archive || !run('tar', '-xf', archive, '--wildcards', '--transform', 's#.*/##', ...members)) return false;
    fs.mkdirSync(folder, { recursive: true });
    for (const name of Object.values(MODULES)) fs.copyFileSync(path.join(scratch, `${name}.asn`), path.join(folder, `${name}.asn`));
    return true;
  });
  return fetched ? undefined : "Debian's source package of wireshark cannot be had";
}

/** The types of a module: their names here (no hyphens) to their names there. */
export function typesOf(text: string): Map<string, string> {
  return new Map([...text.matchAll(/^([A-Z][\w-]*)\s*::=/gm)].map(([, name]) => [name!.replaceAll('-', ''), name!]));
}
