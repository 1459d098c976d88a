import { isNews, leastLimits, pictureLimitsOf, sentPictures, withPictureLimits } from '../../src/calls/picture-limits';

const sdp = (...lines: string[]): string => ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', 'm=audio 4000 RTP/AVP 0', 'b=AS:80', ...lines, ''].join('\r\n');
const MAIN = ['m=video 4002 RTP/AVP 97', 'a=rtpmap:97 H264/90000'];
const limited = (line: readonly string[], ...limits: string[]): string[] => [line[0]!, ...limits, ...line.slice(1)];
const SLIDES = ['m=video 4004 RTP/AVP 97', 'a=rtpmap:97 H264/90000', 'a=content:slides'];
const rates = (text: string): Record<string, number> => Object.fromEntries([...pictureLimitsOf(text)].map(([picture, { bitRate }]) => [picture, bitRate]));

describe('what a party takes of pictures', () => {
  test('is said by b=TIAS, or else b=AS, of each of them', () => {
    expect(rates(sdp(...limited(MAIN, 'b=AS:544', 'b=TIAS:512000'), ...limited(SLIDES, 'b=AS:256')))).toEqual({ main: 512_000, slides: 256_000 });
  });

  test('is said for the session where it is not for the picture, and is without limit where it is not said, or nonsense', () => {
    expect(rates(sdp(...MAIN).replace('t=0 0', 'b=AS:2000\r\nt=0 0'))).toEqual({ main: 2_000_000 });
    expect(rates(sdp(...MAIN))).toEqual({ main: Infinity });
    expect(rates(sdp(...limited(MAIN, 'b=TIAS:0', 'b=AS:-1', 'b=X-Y:5')))).toEqual({ main: Infinity });
  });

  test('is nothing while there is no place for it', () => {
    expect(rates(sdp('m=video 9 RTP/AVP 97', 'b=TIAS:64000'))).toEqual({});
    expect(rates(sdp('m=video 9 UDP/TLS/RTP/SAVPF 97', 'b=TIAS:64000'))).toEqual({ main: 64_000 });
  });

  test.each(['a=sendonly', 'a=inactive'])('is nothing that could be told while it takes none: %s', (direction) => {
    expect(rates(sdp(...limited(MAIN, 'b=TIAS:64000'), direction))).toEqual({});
  });

  test('of several parties the least counts, picture by picture', () => {
    const all = [sdp(...limited(MAIN, 'b=TIAS:512000')), sdp(...limited(MAIN, 'b=TIAS:384000'), ...limited(SLIDES, 'b=TIAS:1000000')), sdp(...MAIN)].map(pictureLimitsOf);
    expect([...leastLimits(all)].map(([picture, { bitRate }]) => [picture, bitRate])).toEqual([['main', 384_000], ['slides', 1_000_000]]);
  });
});

describe('a media server\'s description for a party', () => {
  test('has the others\' limits in place of the server\'s own, before the attributes', () => {
    const limits = pictureLimitsOf(sdp(...limited(MAIN, 'b=AS:544', 'b=TIAS:512000')));
    expect(withPictureLimits(sdp(...limited(MAIN, 'c=IN IP4 192.0.2.9', 'b=TIAS:64000'), ...limited(SLIDES, 'b=TIAS:9')), limits))
      .toBe(sdp(...limited(MAIN, 'c=IN IP4 192.0.2.9', 'b=AS:544', 'b=TIAS:512000'), ...limited(SLIDES, 'b=TIAS:9')));
  });

  test('has none where the others set none, and stays as it is where nobody else has a picture', () => {
    const described = sdp(...limited(MAIN, 'b=TIAS:64000'));
    expect(withPictureLimits(described, pictureLimitsOf(sdp(...MAIN)))).toBe(sdp(...MAIN));
    expect(withPictureLimits(described, pictureLimitsOf(sdp()))).toBe(described);
    expect(withPictureLimits(sdp('m=video 0 RTP/AVP 97'), pictureLimitsOf(sdp(...limited(MAIN, 'b=TIAS:64000'))))).toBe(sdp('m=video 0 RTP/AVP 97'));
  });
});

test('news is another limit of a picture that the party sends; nobody\'s taking it for a while is none', () => {
  const [low, high, none, nobody] = [['b=TIAS:64000'], ['b=TIAS:128000'], []].map((limits) => pictureLimitsOf(sdp(...limited(MAIN, ...limits)))).concat(pictureLimitsOf(sdp())) as [ReturnType<typeof pictureLimitsOf>, ReturnType<typeof pictureLimitsOf>, ReturnType<typeof pictureLimitsOf>, ReturnType<typeof pictureLimitsOf>];
  const sends = sentPictures(sdp(...MAIN));
  expect([isNews(low, high, sends), isNews(none, low, sends), isNews(low, nobody, sends)]).toEqual([true, true, true]);
  expect([isNews(low, low, sends), isNews(nobody, low, sends), isNews(none, nobody, sends), isNews(low, high, sentPictures(sdp(...MAIN, 'a=recvonly')))]).toEqual([false, false, false, false]);
});
