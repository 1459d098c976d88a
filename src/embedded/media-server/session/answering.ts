import { MediaError } from '../contracts';
import { connectTransport } from './connecting';
import { describeLine, refused } from './line';
import type { Established, SessionMedia } from './session-media';
import { feedbackFor } from './sdp/agreement';
import { newCryptoAttribute, type CryptoAttribute } from './sdp/crypto-attribute';
import type { Description, Feedback, MediaLine } from './sdp/description';
import { planAnswer, type Capabilities, type LinePlan } from './sdp/line-plan';
import type { LocalLine, RefusedLine } from './sdp/write';
import type { MediaTransport } from './transport/media-transport';

/**
 * Answers an offer (RFC 3264 section 6) and puts it into effect. Rejects with MediaError: 488 when no line can be answered,
 * 400 when the offer has fewer lines than the session, 503 or 500 without ports; the session then stays as it was.
 */
export async function answerOffer(media: SessionMedia, offer: Description, capabilities: Capabilities): Promise<string> {
  if (offer.lines.length < media.lines.length) {
    throw new MediaError('BAD_SDP', `the offer has ${offer.lines.length} m-lines, the session ${media.lines.length}`, 400, 111,
      'an m-line that is given up stays in its place with port 0 (RFC 3264 section 8.2)');
  }
  const plans = planAnswer(offer, capabilities);
  const givesUpAll = media.lines.length > 0 && offer.lines.every((line) => line.port === 0);
  if (!givesUpAll && plans.every((plan) => plan === undefined)) throw notAcceptable(offer, capabilities);
  const transports = await assignTransports(media, offer, plans);
  offer.lines.forEach((_line, index) => commitLine(media, offer, index, plans[index], transports[index]));
  media.settle();
  const lines = offer.lines.map((line, index) => answerLine(media, index, line));
  const bundle = offer.bundle.filter((mid) => media.lines.some((line) => line.mid === mid && line.live !== undefined));
  return media.write(lines, bundle);
}

function notAcceptable(offer: Description, { codecs, video }: Capabilities): MediaError {
  const offered = offer.lines.map((line) => `${line.type} ${line.protocol} ${line.codecs.map((codec) => codec.name).join(',') || line.formats}`.slice(0, 120));
  return new MediaError('NOTHING_SHARED', `nothing in the offer can be answered: ${offered.join('; ')}`, 488, 88,
    `this side has ${codecs?.join(', ') ?? 'its default codecs'}${video ? '' : ' and no video'}, over RTP, SRTP with SDES keys, or DTLS-SRTP`);
}

/** Lines of a BUNDLE share the transport of the first one that is answered; the others keep theirs or get new ones. */
async function assignTransports(media: SessionMedia, offer: Description, plans: readonly (LinePlan | undefined)[]): Promise<(MediaTransport | undefined)[]> {
  const transports: (MediaTransport | undefined)[] = [];
  let bundled: MediaTransport | undefined;
  try {
    for (const [index, plan] of plans.entries()) {
      const line = offer.lines[index]!;
      const inBundle = line.mid !== undefined && offer.bundle.includes(line.mid);
      if (plan === undefined) transports.push(undefined);
      else if (inBundle && bundled !== undefined) transports.push(bundled);
      else {
        const transport = ownTransport(media, index, transports) ?? await media.openTransport();
        if (inBundle) bundled = transport;
        transports.push(transport);
      }
    }
  } catch (error) {
    media.settle();
    throw error;
  }
  return transports;
}

/** The line's transport so far, unless a line before it has taken it over (a BUNDLE that was dissolved). */
function ownTransport(media: SessionMedia, index: number, taken: readonly (MediaTransport | undefined)[]): MediaTransport | undefined {
  const transport = media.lines[index]?.live?.transport;
  return taken.includes(transport) ? undefined : transport;
}

function commitLine(media: SessionMedia, offer: Description, index: number, plan: LinePlan | undefined, transport: MediaTransport | undefined): void {
  const line = offer.lines[index]!;
  const live = media.lines[index]?.live;
  media.lines[index] = { type: line.type, protocol: line.protocol, formats: line.formats, mid: line.mid, live };
  if (plan === undefined || transport === undefined) {
    media.refuse(index);
    return;
  }
  // The offerer controls ICE unless it is lite (RFC 8445 section 6.1.1).
  if (media.isFirstOn(transport, index)) connectTransport(transport, line, { controlling: offer.iceLite, isOffer: true, security: plan.security });
  media.establish(index, { ...plan, transport, remote: line, keys: keysFor(line, plan, live?.crypto) });
}

/** The first offered key whose suite we know is taken; ours stays while its tag and suite do (RFC 4568 sections 7.1.2, 7.1.4). */
function keysFor(line: MediaLine, plan: LinePlan, before: CryptoAttribute | undefined): Established['keys'] {
  if (plan.security !== 'sdes') return undefined;
  const remote = line.cryptos.find((crypto) => before !== undefined && crypto.profile === before.profile) ?? line.cryptos[0]!;
  const local = before?.profile === remote.profile ? { ...before, tag: remote.tag } : newCryptoAttribute(remote.tag, remote.profile.name);
  return { local, remote };
}

function answerLine(media: SessionMedia, index: number, offered: MediaLine): LocalLine | RefusedLine {
  const line = media.lines[index]!;
  const { live } = line;
  if (live === undefined) return refused(line);
  const { agreement, transport, crypto } = live;
  return describeLine({
    line,
    transport,
    codecs: agreement.written,
    direction: agreement.direction,
    feedback: new Map(agreement.written.map((codec): [string, Feedback] => [String(codec.payloadType), feedbackFor(offered, codec)])),
    rtcpMux: transport.rtcpMux,
    cryptos: crypto === undefined ? [] : [crypto],
    content: live.stream.content,
    ptime: live.stream.kind === 'audio' ? agreement.ptime : undefined,
    bandwidth: live.bandwidth,
    midExtension: live.midExtension,
    source: { ssrc: live.stream.ssrc, cname: media.cname, streamId: media.streamId },
    dtls: live.security !== 'dtls' ? undefined
      : { fingerprint: media.context.certificate().fingerprint, setup: transport.dtlsRole === 'client' ? 'active' : 'passive' },
  });
}
