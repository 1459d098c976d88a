import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { randomFrom } from '../../src/directory/sample';
import { parseXml, XmlError } from '../../src/phonebook/xml-reader';

/** A parser by others, set to give the same tree. */
const others = new XMLParser({
  ignoreAttributes: false, attributeNamePrefix: '@', removeNSPrefix: true, parseTagValue: false, parseAttributeValue: false, ignoreDeclaration: true, ignorePiTags: true,
  textNodeName: '#text', htmlEntities: true,
});
/** Without blanks, which that parser drops beside comments and CDATA sections, too. */
const plain = (tree: unknown): unknown => JSON.parse(JSON.stringify(tree), (key, value: unknown) => {
  const text = typeof value === 'string' ? value.replace(/\s/g, '') : value;
  return key === '#text' && text === '' ? undefined : text;
});

describe('XML of a stranger', () => {
  it.each([1, 2, 3, 4])('is read as another parser reads it (seed %i)', (seed) => {
    const random = randomFrom(seed);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const text = (): string => pick(['', 'kela', ' Ähtäri ', '&lt;&amp;&gt;', '&#228;&#xE4;', '\n  ', '<!-- ] > -->', '<![CDATA[ a < b ]]>', '<?x y?>', '&quot;\'']);
    const element = (depth: number): string => {
      const name = `${pick(['', '', 'e:'])}${pick(['a', 'b', 'Search', 'Ä-1.x'])}`;
      const attributes = pick(['', '', ' x="1"', " y = '&amp;'", ' xmlns="u:x"', ' e:z="ä"', ' x=""']);
      const inside = depth === 0 ? text() : Array.from({ length: Math.floor(random() * 4) }, () => pick([text, () => element(depth - 1)])()).join('');
      return inside === '' && random() < 0.5 ? `<${name}${attributes}${pick(['', ' '])}/>` : `<${name}${attributes}>${inside}</${name}>`;
    };
    for (let i = 0; i < 300; i++) {
      const xml = `${pick(['', '<?xml version="1.0" encoding="UTF-8"?>\n', '<!-- first -->'])}<e:root xmlns:e="u:e">${element(4)}</e:root>${pick(['', '\n'])}`;
      expect(XMLValidator.validate(xml)).toBe(true);
      expect([xml, plain(parseXml(Buffer.from(xml)))]).toEqual([xml, plain(others.parse(xml))]);
    }
  });

  it.each([
    ['an end of another element', '<a><b></a></b>'], ['an element that never ends', '<a><b></b>'], ['an end too many', '<a/></a>'], ['text around it', 'x<a/>'], ['text behind it', '<a/>x'],
    ['two elements', '<a/><b/>'], ['two of one name', '<a/><a/>'], ['no element', '<!-- a -->'], ['nothing', ''], ['an attribute without quotes', '<a b=c/>'], ['an attribute twice', '<a b="1" b="2"/>'],
    ['a lone ampersand', '<a>b & c</a>'], ['an entity that nobody declared', '<a>&nbsp;</a>'], ['an entity of JavaScript', '<a>&constructor;</a>'], ['a reference without an end', '<a>&amp</a>'],
    ['the character zero', '<a>&#0;</a>'], ['half a character', '<a>&#xD800;</a>'], ['a character beyond all', '<a>&#x110000;</a>'], ['a comment that never ends', '<a><!-- </a>'],
    ['a document type', '<!DOCTYPE a><a/>'], ['a tag that never ends', '<a b="1"'], ['a tag without a name', '<a>< b/></a>'], ['elements 17 deep', `${'<a>'.repeat(17)}${'</a>'.repeat(17)}`],
  ])('is refused with %s', (_, xml) => {
    expect(() => parseXml(Buffer.from(xml))).toThrow(XmlError);
  });

  it('is read where it is 16 deep', () => {
    expect(() => parseXml(Buffer.from(`${'<a>'.repeat(16)}${'</a>'.repeat(16)}`))).not.toThrow();
  });

  it('gives no names of JavaScript\'s own', () => {
    const tree = parseXml(Buffer.from('<a><__proto__><admin>yes</admin></__proto__><constructor/></a>')).a as Record<string, unknown>;
    expect(Object.keys(tree)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });

  it('is refused at the greatest length that the service takes, whatever it is made of', () => {
    for (const piece of ['<a', '<a b="', '&', '<!--', ' x="', '<a>\n', '</a', '<![CDATA[', '\n'.repeat(9)]) {
      expect(() => parseXml(Buffer.from(`<r>${piece.repeat(Math.floor(65_000 / piece.length))}`))).toThrow(XmlError);
    }
  });
});
