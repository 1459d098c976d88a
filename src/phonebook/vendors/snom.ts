import { document, element } from '../xml';
import type { VendorFormat } from './format';

/** Snom minibrowser (XML): menus whose items open pages or dial. */
export const snom: VendorFormat = {
  name: 'snom',
  page: 32,
  type: 'text/xml; charset=utf-8',
  menu: ({ title, links, search, next }) => document(element('SnomIPPhoneMenu', [
    element('Title', title), [search, ...links, ...(next ? [next] : [])].map(({ name, url }) => element('MenuItem', element('Url', url), { name })),
  ])),
  entries: ({ title, entries, search, next }) => document(element('SnomIPPhoneMenu', [
    element('Title', title), element('MenuItem', element('Url', search.url), { name: search.name }),
    entries.map(({ name, dial, description }) => element('MenuItem', [
      element('Url', `snom://mb_nop#numberdial=${encodeURIComponent(dial)}`), description && element('ExtraText', description),
    ], { name })),
    next && element('MenuItem', element('Url', next.url), { name: next.name }),
  ])),
  searchForm: ({ title, prompt, url }) => document(element('SnomIPPhoneInput', [
    element('Title', title), element('Prompt', prompt), element('Url', `${url}__X__`),
    element('InputItem', [element('DisplayName', prompt), element('InputToken', '__X__'), element('InputFlags', 'a')]),
  ])),
};
