import { document, element, type Xml } from '../xml';
import type { Link, VendorFormat } from './format';

const page = (title: string, content: (Xml | undefined)[]): string =>
  document(element('html', [element('head', element('title', title)), element('body', content)], { xmlns: 'http://www.w3.org/1999/xhtml' }));
const link = ({ name, url }: Link): Xml => element('p', element('a', name, { href: url }));

/** Polycom UC phones' micro-browser: XHTML whose `tel:` links dial. */
export const polycom: VendorFormat = {
  name: 'polycom',
  page: 32,
  type: 'application/xhtml+xml; charset=utf-8',
  menu: ({ title, links, search, next }) => page(title, [link(search), ...links.map(link), next && link(next)]),
  entries: ({ title, entries, search, next }) => page(title, [
    link(search), ...entries.map(({ name, dial }) => link({ name, url: `tel://${encodeURIComponent(dial).replace(/%40/g, '@')}` })), next && link(next),
  ]),
  searchForm: ({ title, prompt, url }) => page(title, [element('form', [
    element('p', [prompt, element('input', undefined, { type: 'text', name: 'q' })]),
    element('p', element('input', undefined, { type: 'submit', value: prompt })),
  ], { method: 'get', action: url.replace(/[?&]q=$/, '') })]),
};
