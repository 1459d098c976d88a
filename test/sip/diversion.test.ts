import { divertedAgain, DIVERSION_REASONS, MAX_DIVERSIONS, timesDiverted, type EarlierDiversion } from '../../src/calls';
import { diversionHeaders, diversionsIn, reasonOfMove } from '../../src/sip/legs/diversion';

const read = (headers: Record<string, string>): readonly EarlierDiversion[] => diversionsIn({ get: (name) => headers[name] });
const history = (value: string, privacy?: string): readonly EarlierDiversion[] => read({ 'History-Info': value, ...(privacy !== undefined && { Privacy: privacy }) });
const by = (user: string, reason: EarlierDiversion['reason'], counter = 1): EarlierDiversion => ({ by: `${user}@kunta.example`, reason, counter });

describe('Diversion (RFC 5806) and History-Info (RFC 7044) say the same (RFC 7544)', () => {
  test.each(DIVERSION_REASONS)('the reason %s, in both headers', (reason) => {
    const headers = diversionHeaders([by('a', reason)], 'sip:b@kunta.example');
    expect(read({ Diversion: headers.Diversion! })).toEqual([by('a', reason)]);
    const told = ['unconditional', 'user-busy', 'no-answer', 'unavailable', 'deflection'].includes(reason) ? reason : 'unknown';
    expect(history(headers['History-Info']!)).toEqual([by('a', told)]);
  });

  test.each([[302, 'unconditional'], [486, 'user-busy'], [408, 'no-answer'], [480, 'deflection'], [487, 'deflection'], [503, 'unavailable'], [404, 'unknown'], [380, 'unknown']])(
    'the cause %i is %s, said of who is called or of who was', (cause, reason) => {
      expect(history(`<sip:a@kunta.example>;index=1,<sip:b@kunta.example;cause=${cause}>;index=1.1;mp=1`)).toEqual([by('a', reason as EarlierDiversion['reason'])]);
      expect(history(`<sip:a@kunta.example?Reason=SIP%3Bcause%3D${cause}>;index=1,<sip:b@kunta.example>;index=1.1;mp=1`)).toEqual([by('a', reason as EarlierDiversion['reason'])]);
    });

  test('three who diverted: the latest is first in Diversion and last in History-Info, and who wants privacy is not named', () => {
    const diversions: EarlierDiversion[] = [by('c', 'unconditional'), { reason: 'user-busy', counter: 1 }, by('a', 'no-answer')];
    const headers = diversionHeaders(diversions, 'sip:d@kunta.example:5070;transport=tcp');
    expect(headers).toEqual({
      Diversion: '<sip:c@kunta.example>;reason=unconditional;counter=1, <sip:anonymous@anonymous.invalid>;reason=user-busy;counter=1;privacy=full, <sip:a@kunta.example>;reason=no-answer;counter=1',
      'History-Info': '<sip:a@kunta.example>;index=1, <sip:anonymous@anonymous.invalid;cause=408>;index=1.1;mp=1, <sip:c@kunta.example;cause=486>;index=1.1.1;mp=1.1, <sip:d@kunta.example;cause=302>;index=1.1.1.1;mp=1.1.1',
    });
    expect(read({ Diversion: headers.Diversion! })).toEqual(diversions);
    expect(history(headers['History-Info']!)).toEqual(diversions);
  });

  test('one that stands for several: those before it are unknown to History-Info', () => {
    const headers = diversionHeaders([by('c', 'user-busy', 3)], 'sip:d@kunta.example');
    expect(headers.Diversion).toBe('<sip:c@kunta.example>;reason=user-busy;counter=3');
    expect(headers['History-Info']).toBe('<sip:unknown@unknown.invalid>;index=1, <sip:unknown@unknown.invalid;cause=404>;index=1.1;mp=1, <sip:c@kunta.example;cause=404>;index=1.1.1;mp=1.1, <sip:d@kunta.example;cause=486>;index=1.1.1.1;mp=1.1.1');
    expect(timesDiverted(history(headers['History-Info']!))).toBe(3);
  });

  test('a call that was not diverted has neither; Diversion counts where both are there', () => {
    expect(diversionHeaders([], 'sip:d@kunta.example')).toEqual({});
    expect(read({})).toEqual([]);
    expect(read({ Diversion: '<tel:+358401234>;reason=away', 'History-Info': '<sip:a@kunta.example>;index=1,<sip:b@kunta.example;cause=302>;index=1.1;mp=1' })).toEqual([{ by: '+358401234', reason: 'away', counter: 1 }]);
    expect(diversionHeaders([{ by: '+358401234', reason: 'away', counter: 1 }], 'sip:d@kunta.example').Diversion).toBe('<tel:+358401234>;reason=away;counter=1');
  });
});

describe('Diversion of others', () => {
  test.each([
    ['"Asiakas, yksi" <sip:kela@palvelu.example:5070;user=phone>;reason="do-not-disturb";privacy=off', [{ by: 'kela@palvelu.example', reason: 'do-not-disturb', counter: 1 }]],
    ['<sip:a@b>;counter=3;reason=unconditional, <sip:c@d>;reason=user-busy', [{ by: 'a@b', reason: 'unconditional', counter: 3 }, { by: 'c@d', reason: 'user-busy', counter: 1 }]],
    ['<sip:a@b>;reason=own-reason;counter=0;privacy=uri', [{ reason: 'unknown', counter: 1 }]],
    ['nonsense', []], ['', []],
  ])('%s', (value, expected) => expect(read({ Diversion: value })).toEqual(expected));
});

describe('History-Info of others', () => {
  test('contacts of one party and translated numbers are no diversions', () => {
    expect(history('<sip:0800@kunta.example>;index=1,<sip:a@kunta.example>;index=1.1;mp=1,<sip:a@192.0.2.4?Reason=SIP%3Bcause%3D486>;index=1.1.1;rc=1.1,<sip:a@192.0.2.5>;index=1.1.2;rc=1.1')).toEqual([]);
  });

  test('who did not answer at any contact is left for another party', () => {
    expect(history('<sip:a@kunta.example>;index=1,<sip:a@192.0.2.4?Reason=SIP%3Bcause%3D480>;index=1.1;rc=1,<sip:a@192.0.2.5?Reason=Q.850%3Bcause%3D16,SIP%3Bcause%3D408>;index=1.2;rc=1,<sip:b@kunta.example>;index=1.3;mp=1,<sip:b@192.0.2.9>;index=1.3.1;rc=1.3'))
      .toEqual([by('a', 'no-answer')]);
  });

  test('ways that led nowhere are not told: only those of this call', () => {
    expect(history('<sip:a@kunta.example>;index=1,<sip:c@kunta.example;cause=408?Reason=SIP%3Bcause%3D404>;index=1.1;mp=1,<sip:b@kunta.example;cause=486>;index=1.2;mp=1')).toEqual([by('a', 'user-busy')]);
  });

  test('entries as RFC 4244 has them', () => {
    expect(history('"A" <sip:a@kunta.example?Reason=SIP%3bcause%3d302%3btext%3d%22Moved%22>;index=1, <sip:b@kunta.example>; index=1.1')).toEqual([by('a', 'unconditional')]);
  });

  test.each([['<sip:a@kunta.example?Privacy=history>;index=1,<sip:b@kunta.example;cause=302>;index=1.1;mp=1', undefined], ['<sip:a@kunta.example>;index=1,<sip:b@kunta.example;cause=302>;index=1.1;mp=1', 'id;history'],
    ['<sip:a@kunta.example>;index=1,<sip:b@kunta.example;cause=302>;index=1.1;mp=1', 'header']])('who wants privacy is not named: %s, Privacy: %s', (value, privacy) => {
    expect(history(value, privacy)).toEqual([{ reason: 'unconditional', counter: 1 }]);
  });
});

describe('hostile headers', () => {
  const entry = (n: number): string => `<sip:a${n}@kunta.example;cause=302>;index=${'1.'.repeat(n)}1;mp=1`;
  test.each([
    ['no list', '<sip:a@b'], ['no address', ';;;,,,<>;index=1'], ['an index that leads to itself', '<sip:a@b>;index=1;mp=1,<sip:c@d;cause=302>;index=1;mp=1'],
    ['indices that lead ahead', '<sip:a@b;cause=302>;index=1;mp=2,<sip:c@d;cause=302>;index=2;mp=1'], ['escapes that are none', '<sip:a@b?Reason=%zz>;index=1,<sip:c@d>;index=1.1;mp=1'],
    ['very many entries', Array.from({ length: 120 }, (_, n) => entry(n % 20)).join()], ['a very long one', `<sip:${'a'.repeat(20_000)}@b;cause=302>;index=1`],
    ['colons', `<sip:${':'.repeat(7_000)}>;index=1,<sip:${'b:'.repeat(140)};cause=302>;index=1.1`], ['Reasons without end', `<sip:a@b?Reason=${',SIP;cause'.repeat(700)}>;index=1,<sip:c@d>;index=1.1;mp=1`],
  ])('%s: at most what a call may have, and headers that can be read again', (_name, value) => {
    for (const name of ['History-Info', 'Diversion']) {
      const diversions = read({ [name]: value });
      expect(timesDiverted(diversions)).toBeLessThanOrEqual(MAX_DIVERSIONS);
      const headers = diversionHeaders(diversions, value);
      expect(JSON.stringify(headers)).not.toMatch(/[\r\n]/);
      expect(read(headers)).toEqual(diversions);
    }
  });

  test('counters without end: the call is not diverted once more', () => {
    const diversions = read({ Diversion: '<sip:a@kunta.example>;counter=999,<sip:b@kunta.example>;counter=999' });
    expect(timesDiverted(diversions)).toBe(MAX_DIVERSIONS);
    expect(divertedAgain(diversions, 'c@kunta.example', 'unknown')).toBeUndefined();
    expect(diversionHeaders(diversions, 'sip:d@kunta.example')['History-Info']!.split(', ')).toHaveLength(MAX_DIVERSIONS + 1);
  });

  test('what others put into an address ends no header', () => {
    const { Diversion, 'History-Info': written } = diversionHeaders([{ by: 'huone\r\nX: 1>;<"', reason: 'unknown', counter: 1 }], 'sip:a b@kunta.example');
    expect([Diversion, written]).toEqual(['<sip:huone__X:_1____>;reason=unknown;counter=1', '<sip:huone__X:_1____>;index=1, <sip:a_b@kunta.example;cause=404>;index=1.1;mp=1']);
  });
});

test('a redirection says why: by Diversion, by the cause of its target (RFC 4458), or not', () => {
  const none = { get: () => undefined };
  expect(reasonOfMove({ get: () => '<sip:a@kunta.example>;reason=user-busy' }, 'sip:b@kunta.example;cause=302')).toBe('user-busy');
  expect(reasonOfMove(none, 'sip:b@kunta.example;cause=408')).toBe('no-answer');
  expect(reasonOfMove(none, 'sip:b@kunta.example')).toBe('unknown');
});
