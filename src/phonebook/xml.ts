import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { EtasiltaError } from '../errors';

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

/** Contents one after the other. */
export const joined = (content: Content): Xml => new Xml(written(content));

/** XML of an object that stands in many answers, kept as long as the object. */
export function madeOnce<T extends object>(make: (of: T) => Xml): (of: T) => Xml {
  const made = new WeakMap<T, Xml>();
  return (of) => {
    let xml = made.get(of);
    if (xml === undefined) made.set(of, xml = make(of));
    return xml;
  };
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

/** A request's XML is not taken. */
export class XmlError extends EtasiltaError {
  constructor(reason: string) {
    super('xml', `the request is not XML that is taken here: ${reason}`, { hint: 'Send well-formed XML in UTF-8 without a document type.' });
  }
}

const MAX_DEPTH = 16;
const parser = new XMLParser({
  ignoreAttributes: false, attributeNamePrefix: '@', removeNSPrefix: true, parseTagValue: false, parseAttributeValue: false, ignoreDeclaration: true, ignorePiTags: true,
  maxNestedTags: MAX_DEPTH, textNodeName: '#text',
});

/** A parsed element: children and attributes (`@name`) by their names without prefix, text as `#text` or alone. */
export type XmlTree = Record<string, unknown>;

/**
 * Reads XML from a stranger. A document type is refused as a whole, and with it every entity but the five of XML and numeric
 * ones; the caller bounds the size. Throws XmlError.
 */
export function parseXml(bytes: Uint8Array): XmlTree {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new XmlError('it is not UTF-8');
  }
  if (/<!(?!\[CDATA\[|--)/.test(text)) throw new XmlError('it has a document type');
  try {
    const valid = XMLValidator.validate(text);
    if (valid !== true) throw new XmlError(`line ${valid.err.line}: ${valid.err.msg}`);
    return parser.parse(text) as XmlTree;
  } catch (error) {
    throw error instanceof XmlError ? error : new XmlError(`it is nested more than ${MAX_DEPTH} deep, or names what it may not`);
  }
}

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
