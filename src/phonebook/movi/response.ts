import type { Page } from '../book';
import { document, element } from '../xml';

/**
 * The answer to a search of Jabber Video. UNVERIFIED: of its form only the names `searchResponse`, `DisplayName` and (from
 * requests) `ContactMethodGroups` are known; no answer of a real server was at hand. Everything that may have to change
 * once there is one is in this file.
 */
export const moviResponse = ({ folders, entries, isLast }: Page): string => document(element('searchResponse', [
  element('hasMore', !isLast),
  folders.map(({ id, name }) => element('group', [element('groupId', id), element('DisplayName', name)])),
  entries.map(({ id, label, methods }) => element('entry', [
    element('entryId', id), element('DisplayName', label),
    element('ContactMethodGroups', element('ContactMethodGroup', methods.map(({ protocol, dial }) =>
      element('ContactMethod', [element('Protocol', protocol.toUpperCase()), element('Address', `${protocol}:${dial}`)])))),
  ])),
]));
