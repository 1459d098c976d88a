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

const NAME = '[A-Za-z_:\\u0080-\\uffff][\\w:.\\-\\u0080-\\uffff]*';
const START = new RegExp(`<(${NAME})`, 'y');
const ATTRIBUTE = new RegExp(`\\s+(${NAME})\\s*=\\s*(?:"([^"<]*)"|'([^'<]*)')`, 'y');
const START_END = /\s*(\/?)>/y;
const END = new RegExp(`</(${NAME})\\s*>`, 'y');
const REFERENCE = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w+))?;?/gi;
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: '\'' };
/** What is passed over, and CDATA: how each begins and ends. */
const SECTIONS = [['<!--', '-->'], ['<?', '?>'], ['<![CDATA[', ']]>']] as const;

interface Open {
  /** With its prefix. */
  name: string;
  tree: XmlTree;
  text: string;
}

/**
 * Reads XML (1.0, fifth edition) from a stranger, once through. A document type is refused as a whole, and with it every entity but
 * the five of XML and numeric ones; the caller bounds the size. Throws XmlError.
 */
export function parseXml(bytes: Uint8Array): XmlTree {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new XmlError('it is not UTF-8');
  }
  const root: Open = { name: '', tree: Object.create(null) as XmlTree, text: '' };
  const open = [root];
  for (let at = 0; at < text.length;) {
    const inner = open.at(-1) as Open;
    const next = text.indexOf('<', at);
    if (next !== at) {
      inner.text += unescaped(text.slice(at, next < 0 ? text.length : next));
      at = next < 0 ? text.length : next;
    } else if (text.startsWith('</', at)) {
      if (matchAt(END, text, at)?.[1] !== inner.name || open.length === 1) throw new XmlError(`${line(text, at)}: nothing ends here`);
      at = END.lastIndex;
      open.pop();
      put((open.at(-1) as Open).tree, local(inner.name), contentOf(inner));
    } else {
      at = sectionEnd(text, at, inner) ?? startElement(text, at, open);
    }
    if (root.text.trim() !== '') throw new XmlError(`${line(text, at)}: text outside every element`);
    root.text = '';
  }
  if (open.length > 1) throw new XmlError(`${open.at(-1)?.name} does not end`);
  const roots = Object.values(root.tree);
  if (roots.length !== 1 || Array.isArray(roots[0])) throw new XmlError('it has not one element that holds all others');
  return root.tree;
}

/** Where a comment, instruction or CDATA section ends, the text of the latter kept; undefined: there is none at this place. */
function sectionEnd(text: string, at: number, inner: Open): number | undefined {
  const section = SECTIONS.find(([begin]) => text.startsWith(begin, at));
  if (section === undefined) return undefined;
  const [begin, ending] = section;
  const end = text.indexOf(ending, at + begin.length);
  if (end < 0) throw new XmlError(`${line(text, at)}: ${begin} does not end`);
  if (begin === '<![CDATA[') inner.text += text.slice(at + begin.length, end);
  return end + ending.length;
}

/** Opens an element, or puts an empty one in its place; returns where its tag ends. */
function startElement(text: string, at: number, open: Open[]): number {
  if (text.startsWith('<!', at)) throw new XmlError('it has a document type');
  const name = matchAt(START, text, at)?.[1];
  if (name === undefined) throw new XmlError(`${line(text, at)}: no element begins here`);
  if (open.length > MAX_DEPTH) throw new XmlError(`it is nested more than ${MAX_DEPTH} deep`);
  const element: Open = { name, tree: Object.create(null) as XmlTree, text: '' };
  let end = START.lastIndex;
  for (let attribute = matchAt(ATTRIBUTE, text, end); attribute !== null; attribute = matchAt(ATTRIBUTE, text, end)) {
    end = ATTRIBUTE.lastIndex;
    const [, attributeName = '', doubly, singly] = attribute;
    // Namespaces are not looked at.
    if (/^xmlns(:|$)/.test(attributeName)) continue;
    const key = `@${local(attributeName)}`;
    if (key in element.tree) throw new XmlError(`${line(text, at)}: ${name} has ${attributeName} twice`);
    element.tree[key] = unescaped(doubly ?? singly ?? '').trim();
  }
  const tagEnd = matchAt(START_END, text, end);
  if (tagEnd === null) throw new XmlError(`${line(text, at)}: the tag of ${name} does not end`);
  if (tagEnd[1] === '/') put((open.at(-1) as Open).tree, local(name), contentOf(element));
  else open.push(element);
  return START_END.lastIndex;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
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

const local = (name: string): string => name.slice(name.indexOf(':') + 1);

const unescaped = (text: string): string => (!text.includes('&') ? text : text.replace(REFERENCE, (reference, decimal?: string, hexadecimal?: string, name?: string) => {
  const code = decimal !== undefined ? Number(decimal) : hexadecimal !== undefined ? parseInt(hexadecimal, 16) : undefined;
  const character = code !== undefined ? (isCharacter(code) ? String.fromCodePoint(code) : undefined) : Object.hasOwn(ENTITIES, name ?? '') ? ENTITIES[name ?? ''] : undefined;
  if (character === undefined || !reference.endsWith(';')) throw new XmlError(`${reference} stands for no character`);
  return character;
}));

/** Section 2.2. */
const isCharacter = (code: number): boolean =>
  code === 9 || code === 10 || code === 13 || (code >= 0x20 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);

const line = (text: string, at: number): string => `line ${text.slice(0, at).split('\n').length}`;
