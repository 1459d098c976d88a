import { warning } from '../../errors';
import { Phonebook, type PhonebookParts } from '../phonebook';
import { RateLimit } from '../rate-limit';
import type { Reader } from '../reader';
import { XmlError } from '../xml';
import { readMoviSearch } from './request';
import { moviResponse } from './response';

/** How the phone book is shown in Jabber Video; who reads is known by the device's own password. */
export type MoviSettings = Pick<Reader, 'language' | 'openState' | 'persons'>;

/** What src/sip calls an info service. */
export interface MoviPhonebook {
  readonly user: 'phonebook';
  readonly contentType: string;
  answer(device: string, body: string): Promise<MoviAnswer>;
}

export interface MoviAnswer {
  /** SIP status. */
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/** Typing is fast, and each letter is a request. */
const PER_SECOND = 10;
const AT_ONCE = 50;

/** The phone book of Jabber Video (Movi): INFO to `sip:phonebook@DOMAIN`, searched by the authenticated device. */
export function createMoviPhonebook(parts: PhonebookParts, settings: MoviSettings): MoviPhonebook {
  const phonebook = new Phonebook(parts);
  const requests = new RateLimit(PER_SECOND, AT_ONCE, parts.now);
  return {
    user: 'phonebook',
    contentType: 'application/tandberg-phonebook+xml',
    async answer(device, body): Promise<MoviAnswer> {
      if (!requests.allows(device)) return { status: 503, headers: { 'Retry-After': '5' } };
      try {
        const { text, group, limit, offset } = readMoviSearch(body);
        const book = await phonebook.open({ ...settings, name: device, device, protocols: ['sip'] });
        if (book?.folder(group) === undefined) return { status: 404 };
        return { status: 200, body: moviResponse(text === '' ? book.list(group, { limit, offset }) : await book.search(text, { folder: group, limit, offset })) };
      } catch (error) {
        if (error instanceof XmlError) return { status: 400, headers: { Warning: warning(error.message) } };
        throw error;
      }
    },
  };
}
