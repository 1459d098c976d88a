import type { ControlApplication } from '.';
import { followingSignal, playFiles, type PlayOutcome } from '../play';

const RESPONSES: Readonly<Record<PlayOutcome, string>> = {
  played: 'FILE PLAYED', stopped: 'FILE PLAYED', 'not-found': 'FILE NOT FOUND', failed: 'PLAYBACK ERROR',
};

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
