import { inLanguage, openAt, timeText } from '../desk';
import type { LiveDirectory } from '../directory/live';
import type { PageLanguage } from './texts';

/** A service as the page lists it. */
export interface ListedService {
  address: string;
  name: string;
  organisation: string;
  /** ISO 639, those that it is served in. */
  languages: string[];
  open: boolean;
  /** Of a closed one, in words: `ma 23.11.2026 klo 9.00`. */
  opens?: string;
}

export const MAX_LISTED = 50;

/** Services that fit the text, best first, or the first ones without a text; never hidden or disabled ones. */
export async function listServices(directory: Pick<LiveDirectory, 'search' | 'view'>, text: string, language: PageLanguage, at: Date): Promise<ListedService[]> {
  const hits = await directory.search(text, { kinds: ['service'], limit: MAX_LISTED, language });
  const view = await directory.view();
  return hits.flatMap(({ entry, name, organisation }) => {
    if (entry?.kind !== 'service') return [];
    const { address, languages, hours } = entry.service;
    const { open, opensAt, timezone } = openAt(hours, at);
    return [{
      address, name, languages, open,
      organisation: inLanguage(view.organisation(organisation)?.names ?? {}, language) ?? organisation,
      ...(opensAt && { opens: timeText(opensAt, language, timezone) }),
    }];
  });
}
