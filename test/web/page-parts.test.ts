import { h264First } from '../../src/web/page/codecs';
import { failureText, warningText } from '../../src/web/page/failures';
import { RequestLimit } from '../../src/web/request-limit';
import { PAGE_TEXTS } from '../../src/web/texts';

test('H.264 comes before VP8, several slices a packet before one, the rest as the browser has it', () => {
  const codec = (mimeType: string, sdpFmtpLine?: string) => ({ mimeType, ...(sdpFmtpLine && { sdpFmtpLine }) });
  const single = codec('video/H264', 'level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f');
  const several = codec('video/H264', 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f');
  const [vp8, rtx, vp9] = [codec('video/VP8'), codec('video/rtx'), codec('video/VP9')];
  expect(h264First([vp8, rtx, single, vp9, several])).toEqual([several, single, vp8, rtx, vp9]);
});

test.each([
  [404, 'failUnknown'], [480, 'failClosed'], [486, 'failBusy'], [488, 'failMedia'], [503, 'failFull'], [403, 'failNotAllowed'], [487, 'failNoAnswer'], [500, 'failOther'], [undefined, 'failConnection'],
] as const)('a call that ends with %s is told as %s', (status, text) => expect(failureText(status)).toBe(text));

test('the words of a Warning header are its quoted text', () => {
  expect(warningText('399 etasilta "Kela on suljettu, avataan ma 9.00"')).toBe('Kela on suljettu, avataan ma 9.00');
  expect(warningText('nonsense')).toBeUndefined();
  expect(warningText(undefined)).toBeUndefined();
});

test('every text is there in every language, and is not another language\'s', () => {
  const { fi, sv, en } = PAGE_TEXTS;
  for (const key of Object.keys(fi) as (keyof typeof fi)[]) {
    expect(new Set([fi[key], sv[key], en[key]]).size).toBe(3);
    expect([fi[key], sv[key], en[key]].every((text) => text.trim().length > 0)).toBe(true);
  }
});

describe('request limit', () => {
  test('counts an IPv6 network as one source, and an IPv4 address however it is written', () => {
    const limit = new RequestLimit(1, () => 0);
    expect(limit.admit('2001:db8:1:2::1')).toBe(true);
    expect(limit.admit('2001:db8:1:2:ffff::9')).toBe(false);
    expect(limit.admit('2001:db8:1:3::1')).toBe(true);
    expect(limit.admit('192.0.2.1')).toBe(true);
    expect(limit.admit('::ffff:192.0.2.1')).toBe(false);
  });

  test('sources beyond the table share one count', () => {
    const limit = new RequestLimit(2, () => 0);
    for (let i = 0; i < 10_000; i++) limit.admit(`source-${i}`);
    expect([limit.admit('a'), limit.admit('b'), limit.admit('c')]).toEqual([true, true, false]);
    expect(limit.admit('source-1')).toBe(true);
  });
});
