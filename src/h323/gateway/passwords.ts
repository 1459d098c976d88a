import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { H323Error } from './errors';
import type { H323Store } from './store';

const KEY_FILE = 'h323-secrets.key';
const KEY_OCTETS = 32;
const IV_OCTETS = 12;
const TAG_OCTETS = 16;

/**
 * The key that device passwords are encrypted with: made once for the installation, readable by its user only. It is no part of the
 * database, so that a copy of that tells no password.
 */
export function secretsKey(dataDir: string): Buffer {
  const file = path.join(dataDir, KEY_FILE);
  try {
    fs.mkdirSync(dataDir, { recursive: true, mode: 0o750 });
    fs.writeFileSync(file, randomBytes(KEY_OCTETS), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw new H323Error('secrets-key', `${file} cannot be written: ${(error as Error).message}`, { cause: error });
  }
  const key = fs.readFileSync(file);
  if (key.length !== KEY_OCTETS) throw new H323Error('secrets-key', `${file} is no key of ${KEY_OCTETS} octets.`, { hint: 'Restore it from a back-up; without it every H.323 password must be set again.' });
  return key;
}

/** Passwords by which H.323 devices prove who they are, encrypted with AES-256-GCM; each fits its own device only. */
export class DevicePasswords {
  constructor(private readonly store: H323Store, private readonly key: Buffer) {}

  /** The password of a device; undefined when it has none. Throws H323Error when it was encrypted with another key. */
  async of(device: string): Promise<string | undefined> {
    const row = await this.store.db.selectFrom('passwords').select('sealed').where('device', '=', device).executeTakeFirst();
    return row && this.open(device, row.sealed);
  }

  async all(): Promise<Map<string, string>> {
    const rows = await this.store.db.selectFrom('passwords').selectAll().execute();
    return new Map(rows.map(({ device, sealed }) => [device, this.open(device, sealed)]));
  }

  async devices(): Promise<string[]> {
    return (await this.store.db.selectFrom('passwords').select('device').orderBy('device').execute()).map(({ device }) => device);
  }

  async set(device: string, password: string): Promise<void> {
    const sealed = this.seal(device, password);
    await this.store.db.insertInto('passwords').values({ device, sealed }).onConflict((conflict) => conflict.column('device').doUpdateSet({ sealed })).execute();
  }

  /** True when there was one. */
  async remove(device: string): Promise<boolean> {
    const { numDeletedRows } = await this.store.db.deleteFrom('passwords').where('device', '=', device).executeTakeFirst();
    return numDeletedRows > 0n;
  }

  private seal(device: string, password: string): string {
    const iv = randomBytes(IV_OCTETS);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv).setAAD(Buffer.from(device));
    const body = Buffer.concat([cipher.update(password, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
  }

  private open(device: string, sealed: string): string {
    const octets = Buffer.from(sealed, 'base64url');
    const body = IV_OCTETS + TAG_OCTETS;
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.key, octets.subarray(0, IV_OCTETS), { authTagLength: TAG_OCTETS })
        .setAAD(Buffer.from(device)).setAuthTag(octets.subarray(IV_OCTETS, body));
      return Buffer.concat([decipher.update(octets.subarray(body)), decipher.final()]).toString('utf8');
    } catch (cause) {
      throw new H323Error('sealed-password', `The H.323 password of ${device} was encrypted with another key than ${KEY_FILE}.`, {
        cause, hint: `Set it again: "etasilta h323 password ${device} --password".`,
      });
    }
  }
}
