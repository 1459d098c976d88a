import { isIP } from 'node:net';
import { fault, type RequestFault } from './fault';

const MAX_BYTES = 32_768;
const MAX_LINES = 1_000;
const MAX_LINE = 4_096;
const MAX_MEDIA = 24;
const HOST = /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;

/**
 * Checks of an SDP body what the gateway relies on (RFC 8866 section 5, RFC 3264 section 5): bounds, the lines that must be
 * there, media lines and addresses. Leaves the rest to the endpoints. Undefined: nothing is wrong.
 */
export function checkSdp(sdp: string): RequestFault | undefined {
  if (Buffer.byteLength(sdp) > MAX_BYTES) return fault(413, `SDP is longer than ${MAX_BYTES} bytes`);
  const lines = sdp.replace(/(?:\r?\n)+$/, '').split(/\r?\n/);
  if (lines.length > MAX_LINES) return fault(413, `SDP has more than ${MAX_LINES} lines`);
  if (lines[0] !== 'v=0') return fault(400, 'SDP line 1 is not v=0');
  if (!lines.some((line) => line.startsWith('o='))) return fault(400, 'SDP has no o= line');
  let media: { line: number; port: number; connected: boolean } | undefined;
  let sessionConnected = false;
  let count = 0;
  const unconnected = () => media && media.port !== 0 && !media.connected && !sessionConnected
    && fault(400, `SDP line ${media.line}: no c= line says where this media goes`);
  for (const [index, line] of lines.entries()) {
    const number = index + 1;
    if (line.length > MAX_LINE) return fault(413, `SDP line ${number} is longer than ${MAX_LINE} characters`);
    if (!/^[a-z]=/.test(line)) return fault(400, `SDP line ${number} is not of the form type=value`);
    if (line.startsWith('m=')) {
      const missing = unconnected();
      if (missing) return missing;
      if (++count > MAX_MEDIA) return fault(488, `SDP has more than ${MAX_MEDIA} media lines`);
      const port = /^m=[\w.-]+ (\d{1,5})(?:\/\d{1,5})? [\w/.-]+(?: \S+)+$/.exec(line.trimEnd())?.[1];
      if (port === undefined || Number(port) > 65_535) return fault(400, `SDP line ${number}: the m= line is malformed`);
      media = { line: number, port: Number(port), connected: false };
    } else if (line.startsWith('c=')) {
      const wrong = checkConnection(line, number);
      if (wrong) return wrong;
      if (media) media.connected = true;
      else sessionConnected = true;
    }
  }
  return unconnected() || undefined;
}

function checkConnection(line: string, number: number): RequestFault | undefined {
  const [network, family, address, ...rest] = line.slice(2).trimEnd().split(' ');
  if (network !== 'IN') return fault(488, `SDP line ${number}: network ${network} is not IN`, {}, 300);
  if (family !== 'IP4' && family !== 'IP6') return fault(488, `SDP line ${number}: address type ${family} is not IP4 or IP6`, {}, 301);
  const host = address?.split('/')[0] ?? '';
  const version = isIP(host);
  const right = version === 0 ? HOST.test(host) && !/^[\d.]+$/.test(host) : version === (family === 'IP4' ? 4 : 6);
  return right && rest.length === 0 ? undefined : fault(400, `SDP line ${number}: ${address} is no ${family} address`);
}
