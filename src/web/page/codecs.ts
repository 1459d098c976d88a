/** What is needed of a codec capability (WebRTC section 5.3.1.1) to order it. */
interface VideoCodec {
  mimeType: string;
  sdpFmtpLine?: string;
}

/**
 * H.264 in front, which meeting-room systems decode too, so that nothing has to be transcoded; of its variants first those with
 * several slices a packet (packetization-mode 1, RFC 6184 section 6.3). The browser's own order otherwise.
 */
export function h264First<T extends VideoCodec>(codecs: readonly T[]): T[] {
  const rank = ({ mimeType, sdpFmtpLine = '' }: T): number => {
    if (mimeType.toLowerCase() !== 'video/h264') return 2;
    return /packetization-mode=1/.test(sdpFmtpLine) ? 0 : 1;
  };
  return [...codecs].sort((a, b) => rank(a) - rank(b));
}
