import type { ConferenceCommand } from './conference';
import type { Conference } from '../conference/conference';
import type { ConferenceMember } from '../conference/member';
import { sendDigits } from '../send-digits';

type MemberAction = (conference: Conference, member: ConferenceMember, words: string[], rest: string) => string;

/** Which members a word means: an ID, a list of them, `all`, `last` or `non_moderator`; undefined for an ID that there is not. */
function chosen(conference: Conference, which: string): ConferenceMember[] | undefined {
  const newestFirst = conference.members.reverse();
  if (which === 'all') return newestFirst;
  if (which === 'last') return newestFirst.slice(0, 1);
  if (which === 'non_moderator') return newestFirst.filter(({ flags }) => !flags.has('moderator'));
  const found = which.split(',').map((id) => conference.find(Number(id)));
  return found.every((member) => member !== undefined) ? found : undefined;
}

function onMembers(name: string, act: MemberAction): [string, ConferenceCommand] {
  return [name, (_control, conference, words, rest) => {
    const [which = ''] = words;
    if (which === '') return `${name} <[member_id|all]|last|non_moderator>\n`;
    const members = chosen(conference, which);
    if (members === undefined) return `-ERR Non-Existant ID ${which}\n`;
    return members.map((member) => act(conference, member, words.slice(1), rest.slice(which.length).trim())).join('');
  }];
}

/** What can be switched of a member; the event that tells it is named after the switch. */
const SWITCHES = {
  mute: (member) => { member.mixed.muted = true; },
  unmute: (member) => { member.mixed.muted = false; },
  deaf: (member) => { member.mixed.deaf = true; },
  undeaf: (member) => { member.mixed.deaf = false; },
  vmute: (member) => { member.mixed.videoMuted = true; },
  unvmute: (member) => { member.mixed.videoMuted = false; },
} satisfies Record<string, (member: ConferenceMember) => void>;

function flip(conference: Conference, member: ConferenceMember, name: keyof typeof SWITCHES): string {
  SWITCHES[name](member);
  conference.fireMember(member, `${name}-member`);
  return `+OK ${name} ${member.id}\n`;
}

const switching = (name: keyof typeof SWITCHES): [string, ConferenceCommand] => onMembers(name, (conference, member) => flip(conference, member, name));

function leaving(name: string, action: string, said: string): [string, ConferenceCommand] {
  return onMembers(name, (conference, member) => {
    conference.fireMember(member, action);
    member.leave();
    return `+OK ${said} ${member.id}\n`;
  });
}

/** Moves members to another conference without their leaving the application. */
const transfer: [string, ConferenceCommand] = ['transfer', (_control, conference, [to = '', ...ids]) => {
  if (to === '' || ids.length === 0) return 'transfer <conference_name> <member id> [...<member id>]\n';
  return ids.map((id) => {
    const member = conference.find(Number(id));
    if (member === undefined) return `-ERR No Member ${id} in conference ${conference.name}.\n`;
    conference.fireMember(member, 'transfer', [['Old-Conference-Name', conference.name], ['New-Conference-Name', to]]);
    member.leave(to);
    return `+OK Member '${member.id}' sent to conference ${to}.\n`;
  }).join('');
}];

/** What is done to one, several or all members of a conference. */
export const memberCommands: ReadonlyMap<string, ConferenceCommand> = new Map([
  ...(Object.keys(SWITCHES) as (keyof typeof SWITCHES)[]).map(switching),
  onMembers('tmute', (conference, member) => flip(conference, member, member.mixed.muted ? 'unmute' : 'mute')),
  onMembers('tvmute', (conference, member) => flip(conference, member, member.mixed.videoMuted ? 'unvmute' : 'vmute')),
  leaving('kick', 'kick-member', 'kicked'),
  leaving('hup', 'hup-member', 'hup'),
  transfer,
  onMembers('dtmf', (conference, member, [digits = '']) => {
    if (!sendDigits(member.channel, digits)) return `-ERR No digits for member ${member.id}\n`;
    conference.fireMember(member, 'dtmf-member', [['Digits', digits]]);
    return `+OK sent ${digits} to ${member.id}\n`;
  }),
  onMembers('energy', (conference, member, [level = '']) => {
    member.setEnergy(Math.min(Math.max(0, Number(level) || 0), 1_800));
    conference.fireMember(member, 'energy-level');
    return `+OK Energy level ${member.id} = ${level}\n`;
  }),
  onMembers('tag', (_conference, member, [tag = '']) => {
    member.tag = tag;
    return `+OK tag ${member.id}\n`;
  }),
]);
