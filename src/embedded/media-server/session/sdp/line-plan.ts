import type { MediaKind } from '../../contracts';
import { agreeOnOffer, type Agreement } from './agreement';
import { CAMERA_CODECS } from './codecs';
import type { Description, MediaLine } from './description';

/** How a line's packets are protected: not at all, with keys from the description (RFC 4568), with keys from DTLS (RFC 5764). */
export type Security = 'none' | 'sdes' | 'dtls';

export interface LinePlan {
  kind: MediaKind;
  content: 'main' | 'slides';
  security: Security;
  agreement: Agreement;
}

export interface Capabilities {
  /** Codec names in our order; undefined for everything in the offerer's order. */
  codecs: readonly string[] | undefined;
  video: boolean;
}

/**
 * Which lines of an offer are answered, and how; undefined for those refused: other media, unknown transports, unusable
 * keys, no shared codec, and every further line of a kind that has one. Lines that offer the same media twice, protected
 * and not, thus come to the first usable one.
 */
export function planAnswer(offer: Description, capabilities: Capabilities): (LinePlan | undefined)[] {
  const taken = new Set<string>();
  return offer.lines.map((line) => {
    const plan = planLine(line, capabilities);
    if (plan === undefined) return undefined;
    const use = `${plan.kind} ${plan.content}`;
    if (taken.has(use)) return undefined;
    taken.add(use);
    return plan;
  });
}

function planLine(line: MediaLine, { codecs, video }: Capabilities): LinePlan | undefined {
  const kind = line.type === 'audio' || line.type === 'application' || (line.type === 'video' && video) ? line.type : undefined;
  const security = securityOf(line);
  if (kind === undefined || security === undefined || (line.port === 0 && !line.bundleOnly)) return undefined;
  const agreement = agreeOnOffer(line, kind, kind === 'application' ? CAMERA_CODECS : codecs);
  if (agreement === undefined) return undefined;
  return { kind, content: kind === 'video' && line.content === 'slides' ? 'slides' : 'main', security, agreement };
}

/**
 * Protection that a line asks for; undefined where it asks for one that cannot be had. Keys on an unprotected profile are
 * an offer of opportunistic encryption (RFC 8643), which is taken.
 */
export function securityOf(line: MediaLine): Security | undefined {
  const canDtls = line.fingerprint !== undefined && line.setup !== 'holdconn';
  switch (line.protocol) {
    case 'RTP/AVP':
    case 'RTP/AVPF':
      return line.cryptos.length > 0 ? 'sdes' : canDtls ? 'dtls' : 'none';
    case 'RTP/SAVP':
    case 'RTP/SAVPF':
      return canDtls ? 'dtls' : line.cryptos.length > 0 ? 'sdes' : undefined;
    case 'UDP/TLS/RTP/SAVP':
    case 'UDP/TLS/RTP/SAVPF':
      return canDtls ? 'dtls' : undefined;
    default:
      return undefined;
  }
}
