import type { ConferenceCommand } from './conference';
import { MIX_RATE, type Conference } from '../conference/conference';
import type { ConferenceMember } from '../conference/member';
import type { Control } from '../control';
import { exists, sourcesOf } from '../sources';
import { describe, listMembers, runTime } from './conference-list';

const list: ConferenceCommand = (_control, conference, [how, delimiter]) => {
  if (how === 'count') return String(conference.size);
  if (how === 'summary') return `+OK Conference ${conference.name} (${conference.size} members)\n`;
  return listMembers(conference, how === 'delim' ? delimiter ?? ';' : ';');
};

const jsonList: ConferenceCommand = (_control, conference) => `${JSON.stringify([describe(conference)])}\n`;

function setLock(locked: boolean): ConferenceCommand {
  return (_control, conference) => {
    conference.locked = locked;
    conference.fire([['Action', locked ? 'lock' : 'unlock']]);
    return `+OK ${conference.name} ${locked ? 'locked' : 'unlocked'}\n`;
  };
}

/** `play FILE [vol=N,...] [MEMBER]`, as drachtio-fsmrf writes it. */
const play: ConferenceCommand = async (control, conference, words, rest) => {
  const to = /^\d+$/.test(words.at(-1) ?? '') && words.length > 1 ? conference.find(Number(words.at(-1))) : undefined;
  if (to === undefined && /^\d+$/.test(words.at(-1) ?? '') && words.length > 1) return `-ERR (play) Member: ${words.at(-1)} not found.\n`;
  const file = (to === undefined ? rest : rest.replace(/\s+\d+$/, '')).replace(/\s+(?:\w+(?:-\w+)*=[^\s,]*,?)+$/, '').trim();
  const [source] = sourcesOf(file, undefined, control.folder);
  if (source === undefined || !(await exists(source))) return `-ERR (play) File: ${file} not found.\n`;
  if (!conference.player.play(source, to)) return `-ERR (play) too many files wait already.\n`;
  return `+OK (play) Playing file ${source.name}${to === undefined ? '' : ` to member ${to.id}`}\n`;
};

const stop: ConferenceCommand = (_control, conference, [which = 'all', id]) => {
  const member = id === undefined ? undefined : conference.find(Number(id));
  if (id !== undefined && member === undefined) return `-ERR (stop) Member: ${id} not found.\n`;
  const count = conference.player.stop(which === 'current' || which === 'last' ? 'current' : 'all', member);
  return `+OK (stop) Stopped ${count} files${member === undefined ? '' : ` on member ${member.id}`}.\n`;
};

function startRecording(_control: Control, conference: Conference, file: string): string {
  if (file === '') return '-ERR (record) no file\n';
  return conference.recorder.start(file) ? `+OK Record file ${file}\n` : `-ERR Record file ${file} is in use\n`;
}

function stopRecording(conference: Conference, file: string): string {
  const stopped = conference.recorder.stop(file === '' ? 'all' : file);
  return `${stopped.map((name) => `Stopped recording file ${name}\n`).join('')}+OK Stopped recording ${stopped.length} files\n`;
}

/** `recording start|stop|pause|resume|check FILE`. */
const recording: ConferenceCommand = (control, conference, [action], rest) => {
  const file = rest.slice(action?.length ?? 0).trim();
  if (action === 'start') return startRecording(control, conference, file);
  if (action === 'stop') return stopRecording(conference, file);
  if (action === 'check') return checkRecording(control, conference, [], '');
  if (action !== 'pause' && action !== 'resume') return '-ERR recording [start|stop|check|pause|resume] [<filename>|all]\n';
  if (!conference.recorder.pause(file, action === 'pause')) return `-ERR no recording to ${action}: ${file}\n`;
  return `+OK ${action === 'pause' ? 'Pause' : 'Resume'} recording file ${file}\n`;
};

const checkRecording: ConferenceCommand = (_control, conference) => {
  const { files } = conference.recorder;
  return files.length === 0 ? 'Conference is not being recorded.\n' : files.map((file) => `Record file ${file}\n`).join('');
};

const PARAMETERS: Readonly<Record<string, (conference: Conference) => string>> = {
  run_time: (conference) => String(runTime(conference)), count: (conference) => String(conference.size),
  max_members: (conference) => String(conference.maxMembers), rate: () => String(MIX_RATE), profile_name: ({ settings }) => settings.profile,
  is_locked: ({ locked }) => (locked ? 'locked' : ''), uuid: ({ uuid }) => uuid, pin: ({ pin }) => pin,
};

const get: ConferenceCommand = (_control, conference, [name = '']) => PARAMETERS[name]?.(conference) ?? '';

/** Answers what it was before, as FreeSWITCH does. */
const set: ConferenceCommand = (_control, conference, [name = '', value = '']) => {
  if (name !== 'max_members') return '-ERR only max_members can be set\n';
  const before = String(conference.maxMembers);
  if (/^\d{1,6}$/.test(value)) conference.maxMembers = Number(value);
  return before;
};

const pin: ConferenceCommand = (_control, conference, [wanted = '']) => {
  if (!/^[\d*#]{1,32}$/.test(wanted)) return '-ERR pin <digits>\n';
  conference.pin = wanted;
  return `Pin for conference ${conference.name} set.\n`;
};

const nopin: ConferenceCommand = (_control, conference) => {
  conference.pin = '';
  return `Pin for conference ${conference.name} deleted.\n`;
};

/** `speaker` shows who speaks, `interpreting` keeps the interpreters beside; there is no other, as pictures are not mixed here. */
const videoLayout: ConferenceCommand = (_control, conference, [layout = '']) => {
  if (layout === 'list') return 'speaker\ninterpreting\n';
  if (layout !== 'speaker' && layout !== 'interpreting') return `-ERR Invalid Video Layout [${layout}]\n`;
  conference.mixer.layout = layout;
  return `+OK Change mode to [${layout}]\n`;
};

/** `vid-res-id MEMBER interpreter|clear`: who keeps a place in the picture of the `interpreting` layout. */
const videoReservation: ConferenceCommand = (_control, conference, [id = '', role = '']) => {
  const member: ConferenceMember | undefined = conference.find(Number(id));
  if (member === undefined) return `-ERR Non-Existant ID ${id}\n`;
  if (role !== 'interpreter' && role !== 'clear') return `-ERR Invalid reservation id [${role}]\n`;
  member.mixed.interpreter = role === 'interpreter';
  return `+OK ${role === 'clear' ? 'cleared' : `${role} set`}\n`;
};

const tags: ConferenceCommand = (_control, conference, [wanted = '', how]) =>
  `${conference.members.filter(({ tag }) => (how === 'nomatch') !== (tag === wanted)).map(({ id }) => id).join(',')}\n`;

export const conferenceCommands: ReadonlyMap<string, ConferenceCommand> = new Map(Object.entries<ConferenceCommand>({
  list, json_list: jsonList, count: (_control, conference) => String(conference.size), lock: setLock(true), unlock: setLock(false), play, stop,
  recording, record: (control, conference, _words, rest) => startRecording(control, conference, rest),
  norecord: (_control, conference, _words, rest) => stopRecording(conference, rest), chkrecord: checkRecording, get, set, pin, nopin,
  'vid-layout': videoLayout, 'vid-res-id': videoReservation, gettag: tags,
  agc: () => 'agc <member_id|all|last|non_moderator> [<newval>]',
  say: () => '-ERR (say) there is no speech engine\n', saymember: () => '-ERR (saymember) there is no speech engine\n',
}));
