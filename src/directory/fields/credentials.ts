import { createHash } from 'node:crypto';
import type { Credentials } from '../model';
import { below, type FieldType, quoted, readMapping } from './types';
import { text } from './text';

const name = text(128);
const HEX = { ha1Md5: /^[0-9a-f]{32}$/, ha1Sha256: /^[0-9a-f]{64}$/ };

/** Turns a password into both HA1 values (RFC 7616 section 3.4.2); the password itself is kept nowhere. */
export function hashPassword(username: string, realm: string, password: string): Credentials {
  const secret = `${username}:${realm}:${password}`;
  const hash = (algorithm: string): string => createHash(algorithm).update(secret).digest('hex');
  return { username, realm, ha1Md5: hash('md5'), ha1Sha256: hash('sha256') };
}

/** Digest credentials. A wrong HA1 is never quoted in a fault. */
export const credentials: FieldType<Credentials> = {
  accepts: 'username, realm, ha1Md5, ha1Sha256',
  storage: 'json',
  read(value, report) {
    const fields = readMapping(value, ['username', 'realm', 'ha1Md5', 'ha1Sha256'] as const, report);
    if (!fields) return undefined;
    const read: Partial<Credentials> = {};
    for (const field of ['username', 'realm'] as const) {
      const given = fields[field];
      const words = given === undefined ? undefined : name.read(given, below(report, field));
      if (given === undefined) report(`.${field}`, 'is missing');
      else if (words !== undefined && /["\\:]/.test(words) && field === 'username') report('.username', `${quoted(words)} has a character of "\\:`);
      else if (words !== undefined) read[field] = words;
    }
    for (const field of ['ha1Md5', 'ha1Sha256'] as const) {
      const given = fields[field];
      if (given === undefined) continue;
      const hex = typeof given === 'string' ? given.trim().toLowerCase() : '';
      if (HEX[field].test(hex)) read[field] = hex;
      else report(`.${field}`, `is not ${field === 'ha1Md5' ? 32 : 64} hexadecimal digits`);
    }
    if (fields.ha1Md5 === undefined && fields.ha1Sha256 === undefined) report('', 'neither ha1Md5 nor ha1Sha256 is given');
    return read.username !== undefined && read.realm !== undefined && (read.ha1Md5 ?? read.ha1Sha256) !== undefined ? (read as Credentials) : undefined;
  },
  // Text never carries credentials as a whole: CSV gives them a column each.
  format: () => '(set)',
  parse: (value, report) => {
    report('', `${quoted(value)}: set a password instead`);
    return undefined;
  },
};
