import type { ControlApplication } from '.';
import { bridgeChannels } from '../bridging';
import { stopped } from '../execution';
import { hangupCause } from '../hangup-causes';
import { sendDigits } from '../send-digits';

const MAXIMUM_SLEEP_MS = 24 * 3_600_000;

/** Every channel is answered when it begins, so nothing is left to do. */
export const answer: ControlApplication = () => undefined;

export const hangup: ControlApplication = (_control, channel, { argument }) => channel.hangup(hangupCause(argument));

export const park: ControlApplication = async (_control, channel, run) => {
  channel.fire('CHANNEL_PARK');
  await stopped(run);
  if (channel.isUp) channel.fire('CHANNEL_UNPARK');
};

export const sleep: ControlApplication = async (_control, _channel, run) => {
  const milliseconds = Math.min(Math.max(0, Number(run.argument) || 0), MAXIMUM_SLEEP_MS);
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([stopped(run), new Promise<void>((resolve) => { timer = setTimeout(resolve, milliseconds); })]);
  clearTimeout(timer);
};

/** `DIGITS[@MS]`. */
export const sendDtmf: ControlApplication = (_control, channel, { argument }) => void sendDigits(channel, argument);

/** `read true`: what the party says is heard by nobody. `write` cannot be honoured: what it hears is mixed elsewhere. */
export const setMute: ControlApplication = (_control, channel, { argument }) => {
  const [side, value] = argument.trim().split(/\s+/);
  if (side === 'read' && channel.party !== undefined) channel.party.muted = value !== 'false';
};

/** With a channel that stands, by its UUID; this server calls nobody itself. */
export const bridge: ControlApplication = async (control, channel, run) => {
  const other = control.channels.find(run.argument.trim().replace(/^uuid:/, ''));
  if (other === undefined || other === channel) return '-ERR no such channel';
  bridgeChannels(control, channel, other, run.signal);
  await stopped(run);
};
