import type { Codec } from '../contracts';
import type { Stream } from './rtp-stream';
import type { Agreement } from './sdp/agreement';
import type { CryptoAttribute } from './sdp/crypto-attribute';
import type { MediaLine } from './sdp/description';
import type { Security } from './sdp/line-plan';
import type { LocalLine, RefusedLine } from './sdp/write';
import type { MediaTransport } from './transport/media-transport';

/** What lives on an m-line after a completed negotiation. */
export interface LiveLine {
  stream: Stream;
  transport: MediaTransport;
  security: Security;
  agreement: Agreement;
  /** Our key, for lines protected by SDES. */
  crypto: CryptoAttribute | undefined;
  midExtension: number | undefined;
  /** SSRCs that the other side announced. */
  ssrcs: readonly number[];
  bandwidth: MediaLine['bandwidth'];
}

/** An m-line of the session; its place never changes (RFC 3264 section 8). */
export interface Line {
  type: string;
  protocol: string;
  formats: string;
  mid: string | undefined;
  live: LiveLine | undefined;
}

export const refused = (line: Line): RefusedLine =>
  ({ refused: true, type: line.type, protocol: line.protocol, formats: line.formats, mid: line.mid });

/** What the description of a line says beside its codecs and its addresses. */
export interface LineDescription {
  line: Pick<Line, 'type' | 'protocol' | 'mid'>;
  transport: MediaTransport;
  codecs: readonly Codec[];
  direction: Agreement['direction'];
  feedback: LocalLine['feedback'];
  rtcpMux: boolean;
  cryptos: readonly CryptoAttribute[];
  content: 'main' | 'slides';
  ptime: number | undefined;
  bandwidth: MediaLine['bandwidth'];
  midExtension: number | undefined;
  source: LocalLine['source'];
  dtls: LocalLine['dtls'];
}

export function describeLine(description: LineDescription): LocalLine {
  const { line, transport, content, ...rest } = description;
  return {
    refused: false,
    ...line,
    ...rest,
    port: transport.rtpPort,
    rtcpPort: transport.rtcpPort,
    // Devices without RFC 4796 may stumble over `main`; a second video line needs its name.
    content: content === 'slides' ? content : undefined,
    ice: transport.ice,
  };
}
