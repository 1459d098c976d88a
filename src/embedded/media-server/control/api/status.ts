import type { ApiCommand } from '.';
import type { Channel } from '../channel';
import { codecName, codecRate } from '../channel-headers';
import type { Control } from '../control';
import { FREESWITCH_VERSION } from '../identity';

const UNITS: readonly [name: string, milliseconds: number][] =
  [['year', 365 * 86_400_000], ['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000], ['second', 1_000], ['millisecond', 1]];

/** `0 years, 0 days, 0 hours, 20 minutes, 5 seconds, 777 milliseconds, 0 microseconds`. */
export function upTime(milliseconds: number): string {
  let left = milliseconds;
  const parts = UNITS.map(([name, length]) => {
    const count = Math.floor(left / length);
    left -= count * length;
    return `${count} ${name}${count === 1 ? '' : 's'}`;
  });
  return [...parts, '0 microseconds'].join(', ');
}

export const status: ApiCommand = (control) => {
  const counts = control.channels.counts();
  const { current, lowest } = control.load.idleCpu;
  return `UP ${upTime(Date.now() - control.identity.startedAt)}
FreeSWITCH (Version ${FREESWITCH_VERSION} 64bit) is ready
${counts.sinceStartup} session(s) since startup
${counts.current} session(s) - peak ${counts.peak}, last 5min ${counts.peakFiveMinutes} 
${counts.perSecond} session(s) per Sec out of max ${counts.maximum}, peak ${counts.perSecondPeak}, last 5min ${counts.perSecondPeakFiveMinutes} 
${counts.maximum} session(s) max
min idle cpu ${lowest.toFixed(2)}/${current.toFixed(2)}
Current Stack Size/Max 240K/240K
`;
};

const RULE = `${'='.repeat(97)}\n`;
const row = (name: string, type: string, data: string, state: string): string =>
  `${name.padStart(25)}\t${type.padStart(7)}\t${data.padStart(42)}\t${state}\n`;

/** `sofia status` in the columns that drachtio-fsmrf reads the profile's address from. */
export const sofia: ApiCommand = (control, argument) => {
  if (argument !== 'status') return '-ERR Invalid command!\n';
  const [host = ''] = control.sipAddress.split(/:(?=\d+$)/);
  return [
    row('Name', '   Type', 'Data', 'State'), RULE, row(host, 'alias', 'drachtio_mrf', 'ALIASED'),
    row('drachtio_mrf', 'profile', `sip:mod_sofia@${control.sipAddress}`, `RUNNING (${control.channels.size})`), RULE, '1 profile 1 alias\n',
  ].join('');
};

const COLUMNS: readonly [name: string, value: (channel: Channel) => string][] = [
  ['uuid', (channel) => channel.uuid], ['direction', (channel) => channel.direction], ['created', ({ times }) => new Date(times.created).toISOString().replace('T', ' ').slice(0, 19)],
  ['created_epoch', ({ times }) => String(Math.floor(times.created / 1000))], ['name', (channel) => channel.name], ['state', (channel) => channel.state],
  ['cid_name', ({ caller }) => caller.name], ['cid_num', ({ caller }) => caller.number ?? ''], ['ip_addr', ({ caller }) => caller.networkAddress],
  ['dest', ({ caller }) => caller.destination], ['application', ({ execution }) => execution.current?.name ?? ''],
  ['application_data', ({ execution }) => execution.current?.argument ?? ''], ['dialplan', () => 'XML'], ['context', () => 'mrf'],
  ['read_codec', ({ audioCodec }) => (audioCodec ? codecName(audioCodec) : '')], ['read_rate', ({ audioCodec }) => (audioCodec ? codecRate(audioCodec) : '')],
  ['callstate', (channel) => channel.callState], ['call_uuid', (channel) => channel.uuid], ['b_uuid', ({ bridgedTo }) => bridgedTo?.uuid ?? ''],
];

const total = (count: number): string => `\n${count} total.\n`;

/** `show channels|calls|bridged_calls [count] [as json|delim X]`. */
export const show: ApiCommand = (control, argument) => {
  const [what = '', ...words] = argument.split(/\s+/);
  const rows = rowsOf(control, what);
  if (rows === undefined) return '-USAGE: channels|calls|bridged_calls [count] [as json|delim <delimiter>]\n';
  const asJson = words.at(-2) === 'as' && words.at(-1) === 'json';
  if (words[0] === 'count') return asJson ? `${JSON.stringify({ row_count: rows.length })}\n` : total(rows.length);
  if (asJson) {
    const table = rows.map((channel) => Object.fromEntries(COLUMNS.map(([name, value]) => [name, value(channel)])));
    return `${JSON.stringify(rows.length === 0 ? { row_count: 0 } : { row_count: rows.length, rows: table })}\n`;
  }
  const delimiter = words[0] === 'as' && words[1] === 'delim' ? words[2] ?? ',' : ',';
  if (rows.length === 0) return total(0);
  const lines = [COLUMNS.map(([name]) => name), ...rows.map((channel) => COLUMNS.map(([, value]) => value(channel)))];
  return `${lines.map((line) => line.join(delimiter)).join('\n')}\n${total(rows.length)}`;
};

function rowsOf(control: Control, what: string): Channel[] | undefined {
  const all = [...control.channels];
  if (what === 'channels') return all;
  // A bridge is one call: the leg that it was asked for shows it.
  if (what === 'calls') return all.filter(({ bridgedTo, isOriginator }) => bridgedTo === undefined || isOriginator);
  return what === 'bridged_calls' ? all.filter(({ isOriginator }) => isOriginator) : undefined;
}

export const systemCommands: Readonly<Record<string, ApiCommand>> = {
  version: () => `FreeSWITCH Version ${FREESWITCH_VERSION} (64bit)\n`,
  hostname: (control) => control.identity.hostname,
  switchname: (control) => control.identity.hostname,
  echo: (_control, argument) => argument,
  uptime: (control) => String(Math.floor((Date.now() - control.identity.startedAt) / 1000)),
  create_uuid: () => crypto.randomUUID(),
  // What FreeSWITCH cannot do, and so does not know: to offer lines for content slides and for far-end camera control where `originate` is told to.
  global_getvar: (_control, argument) => (['rtp_video_slides', 'rtp_camera_control'].includes(argument.trim()) ? 'true' : ''),
};
