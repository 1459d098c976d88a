import type { Codec, MediaKind } from '../../contracts';
import { inPreferenceOrder, isKnown, isSameCodec, TELEPHONE_EVENT } from './codecs';
import type { Feedback, MediaLine } from './description';
import { matchDirection, type Direction } from './direction';

const DEFAULT_PTIME = 20;

/** What two descriptions of one line come to, seen from our side. */
export interface Agreement {
  /** What we send: the other side's payload type and parameters. */
  codec: Codec;
  telephoneEvent: Codec | undefined;
  /** What we may receive, by payload type, with our parameters. */
  receives: ReadonlyMap<number, Codec>;
  direction: Direction;
  ptime: number;
  feedback: Feedback;
  /** Our codecs as our description lists them. */
  written: readonly Codec[];
}

/** Receiver capabilities of H.264 beyond the level (RFC 6184 section 8.1): passed on, because pictures are. */
const H264_MIRRORED = ['profile-level-id', 'packetization-mode', 'level-asymmetry-allowed', 'max-mbps', 'max-smbps', 'max-fs', 'max-br', 'max-dpb'];

/**
 * What we answer to an offered line; undefined where no codec is shared. `names` is what we may use, in our order; without
 * it everything known in the offerer's order (see `inPreferenceOrder`). All shared codecs are answered, so that the
 * offerer may change between them; payload types are the offerer's.
 */
export function agreeOnOffer(offer: MediaLine, kind: MediaKind, names: readonly string[] | undefined): Agreement | undefined {
  const usable = offer.codecs.filter((codec) => isKnown(codec, kind) && (names === undefined || names.includes(codec.name)));
  const shared = inPreferenceOrder(usable, names);
  const codec = shared[0];
  if (codec === undefined) return undefined;
  const events = offeredEvents(offer, shared);
  const written = [...shared, ...events].map(answered);
  return {
    codec,
    telephoneEvent: eventsFor(codec, events),
    receives: new Map(written.map((each) => [each.payloadType, each])),
    direction: matchDirection('sendrecv', offer.direction),
    ptime: offer.ptime ?? DEFAULT_PTIME,
    feedback: feedbackFor(offer, codec),
    written,
  };
}

/** What the answer to our offered line comes to; undefined where it has none of our codecs. */
export function agreeOnAnswer(offered: { codecs: readonly Codec[]; direction: Direction }, answer: MediaLine): Agreement | undefined {
  const pairs = answer.codecs.flatMap((theirs) => {
    const ours = offered.codecs.filter((codec) => isSameCodec(codec, theirs));
    const match = ours.find((codec) => codec.payloadType === theirs.payloadType) ?? ours[0];
    return match === undefined ? [] : [{ ours: match, theirs }];
  });
  const codec = pairs.find(({ theirs }) => theirs.name !== TELEPHONE_EVENT)?.theirs;
  if (codec === undefined) return undefined;
  return {
    codec,
    telephoneEvent: eventsFor(codec, pairs.map(({ theirs }) => theirs).filter(({ name }) => name === TELEPHONE_EVENT)),
    // The answerer should use our payload types; those that use their own both ways are understood too.
    receives: new Map([...pairs.map(({ ours, theirs }) => [theirs.payloadType, ours] as const), ...pairs.map(({ ours }) => [ours.payloadType, ours] as const)]),
    direction: matchDirection(offered.direction, answer.direction),
    ptime: answer.ptime ?? DEFAULT_PTIME,
    feedback: feedbackFor(answer, codec),
    written: offered.codecs,
  };
}

/** Those at the clock rate of a shared codec; of a party that has only others, as phones with Opus and events at 8 kHz, what it has. */
function offeredEvents(offer: MediaLine, codecs: readonly Codec[]): Codec[] {
  const events = offer.codecs.filter(({ name }) => name === TELEPHONE_EVENT);
  const fitting = events.filter(({ clockRate }) => codecs.some((codec) => codec.clockRate === clockRate));
  return fitting.length > 0 ? fitting : events.slice(0, 1);
}

/** RFC 4733 section 2.4.1: events at the clock rate of the audio they stand beside. */
function eventsFor(codec: Codec, events: readonly Codec[]): Codec | undefined {
  return events.find(({ clockRate }) => clockRate === codec.clockRate) ?? events[0];
}

/** Our parameters for an offered codec. */
function answered(codec: Codec): Codec {
  switch (codec.name) {
    case 'H264': return { ...codec, fmtp: Object.fromEntries(H264_MIRRORED.flatMap((name) => (codec.fmtp[name] === undefined ? [] : [[name, codec.fmtp[name]]]))) };
    case 'OPUS': return { ...codec, fmtp: { minptime: '10', useinbandfec: '1' } };
    case TELEPHONE_EVENT: return { ...codec, fmtp: { events: '0-15' } };
    default: return { ...codec, fmtp: {} };
  }
}

/** Feedback messages that the other side understands for this codec (RFC 4585 section 4.2). */
export function feedbackFor(line: MediaLine, codec: Codec): Feedback {
  const entries = [line.feedback.get('*'), line.feedback.get(String(codec.payloadType))];
  const has = (which: keyof Feedback): boolean => entries.some((entry) => entry?.[which] === true);
  return { nack: has('nack'), pli: has('pli'), fir: has('fir') };
}
