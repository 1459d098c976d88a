import { document, element } from '../xml';
import type { VendorFormat } from './format';

/** Fanvil remote phone book. Phones take every root element that ends with `IPPhoneDirectory` or `IPPhoneMenu`. */
export const fanvil: VendorFormat = {
  name: 'fanvil',
  // These phones know no next page of a list.
  page: 500,
  type: 'text/xml; charset=utf-8',
  menu: ({ title, links, next }) => document(element('FanvilIPPhoneMenu', [
    element('Title', title), [...links, ...(next ? [next] : [])].map(({ name, url }) => element('MenuItem', [element('Name', name), element('URL', url)])),
  ])),
  entries: ({ title, entries }) => document(element('FanvilIPPhoneDirectory', [
    element('Title', title), entries.map(({ name, dial }) => element('DirectoryEntry', [element('Name', name), element('Telephone', dial)])),
  ], { clearlight: 'true' })),
};
