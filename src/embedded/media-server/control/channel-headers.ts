import type { Codec } from '../contracts';
import type { Channel } from './channel';
import type { Header } from './event';

/** Numbers that stand beside the names (FreeSWITCH switch_channel_state_t). */
const STATE_NUMBERS = { CS_NEW: 0, CS_INIT: 1, CS_ROUTING: 2, CS_SOFT_EXECUTE: 3, CS_EXECUTE: 4, CS_EXCHANGE_MEDIA: 5, CS_PARK: 6, CS_HANGUP: 10 } as const;
export type ChannelState = keyof typeof STATE_NUMBERS;

const CALL_STATE_NUMBERS = { DOWN: 0, DIALING: 1, RINGING: 2, EARLY: 3, ACTIVE: 4, HELD: 5, RING_WAIT: 6, HANGUP: 7, UNHELD: 8 } as const;
export type CallState = keyof typeof CALL_STATE_NUMBERS;

/** Bits a second of the codecs that have one rate; Opus says 0, as it varies. */
const BIT_RATES: Readonly<Record<string, number>> = { PCMU: 64_000, PCMA: 64_000, G722: 64_000 };

/** FreeSWITCH writes Opus in lower case, and counts G.722 by the 8,000 of its RTP clock (RFC 3551 section 4.5.2). */
export const codecName = (codec: Codec): string => (codec.name === 'OPUS' ? 'opus' : codec.name);
export const codecRate = (codec: Codec): string => String(codec.name === 'G722' ? 16_000 : codec.clockRate);

function codecHeaders(codec: Codec | undefined): Header[] {
  if (codec === undefined) return [];
  const rate = codec.name === 'L16' ? codec.clockRate * 16 : BIT_RATES[codec.name] ?? 0;
  return ['Read', 'Write'].flatMap((side): Header[] => [
    [`Channel-${side}-Codec-Name`, codecName(codec)], [`Channel-${side}-Codec-Rate`, codecRate(codec)],
    [`Channel-${side}-Codec-Bit-Rate`, String(rate)],
  ]);
}

/** What every event of a channel begins with (switch_channel_event_set_basic_data). */
export function basicHeaders(channel: Channel): Header[] {
  return [
    ['Channel-State', channel.state], ['Channel-Call-State', channel.callState], ['Channel-State-Number', String(STATE_NUMBERS[channel.state])],
    ['Channel-Name', channel.name], ['Unique-ID', channel.uuid], ['Call-Direction', channel.direction], ['Presence-Call-Direction', channel.direction],
    ['Channel-HIT-Dialplan', 'true'], ['Channel-Call-UUID', channel.uuid], ['Answer-State', channel.answerState],
    ...(channel.hangupCause === undefined ? [] : [['Hangup-Cause', channel.hangupCause] as const]),
    ...codecHeaders(channel.audioCodec), ...profileHeaders(channel, 'Caller'),
  ];
}

/** The caller profile, under any prefix: `Caller`, `Channel` in CHANNEL_DATA, `Other-Leg` in a bridge. */
export function profileHeaders(channel: Channel, prefix: 'Caller' | 'Channel' | 'Other-Leg'): Header[] {
  const { caller, times } = channel;
  const at = (time: number): string => (time === 0 ? '0' : `${time}000`);
  const fields: Header[] = [
    ['Direction', channel.direction], ['Logical-Direction', channel.direction], ['Dialplan', 'XML'], ['Caller-ID-Name', caller.name],
    ...(caller.number === undefined ? [] : [['Caller-ID-Number', caller.number] as const]),
    ['Orig-Caller-ID-Name', caller.name], ['Network-Addr', caller.networkAddress], ['Destination-Number', caller.destination],
    ['Unique-ID', channel.uuid], ['Source', 'mod_sofia'], ['Context', 'mrf'], ['Channel-Name', channel.name],
    ...(prefix === 'Other-Leg' ? [] : [['Profile-Index', '1'] as const]),
    ['Profile-Created-Time', at(times.created)], ['Channel-Created-Time', at(times.created)], ['Channel-Answered-Time', at(times.answered)],
    ['Channel-Progress-Time', '0'], ['Channel-Progress-Media-Time', at(times.answered)], ['Channel-Hangup-Time', at(times.hungUp)],
    ['Channel-Transfer-Time', at(times.transferred)], ['Channel-Resurrect-Time', '0'], ['Channel-Bridged-Time', at(times.bridged)],
    ['Channel-Last-Hold', '0'], ['Channel-Hold-Accum', '0'], ['Screen-Bit', 'true'], ['Privacy-Hide-Name', 'false'],
    ['Privacy-Hide-Number', 'false'],
  ];
  return fields.map(([name, value]) => [`${prefix}-${name}`, value]);
}

export function variableHeaders(channel: Channel): Header[] {
  return [...channel.variables].map(([name, value]) => [`variable_${name}`, value]);
}

/** Everything about a channel: basic data, the other leg and the variables (switch_channel_event_set_data). */
export function channelHeaders(channel: Channel): Header[] {
  const other = channel.bridgedTo;
  const otherLeg: Header[] = other === undefined ? [] : [['Other-Type', channel.isOriginator ? 'originatee' : 'originator'], ...profileHeaders(other, 'Other-Leg')];
  return [...basicHeaders(channel), ...otherLeg, ...variableHeaders(channel)];
}

/** Header fields of CHANNEL_CALLSTATE. */
export function callStateHeaders(channel: Channel, before: CallState): Header[] {
  return [
    ['Original-Channel-Call-State', before], ['Channel-Call-State-Number', String(CALL_STATE_NUMBERS[channel.callState])], ...basicHeaders(channel),
  ];
}
