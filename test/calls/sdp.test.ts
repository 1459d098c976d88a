import { completeAnswer, hasVideo, linesOf, sameCodecs } from '../../src/calls/sdp';

const session = ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0'];
const sdp = (...lines: string[]): string => [...session, ...lines, ''].join('\r\n');
const mediaLines = (text: string): string[] => text.split('\r\n').filter((line) => line.startsWith('m='));

/** What a room system offers: sound, picture, BFCP, slides, far-end camera. */
const room = sdp(
  'm=audio 2326 RTP/AVP 9 8', 'm=video 2328 RTP/AVP 96', 'a=rtpmap:96 H264/90000', 'a=content:main', 'm=application 5070 UDP/BFCP *',
  'm=video 2330 RTP/AVP 97', 'a=rtpmap:97 H264/90000', 'a=content:slides', 'm=application 2332 RTP/AVP 105', 'a=rtpmap:105 H224/4800',
);

describe('an answer has a line for every offered line', () => {
  test('a complete answer is left alone to the letter', () => {
    const answer = sdp('m=audio 4000 RTP/AVP 8', 'm=video 0 RTP/AVP 96', 'm=application 0 UDP/BFCP *', 'm=video 0 RTP/AVP 97', 'm=application 0 RTP/AVP 105');
    expect(completeAnswer(room, answer)).toBe(answer);
  });
  test('a phone that answers only sound refuses the rest in place', () => {
    expect(mediaLines(completeAnswer(room, sdp('m=audio 4000 RTP/AVP 8')))).toEqual([
      'm=audio 4000 RTP/AVP 8', 'm=video 0 RTP/AVP 96', 'm=application 0 UDP/BFCP *', 'm=video 0 RTP/AVP 97', 'm=application 0 RTP/AVP 105',
    ]);
  });
  test('left-out lines in the middle are put back where they belong', () => {
    const answer = sdp('m=audio 4000 RTP/AVP 8', 'm=video 4002 RTP/AVP 97', 'a=content:slides', 'm=application 4004 RTP/AVP 105');
    expect(mediaLines(completeAnswer(room, answer))).toEqual([
      'm=audio 4000 RTP/AVP 8', 'm=video 0 RTP/AVP 96', 'm=application 0 UDP/BFCP *', 'm=video 4002 RTP/AVP 97', 'm=application 4004 RTP/AVP 105',
    ]);
  });
  test('the one answered picture is the main one when nothing says otherwise', () => {
    expect(mediaLines(completeAnswer(room, sdp('m=audio 4000 RTP/AVP 8', 'm=video 4002 RTP/AVP 96')))[1]).toBe('m=video 4002 RTP/AVP 96');
  });
  test('attributes stay with their line, and lines end with CRLF', () => {
    const answer = completeAnswer(room, sdp('m=audio 4000 RTP/AVP 8', 'a=sendonly'));
    expect(answer).toContain('m=audio 4000 RTP/AVP 8\r\na=sendonly\r\nm=video 0');
    expect(answer.endsWith('\r\n')).toBe(true);
  });
  test('an answer with more lines than offered, or other ones, is not touched', () => {
    const other = sdp('m=video 1 RTP/AVP 96', 'm=audio 2 RTP/AVP 8');
    expect(completeAnswer(sdp('m=audio 2326 RTP/AVP 8'), other)).toBe(other);
    const text = sdp('m=text 2 RTP/AVP 98');
    expect(completeAnswer(room, text)).toBe(text);
  });
});

test('lines end with CRLF, LF or CR, mixed as they may be', () => {
  expect(linesOf('v=0\r\ns=-\r\n')).toEqual(['v=0', 's=-', '']);
  expect(linesOf('v=0\ns=-\n')).toEqual(['v=0', 's=-', '']);
  expect(linesOf('v=0\r\ns=-\nt=0 0\rm=audio 4000 RTP/AVP 0\r\n\r\n')).toEqual(['v=0', 's=-', 't=0 0', 'm=audio 4000 RTP/AVP 0', '', '']);
});

test('pictures that are refused, inactive or only named in an attribute are none', () => {
  expect(hasVideo(sdp('m=audio 4000 RTP/AVP 8', 'm=video 4002 RTP/AVP 97'))).toBe(true);
  expect(hasVideo(sdp('m=audio 4000 RTP/AVP 8', 'm=video 0 RTP/AVP 97'))).toBe(false);
  expect(hasVideo(sdp('m=video 4002 RTP/AVP 97', 'a=inactive'))).toBe(false);
  expect(hasVideo(sdp('m=audio 4000 RTP/AVP 8', 'a=x-m=video 1'))).toBe(false);
});

describe('two parties use the same codecs', () => {
  const audio = (formats: string, ...maps: string[]): string => sdp(`m=audio 4000 RTP/AVP ${formats}`, ...maps.map((map) => `a=rtpmap:${map}`));
  test.each([
    ['by number', audio('0'), audio('0 8'), true],
    ['by name, however it is written', audio('0'), audio('96', '96 pcmu/8000'), true],
    ['events come before the codec', audio('101 8', '101 telephone-event/8000'), audio('8'), true],
    ['another one first', audio('8 0'), audio('0 8'), false],
    ['a number that begins like the other', audio('9', '96 opus/48000', '9 G722/8000'), audio('9'), true],
    ['a map without a name', audio('0', '0 '), audio('0'), true],
    ['one has no sound', sdp('m=video 4002 RTP/AVP 97', 'a=rtpmap:97 VP8/90000'), audio('0'), true],
    ['other pictures', sdp('m=video 4002 RTP/AVP 97', 'a=rtpmap:97 VP8/90000'), sdp('m=video 4002 RTP/AVP 97', 'a=rtpmap:97 H264/90000'), false],
  ])('%s', (_name, one, other, same) => {
    expect(sameCodecs(one, other)).toBe(same);
    expect(sameCodecs(other, one)).toBe(same);
  });
});
