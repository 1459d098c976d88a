import type { Channel } from './channel';

const MAXIMUM_DIGITS = 64;
const DEFAULT_MS = 250;

/** Sends `DIGITS[@MS]` as telephone-events or tones; `w` is a pause that the digits are sent without. False when there are none. */
export function sendDigits(channel: Channel, text: string): boolean {
  const [digits = '', duration] = text.trim().split('@');
  const known = digits.toUpperCase().replace(/[^0-9*#A-D]/g, '').slice(0, MAXIMUM_DIGITS);
  if (known === '' || channel.party === undefined) return false;
  const milliseconds = Math.min(Math.max(50, Number(duration ?? DEFAULT_MS) || DEFAULT_MS), 8_000);
  channel.setVariable('last_dtmf_duration', String(milliseconds * 8));
  channel.party.sendDtmf(known, milliseconds);
  return true;
}
