import { headerText, warning } from '../src/errors';

describe('a text in a header', () => {
  test('ends neither its quotes nor its row, whatever it quotes', () => {
    expect(headerText('a "b\\ c\r\nVia: x\u0000\u007f\u0085')).toBe("a 'b' c  Via: x   ");
  });

  test('is cut at 500 characters, and never within one', () => {
    expect(headerText('x'.repeat(501))).toBe(`${'x'.repeat(497)}...`);
    expect(headerText(`${'x'.repeat(496)}\u{1f600}yyyyy`)).toBe(`${'x'.repeat(496)} ...`);
  });

  test('is a warning with its code', () => {
    expect([warning('closed'), warning('no "SDP"', 304)]).toEqual(['399 etasilta "closed"', `304 etasilta "no 'SDP'"`]);
  });
});
