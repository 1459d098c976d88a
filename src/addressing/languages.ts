import { ISO_639_1, ISO_639_3_PACKED } from './iso-639';

const CODES = new Set<string>(ISO_639_1);
for (const group of ISO_639_3_PACKED.matchAll(/([A-Z]{2})([a-z]+)/g)) {
  const prefix = (group[1] ?? '').toLowerCase();
  for (const last of group[2] ?? '') CODES.add(prefix + last);
}

/** True for an ISO 639-1 or 639-3 code in lower case; 639-3 has the sign languages too (fse, fss). */
export function isLanguage(code: string): boolean {
  return CODES.has(code);
}
