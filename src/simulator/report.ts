import { table } from '../table';
import type { Heard, MediaReport, StreamCounts } from './media';
import type { RemoteParty } from './party';

/** What a test call found; also the shape that `--json` prints. */
export interface CallReport {
  from: string;
  dialled: string;
  answered: boolean;
  /** Sound came and went; with video, pictures too. False where media was left out. */
  mediaBothWays: boolean;
  /** Who rang, as the first 180 or 183 said. */
  rang?: RemoteParty;
  answeredBy?: RemoteParty;
  /** Milliseconds from the INVITE. */
  setup: { ringing?: number; answered?: number };
  /** Talking time. */
  seconds: number;
  media: MediaReport;
  end: {
    /** One line: `hung up by us`, `hung up by the far end`, `486 Busy Here`. */
    cause: string;
    status?: number;
    /** Text of Warning or Reason. */
    explanation?: string;
  };
  /** What to do where it failed. */
  hint?: string;
}

const ms = (time: number | undefined): string => (time === undefined ? '-' : `${Math.round(time)} ms`);

/** `tone 440 Hz`, `silence`, ... */
export function describeHeard(heard: Heard): string {
  return heard.kind === 'tone' ? `tone ${heard.frequencyHz} Hz` : heard.kind;
}

function lossOf(counts: StreamCounts): string {
  const share = counts.received + counts.lost === 0 ? 0 : (100 * counts.lost) / (counts.received + counts.lost);
  return `${counts.lost} (${share.toFixed(1)} %)`;
}

function mediaRow(name: string, codec: string, counts: StreamCounts, heard: string): (string | number)[] {
  return [name, codec, counts.sent, counts.received, lossOf(counts), `${counts.jitterMs.toFixed(1)} ms`, heard];
}

/** The report as a reader sees it: who, when, then a row for each medium. */
export function formatCallReport(report: CallReport): string {
  const party = (who: RemoteParty | undefined): string =>
    (who === undefined ? '-' : [who.name, who.contact && `at ${who.contact}`, who.software && `(${who.software})`].filter(Boolean).join(' '));
  const rows: [string, string][] = [
    ['Call', `${report.from} to ${report.dialled}`],
    ['Rang', `${party(report.rang)}${report.setup.ringing === undefined ? '' : ` after ${ms(report.setup.ringing)}`}`],
    ['Answered by', report.answered ? `${party(report.answeredBy)} after ${ms(report.setup.answered)}` : 'nobody'],
    ['Ended', `${report.end.cause}${report.end.explanation === undefined ? '' : `: ${report.end.explanation}`}`
      + (report.answered ? ` after ${report.seconds.toFixed(1)} s` : '')],
  ];
  const { audio, video } = report.media;
  const media = [
    ...(audio === undefined ? [] : [mediaRow('audio', audio.codec, audio, describeHeard(audio.heard))]),
    ...(video === undefined ? [] : [mediaRow('video', video.codec, video, `${video.keyFrames} key frames`)]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    ...rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`),
    ...(media.length === 0 ? [] : ['', table(['Media', 'codec', 'sent', 'received', 'lost', 'jitter', 'heard'], media)]),
    ...(report.hint === undefined ? [] : ['', report.hint]),
  ].join('\n');
}
