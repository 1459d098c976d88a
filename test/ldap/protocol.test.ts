import { decodeMessage, MessageFramer, LIMITS } from '../../src/ldap/protocol';
import { LdapSyntaxError } from '../../src/ldap/errors';
import { randomFrom } from '../../src/directory/sample';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');
const frames = (framer: MessageFramer, bytes: Buffer, limit = 4096): Buffer[] => [...framer.push(bytes, () => limit)];

/** TLV with the shortest length. */
function tlv(tag: number, ...content: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(content.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  const length = body.length < 0x80 ? Buffer.from([body.length]) : Buffer.from([0x83, body.length >> 16, (body.length >> 8) & 255, body.length & 255]);
  return Buffer.concat([Buffer.from([tag]), length, body]);
}
const int = (value: number, tag = 2): Buffer => tlv(tag, Buffer.from([value]));
const envelope = (...op: Buffer[]): Buffer => tlv(0x30, int(5), ...op);
const search = (filter: Buffer, attributes: Buffer = tlv(0x30), base = 'dc=palvelu,dc=example'): Buffer =>
  tlv(0x63, tlv(4, base), int(2, 10), int(0, 10), int(20), int(10), tlv(1, Buffer.from([0])), filter, attributes);
const present = tlv(0x87, 'objectClass');
const equality = (attribute: string, value: string): Buffer => tlv(0xa3, tlv(4, attribute), tlv(4, value));

describe('messages are decoded strictly', () => {
  test('a search', () => {
    const filter = tlv(0xa0, equality('objectClass', 'inetOrgPerson'), tlv(0xa4, tlv(4, 'cn'), tlv(0x30, tlv(0x80, 'a'), tlv(0x81, 'b'), tlv(0x81, 'c'), tlv(0x82, 'd'))), tlv(0xa2, present));
    expect(decodeMessage(envelope(search(filter, tlv(0x30, tlv(4, 'cn'), tlv(4, '*')))))).toEqual({
      id: 5, controls: [],
      request: {
        op: 'search', base: 'dc=palvelu,dc=example', scope: 'sub', sizeLimit: 20, timeLimit: 10, typesOnly: false, attributes: ['cn', '*'],
        filter: { type: 'and', filters: [
          { type: 'equality', attribute: 'objectClass', value: Buffer.from('inetOrgPerson') },
          { type: 'substrings', attribute: 'cn', initial: Buffer.from('a'), any: [Buffer.from('b'), Buffer.from('c')], final: Buffer.from('d') },
          { type: 'not', filter: { type: 'present', attribute: 'objectClass' } },
        ] },
      },
    });
  });

  test('an extensible match with all its parts', () => {
    const filter = tlv(0xa9, tlv(0x81, 'caseExactMatch'), tlv(0x82, 'cn'), tlv(0x83, 'Kela'), tlv(0x84, Buffer.from([255])));
    expect(decodeMessage(envelope(search(filter)))).toMatchObject({ request: { filter: { type: 'extensible', rule: 'caseExactMatch', attribute: 'cn', value: Buffer.from('Kela'), dnAttributes: true } } });
  });

  test('binds, simple and SASL', () => {
    expect(decodeMessage(envelope(tlv(0x60, int(3), tlv(4, 'cn=a'), tlv(0x80, 'secret'))))).toMatchObject({ request: { op: 'bind', version: 3, name: 'cn=a', auth: { simple: Buffer.from('secret') } } });
    expect(decodeMessage(envelope(tlv(0x60, int(3), tlv(4), tlv(0xa3, tlv(4, 'EXTERNAL')))))).toMatchObject({ request: { auth: { mechanism: 'EXTERNAL', credentials: undefined } } });
  });

  test('changes', () => {
    const change = (operation: number, type: string, ...values: string[]): Buffer => tlv(0x30, int(operation, 10), tlv(0x30, tlv(4, type), tlv(0x31, ...values.map((value) => tlv(4, value)))));
    expect(decodeMessage(envelope(tlv(0x66, tlv(4, 'o=x'), tlv(0x30, change(0, 'cn', 'A'), change(1, 'mail'), change(2, 'o', 'B', 'C')))))).toMatchObject({ request: {
      op: 'modify', dn: 'o=x', changes: [
        { operation: 'add', attribute: { type: 'cn', values: [Buffer.from('A')] } }, { operation: 'delete', attribute: { type: 'mail', values: [] } },
        { operation: 'replace', attribute: { type: 'o', values: [Buffer.from('B'), Buffer.from('C')] } },
      ] } });
    expect(decodeMessage(envelope(tlv(0x68, tlv(4, 'o=x'), tlv(0x30, tlv(0x30, tlv(4, 'o'), tlv(0x31, tlv(4, 'x')))))))).toMatchObject({ request: { op: 'add', attributes: [{ type: 'o' }] } });
    expect(decodeMessage(envelope(tlv(0x4a, 'o=x')))).toMatchObject({ request: { op: 'delete', dn: 'o=x' } });
    expect(decodeMessage(envelope(tlv(0x6c, tlv(4, 'uid=a,o=x'), tlv(4, 'uid=a'), tlv(1, Buffer.from([255])), tlv(0x80, 'o=y'))))).toMatchObject({ request: { op: 'modifyDn', newRdn: 'uid=a', deleteOldRdn: true, newSuperior: 'o=y' } });
  });

  test('compare, abandon, unbind, extended, and controls', () => {
    expect(decodeMessage(envelope(tlv(0x6e, tlv(4, 'o=x'), tlv(0x30, tlv(4, 'o'), tlv(4, 'x')))))).toMatchObject({ request: { op: 'compare', attribute: 'o', value: Buffer.from('x') } });
    expect(decodeMessage(envelope(int(3, 0x50)))).toMatchObject({ request: { op: 'abandon', messageId: 3 } });
    expect(decodeMessage(envelope(tlv(0x42)))).toMatchObject({ request: { op: 'unbind' } });
    const control = tlv(0xa0, tlv(0x30, tlv(4, '1.2.840.113556.1.4.319'), tlv(1, Buffer.from([255])), tlv(4, 'value')), tlv(0x30, tlv(4, '1.2.3')));
    expect(decodeMessage(tlv(0x30, int(5), tlv(0x77, tlv(0x80, '1.3.6.1.4.1.4203.1.11.3')), control))).toMatchObject({
      request: { op: 'extended', name: '1.3.6.1.4.1.4203.1.11.3', value: undefined },
      controls: [{ oid: '1.2.840.113556.1.4.319', critical: true, value: Buffer.from('value') }, { oid: '1.2.3', critical: false }],
    });
  });
});

describe('what is no LDAP message is refused', () => {
  test.each([
    ['a search whose substrings claim more octets than there are', '3026020101632104000a01020a0100020100020100010100a40c0402636e30068063618201623000'],
    ['an indefinite length', '3080020105420000'],
    ['a length of five octets', '3007020105 4285 0000000000'],
    ['message ID 0', '3005 020100 4200'],
    ['a negative message ID', '3005 0201ff 4200'],
    ['a message ID of five octets', '3009 02050100000000 4200'],
    ['a message ID with needless octets', '3006 02020005 4200'],
    ['a response where a request belongs', '300c 020105 6507 0a010004000400'],
    ['octets behind the operation', '3006 020105 4200 00'],
    ['an unbind with content', '3006 020105 420100'],
    ['a boolean of two octets', '3022 020105 631d 0400 0a0102 0a0100 020100 020100 01020000 870a6f626a656374436c6173 3000'],
  ])('%s', (_, bytes) => {
    expect(() => decodeMessage(hex(bytes))).toThrow(LdapSyntaxError);
  });

  test.each([
    ['an empty substring', tlv(0xa4, tlv(4, 'cn'), tlv(0x30, tlv(0x81)))],
    ['no substring at all', tlv(0xa4, tlv(4, 'cn'), tlv(0x30))],
    ['substrings in the wrong order', tlv(0xa4, tlv(4, 'cn'), tlv(0x30, tlv(0x81, 'a'), tlv(0x80, 'b')))],
    ['two final substrings', tlv(0xa4, tlv(4, 'cn'), tlv(0x30, tlv(0x82, 'a'), tlv(0x82, 'b')))],
    ['a not with two filters', tlv(0xa2, present, present)],
    ['a not without a filter', tlv(0xa2)],
    ['an attribute that is none', equality('c n', 'x')],
    ['an attribute that is no UTF-8', tlv(0xa3, tlv(4, Buffer.from([0xff])), tlv(4, 'x'))],
    ['an extensible match of nothing', tlv(0xa9, tlv(0x83, 'x'))],
    ['a filter that there is not', tlv(0xab, present)],
  ])('a filter with %s', (_, filter) => {
    expect(() => decodeMessage(envelope(search(filter)))).toThrow(LdapSyntaxError);
  });

  test('a message with more than the limits allow is refused, and its sender may go on', () => {
    let deep = present;
    for (let depth = 0; depth < LIMITS.filterDepth; depth++) deep = tlv(0xa2, deep);
    const wide = tlv(0xa1, ...Array.from({ length: LIMITS.filterParts }, () => present));
    const manyAttributes = tlv(0x30, ...Array.from({ length: LIMITS.selectedAttributes + 1 }, () => tlv(4, 'cn')));
    for (const request of [search(deep), search(wide), search(present, manyAttributes), search(present, tlv(0x30), 'o'.repeat(LIMITS.dn + 1))]) {
      expect(decodeMessage(envelope(request))).toEqual({ id: 5, op: 'search', refused: expect.stringMatching(/more than|characters/) as string });
    }
  });

  test('nesting without end costs no stack', () => {
    let bomb = Buffer.alloc(0);
    for (let depth = 0; depth < 20_000; depth++) bomb = Buffer.concat([Buffer.from([0xa2, 0x83, bomb.length >> 16, (bomb.length >> 8) & 255, bomb.length & 255]), bomb]);
    expect(decodeMessage(envelope(search(bomb)))).toMatchObject({ refused: expect.stringContaining('levels') as string });
  });

  test('random damage is told as such or decoded, never anything else', () => {
    const random = randomFrom(7);
    const good = envelope(search(tlv(0xa0, equality('cn', 'Kela'), tlv(0xa4, tlv(4, 'cn'), tlv(0x30, tlv(0x81, 'b')))), tlv(0x30, tlv(4, 'cn'))));
    for (let round = 0; round < 20_000; round++) {
      const bytes = Buffer.from(good);
      for (let edits = 1 + Math.floor(random() * 3); edits > 0; edits--) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      try {
        decodeMessage(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(LdapSyntaxError);
      }
    }
  });
});

describe('frames', () => {
  const first = envelope(search(equality('cn', 'x'.repeat(200))));
  const second = envelope(tlv(0x42));

  test('messages are found whatever pieces the octets come in', () => {
    const stream = Buffer.concat([first, second, first]);
    for (const size of [1, 2, 3, 7, 100, stream.length]) {
      const framer = new MessageFramer();
      const found: Buffer[] = [];
      for (let at = 0; at < stream.length; at += size) for (const message of frames(framer, stream.subarray(at, at + size))) found.push(Buffer.from(message));
      expect(found).toEqual([first, second, first]);
      expect(framer.buffered).toBe(0);
    }
  });

  test('a length beyond the limit is refused before its content comes', () => {
    expect(() => frames(new MessageFramer(), hex('3084ffffffff020101'))).toThrow(LdapSyntaxError);
    expect(() => frames(new MessageFramer(), hex('30821001'))).toThrow(LdapSyntaxError);
    expect(frames(new MessageFramer(), hex('30820ff0'))).toEqual([]);
  });

  test('octets that begin no message are refused at the first of them', () => {
    expect(() => frames(new MessageFramer(), Buffer.from('GET / HTTP/1.1\r\n'))).toThrow(LdapSyntaxError);
  });

  test('what is kept grows with what has come, not with what was promised', () => {
    const framer = new MessageFramer();
    expect(frames(framer, hex('30830f4240'), 1 << 20)).toEqual([]);
    for (let i = 0; i < 5000; i++) frames(framer, Buffer.from([0]), 1 << 20);
    expect(framer.buffered).toBe(5005);
  });
});
