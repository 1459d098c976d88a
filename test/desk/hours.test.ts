import { closedText, openAt, timeText } from '../../src/desk';
import type { OpeningHours } from '../../src/directory/model';
import { EtasiltaError } from '../../src/errors';

const office: OpeningHours = {
  weekly: [{ days: [1, 2, 3, 4, 5], open: '09:00', close: '15:00' }],
  exceptions: [
    { date: '2026-12-24', reason: { fi: 'Jouluaatto', sv: 'Julafton', en: 'Christmas Eve' } },
    { date: '2026-12-25', reason: { fi: 'Joulupäivä' } },
    { date: '2026-12-31', hours: [{ open: '09:00', close: '12:00' }] },
    { date: '2027-01-01' },
  ],
};
const weekly = (days: number[], open: string, close: string, more: Partial<OpeningHours> = {}): OpeningHours =>
  ({ weekly: [{ days, open, close }], ...more });
const at = (text: string) => new Date(text);
const decide = (hours: OpeningHours | undefined, time: string) => {
  const { open, reason, until, opensAt } = openAt(hours, at(time));
  return [open ? 'open' : 'closed', reason, (until ?? opensAt)?.toISOString() ?? '-'].join(' ');
};
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

describe('opening hours, in Europe/Helsinki unless they say otherwise', () => {
  test.each<[string, OpeningHours | undefined, string, string]>([
    ['no hours: always open', undefined, '2026-11-22T03:00:00Z', 'open always -'],
    ['a weekday in winter time (UTC+2)', office, '2026-11-23T07:00:00Z', 'open weekly 2026-11-23T13:00:00.000Z'],
    ['one millisecond before opening', office, '2026-11-23T06:59:59.999Z', 'closed outside-hours 2026-11-23T07:00:00.000Z'],
    ['the closing instant is closed', office, '2026-11-23T13:00:00Z', 'closed outside-hours 2026-11-24T07:00:00.000Z'],
    ['the same clock time in summer is an hour earlier in UTC', office, '2026-07-01T06:00:00Z', 'open weekly 2026-07-01T12:00:00.000Z'],
    ['a Sunday opens on Monday', office, '2026-11-22T10:00:00Z', 'closed closed-day 2026-11-23T07:00:00.000Z'],
    ['Friday evening before the change to summer time', office, '2026-03-27T14:00:00Z', 'closed outside-hours 2026-03-30T06:00:00.000Z'],
    ['Friday evening before the change to winter time', office, '2026-10-23T14:00:00Z', 'closed outside-hours 2026-10-26T07:00:00.000Z'],
    ['a holiday with a reason, then another, then a weekend', office, '2026-12-24T08:00:00Z', 'closed exception 2026-12-28T07:00:00.000Z'],
    ['a short day is open in its own hours', office, '2026-12-31T08:00:00Z', 'open exception 2026-12-31T10:00:00.000Z'],
    ['a short day closes early', office, '2026-12-31T11:00:00Z', 'closed exception 2027-01-04T07:00:00.000Z'],
    ['over midnight, before it', weekly([5], '22:00', '06:00'), '2026-11-20T21:00:00Z', 'open weekly 2026-11-21T04:00:00.000Z'],
    ['over midnight, after it', weekly([5], '22:00', '06:00'), '2026-11-21T03:59:00Z', 'open weekly 2026-11-21T04:00:00.000Z'],
    ['over midnight, not on the other days', weekly([5], '22:00', '06:00'), '2026-11-20T03:00:00Z', 'closed outside-hours 2026-11-20T20:00:00.000Z'],
    ['the evening before a holiday runs to its end', weekly(EVERY_DAY, '22:00', '06:00', { exceptions: [{ date: '2026-12-24' }] }),
      '2026-12-24T02:00:00Z', 'open weekly 2026-12-24T04:00:00.000Z'],
    ['24:00 closes at midnight', weekly([1], '08:00', '24:00'), '2026-11-23T21:59:59Z', 'open weekly 2026-11-23T22:00:00.000Z'],
    ['24:00 is not part of the day', weekly([1], '08:00', '24:00'), '2026-11-23T22:00:00Z', 'closed closed-day 2026-11-30T06:00:00.000Z'],
    ['round the clock has no closing time', weekly(EVERY_DAY, '00:00', '24:00'), '2026-11-23T21:59:59Z', 'open weekly -'],
    ['two ranges of a day that touch are one', { weekly: [{ days: [1], open: '08:00', close: '12:00' }, { days: [1], open: '12:00', close: '16:00' }] },
      '2026-11-23T07:00:00Z', 'open weekly 2026-11-23T14:00:00.000Z'],
    ['a lunch break is closed', { weekly: [{ days: [1], open: '08:00', close: '11:00' }, { days: [1], open: '12:00', close: '16:00' }] },
      '2026-11-23T09:30:00Z', 'closed outside-hours 2026-11-23T10:00:00.000Z'],
    ['never open: no next time', { weekly: [] }, '2026-11-23T09:30:00Z', 'closed closed-day -'],
    ['only by exception, months ahead', { weekly: [], exceptions: [{ date: '2027-06-01', hours: [{ open: '10:00', close: '11:00' }] }] },
      '2026-11-23T09:30:00Z', 'closed closed-day 2027-06-01T07:00:00.000Z'],
    ['another zone', weekly([1], '09:00', '15:00', { timezone: 'Europe/Stockholm' }), '2026-11-23T08:00:00Z', 'open weekly 2026-11-23T14:00:00.000Z'],
    ['a zone west of UTC on the day before', weekly([7], '20:00', '22:00', { timezone: 'America/New_York' }), '2026-11-23T01:30:00Z', 'open weekly 2026-11-23T03:00:00.000Z'],
  ])('%s', (_, hours, time, expected) => expect(decide(hours, time)).toBe(expected));

  describe('on the nights when the clock is changed', () => {
    // 2026-03-29 03:00 -> 04:00 (01:00 UTC); 2026-10-25 04:00 -> 03:00 (01:00 UTC).
    test.each<[string, OpeningHours, string, string]>([
      ['an opening time that is skipped is the instant of the change', weekly([7], '03:30', '08:00'), '2026-03-29T00:59:59Z', 'closed outside-hours 2026-03-29T01:00:00.000Z'],
      ['and it is open from there', weekly([7], '03:30', '08:00'), '2026-03-29T01:00:00Z', 'open weekly 2026-03-29T05:00:00.000Z'],
      ['hours that are skipped as a whole do not exist', weekly([7], '03:15', '03:45'), '2026-03-29T01:00:00Z', 'closed outside-hours 2026-04-05T00:15:00.000Z'],
      ['a night shift in spring is an hour shorter', weekly([6], '22:00', '06:00'), '2026-03-29T02:59:59Z', 'open weekly 2026-03-29T03:00:00.000Z'],
      ['a night shift in autumn is an hour longer', weekly([6], '22:00', '06:00'), '2026-10-25T03:59:59Z', 'open weekly 2026-10-25T04:00:00.000Z'],
      ['a time that happens twice opens at the first', weekly([7], '03:30', '08:00'), '2026-10-25T00:30:00Z', 'open weekly 2026-10-25T06:00:00.000Z'],
      ['and closes at the last', weekly([7], '01:00', '03:30'), '2026-10-25T01:29:59Z', 'open weekly 2026-10-25T01:30:00.000Z'],
    ])('%s', (_, hours, time, expected) => expect(decide(hours, time)).toBe(expected));

    test('round the clock stays open through both changes', () => {
      for (const start of ['2026-03-28T20:00:00Z', '2026-10-24T20:00:00Z']) {
        for (let minute = 0; minute < 12 * 60; minute += 5) {
          expect(openAt(weekly(EVERY_DAY, '00:00', '24:00'), new Date(Date.parse(start) + minute * 60_000)).open).toBe(true);
        }
      }
    });
  });

  test('the decision agrees with the wall clock of Intl in every quarter of an hour of a year', () => {
    const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Helsinki', weekday: 'short', hour: '2-digit', minute: '2-digit' });
    const hours = weekly([1, 2, 3, 4, 5], '09:00', '15:00');
    for (let time = Date.UTC(2026, 0, 1); time < Date.UTC(2027, 0, 1); time += 900_000) {
      const [weekday = '', clockTime = ''] = clock.format(time).split(' ');
      const expected = !weekday.startsWith('S') && clockTime >= '09:00' && clockTime < '15:00';
      if (openAt(hours, new Date(time)).open !== expected) throw new Error(`wrong at ${new Date(time).toISOString()}`);
    }
  });

  test('impossible hours are errors that name them', () => {
    expect(() => openAt(weekly([1], '9:00', '15:00'), at('2026-11-23T08:00:00Z'))).toThrow("'9:00' is not a time of day");
    expect(() => openAt(weekly([1], '09:00', '24:30'), at('2026-11-23T08:00:00Z'))).toThrow("'24:30' is not a time of day");
    expect(() => openAt(weekly([1], '09:00', '15:00', { timezone: 'Europe/Atlantis' }), at('2026-11-23T08:00:00Z'))).toThrow(EtasiltaError);
  });
});

describe('what a caller of a closed service is told', () => {
  test('says when it opens, in three languages and on the local clock', () => {
    expect(closedText(openAt(office, at('2026-11-22T10:00:00Z')), { fi: 'Kela', sv: 'FPA' })).toEqual({
      fi: 'Kela on suljettu, avataan ma 23.11.2026 klo 9.00',
      sv: 'FPA är stängd, öppnar må 23.11.2026 kl. 9.00',
      en: 'Kela is closed, opens Mon 23 Nov 2026 at 9:00',
    });
  });

  test('says the reason of an exception', () => {
    expect(closedText(openAt(office, at('2026-12-24T10:00:00Z')), { fi: 'Kela' }).sv).toBe('Kela är stängd (Julafton), öppnar må 28.12.2026 kl. 9.00');
  });

  test('promises nothing when no opening is known', () => {
    expect(closedText(openAt({ weekly: [] }, at('2026-12-24T10:00:00Z')), { en: 'Room' }).en).toBe('Room is closed');
  });

  test('minutes have two digits', () => {
    expect(timeText(at('2026-06-01T05:05:00Z'), 'fi')).toBe('ma 1.6.2026 klo 8.05');
  });
});
