import type { ControlApplication } from '.';
import { followingSignal, playFiles, type PlayOutcome } from '../play';

const RESPONSES: Readonly<Record<PlayOutcome, string>> = {
  played: 'FILE PLAYED', stopped: 'FILE PLAYED', 'not-found': 'FILE NOT FOUND', failed: 'PLAYBACK ERROR',
};

const SHORTEST_ROUND_MS = 100;

/** Which digits end a playback: `playback_terminators`, FreeSWITCH's `none`, `any` or the digits themselves. */
export const isTerminator = (digit: string, terminators: string): boolean =>
  terminators !== 'none' && (terminators === 'any' || terminators.includes(digit));

/**
 * Plays a file, or several divided by `playback_delimiter`; `playback_timeout_sec` and `playback_terminators` end it early.
 * A playback inside another one is heard on top of it.
 */
export const playback: ControlApplication = async (control, channel, { argument, signal }) => {
  const playing = followingSignal(signal);
  const seconds = Number(channel.variable('playback_timeout_sec') ?? 0);
  const limit = seconds > 0 ? setTimeout(() => playing.abort('timeout'), Math.min(seconds, 86_400) * 1000) : undefined;
  const terminators = channel.variable('playback_terminators') ?? '*';
  const onDigit = (digit: string): void => {
    if (!isTerminator(digit, terminators)) return;
    channel.setVariable('playback_terminator_used', digit);
    playing.abort('digit');
  };
  channel.setVariable('playback_terminator_used', undefined);
  channel.on('dtmf', onDigit);
  try {
    return RESPONSES[await playFiles(control, channel, argument, playing.signal)];
  } finally {
    clearTimeout(limit);
    channel.off('dtmf', onDigit);
  }
};

/** Again and again until it is stopped. */
export const endlessPlayback: ControlApplication = async (control, channel, { argument, signal }) => {
  let outcome: PlayOutcome = 'played';
  while (outcome === 'played' && channel.isUp) {
    const begun = Date.now();
    outcome = await playFiles(control, channel, argument, signal);
    // What lasts no time must not keep the server busy.
    if (outcome === 'played' && Date.now() - begun < SHORTEST_ROUND_MS) await new Promise((resolve) => setTimeout(resolve, SHORTEST_ROUND_MS));
  }
  return RESPONSES[outcome];
};
