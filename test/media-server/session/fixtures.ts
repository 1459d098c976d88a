/** Session descriptions in the shape that real devices write. Addresses are of documentation and loopback. */
const lines = (text: string): string => text.trim().split('\n').map((line) => line.trim()).join('\r\n') + '\r\n';

/** A room system of the TC3 age: AAC-LD and G.722.1 before G.722, two H.264 modes, BFCP, slides, far-end camera control. */
export const ROOM_SYSTEM_OFFER = lines(`
  v=0
  o=tandberg 7 2 IN IP4 127.0.0.1
  s=-
  c=IN IP4 127.0.0.1
  b=AS:1152
  t=0 0
  m=audio 2334 RTP/AVP 100 101 102 9 18 8 0
  b=TIAS:64000
  a=rtpmap:100 MP4A-LATM/90000
  a=fmtp:100 profile-level-id=24;object=23;bitrate=64000
  a=rtpmap:101 G7221/32000
  a=fmtp:101 bitrate=48000
  a=rtpmap:102 G7221/16000
  a=fmtp:102 bitrate=32000
  a=rtpmap:9 G722/8000
  a=rtpmap:18 G729/8000
  a=rtpmap:8 PCMA/8000
  a=rtpmap:0 PCMU/8000
  a=sendrecv
  m=video 2336 RTP/AVP 97 98 99 34 31
  b=TIAS:1152000
  a=rtpmap:97 H264/90000
  a=fmtp:97 profile-level-id=428016;max-mbps=35000;max-fs=3600;max-smbps=323500
  a=rtpmap:98 H264/90000
  a=fmtp:98 profile-level-id=428016;max-mbps=35000;max-fs=3600;max-smbps=323500;packetization-mode=1
  a=rtpmap:99 H263-1998/90000
  a=fmtp:99 custom=1024,768,4;cif=1
  a=rtpmap:34 H263/90000
  a=rtpmap:31 H261/90000
  a=rtcp-fb:* nack pli
  a=sendrecv
  a=content:main
  a=label:11
  m=application 5070 UDP/BFCP *
  a=floorctrl:c-s
  a=confid:1
  a=floorid:2 mstrm:12
  a=userid:7
  a=setup:passive
  a=connection:new
  m=video 2338 RTP/AVP 97 98
  b=TIAS:1152000
  a=rtpmap:97 H264/90000
  a=fmtp:97 profile-level-id=428016;max-mbps=35000;max-fs=3600
  a=rtpmap:98 H264/90000
  a=fmtp:98 profile-level-id=428016;max-mbps=35000;max-fs=3600;packetization-mode=1
  a=rtcp-fb:* nack pli
  a=sendrecv
  a=content:slides
  a=label:12
  m=application 2340 RTP/AVP 105
  a=rtpmap:105 H224/4800
  a=sendrecv
`);

/** A desktop client behind a B2BUA: SAVP with several keys, some of them without protection, BFCP and iX beside. */
export const ENCRYPTED_DESKTOP_OFFER = lines(`
  v=0
  o=tandberg 1 1 IN IP4 127.0.0.1
  s=-
  c=IN IP4 127.0.0.1
  t=0 0
  m=audio 50040 RTP/SAVP 96 9 8 0 97
  a=rtpmap:96 opus/48000/2
  a=fmtp:96 maxplaybackrate=16000
  a=rtpmap:9 G722/8000
  a=rtpmap:8 PCMA/8000
  a=rtpmap:0 PCMU/8000
  a=rtpmap:97 telephone-event/8000
  a=fmtp:97 0-15
  a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^48
  a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR|2^48 UNENCRYPTED_SRTCP
  a=crypto:3 AES_CM_128_HMAC_SHA1_32 inline:NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj|2^48
  a=sendrecv
  m=video 50042 RTP/SAVP 126 97
  a=rtpmap:126 H264/90000
  a=fmtp:126 profile-level-id=42801f;max-br=1500;max-mbps=108000;max-fs=3600;packetization-mode=1
  a=rtpmap:97 H264/90000
  a=fmtp:97 profile-level-id=42801f
  a=rtcp-fb:* nack pli
  a=rtcp-fb:* ccm fir
  a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^48
  a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR|2^48 UNENCRYPTED_SRTCP
  a=content:main
  a=sendrecv
  m=application 50044 UDP/BFCP *
  a=confid:1
  a=userid:1
  m=application 50046 UDP/UDT/IX *
  a=ixmap:0 ping
`);

/** What a browser offers: everything bundled, trickled candidates, simulcast, header extensions. */
export const BROWSER_OFFER = lines(`
  v=0
  o=- 4611731400430051336 2 IN IP4 127.0.0.1
  s=-
  t=0 0
  a=group:BUNDLE 0 1 2
  a=extmap-allow-mixed
  a=msid-semantic: WMS stream
  m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
  c=IN IP4 0.0.0.0
  a=rtcp:9 IN IP4 0.0.0.0
  a=ice-ufrag:1234
  a=ice-pwd:asd88fgpdd777uzjYhagZg77
  a=ice-options:trickle
  a=fingerprint:sha-256 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:12:34:56:78:9A:BC:DE:F0:12:34:56:78
  a=setup:actpass
  a=mid:0
  a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
  a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
  a=sendrecv
  a=msid:stream audio
  a=rtcp-mux
  a=rtcp-rsize
  a=rtpmap:111 opus/48000/2
  a=rtcp-fb:111 transport-cc
  a=fmtp:111 minptime=10;useinbandfec=1
  a=rtpmap:63 red/48000/2
  a=fmtp:63 111/111
  a=rtpmap:9 G722/8000
  a=rtpmap:0 PCMU/8000
  a=rtpmap:8 PCMA/8000
  a=rtpmap:13 CN/8000
  a=rtpmap:110 telephone-event/48000
  a=rtpmap:126 telephone-event/8000
  a=ssrc:1001 cname:browser
  m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 125 127 39
  c=IN IP4 0.0.0.0
  a=rtcp:9 IN IP4 0.0.0.0
  a=ice-ufrag:1234
  a=ice-pwd:asd88fgpdd777uzjYhagZg77
  a=ice-options:trickle
  a=fingerprint:sha-256 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:12:34:56:78:9A:BC:DE:F0:12:34:56:78
  a=setup:actpass
  a=mid:1
  a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
  a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
  a=sendrecv
  a=msid:stream video
  a=rtcp-mux
  a=rtpmap:96 VP8/90000
  a=rtcp-fb:96 goog-remb
  a=rtcp-fb:96 transport-cc
  a=rtcp-fb:96 ccm fir
  a=rtcp-fb:96 nack
  a=rtcp-fb:96 nack pli
  a=rtpmap:97 rtx/90000
  a=fmtp:97 apt=96
  a=rtpmap:102 H264/90000
  a=rtcp-fb:102 ccm fir
  a=rtcp-fb:102 nack
  a=rtcp-fb:102 nack pli
  a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
  a=rtpmap:103 rtx/90000
  a=fmtp:103 apt=102
  a=rtpmap:125 H264/90000
  a=rtcp-fb:125 nack pli
  a=fmtp:125 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f
  a=rtpmap:127 H264/90000
  a=rtcp-fb:127 nack pli
  a=fmtp:127 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f
  a=rtpmap:39 AV1/90000
  a=rid:hi send
  a=rid:lo send
  a=simulcast:send hi;lo
  a=ssrc:2002 cname:browser
  m=application 9 UDP/DTLS/SCTP webrtc-datachannel
  c=IN IP4 0.0.0.0
  a=mid:2
  a=sctp-port:5000
`);

/** A plain phone. */
export const PHONE_OFFER = lines(`
  v=0
  o=- 1 1 IN IP4 127.0.0.1
  s=-
  c=IN IP4 127.0.0.1
  t=0 0
  m=audio 40000 RTP/AVP 0 8 101
  a=rtpmap:0 PCMU/8000
  a=rtpmap:8 PCMA/8000
  a=rtpmap:101 telephone-event/8000
  a=fmtp:101 0-16
  a=ptime:30
`);
