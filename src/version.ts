import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The program's version, from its package. */
export const version = (JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8')) as { version: string }).version;

/** What the gateway calls itself in SIP (RFC 3261 section 20.41). */
export const userAgent = `Etasilta/${version}`;
