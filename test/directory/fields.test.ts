import { businessId, businessIdCheckDigit, deriveOid, domain, type FieldType, h323Id, hours, language, localized, oidOf, plan, text } from '../../src/directory/fields';
import type { OpeningHours, ServicePlan } from '../../src/directory';
import { organisation } from './sample';

const read = <T>(type: FieldType<T>, value: unknown): T | string => {
  const faults: string[] = [];
  const result = type.read(value, (path, reason) => faults.push(`${path}: ${reason}`));
  return faults.length > 0 || result === undefined ? faults.join('; ') : result;
};
const parsed = <T>(type: FieldType<T>, words: string): T | string => {
  const faults: string[] = [];
  const value = type.parse(words, (path, reason) => faults.push(`${path}: ${reason}`));
  return faults.length > 0 ? faults.join('; ') : read(type, value);
};

describe('Y-tunnus and OID (JHS 159)', () => {
  it('has the check digit of weights 7 9 10 5 8 4 2', () => {
    expect(read(businessId, '0204819-8')).toBe('0204819-8');
    expect(read(businessId, '0204819-7')).toBe(': "0204819-7" has a wrong check digit, 8 is right');
    // 7*0 + 9*0 + 10*0 + 5*0 + 8*0 + 4*0 + 2*0 = 0; 0000001: 2 -> 9; 0000006: 12 mod 11 = 1, never issued.
    expect(['0000000', '0000001', '0000006'].map(businessIdCheckDigit)).toEqual([0, 9, undefined]);
    expect(read(businessId, '0000006-0')).toBe(': "0000006-0" has a wrong check digit; no Y-tunnus begins so');
  });

  it('of six digits gets its zero, and anything else is refused', () => {
    expect(read(businessId, '204819-8')).toBe('0204819-8');
    for (const wrong of ['02048198', '0204819-88', 'FI02048198', 2048198, '']) expect(read(businessId, wrong)).toMatch(/is not a Y-tunnus NNNNNNN-N/);
  });

  it('gives 1.2.246.10 without leading zeros and dash, unless the organisation has its own', () => {
    expect(deriveOid('0204819-8')).toBe('1.2.246.10.2048198');
    expect(oidOf(organisation({ businessId: '0204819-8' }))).toBe('1.2.246.10.2048198');
    expect(oidOf(organisation({ businessId: '0204819-8', oid: '1.2.246.562.10.1' }))).toBe('1.2.246.562.10.1');
    expect(oidOf(organisation({ businessId: undefined }))).toBeUndefined();
  });
});

describe('texts', () => {
  it('are trimmed, composed (NFC) and without control characters or lone surrogates', () => {
    expect(read(text(10), '  A\u0308ht ')).toBe('Äht');
    expect(read(text(10), 'a\u0000')).toContain('control characters');
    expect(read(text(10), '\ud800')).toContain('control characters');
    expect(read(text(3), 'abcd')).toBe(': has 4 characters, at most 3 are allowed');
    expect(read(text(3), 123)).toContain('leading zeros count');
    expect(read(text(3), { a: 1 })).toBe(': a mapping is no text');
  });

  it('by language are ordered by code and refuse unknown codes', () => {
    expect(JSON.stringify(read(localized(10), { SV: 'a', fi: 'b' }))).toBe('{"fi":"b","sv":"a"}');
    expect(read(localized(10), { suomi: 'a' })).toContain('"suomi" is no ISO 639 language code');
    expect(read(localized(10), 'Kela')).toContain('is no text by language, such as { fi');
  });

  it.each(['palvelu.example', 'a-b.example', 'localhost', 'XN--KHTRI-GRA.example'])('domain %s is one', (name) => {
    expect(read(domain, name)).toBe(name.toLowerCase());
  });
  it.each(['', '-a.example', 'a-.example', 'a..example', 'a_b.example', '192.0.2.1', 'a.example.', `${'a'.repeat(64)}.example`, `${'a.'.repeat(130)}example`])('domain %s is none', (name) => {
    expect(read(domain, name)).toContain('is not a domain name');
  });

  it('language codes include sign and Sámi languages, H.323 IDs any visible text', () => {
    expect(['fi', 'SE', 'smn', 'sms', 'fse'].map((code) => read(language, code))).toEqual(['fi', 'se', 'smn', 'sms', 'fse']);
    expect(read(h323Id, ' Ähtärin laite ')).toBe('Ähtärin laite');
    expect(read(h323Id, 'x'.repeat(129))).toContain('H.323 ID');
  });
});

describe('plans as text', () => {
  it.each<[string, ServicePlan]>([
    ['main all 30', { stages: [{ group: 'main', strategy: 'all', ringSeconds: 30 }] }],
    ['a order 60/20 > b least-calls 5 [anchored]', { stages: [{ group: 'a', strategy: 'order', ringSeconds: 60, targetSeconds: 20 }, { group: 'b', strategy: 'least-calls', ringSeconds: 5 }], media: 'anchored' }],
    ['main all 30 > muu@palvelu.example', { stages: [{ group: 'main', strategy: 'all', ringSeconds: 30 }], overflow: 'muu@palvelu.example' }],
    ['muu@palvelu.example', { stages: [], overflow: 'muu@palvelu.example' }],
    ['nobody', { stages: [] }],
    ['nobody [direct]', { stages: [], media: 'direct' }],
  ])('%s', (words, value) => {
    expect(plan.format(value)).toBe(words);
    expect(parsed(plan, words)).toEqual(value);
  });
  it.each([
    ['main', '.stages[0]: "main" is not GROUP STRATEGY'],
    ['main all', '"main all" is not GROUP STRATEGY'],
    ['main all thirty', 'is not GROUP STRATEGY'],
    ['muu@palvelu.example > main all 30', '.stages[0]: "muu@palvelu.example" is not GROUP'],
    ['main all 30 [loud]', '.media: "loud" is not one of anchored, direct'],
    ['main all 30 > a,b@c', '.overflow: "a,b@c"'],
    ['main all 0', '.stages[0].ringSeconds: "0" is not a whole number from 1 to 600'],
  ])('%s is none', (words, fault) => {
    expect(parsed(plan, words)).toContain(fault);
  });
});

describe('hours as text', () => {
  it.each<[string, OpeningHours]>([
    ['1-5 09:00-15:00', { weekly: [{ days: [1, 2, 3, 4, 5], open: '09:00', close: '15:00' }] }],
    ['1,2,4-7 00:00-24:00; Europe/Stockholm', { timezone: 'Europe/Stockholm', weekly: [{ days: [1, 2, 4, 5, 6, 7], open: '00:00', close: '24:00' }] }],
    ['2026-12-24 closed; 2026-12-31 09:00-12:00,13:00-14:00 (fi "Lyhyt; \\"päivä\\" (1)")', {
      weekly: [], exceptions: [{ date: '2026-12-24' }, { date: '2026-12-31', hours: [{ open: '09:00', close: '12:00' }, { open: '13:00', close: '14:00' }], reason: { fi: 'Lyhyt; "päivä" (1)' } }],
    }],
    ['closed', { weekly: [] }],
    ['UTC; closed', { timezone: 'UTC', weekly: [] }],
  ])('%s', (words, value) => {
    expect(hours.format(value)).toBe(words);
    expect(parsed(hours, words)).toEqual(value);
  });
  it('are read as people write them', () => {
    expect(parsed(hours, '1-5 9:00-12:00, 13:00-15:00;')).toEqual({ weekly: [{ days: [1, 2, 3, 4, 5], open: '09:00', close: '12:00' }, { days: [1, 2, 3, 4, 5], open: '13:00', close: '15:00' }] });
  });
  it.each([
    ['mon-fri 09:00-15:00', '"mon-fri 09:00-15:00" is neither DAYS'],
    ['5-1 09:00-15:00', 'is neither DAYS'],
    ['8 09:00-15:00', 'is neither DAYS'],
    ['1-5 closed', 'is neither DAYS'],
    ['1-5 09:00-15:00 (fi "x")', 'is neither DAYS'],
    ['1-5 15:00-09:00', '09:00 is not after 15:00; hours over midnight are two entries'],
    ['1-5 09:00-24:01', 'not a time HH:mm'],
    ['2026-02-30 closed', 'is no date'],
    ['2026-12-24 closed (fi x)', 'is neither DAYS'],
    ['2026-12-24 closed (fi "x', 'is neither DAYS'],
    ['Europe/Ahtari', 'no IANA time zone'],
  ])('%s are none', (words, fault) => {
    expect(parsed(hours, words)).toContain(fault);
  });
});
