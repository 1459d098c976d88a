import { release, type Release } from '../../calls';
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
  /** Address of the party's device, where `party` says more. */
  device?: string;
  other: string;
}

/** Admission of what calls take, by the lines of sites; see the gateway's. */
export interface CallRates {
  /** A leg begins; `answered`: its device is called. */
  begin(leg: { callIdentifier: Buffer; conferenceID: Buffer; device: string; answered: boolean }): void;
  settle(leg: { callIdentifier: Buffer; device: string; partner: string | undefined }, kilobits: number): Promise<number>;
  release(leg: { callIdentifier: Buffer; device: string; partner: string | undefined }): void;
}

/** Sound both ways, kbit/s: a call that gets less is none. */
const LEAST = 128;
const NO_LINE = release(503, 'the line of a site has no room for the call', 'gateway', { q850: 34 });

interface RunningLeg {
  readonly id: string;
  readonly ends: LegEnds;
  readonly call: SignallingCall;
  readonly talking: boolean;
  readonly media: LegMedia | undefined;
  readonly since: number;
  /** Address of the party at the other end, once it is known. */
  readonly partner: string | undefined;
  readonly mediaEvents: { failed(why: Release): void };
}

/** The H.323 legs that run now. */
export class RunningLegs {
  private readonly legs = new Set<RunningLeg>();

  /** `rates`: undefined where nobody counts what calls take. */
  constructor(private readonly rates?: CallRates) {}

  get size(): number {
    return this.legs.size;
  }

  add(leg: RunningLeg): void {
    this.legs.add(leg);
    const { call: { callId, conferenceId }, ends: { role } } = leg;
    this.rates?.begin({ callIdentifier: callId, conferenceID: conferenceId, device: ratedLeg(leg).device, answered: role === 'callee' });
  }

  delete(leg: RunningLeg): void {
    if (this.legs.delete(leg)) this.rates?.release(ratedLeg(leg));
  }

  /** A leg takes so much now, bit/s both ways together; it is limited to what there is room for. */
  rated(leg: RunningLeg, bitRate: number): void {
    if (!this.rates || !this.legs.has(leg)) return;
    const kilobits = Math.ceil(bitRate / 1_000);
    this.rates.settle(ratedLeg(leg), kilobits).then((granted) => {
      if (!this.legs.has(leg)) this.rates?.release(ratedLeg(leg));
      else if (granted < Math.min(kilobits, LEAST)) leg.mediaEvents.failed(NO_LINE);
      else if (granted < kilobits) leg.media?.restrict(granted * 1_000);
    }, () => leg.mediaEvents.failed(NO_LINE));
  }

  list(): H323CallInfo[] {
    return [...this.legs].map(({ id, ends, call, talking, media, since }) => ({
      id, role: ends.role, party: ends.party, other: ends.other, state: talking ? 'talking' : 'ringing', remote: remoteText(call.remote), start: media?.fastStarted ? 'fast' : 'slow', h245: call.control.carriage ?? 'none',
      receives: codecs(media, 'receive'), sends: codecs(media, 'send'), since: new Date(since).toISOString(),
    }));
  }
}

const ratedLeg = ({ call: { callId }, ends: { party, device = party }, partner }: RunningLeg): Parameters<CallRates['settle']>[0] => ({ callIdentifier: callId, device, partner });

const remoteText = (remote: HostPort): string => (remote.host === '' ? '' : addressText(remote));

const codecs = (media: LegMedia | undefined, direction: DescribedChannel['direction']): string[] =>
  (media?.channels ?? []).filter((channel) => channel.direction === direction).map(codecOf);

/** The codec's name of RTP, as in descriptions. */
function codecOf(channel: DescribedChannel): string {
  const description = descriptionOf([channel], undefined, { host: '0.0.0.0', sessionId: '0', version: 0, keep: [] });
  return /^a=rtpmap:\d+ (\S+)/m.exec(description)?.[1] ?? Object.keys(channel.dataType)[0] ?? '';
}
