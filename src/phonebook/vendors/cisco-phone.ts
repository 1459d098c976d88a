import { document, element, type Xml } from '../xml';
import type { Link, VendorFormat } from './format';

/** Cisco IP phones (XML services): the URL of a service, or of the directory, ends with `/cisco`. */
export const ciscoPhone: VendorFormat = {
  name: 'cisco',
  page: 32,
  type: 'text/xml; charset=utf-8',
  menu: ({ title, links, search, next }) => document(element('CiscoIPPhoneMenu', [
    element('Title', title), element('Prompt', title),
    links.map(({ name, url }) => element('MenuItem', [element('Name', name), element('URL', url)])), keys('Select', search, next),
  ])),
  entries: ({ title, entries, search, next }) => document(element('CiscoIPPhoneDirectory', [
    element('Title', title), element('Prompt', title),
    entries.map(({ name, dial }) => element('DirectoryEntry', [element('Name', name), element('Telephone', dial)])), keys('Dial', search, next),
  ])),
  searchForm: ({ title, prompt, url }) => document(element('CiscoIPPhoneInput', [
    element('Title', title), element('Prompt', prompt), element('URL', url.replace(/[?&]q=$/, '')),
    element('InputItem', [element('DisplayName', prompt), element('QueryStringParam', 'q'), element('InputFlags', 'A')]),
  ])),
};

function keys(first: 'Dial' | 'Select', search: Link, next: Link | undefined): Xml[] {
  const all = [{ name: first as string, url: `SoftKey:${first}` }, search, { name: 'Exit', url: 'SoftKey:Exit' }, ...(next ? [next] : [])];
  return all.map(({ name, url }, i) => element('SoftKeyItem', [element('Name', name), element('URL', url), element('Position', i + 1)]));
}
