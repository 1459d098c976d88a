import { MediaError, type Codec, type MediaKind, type SessionOptions } from '../contracts';
import { connectTransport } from './connecting';
import { describeLine, refused, type Line } from './line';
import { agreeOnAnswer } from './sdp/agreement';
import { CAMERA_CODECS, DEFAULT_CODECS, offeredCodecs } from './sdp/codecs';
import { newCryptoAttribute, OFFERED_SUITES, type CryptoAttribute } from './sdp/crypto-attribute';
import type { Description, Feedback, MediaLine } from './sdp/description';
import { securityOf, type Security } from './sdp/line-plan';
import { keepPayloadTypes } from './sdp/payload-types';
import type { LocalLine, RefusedLine } from './sdp/write';
import type { Established, SessionMedia } from './session-media';
import type { MediaTransport } from './transport/media-transport';

const PROTOCOLS: Readonly<Record<SessionOptions['transport'], string>> = { rtp: 'RTP/AVP', srtp: 'RTP/SAVP', webrtc: 'UDP/TLS/RTP/SAVPF' };
const SECURITY: Readonly<Record<SessionOptions['transport'], Security>> = { rtp: 'none', srtp: 'sdes', webrtc: 'dtls' };
const ALL_FEEDBACK: Feedback = { nack: true, pli: true, fir: true };

type Content = 'main' | 'slides';

/** A line of our offer until the answer comes; undefined for one that is given up or was refused before. */
interface ProposedLine {
  kind: MediaKind;
  content: Content;
  security: Security;
  transport: MediaTransport;
  codecs: readonly Codec[];
  cryptos: readonly CryptoAttribute[];
}

/** An offer that waits for its answer. */
export interface Proposal {
  sdp: string;
  lines: readonly Line[];
  proposed: readonly (ProposedLine | undefined)[];
}

/**
 * Makes an offer: every line of the session in its place, audio always, video as the options say, keys, ports and payload
 * types as they were. Rejects with MediaError 503 or 500 without ports, 500 when no codec is known.
 */
export async function makeOffer(media: SessionMedia, options: SessionOptions): Promise<Proposal> {
  const lines: Line[] = media.lines.map((line) => ({ ...line }));
  const added = new Map<Line, Content>();
  for (const { kind, content } of wantedLines(options)) {
    if (lines.some((line) => line.live?.stream.kind === kind && line.live.stream.content === content)) continue;
    // Other applications' lines, as of floor control, stay what they were.
    const given = lines.findIndex((line) => line.type === kind && line.protocol.includes('RTP/') && line.live === undefined && !added.has(line));
    const line: Line = { type: kind, protocol: protocolFor(lines, options), formats: '', mid: undefined, live: undefined };
    const index = given < 0 ? lines.length : given;
    if (options.transport === 'webrtc' || lines.some((each) => each.mid !== undefined)) line.mid = lines[given]?.mid ?? freeMid(lines);
    lines[index] = line;
    added.set(line, content);
  }
  const proposed: (ProposedLine | undefined)[] = [];
  try {
    for (const line of lines) proposed.push(await propose(media, line, added.get(line), lines, proposed, options));
  } catch (error) {
    media.settle();
    throw error;
  }
  if (proposed.every((each) => each === undefined)) {
    throw new MediaError('NOTHING_TO_OFFER', `nothing can be offered with the codecs ${(options.codecs ?? DEFAULT_CODECS).join(', ')}`, 500, 38, 'known ones are OPUS, G722, PCMA, PCMU, L16, H264 and VP8');
  }
  const written = lines.map((line, index) => writeLine(media, line, index, proposed[index]));
  const bundle = written.flatMap((line, index) => (!line.refused && line.mid !== undefined && proposed[index]?.security === 'dtls' ? [line.mid] : []));
  return { sdp: media.write(written, bundle), lines, proposed };
}

function wantedLines({ video, slides, camera }: SessionOptions): { kind: MediaKind; content: Content }[] {
  return [
    { kind: 'audio', content: 'main' },
    ...(video ? [{ kind: 'video', content: 'main' } as const] : []),
    ...(video && slides ? [{ kind: 'video', content: 'slides' } as const] : []),
    ...(camera ? [{ kind: 'application', content: 'main' } as const] : []),
  ];
}

/** A new line is carried as the lines are that the session has. */
function protocolFor(lines: readonly Line[], options: SessionOptions): string {
  return lines.find((line) => line.live !== undefined)?.protocol ?? PROTOCOLS[options.transport];
}

function freeMid(lines: readonly Line[]): string {
  let mid = lines.length;
  while (lines.some((line) => line.mid === String(mid))) mid++;
  return String(mid);
}

/** @param added what a new line is for */
async function propose(
  media: SessionMedia, line: Line, added: Content | undefined, lines: readonly Line[], before: readonly (ProposedLine | undefined)[], options: SessionOptions,
): Promise<ProposedLine | undefined> {
  const { live } = line;
  const kind = live?.stream.kind ?? (added === undefined ? undefined : line.type as MediaKind);
  const codecs = kind === undefined || (kind === 'video' && !options.video) ? [] : offeredCodecs(kind === 'application' ? CAMERA_CODECS : options.codecs ?? DEFAULT_CODECS, kind);
  if (kind === undefined || codecs.length === 0) return undefined;
  const sibling = lines.find((each) => each.live !== undefined)?.live;
  const security = live?.security ?? sibling?.security ?? SECURITY[options.transport];
  const transport = live?.transport
    // A line added to a BUNDLE joins it at once, since the other side is known to take it.
    ?? (sibling !== undefined && media.isBundled(sibling.transport) ? sibling.transport : await media.openTransport());
  if (live === undefined && security === 'dtls') transport.enableIce();
  const own = before.find((each) => each?.transport === transport);
  return {
    kind,
    content: live?.stream.content ?? added ?? 'main',
    security,
    transport,
    codecs: keepPayloadTypes(codecs, [...(live?.agreement.written ?? []), ...(own?.codecs ?? [])]),
    cryptos: security !== 'sdes' ? [] : live?.crypto !== undefined ? [live.crypto] : OFFERED_SUITES.map((name, index) => newCryptoAttribute(index + 1, name)),
  };
}

function writeLine(media: SessionMedia, line: Line, index: number, proposed: ProposedLine | undefined): LocalLine | RefusedLine {
  if (proposed === undefined) return refused(line.formats === '' ? { ...line, formats: '0' } : line);
  const { transport, codecs, cryptos, content, security, kind } = proposed;
  return describeLine({
    line,
    transport,
    codecs,
    direction: 'sendrecv',
    feedback: kind === 'video' ? new Map([['*', ALL_FEEDBACK]]) : new Map(),
    rtcpMux: security === 'dtls' || transport.rtcpMux,
    cryptos,
    content,
    ptime: kind === 'audio' ? 20 : undefined,
    bandwidth: line.live?.bandwidth ?? [],
    midExtension: line.live?.midExtension,
    source: { ssrc: media.ssrcOf(index), cname: media.cname, streamId: media.streamId },
    dtls: security === 'dtls' ? { fingerprint: media.context.certificate().fingerprint, setup: 'actpass' } : undefined,
  });
}

/**
 * Takes the answer to our offer and puts both into effect. Throws MediaError 400 for an answer that does not fit the offer,
 * 488 when it refuses every line; the session then stays as it was before the offer.
 */
export function acceptAnswer(media: SessionMedia, proposal: Proposal, answer: Description): void {
  if (answer.lines.length > proposal.lines.length) {
    throw new MediaError('BAD_SDP', `the answer has ${answer.lines.length} m-lines, the offer ${proposal.lines.length}`, 400, 111);
  }
  const outcomes = proposal.proposed.map((proposed, index) => outcome(proposed, answer.lines[index]));
  if (outcomes.every((each) => each === undefined) && proposal.proposed.some((each) => each !== undefined)) {
    throw new MediaError('NOTHING_SHARED', 'the answer takes no line of the offer', 488, 88, 'the other side has none of the offered codecs or transports');
  }
  let bundled: MediaTransport | undefined;
  proposal.lines.forEach((line, index) => {
    const answered = answer.lines[index];
    media.lines[index] = { ...line, protocol: line.protocol, formats: answered?.formats ?? line.formats, mid: line.mid };
    const established = outcomes[index];
    if (established === undefined || answered === undefined) {
      media.refuse(index);
      return;
    }
    const inBundle = answered.mid !== undefined && answer.bundle.includes(answered.mid);
    const transport = inBundle ? bundled ??= established.transport : established.transport;
    if (media.isFirstOn(transport, index)) connectTransport(transport, answered, { controlling: true, isOffer: false, security: established.security });
    media.establish(index, { ...established, transport });
  });
  media.settle();
}

function outcome(proposed: ProposedLine | undefined, answer: MediaLine | undefined): Established | undefined {
  if (proposed === undefined || answer === undefined || answer.type !== proposed.kind) return undefined;
  if (answer.port === 0 && !(answer.bundleOnly)) return undefined;
  const agreement = agreeOnAnswer({ codecs: proposed.codecs, direction: 'sendrecv' }, answer);
  if (agreement === undefined || securityOf(answer) !== proposed.security) return undefined;
  const { kind, content, security, transport } = proposed;
  if (security !== 'sdes') return { kind, content, security, agreement, transport, remote: answer, keys: undefined };
  const remote = answer.cryptos[0];
  const local = proposed.cryptos.find((crypto) => crypto.tag === remote?.tag && crypto.profile === remote.profile);
  return remote === undefined || local === undefined ? undefined : { kind, content, security, agreement, transport, remote: answer, keys: { local, remote } };
}
