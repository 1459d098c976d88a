import { encode, decode } from '../../../src/h323/per';
import { h225, h245 } from '../../../src/h323/schemas';
import { acceptFastStart, channelsOfFastStart, descriptionOf, descriptionOfFastStart, fastStartOf } from '../../../src/h323/sdp';
import { PHONE_OFFER, ROOM_SYSTEM_OFFER } from '../../media-server/session/fixtures';
import { CORPUS } from '../support/corpus';
import { linesOf, PARTY, sdp } from './support';

/** The fast start of recorded call signalling messages of a kind. */
const recorded = (message: string): h245.OpenLogicalChannel[][] => CORPUS.filter((pdu) => pdu.kind === 'cs' && pdu.message === message).flatMap(({ octets }) => {
  const body = Object.values(decode(h225.H323UserInformation, octets)['h323-uu-pdu']['h323-message-body'])[0] as { fastStart?: Buffer[] } | null;
  return body?.fastStart ? [body.fastStart.map((channel) => decode(h245.OpenLogicalChannel, channel))] : [];
});

describe('the fast start of Asterisk (chan_ooh323)', () => {
  const [offered] = recorded('setup');

  test('is an offer with all its codecs in its order', () => {
    const offer = descriptionOfFastStart(offered!, PARTY)!;
    expect(linesOf(offer, /^[mac]=/)).toEqual([
      'c=IN IP4 127.0.0.9', 'm=audio 20510 RTP/AVP 0 8 3', 'c=IN IP4 127.0.0.2', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:3 GSM/8000', 'a=ptime:20', 'a=sendrecv',
    ].map((line) => line.replace('20510', String(portOf(offered!)))));
  });

  test('is answered with the channels of the codec that the answer has first, both ways', () => {
    const { accepted, channels } = acceptFastStart(offered!, sdp('m=audio 40000 RTP/AVP 8'));
    const alaw = offered!.filter((request) => JSON.stringify(request).includes('g711Alaw64k'));
    expect(accepted.map(({ forwardLogicalChannelNumber }) => forwardLogicalChannelNumber).sort()).toEqual(alaw.map(({ forwardLogicalChannelNumber }) => forwardLogicalChannelNumber).sort());
    expect(channels).toEqual([
      { direction: 'receive', number: 1004, sessionId: 1, dataType: { audioData: { g711Alaw64k: 20 } }, payloadType: 8, media: { rtp: { host: '192.0.2.1', port: 40_000 }, rtcp: { host: '192.0.2.1', port: 40_001 } } },
      { direction: 'send', number: 1003, sessionId: 1, dataType: { audioData: { g711Alaw64k: 20 } }, payloadType: 8, media: { rtp: { host: '127.0.0.2', port: portOf(offered!) }, rtcp: { host: '127.0.0.2', port: portOf(offered!) + 1 } } },
    ]);
  });

  test('is answered as Asterisk itself answers', () => {
    const answers = ['alerting', 'connect', 'callProceeding', 'progress'].flatMap(recorded);
    expect(answers.length).toBeGreaterThan(0);
    for (const answer of answers) {
      const request = recorded('setup').find((setup) => answer.every((channel) => setup.some((other) => other.forwardLogicalChannelNumber === channel.forwardLogicalChannelNumber)))!;
      const here = channelsOfFastStart(sdp('m=audio 40000 RTP/AVP 0 8'), answer).find(({ direction }) => direction === 'send')!.media;
      const { accepted } = acceptFastStart(request, sdp(`m=audio ${here.rtp.port} RTP/AVP 0`, `c=IN IP4 ${here.rtp.host}`));
      const byNumber = (one: h245.OpenLogicalChannel, other: h245.OpenLogicalChannel): number => one.forwardLogicalChannelNumber - other.forwardLogicalChannelNumber;
      expect(accepted.sort(byNumber)).toEqual([...answer].sort(byNumber));
    }
  });

  test('is refused by an answer with none of its codecs, and by one that refuses sound', () => {
    expect(acceptFastStart(offered!, sdp('m=audio 40000 RTP/AVP 9')).accepted).toEqual([]);
    expect(acceptFastStart(offered!, sdp('m=audio 0 RTP/AVP 0')).accepted).toEqual([]);
  });

  test('goes one way when the answer does', () => {
    expect(acceptFastStart(offered!, sdp('m=audio 40000 RTP/AVP 0', 'a=recvonly')).channels.map(({ direction }) => direction)).toEqual(['receive']);
    expect(acceptFastStart(offered!, sdp('m=audio 40000 RTP/AVP 0', 'a=sendonly')).channels.map(({ direction }) => direction)).toEqual(['send']);
    expect(acceptFastStart(offered!, sdp('m=audio 40000 RTP/AVP 0', 'a=inactive')).channels).toEqual([]);
  });
});

const portOf = (offered: readonly h245.OpenLogicalChannel[]): number => Number(/"mediaChannel":.*?"tsapIdentifier":(\d+)/.exec(JSON.stringify(offered))![1]);

describe('a fast start of ours', () => {
  test('offers every codec in the order of the description, receiving and sending, with numbers of their own', () => {
    const channels = fastStartOf(PHONE_OFFER, { firstNumber: 7 });
    expect(channels.map(({ forwardLogicalChannelNumber, forwardLogicalChannelParameters: forward, reverseLogicalChannelParameters: reverse }) =>
      [forwardLogicalChannelNumber, JSON.stringify(forward.dataType), reverse && JSON.stringify(reverse.dataType)])).toEqual([
      [7, '{"nullData":null}', '{"audioData":{"g711Ulaw64k":30}}'], [8, '{"audioData":{"g711Ulaw64k":30}}', undefined],
      [9, '{"nullData":null}', '{"audioData":{"g711Alaw64k":30}}'], [10, '{"audioData":{"g711Alaw64k":30}}', undefined],
    ]);
  });

  test.each([['phone', PHONE_OFFER], ['room system', ROOM_SYSTEM_OFFER]])('comes back from our own called side: the %s is answered with its first codecs', (_, offer) => {
    const sent = fastStartOf(offer).map((request) => decode(h245.OpenLogicalChannel, encode(h245.OpenLogicalChannel, request)));
    const seen = descriptionOfFastStart(sent, PARTY)!;
    const { accepted } = acceptFastStart(sent, seen.replaceAll('127.0.0.1', '127.0.0.3'));
    const answer = descriptionOf(channelsOfFastStart(offer, accepted), undefined, { ...PARTY, offer });
    const firstFormats = (text: string): string[] => linesOf(text, /^m=(audio|video)/).slice(0, 2).map((line) => line.split(' ')[3]!);
    expect(linesOf(answer, /^m=/)).toHaveLength(linesOf(offer, /^m=/).length);
    expect(firstFormats(answer)).toEqual(firstFormats(seen));
    expect(answer).toContain('127.0.0.3');
  });
});

test('alternatives of one codec that differ in their parameters are all offered', () => {
  const offered = fastStartOf(sdp('m=audio 4000 RTP/AVP 96 97', 'a=rtpmap:96 G7221/16000', 'a=fmtp:96 bitrate=32000', 'a=rtpmap:97 G7221/16000', 'a=fmtp:97 bitrate=24000',
    'm=video 4002 RTP/AVP 98 99', 'a=rtpmap:98 H264/90000', 'a=fmtp:98 profile-level-id=64001f;packetization-mode=1', 'a=rtpmap:99 H264/90000', 'a=fmtp:99 profile-level-id=42801f;packetization-mode=1'));
  expect(linesOf(descriptionOfFastStart(offered, PARTY)!, /^m=/)).toEqual(['m=audio 4000 RTP/AVP 96 97', 'm=video 4002 RTP/AVP 98 99']);
});

test('H.264 that FreeSWITCH answers without its parameters is what was offered by its number', () => {
  const offered = fastStartOf(sdp('m=audio 4000 RTP/AVP 8', 'm=video 4002 RTP/AVP 97 98', 'a=rtpmap:97 H264/90000', 'a=fmtp:97 profile-level-id=42801f;packetization-mode=1', 'a=rtpmap:98 H264/90000', 'a=fmtp:98 profile-level-id=42801f'));
  const { channels } = acceptFastStart(offered, sdp('m=audio 4000 RTP/AVP 8', 'm=video 5002 RTP/AVP 97', 'a=rtpmap:97 H264/90000'));
  expect(channels.filter(({ sessionId }) => sessionId === 2).map(({ direction, payloadType, parameters }) => [direction, payloadType, parameters])).toEqual(['receive', 'send'].map((direction) => [
    direction, 97, { mediaPacketization: { rtpPayloadType: { payloadDescriptor: { oid: '0.0.8.241.0.0.0.1' }, payloadType: 97 } } },
  ]));
});

test('channels that are not understood are passed over', () => {
  const strange: h245.OpenLogicalChannel[] = [
    { forwardLogicalChannelNumber: 1, forwardLogicalChannelParameters: { dataType: { nullData: null }, multiplexParameters: { none: null } } },
    { forwardLogicalChannelNumber: 2, forwardLogicalChannelParameters: { dataType: { '...': { index: 40, encoding: Buffer.from('00', 'hex') } }, multiplexParameters: { h2250LogicalChannelParameters: { sessionID: 1 } } } },
    { forwardLogicalChannelNumber: 3, forwardLogicalChannelParameters: { dataType: { audioData: { g711Alaw64k: 20 } }, multiplexParameters: { h2250LogicalChannelParameters: { sessionID: 2 } } } },
  ];
  expect(descriptionOfFastStart(strange, PARTY)).toBeUndefined();
  expect(acceptFastStart(strange, PHONE_OFFER)).toEqual({ accepted: [], channels: [] });
  expect(channelsOfFastStart(PHONE_OFFER, strange)).toEqual([]);
});
