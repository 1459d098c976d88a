import { fault, type RequestFault } from './fault';
import { parseParams, splitOutside } from './grammar';
import { parseWire } from './request';
import { checkSdp } from './sdp-check';

export interface BodyPart {
  /** Media type, lower case, without parameters. */
  type: string;
  content: string;
}

/** The body of a request that may carry an offer or answer. */
export interface SessionBody {
  sdp?: string;
  /** Parts of a multipart body besides the SDP. */
  others: BodyPart[];
}

interface PartHeaders {
  type?: string;
  disposition?: string;
  encoding?: string;
}

const ACCEPTED = { Accept: 'application/sdp, multipart/mixed' };
const MAX_PARTS = 16;

const mediaType = (value: string): string => (splitOutside(value, ';')?.[0] ?? '').toLowerCase().replace(/\s/g, '');

/**
 * Finds the SDP of a body: the whole body or a part of a multipart one (RFC 5621 section 3). A part of another type passes
 * unless it says that it must be understood (RFC 3261 section 20.11 `handling=required`).
 */
export function readSessionBody(headers: PartHeaders, body: string): SessionBody | RequestFault {
  if (body.trim() === '') return { others: [] };
  if (headers.type === undefined) return fault(400, 'The body has no Content-Type');
  if (headers.encoding !== undefined && headers.encoding.trim().toLowerCase() !== 'identity') {
    return fault(415, `Content-Encoding ${headers.encoding} is not understood`, { 'Accept-Encoding': 'identity' });
  }
  const type = mediaType(headers.type);
  if (type === 'application/sdp') {
    const wrong = checkSdp(body);
    return wrong ?? { sdp: body, others: [] };
  }
  if (!type.startsWith('multipart/')) return unknownPart(type, headers.disposition, true) ?? { others: [{ type, content: body }] };

  const parts = splitMultipart(headers.type, body);
  if (!parts) return fault(400, 'The multipart body does not match its boundary or has too many parts');
  const result: SessionBody = { others: [] };
  for (const part of parts) {
    const partType = mediaType(part.headers.type ?? 'text/plain');
    if (partType === 'application/sdp' && result.sdp === undefined) {
      const wrong = checkSdp(part.content);
      if (wrong) return wrong;
      result.sdp = part.content;
      continue;
    }
    const wrong = unknownPart(partType, part.headers.disposition, false);
    if (wrong) return wrong;
    result.others.push({ type: partType, content: part.content });
  }
  return result;
}

function unknownPart(type: string, disposition: string | undefined, requiredByDefault: boolean): RequestFault | undefined {
  const handling = parseParams(splitOutside(disposition ?? '', ';')?.slice(1) ?? [])?.get('handling')?.toLowerCase();
  const required = handling === undefined ? requiredByDefault : handling === 'required';
  return required ? fault(415, `Content-Type ${type} is not understood here`, ACCEPTED, 305) : undefined;
}

function splitMultipart(contentType: string, body: string): { headers: PartHeaders; content: string }[] | undefined {
  const boundary = parseParams(splitOutside(contentType, ';')?.slice(1) ?? [])?.get('boundary');
  if (!boundary || boundary.length > 70) return undefined;
  // RFC 2046 section 5.1.1: what stands before the first and after the last delimiter means nothing.
  const pieces = `\r\n${body}`.split(`\r\n--${boundary}`);
  const end = pieces.findIndex((piece, index) => index > 0 && piece.startsWith('--'));
  if (end < 2 || end > MAX_PARTS + 1) return undefined;
  return pieces.slice(1, end).map((piece) => {
    const { rows, body: content } = parseWire(piece.startsWith('\r\n\r\n') ? `\r\n${piece}` : piece);
    const value = (name: string) => rows.find((row) => row.name === name)?.value;
    return { headers: { type: value('content-type'), disposition: value('content-disposition'), encoding: value('content-encoding') }, content };
  });
}
