import type { ControlApplication } from '.';
import type { Channel } from '../channel';
import type { Control } from '../control';
import { followingSignal, playFiles } from '../play';

const MAXIMUM_DIGITS = 128;
const MAXIMUM_TRIES = 100;
const MAXIMUM_WAIT_MS = 24 * 3_600_000;
/** A pattern comes from the application, but what it costs must stay small. */
const MAXIMUM_PATTERN = 256;

interface Wanted {
  minimum: number;
  maximum: number;
  tries: number;
  timeoutMs: number;
  terminators: string;
  file: string;
  invalidFile: string;
  variable: string;
  pattern: RegExp;
  digitTimeoutMs: number;
}

const milliseconds = (text: string | undefined, otherwise: number): number =>
  Math.min(Math.max(1, Number(text ?? otherwise) || otherwise), MAXIMUM_WAIT_MS);

const between = (text: string | undefined, low: number, high: number): number => Math.min(Math.max(low, Number(text) || 0), high);

/** `MIN MAX TRIES TIMEOUT TERMINATORS FILE INVALID-FILE VARIABLE REGEXP DIGIT-TIMEOUT`, quotes around what holds spaces. */
function read(argument: string): Wanted {
  const words = [...argument.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  const [minimum, maximum, tries, timeout, terminators = '#', file = '', invalidFile = '', variable = '', pattern = '', digitTimeout] = words;
  const timeoutMs = milliseconds(timeout, 5_000);
  return {
    minimum: between(minimum, 0, MAXIMUM_DIGITS), maximum: between(maximum, 1, MAXIMUM_DIGITS), tries: between(tries, 1, MAXIMUM_TRIES),
    timeoutMs, terminators, file, invalidFile, variable: variable || 'digits', pattern: patternOf(pattern),
    digitTimeoutMs: milliseconds(digitTimeout, timeoutMs),
  };
}

/** As FreeSWITCH: the pattern need not cover all digits. One that cannot be read accepts everything. */
function patternOf(text: string): RegExp {
  try {
    return new RegExp(text.slice(0, MAXIMUM_PATTERN));
  } catch {
    return /(?:)/;
  }
}

/** Plays a prompt and collects digits, again until they fit (mod_dptools `play_and_get_digits`). */
export const collectDigits: ControlApplication = async (control, channel, { argument, signal }) => {
  const wanted = read(argument);
  channel.setVariables({
    [wanted.variable]: undefined, [`${wanted.variable}_invalid`]: undefined, read_terminator_used: undefined, read_result: undefined,
  });
  for (let left = wanted.tries; left > 0 && !signal.aborted; left--) {
    const { digits, terminator, timedOut } = await collect(control, channel, wanted, signal);
    if (signal.aborted) break;
    channel.setVariable('read_terminator_used', terminator);
    if (digits.length >= wanted.minimum && digits !== '' && wanted.pattern.test(digits)) {
      channel.setVariables({ read_result: 'success', [wanted.variable]: digits });
      return;
    }
    channel.setVariables({ [`${wanted.variable}_invalid`]: digits, read_result: timedOut ? 'timeout' : 'failure' });
    if (wanted.invalidFile !== '') await playFiles(control, channel, wanted.invalidFile, signal);
  }
};

/** One try: the first digit ends the prompt; then every digit has its own time limit. */
function collect(control: Control, channel: Channel, wanted: Wanted, signal: AbortSignal): Promise<{ digits: string; terminator?: string; timedOut: boolean }> {
  return new Promise((resolve) => {
    const prompt = followingSignal(signal);
    let digits = '';
    let timer: NodeJS.Timeout | undefined;
    const finish = (end: { terminator?: string; timedOut: boolean }): void => {
      clearTimeout(timer);
      channel.off('dtmf', onDigit);
      signal.removeEventListener('abort', onAbort);
      prompt.abort('collected');
      resolve({ digits, ...end });
    };
    const onAbort = (): void => finish({ timedOut: false });
    const wait = (limit: number): void => {
      clearTimeout(timer);
      timer = setTimeout(() => finish({ timedOut: true }), limit);
    };
    const onDigit = (digit: string): void => {
      prompt.abort('digit');
      if (wanted.terminators !== 'none' && wanted.terminators.includes(digit)) return finish({ terminator: digit, timedOut: false });
      digits += digit;
      if (digits.length >= wanted.maximum) return finish({ timedOut: false });
      wait(wanted.digitTimeoutMs);
    };
    if (signal.aborted) return resolve({ digits, timedOut: false });
    signal.addEventListener('abort', onAbort, { once: true });
    channel.on('dtmf', onDigit);
    void playFiles(control, channel, wanted.file, prompt.signal).then(() => {
      if (digits === '' && !signal.aborted && timer === undefined) wait(wanted.timeoutMs);
    });
  });
}
