import type { XmlTree } from './xml-reader';

export { parseXml, XmlError, type XmlTree } from './xml-reader';

/** XML that is written already; everything else that goes into an element is text and is escaped. */
export class Xml {
  constructor(readonly source: string) {}
}

// eslint-disable-next-line no-control-regex -- XML 1.0 has no way to write these
const FORBIDDEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Most texts have nothing to escape and nothing to leave out. */
// eslint-disable-next-line no-control-regex
const REMARKABLE = /[&<>"\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/;

export const escapeXml = (text: string): string => (!REMARKABLE.test(text) ? text : text.replace(FORBIDDEN, '').replace(/[&<>"]/g, (character) => ESCAPES[character] ?? ''));

type Content = string | number | boolean | Xml | undefined | readonly Content[];

/** An element; undefined content is left out. */
export function element(name: string, content?: Content, attributes?: Record<string, string | number>): Xml {
  const start = attributes === undefined ? name : Object.entries(attributes).reduce((all, [key, value]) => `${all} ${key}="${escapeXml(String(value))}"`, name);
  const inside = written(content);
  return new Xml(inside === '' ? `<${start}/>` : `<${start}>${inside}</${name}>`);
}

/**
 * XML of an object that stands in many answers, kept with the object. It is kept as one piece: concatenated strings stay in pieces,
 * which each answer would have to gather again.
 */
export function madeOnce<T extends object>(make: (of: T) => Xml): (of: T) => Xml {
  // Not a WeakMap: of tens of thousands of objects, one costs the garbage collector pauses.
  const made = Symbol('made');
  return (of: T & { [made]?: Xml }) => of[made] ??= new Xml(Buffer.from(make(of).source).toString());
}

function written(content: Content): string {
  if (content === undefined) return '';
  if (content instanceof Xml) return content.source;
  if (typeof content !== 'object') return escapeXml(String(content));
  let all = '';
  for (const one of content) all += written(one);
  return all;
}

export const document = (root: Xml): string => `<?xml version="1.0" encoding="UTF-8"?>\n${root.source}`;

/** The child of that name, the first of several; undefined where there is none or it is text alone. */
export function childOf(tree: XmlTree | undefined, name: string): XmlTree | undefined {
  const value = own(tree, name);
  return typeof value === 'object' && value !== null ? value as XmlTree : undefined;
}

/** Text of the child of that name, blanks at the ends dropped; undefined where there is no such child. */
export function textOf(tree: XmlTree | undefined, name: string): string | undefined {
  const value = own(tree, name);
  if (typeof value === 'string') return value.trim();
  const text = typeof value === 'object' && value !== null ? (value as XmlTree)['#text'] : undefined;
  return value === undefined ? undefined : typeof text === 'string' ? text.trim() : '';
}

function own(tree: XmlTree | undefined, name: string): unknown {
  const value = tree !== undefined && Object.hasOwn(tree, name) ? tree[name] : undefined;
  return Array.isArray(value) ? value[0] : value;
}
