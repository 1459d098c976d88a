import type { ControlApplication } from '.';
import { isTerminator } from './playback';
import { startRecording, stopRecordings } from '../recording';

/** Without a limit of its own a recording ends after this. */
const MAXIMUM_SECONDS = 4 * 3_600;
const DEFAULT_SILENCE_SECONDS = 3;

/** `FILE [SECONDS [THRESHOLD [SILENCE-SECONDS]]]`; the name may hold spaces. */
function read(argument: string): { file: string; seconds: number; endsOnSilence: boolean; silenceSeconds: number } {
  const match = /^\s*(.*?)(?:\s+\+?(\d{1,6}))?(?:\s+(\d{1,6}))?(?:\s+(\d{1,6}))?\s*$/.exec(argument);
  const seconds = Number(match?.[2] ?? 0);
  return {
    file: match?.[1] ?? '', seconds: seconds > 0 ? seconds : MAXIMUM_SECONDS, endsOnSilence: Number(match?.[3] ?? 0) > 0,
    silenceSeconds: Number(match?.[4] ?? DEFAULT_SILENCE_SECONDS) || DEFAULT_SILENCE_SECONDS,
  };
}

/** Records what the party says until its limit, a terminator of `playback_terminators`, silence, or `uuid_break`. */
export const record: ControlApplication = async (control, channel, { argument, signal }) => {
  const { file, seconds, endsOnSilence, silenceSeconds } = read(argument);
  const { party } = channel;
  if (party === undefined) return;
  const recording = startRecording(control, channel, file, { maxSeconds: seconds });
  const stop = (): void => recording.stop();
  let silence: NodeJS.Timeout | undefined;
  let silent = false;
  const onTalking = (talking: boolean): void => {
    clearTimeout(silence);
    if (talking) return;
    silence = setTimeout(() => {
      silent = true;
      stop();
    }, silenceSeconds * 1000);
  };
  const terminators = channel.variable('playback_terminators') ?? '*';
  const onDigit = (digit: string): void => {
    if (!isTerminator(digit, terminators)) return;
    channel.setVariable('playback_terminator_used', digit);
    stop();
  };
  channel.setVariable('playback_terminator_used', undefined);
  signal.addEventListener('abort', stop, { once: true });
  channel.on('dtmf', onDigit);
  if (endsOnSilence) {
    party.on('talking', onTalking);
    onTalking(false);
  }
  try {
    await recording.done;
  } finally {
    clearTimeout(silence);
    channel.off('dtmf', onDigit);
    party.off('talking', onTalking);
    signal.removeEventListener('abort', stop);
    channel.setVariable('silence_hits_exhausted', String(silent));
  }
};

/** Records the call in the background: `FILE [+SECONDS]`; RECORD_STEREO puts what the party hears on a channel of its own. */
export const recordSession: ControlApplication = (control, channel, { argument }) => {
  const { file, seconds } = read(argument);
  startRecording(control, channel, file, { maxSeconds: seconds, stereo: /^(true|yes|on|1)$/i.test(channel.variable('RECORD_STEREO') ?? 'true') });
};

export const stopRecordSession: ControlApplication = (control, channel, { argument }) => void stopRecordings(control, channel, argument);
