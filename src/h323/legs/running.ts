import { addressText, type HostPort } from '../ras';
import { descriptionOf, type DescribedChannel } from '../sdp';
import type { SignallingCall } from '../signalling';
import type { LegMedia } from './leg-media';

/** An H.323 leg as lists show it. */
export interface H323CallInfo {
  /** The call identifier, 32 hexadecimal digits; of a caller's leg that of the call, too. */
  id: string;
  role: 'caller' | 'callee';
  state: 'ringing' | 'talking';
  /** Who is at this end, and where its call signalling is. */
  party: string;
  remote: string;
  /** Who is, or shall be, at the other end. */
  other: string;
  start: 'fast' | 'slow';
  /** How H.245 is carried; `none`: not begun, or over. */
  h245: 'tunnelled' | 'connection' | 'none';
  /** Codecs of the open channels, from the party and to it. */
  receives: string[];
  sends: string[];
  since: string;
}

/** What is known of a leg from its beginning. */
export interface LegEnds {
  role: H323CallInfo['role'];
  party: string;
  other: string;
}

interface RunningLeg {
  readonly id: string;
  readonly ends: LegEnds;
  readonly call: SignallingCall;
  readonly talking: boolean;
  readonly media: LegMedia | undefined;
  readonly since: number;
}

/** The H.323 legs that run now. */
export class RunningLegs {
  private readonly legs = new Set<RunningLeg>();

  get size(): number {
    return this.legs.size;
  }

  add(leg: RunningLeg): void {
    this.legs.add(leg);
  }

  delete(leg: RunningLeg): void {
    this.legs.delete(leg);
  }

  list(): H323CallInfo[] {
    return [...this.legs].map(({ id, ends, call, talking, media, since }) => ({
      id, ...ends, state: talking ? 'talking' : 'ringing', remote: remoteText(call.remote), start: media?.fastStarted ? 'fast' : 'slow', h245: call.control.carriage ?? 'none',
      receives: codecs(media, 'receive'), sends: codecs(media, 'send'), since: new Date(since).toISOString(),
    }));
  }
}

const remoteText = (remote: HostPort): string => (remote.host === '' ? '' : addressText(remote));

const codecs = (media: LegMedia | undefined, direction: DescribedChannel['direction']): string[] =>
  (media?.channels ?? []).filter((channel) => channel.direction === direction).map(codecOf);

/** The codec's name of RTP, as in descriptions. */
function codecOf(channel: DescribedChannel): string {
  const description = descriptionOf([channel], undefined, { host: '0.0.0.0', sessionId: '0', version: 0, keep: [] });
  return /^a=rtpmap:\d+ (\S+)/m.exec(description)?.[1] ?? Object.keys(channel.dataType)[0] ?? '';
}
