import { BROWSER_OFFER, ENCRYPTED_DESKTOP_OFFER, PHONE_OFFER, ROOM_SYSTEM_OFFER } from '../../media-server/session/fixtures';

const lines = (text: string): string => text.trim().split('\n').map((line) => line.trim()).join('\r\n') + '\r\n';

/** As FreeSWITCH 1.10 writes it. */
export const FREESWITCH_OFFER = lines(`
  v=0
  o=FreeSWITCH 1795291729 1795291730 IN IP4 127.0.0.1
  s=FreeSWITCH
  c=IN IP4 127.0.0.1
  t=0 0
  m=audio 26708 RTP/AVP 102 9 0 8 105 106 101 13
  a=rtpmap:102 opus/48000/2
  a=fmtp:102 useinbandfec=1; maxaveragebitrate=30000; maxplaybackrate=48000; ptime=20; minptime=10; maxptime=40
  a=rtpmap:9 G722/8000
  a=rtpmap:0 PCMU/8000
  a=rtpmap:8 PCMA/8000
  a=rtpmap:105 telephone-event/48000
  a=fmtp:105 0-15
  a=rtpmap:101 telephone-event/8000
  a=fmtp:101 0-15
  a=rtpmap:106 CN/48000
  a=rtpmap:13 CN/8000
  a=ptime:20
  a=sendrecv
  m=video 25924 RTP/AVP 103 104
  b=AS:1024
  a=rtpmap:103 H264/90000
  a=rtpmap:104 VP8/90000
  a=sendrecv
  a=rtcp-fb:103 ccm fir
  a=rtcp-fb:103 nack pli
`);

/** As baresip 1.0 writes it. */
export const BARESIP_OFFER = lines(`
  v=0
  o=- 1299976491 1244534113 IN IP4 127.0.0.1
  s=-
  c=IN IP4 127.0.0.1
  t=0 0
  a=tool:baresip 1.0.0
  m=audio 33390 RTP/AVP 96 9 0 8 101
  a=rtpmap:96 opus/48000/2
  a=fmtp:96 stereo=1;sprop-stereo=1
  a=rtpmap:9 G722/8000
  a=rtpmap:0 PCMU/8000
  a=rtpmap:8 PCMA/8000
  a=rtpmap:101 telephone-event/8000
  a=fmtp:101 0-15
  a=sendrecv
  a=label:1
  a=rtcp-rsize
  a=ssrc:3024461498 cname:sip:a@127.0.0.1
  a=minptime:20
  a=ptime:20
  m=video 14476 RTP/AVP 96 97 34 98 99 100
  a=rtpmap:96 H264/90000
  a=fmtp:96 packetization-mode=0;profile-level-id=42e01f
  a=rtpmap:97 H264/90000
  a=fmtp:97 packetization-mode=1;profile-level-id=42e01f
  a=rtpmap:34 H263/90000
  a=fmtp:34 CIF=1;CIF4=1
  a=rtpmap:98 MP4V-ES/90000
  a=fmtp:98 profile-level-id=3
  a=rtpmap:99 H265/90000
  a=fmtp:99 profile-id=1
  a=rtpmap:100 VP8/90000
  a=fmtp:100 max-fs=3600
  a=sendrecv
  a=label:2
  a=rtcp-rsize
  a=ssrc:2550557826 cname:sip:a@127.0.0.1
  a=framerate:25.00
  a=rtcp-fb:* nack pli
  a=content:main
`);

/** Every kind of party. */
export const DESCRIPTIONS: Readonly<Record<string, string>> = {
  'room system': ROOM_SYSTEM_OFFER, 'encrypted desktop client': ENCRYPTED_DESKTOP_OFFER, browser: BROWSER_OFFER, phone: PHONE_OFFER,
  FreeSWITCH: FREESWITCH_OFFER, baresip: BARESIP_OFFER,
};
