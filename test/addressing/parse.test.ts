import { fold, formatAddress, isFault, isLanguage, parseAddress, parseDeviceAddress, parseNumericAlias, parseServiceAddress } from '../../src/addressing';
import { random } from './random';

const reasonOf = (text: string, options = {}) => {
  const parsed = parseAddress(text, options);
  return isFault(parsed) ? `${parsed.code} at ${parsed.position}: ${parsed.reason}` : `no fault: ${JSON.stringify(parsed)}`;
};

describe('folding', () => {
  test.each([
    ['Ähtäri', 'ahtari'], ['Töysä-talo', 'toysa-talo'], ['  Etelä-Pohjanmaan   TE toimisto ', 'etela-pohjanmaan-te-toimisto'],
    ['Ångström', 'angstrom'], ['Čáhcesuolu', 'cahcesuolu'], ['Ŋuorjjŧ Đivttas', 'nuorjjt-divttas'], ['Kurmandži', 'kurmandzi'],
    ['Weiß', 'weiss'], ['Ærø', 'aero'], ['a\u0308', 'a'], ['ＫＥＬＡ', 'kela'], ['İzmir', 'izmir'], ['', ''],
  ])('%s becomes %s', (text, folded) => expect(fold(text)).toBe(folded));

  test('is idempotent on any text, and leaves no capital and no blank', () => {
    const pick = random(1);
    for (let i = 0; i < 20_000; i++) {
      const text = Array.from({ length: 1 + pick(12) }, () => String.fromCodePoint(pick(2) === 0 ? pick(0x250) : pick(0xd800))).join('');
      const once = fold(text);
      if (fold(once) !== once || /[A-ZÄÖÅ\s]/.test(once)) throw new Error(`${JSON.stringify(text)} folds to ${JSON.stringify(once)}`);
    }
  });
});

describe('language codes', () => {
  test.each(['fi', 'sv', 'en', 'se', 'smn', 'sms', 'fse', 'fss', 'ckb', 'kmr', 'prs', 'ar', 'zh'])('%s is one', (code) => expect(isLanguage(code)).toBe(true));
  test.each(['', 'xx', 'FI', 'qq', 'etuudet', 'f', 'fi-FI', '00'])('%j is none', (code) => expect(isLanguage(code)).toBe(false));
});

describe('a dialled string', () => {
  test.each<[string, object]>([
    ['kela', { kind: 'name', name: 'kela', service: { service: 'kela' } }],
    ['Kela.fi', { kind: 'name', name: 'kela.fi', service: { service: 'kela', language: 'fi' } }],
    ['Oikeusapu Seinäjoki', { kind: 'name', name: 'oikeusapu-seinajoki', service: { service: 'oikeusapu-seinajoki' } }],
    ['kela.fi.etuudet@palvelu.example', { kind: 'address', local: 'kela.fi.etuudet', domain: 'palvelu.example', device: { name: 'kela.fi.etuudet', site: 'palvelu', domain: 'example' }, service: { service: 'kela', language: 'fi', qualifier: 'etuudet' } }],
    ['kela.etuudet@palvelu.example', { kind: 'address', local: 'kela.etuudet', domain: 'palvelu.example', device: { name: 'kela.etuudet', site: 'palvelu', domain: 'example' }, service: { service: 'kela', qualifier: 'etuudet' } }],
    ['KELA@PALVELU.EXAMPLE', { kind: 'address', local: 'kela', domain: 'palvelu.example', device: { name: 'kela', site: 'palvelu', domain: 'example' }, service: { service: 'kela' } }],
    ['kela@palvelu.example.', { kind: 'address', local: 'kela', domain: 'palvelu.example', device: { name: 'kela', site: 'palvelu', domain: 'example' }, service: { service: 'kela' } }],
    ['ex90-1@Ähtäri.etelä-pohjanmaa.example', {
      kind: 'address', local: 'ex90-1', domain: 'ahtari.etela-pohjanmaa.example', service: { service: 'ex90-1' },
      device: { name: 'ex90-1', site: 'ahtari', domain: 'etela-pohjanmaa.example' },
    }],
    ['some_one+home@partner.example', { kind: 'address', local: 'some_one+home', domain: 'partner.example', device: { name: 'some_one+home', site: 'partner', domain: 'example' } }],
    ['a.b.c.d@partner.example', { kind: 'address', local: 'a.b.c.d', domain: 'partner.example', device: { name: 'a.b.c.d', site: 'partner', domain: 'example' } }],
    ['kela@192.0.2.1', { kind: 'address', local: 'kela', domain: '192.0.2.1', service: { service: 'kela' } }],
    ['kela@[2001:DB8:0::1]:5061', { kind: 'address', local: 'kela', domain: '[2001:db8::1]', port: 5061, service: { service: 'kela' } }],
    ['0000101', { kind: 'number', digits: '0000101', international: false, alias: { municipality: '000', service: '0101' } }],
    ['98900011', { kind: 'number', digits: '98900011', international: false, alias: { municipality: '989', service: '0001', language: '1' } }],
    ['989 0001 1', { kind: 'number', digits: '98900011', international: false, alias: { municipality: '989', service: '0001', language: '1' } }],
    ['112', { kind: 'number', digits: '112', international: false }],
    ['*21#', { kind: 'number', digits: '*21#', international: false }],
    ['+358 29 123-4567', { kind: 'number', digits: '358291234567', international: true }],
    ['tel:+358-29-(123).4567;phone-context=x', { kind: 'number', digits: '358291234567', international: true, scheme: 'tel' }],
    ['sip:kela@palvelu.example;transport=tcp?subject=a', { kind: 'address', local: 'kela', domain: 'palvelu.example', device: { name: 'kela', site: 'palvelu', domain: 'example' }, service: { service: 'kela' }, scheme: 'sip' }],
    ['SIPS:kela@palvelu.example:5061', { kind: 'address', local: 'kela', domain: 'palvelu.example', device: { name: 'kela', site: 'palvelu', domain: 'example' }, port: 5061, service: { service: 'kela' }, scheme: 'sips' }],
    ['sip:K%C3%A4yt%C3%B6s@palvelu.example', { kind: 'address', local: 'kaytos', domain: 'palvelu.example', device: { name: 'kaytos', site: 'palvelu', domain: 'example' }, service: { service: 'kaytos' }, scheme: 'sip' }],
    ['sip:kela', { kind: 'name', name: 'kela', service: { service: 'kela' }, scheme: 'sip' }],
    ['sip:+358291234567@palvelu.example;user=phone', { kind: 'address', local: '+358291234567', domain: 'palvelu.example', device: { name: '+358291234567', site: 'palvelu', domain: 'example' }, scheme: 'sip' }],
    ['h323:98900011', { kind: 'number', digits: '98900011', international: false, alias: { municipality: '989', service: '0001', language: '1' }, scheme: 'h323' }],
    ['h323:kela@palvelu.example:1720', { kind: 'address', local: 'kela', domain: 'palvelu.example', device: { name: 'kela', site: 'palvelu', domain: 'example' }, port: 1720, service: { service: 'kela' }, scheme: 'h323' }],
    ['192.0.2.1', { kind: 'ip', host: '192.0.2.1', version: 4 }],
    ['192.0.2.1:1720', { kind: 'ip', host: '192.0.2.1', version: 4, port: 1720 }],
    ['sip:192.0.2.1', { kind: 'ip', host: '192.0.2.1', version: 4, scheme: 'sip' }],
    ['2001:DB8:0:0::1', { kind: 'ip', host: '2001:db8::1', version: 6 }],
    ['[2001:db8::1]:5060', { kind: 'ip', host: '2001:db8::1', version: 6, port: 5060 }],
    ['  kela  ', { kind: 'name', name: 'kela', service: { service: 'kela' } }],
  ])('%s is understood', (text, expected) => expect(parseAddress(text)).toEqual(expected));

  test.each<[string, object]>([
    ['Room #3 / A', { kind: 'h323-id', id: 'Room #3 / A' }],
    ['h323:Room%20%233', { kind: 'h323-id', id: 'Room #3', scheme: 'h323' }],
    ['kela', { kind: 'name', name: 'kela', service: { service: 'kela' } }],
  ])('from an H.323 endpoint %s is understood', (text, expected) => expect(parseAddress(text, { h323: true })).toEqual(expected));

  test.each([
    ['', 'empty at 0: nothing was dialled'],
    ['   ', 'empty at 0: nothing was dialled'],
    ['x'.repeat(513), 'too-long at 0: an address of more than 512 characters'],
    ['kela@pal velu.example', "character at 9: character 9 ' ' is not allowed in a domain"],
    ['  kela@pal velu.example', "character at 11: character 11 ' ' is not allowed in a domain"],
    ['ke/la@palvelu.example', "character at 3: character 3 '/' is not allowed in a name"],
    ['Ærø;x', "character at 4: character 4 ';' is not allowed in a name"],
    ['kela\u0000', 'character at 5: character 5 U+0000 is not allowed in a name'],
    ['kela\u202e', 'character at 5: character 5 U+202E is not allowed in a name'],
    ['кела', "character at 1: character 1 'к' is not allowed in a name"],
    ['sip:ke<la@palvelu.example', "character at 7: character 7 '<' is not allowed in a name"],
    ['sip:%zz@palvelu.example', "character at 5: character 5 '%' is not allowed in a name"],
    ['sip:%ff@palvelu.example', "character at 5: character 5 '%' is not allowed in a name"],
    ['@palvelu.example', "no-name at 1: no name before the '@' (character 1)"],
    ['kela@', 'no-domain at 6: no domain at character 6'],
    ['kela@@palvelu.example', "second-at at 6: a second '@' at character 6"],
    ['sip:kela:secret@palvelu.example', "password at 9: ':' before the '@' (character 9): addresses carry no passwords"],
    [`${'a'.repeat(65)}@palvelu.example`, "local-too-long at 65: more than 64 characters before the '@'"],
    [`a@${'b'.repeat(64)}.example`, `label at 3: the domain's part '${'b'.repeat(63)}' at character 3 is longer than 63 characters`],
    [`a@${'abcdefgh.'.repeat(30)}example`, 'domain-too-long at 3: the domain has more than 253 characters'],
    ['a@b..c', 'label at 5: the domain has an empty part at character 5'],
    ['a@-b.c', "label at 3: the domain's part '-b' at character 3 begins or ends with '-'"],
    ['a@b.c:0', "port at 7: after the host only ':' and a port from 1 to 65535 may follow (character 7)"],
    ['a@b.c:65536', "port at 7: after the host only ':' and a port from 1 to 65535 may follow (character 7)"],
    ['a@300.1.1.1', "ip at 3: '300.1.1.1' is neither a domain nor an IPv4 address"],
    ['300.1.1.1', "ip at 1: '300.1.1.1' is neither a number nor an IP address"],
    ['a@[::1', "ip at 3: no IPv6 address between '[' at character 3 and ']'"],
    ['a@[fe80::1%eth0]', "ip at 3: no IPv6 address between '[' at character 3 and ']'"],
    ['mailto:a@b.c', "scheme at 1: 'mailto:' is not a scheme known here (sip:, sips:, h323:, tel:)"],
    ['http://palvelu.example/', "scheme at 1: 'http:' is not a scheme known here (sip:, sips:, h323:, tel:)"],
    ['sip:', "no-name at 5: nothing after 'sip:'"],
    ['sip:;transport=tcp', "no-name at 5: nothing after 'sip:'"],
    ['+358x', "character at 5: character 5 'x' is not allowed in a number"],
    ['tel:kela', "character at 5: character 5 'k' is not allowed in a number"],
    ['+', 'number at 1: a number without digits'],
    ['+358+1', "number at 1: a number with a second '+'"],
    ['+1234567890123456', 'number at 0: a number of 16 digits (at most 15)'],
    ['1'.repeat(31), 'number at 0: a number of 31 digits (at most 30)'],
  ])('%j is refused with the reason and where it is', (text, reason) => expect(reasonOf(text)).toBe(reason));

  test('an H.323 ID has limits too', () => {
    expect(reasonOf('a/\u0007', { h323: true })).toBe("character at 2: character 2 '/' is not allowed in a name");
    expect(reasonOf('/'.repeat(257), { h323: true })).toMatch(/^local-too-long/);
  });

  test('hostile strings cost no more than their length and are never an exception', () => {
    const hostile = [
      '\u0301\u0316'.repeat(250), 'a'.repeat(1_000_000), '('.repeat(512), 'a@'.repeat(250), '.'.repeat(500), `a@${'.'.repeat(500)}`,
      '%'.repeat(500), `sip:${'%41'.repeat(160)}@a`, ':'.repeat(500), '['.repeat(500), `${' '.repeat(500)}a`, '\ud800', 'a\udfff@b',
      '+'.repeat(400), '1-'.repeat(250), `${'-'.repeat(300)}@${'-'.repeat(200)}`, 'sip:sip:sip:a@b', '\u{1d5e4}'.repeat(200), '\ufdfa'.repeat(500),
    ];
    for (const text of hostile) {
      for (const h323 of [true, false]) expect(['fault', 'address', 'name', 'number', 'ip', 'h323-id']).toContain(parseAddress(text, { h323 }).kind);
      expect(isFault(parseServiceAddress(text))).toBe(true);
    }
  });

  test('a fault never repeats a long string', () => {
    for (const text of [`a@${'b'.repeat(400)}`, `${'9.'.repeat(200)}9`, `a@1.${'9'.repeat(300)}`]) expect(reasonOf(text).length).toBeLessThan(200);
  });

  test('its canonical form reads as itself, whatever was dialled', () => {
    const pieces = ['kela', 'Ähtäri', '.fi', '.', '@', 'palvelu.example', 'sip:', 'h323:', 'tel:', '+358', '0101', '-', ' ', '#', '*', '/', ':5060', '[::1]',
      '192.0.2.1', '%41', '%', ';x=y', '?', '\u0308', 'ß', '\u0000', '_', '(', ')', '😀', 'A', 'ø', '\u2028', '@x.y'];
    const pick = random(7);
    const kinds = new Set<string>();
    for (let i = 0; i < 50_000; i++) {
      const text = Array.from({ length: 1 + pick(6) }, () => pieces[pick(pieces.length)]).join('');
      for (const h323 of [false, true]) {
        const parsed = parseAddress(text, { h323 });
        kinds.add(parsed.kind);
        if (isFault(parsed)) continue;
        const canonical = formatAddress(parsed);
        const again = parseAddress(canonical, { h323 });
        const second = isFault(again) ? again.reason : formatAddress(again);
        const folded = parsed.kind === 'h323-id' || fold(canonical) === canonical;
        if (second !== canonical || !folded) throw new Error(`${JSON.stringify(text)}: ${JSON.stringify(canonical)}, then ${JSON.stringify(second)}`);
      }
    }
    expect([...kinds].sort()).toEqual(['address', 'fault', 'h323-id', 'ip', 'name', 'number']);
  });
});

describe('what the directory accepts', () => {
  test('service addresses come out folded, with their parts', () => {
    expect(parseServiceAddress('Kela.FI.Etuudet@Palvelu.Example')).toEqual(
      { address: 'kela.fi.etuudet@palvelu.example', service: 'kela', language: 'fi', qualifier: 'etuudet', domain: 'palvelu.example' });
  });

  test.each([
    ['kela', 'no domain: NAME@DOMAIN is needed'],
    ['kela@192.0.2.1', 'no domain: NAME@DOMAIN is needed'],
    ['kela@[::1]', 'no domain: NAME@DOMAIN is needed'],
    ['-kela@palvelu.example', "a service name may not begin with '-' (character 1)"],
    ['kela-@palvelu.example', "a service name may not end with '-' (character 5)"],
    ['ke_la@palvelu.example', "character 3 '_' is not allowed in a service name"],
    ['kela..etuudet@palvelu.example', 'the language at character 6 is empty'],
    ['kela.@palvelu.example', 'the language or qualifier at character 6 is empty'],
    ['kela.xx.etuudet@palvelu.example', "'xx' at character 6 is not an ISO 639 language code"],
    ['kela.fi.etuudet.asumistuki@palvelu.example', 'more than three parts (service.language.qualifier) at character 16'],
  ])('%s is no service address, and why', (text, reason) => expect(parseServiceAddress(text)).toMatchObject({ kind: 'fault', reason }));

  test('device addresses have a site', () => {
    expect(parseDeviceAddress('EX90-1@Ahtari.etela-pohjanmaa.example')).toEqual(
      { address: 'ex90-1@ahtari.etela-pohjanmaa.example', name: 'ex90-1', site: 'ahtari', domain: 'etela-pohjanmaa.example' });
    expect(parseDeviceAddress('tulkki-ar-1@tulkkikeskus.example')).toMatchObject({ name: 'tulkki-ar-1', site: 'tulkkikeskus', domain: 'example' });
    expect(parseDeviceAddress('ex90-1@localhost')).toMatchObject({ reason: 'a device address needs a site before the domain: NAME@SITE.localhost' });
  });

  test('numeric aliases have 7 or 8 digits', () => {
    expect(parseNumericAlias('000 0101 1')).toEqual({ digits: '00001011', municipality: '000', service: '0101', language: '1' });
    expect(parseNumericAlias('000010')).toMatchObject({ reason: '6 digits where 7 or 8 are needed: municipality(3) service(4) [language(1)]' });
    expect(parseNumericAlias('+3580101')).toMatchObject({ kind: 'fault' });
    expect(parseNumericAlias('kela')).toMatchObject({ kind: 'fault' });
  });
});
