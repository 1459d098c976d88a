import type { TextKey } from '../texts';

/** What a refusal means in plain words, by its SIP status (RFC 3261 section 21); undefined: no answer came at all. */
export function failureText(status: number | undefined): TextKey {
  switch (status) {
    case undefined: return 'failConnection';
    case 401: case 403: case 407: return 'failNotAllowed';
    case 404: case 410: case 416: case 484: case 604: return 'failUnknown';
    case 408: case 487: return 'failNoAnswer';
    case 480: return 'failClosed';
    case 486: case 600: case 603: return 'failBusy';
    case 415: case 488: case 606: return 'failMedia';
    case 503: return 'failFull';
    default: return 'failOther';
  }
}

/** The text of a `Warning` header (RFC 3261 section 20.43): `399 etasilta "text"`. */
export const warningText = (header: string | undefined): string | undefined => /^\d{3} \S+ "(.*)"$/.exec(header ?? '')?.[1];
