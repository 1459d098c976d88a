import { document, element } from '../xml';
import type { VendorFormat } from './format';

/** Yealink remote phone book: `remote_phonebook.data.1.url` ends with `/yealink`; searched with `?q=#SEARCH`. */
export const yealink: VendorFormat = {
  name: 'yealink',
  // These phones know no next page of a list.
  page: 500,
  type: 'text/xml; charset=utf-8',
  menu: ({ title, links, next }) => document(element('YealinkIPPhoneMenu', [
    element('Title', title), [...links, ...(next ? [next] : [])].map(({ name, url }) => element('MenuItem', [element('Name', name), element('URL', url)])),
  ])),
  entries: ({ title, entries }) => document(element('YealinkIPPhoneDirectory', [
    element('Title', title), entries.map(({ name, dial }) => element('DirectoryEntry', [element('Name', name), element('Telephone', dial)])),
  ])),
};
