import { SaxesParser } from 'saxes';
import { EtasiltaError } from '../errors';

/** A parsed element: children and attributes (`@name`) by their names without prefix, text as `#text` or alone. */
export type XmlTree = Record<string, unknown>;

/** A request's XML is not taken. */
export class XmlError extends EtasiltaError {
  constructor(reason: string) {
    super('xml', `the request is not XML that is taken here: ${reason}`, { hint: 'Send well-formed XML in UTF-8 without a document type.' });
  }
}

const MAX_DEPTH = 16;
const utf8 = new TextDecoder('utf-8', { fatal: true });

interface Open {
  tree: XmlTree;
  text: string;
}

const opened = (): Open => ({ tree: Object.create(null) as XmlTree, text: '' });

/**
 * Reads XML from a stranger. A document type is refused as a whole, and with it every entity but the five of XML and numeric ones; the
 * caller bounds the size. Throws XmlError.
 */
export function parseXml(bytes: Uint8Array): XmlTree {
  const open = [opened()];
  const parser = new SaxesParser();
  parser.on('error', ({ message }) => { throw new XmlError(message); });
  parser.on('doctype', () => { throw new XmlError('it has a document type'); });
  parser.on('opentag', ({ attributes }) => {
    if (open.length > MAX_DEPTH) throw new XmlError(`it is nested more than ${MAX_DEPTH} deep`);
    const element = opened();
    for (const name in attributes) if (!NAMESPACE.test(name)) element.tree[`@${local(name)}`] = attributes[name]!.trim();
    open.push(element);
  });
  const text = (piece: string): void => { open.at(-1)!.text += piece; };
  parser.on('text', text);
  parser.on('cdata', text);
  parser.on('closetag', ({ name }) => {
    const element = open.pop()!;
    put(open.at(-1)!.tree, local(name), contentOf(element));
  });
  parser.write(decoded(bytes)).close();
  return open[0]!.tree;
}

function decoded(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new XmlError('it is not UTF-8');
  }
}

/** An element without attributes and children is its text alone. */
function contentOf({ tree, text }: Open): XmlTree | string {
  const plain = text.trim();
  for (const _ in tree) {
    if (plain !== '') tree['#text'] = plain;
    return tree;
  }
  return plain;
}

/** Elements of the same name become a list. */
function put(tree: XmlTree, name: string, content: XmlTree | string): void {
  const before = tree[name];
  if (before === undefined) tree[name] = content;
  else if (Array.isArray(before)) before.push(content);
  else tree[name] = [before, content];
}

/** Namespaces are not looked at. */
const NAMESPACE = /^xmlns(:|$)/;
const local = (name: string): string => name.slice(name.indexOf(':') + 1);
