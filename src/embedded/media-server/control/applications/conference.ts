import type { ControlApplication } from '.';
import type { Control } from '../control';
import type { Conference, ConferenceSettings } from '../conference/conference';
import type { MemberFlag } from '../conference/member';
import type { Channel } from '../channel';
import type { Run } from '../execution';
import { unbridge } from '../bridging';

interface Wanted extends ConferenceSettings {
  flags: ReadonlySet<MemberFlag>;
}

const MAXIMUM_NAME = 256;

/** `NAME[@PROFILE][+[PIN]][+flags{A|B}]`. */
function read(argument: string): Wanted {
  const flags = /\+flags\{([^}]*)\}\s*$/.exec(argument);
  const [named = '', pin = ''] = argument.slice(0, flags?.index).trim().split('+');
  const [name = '', profile = 'default'] = named.split('@');
  return { name: name.slice(0, MAXIMUM_NAME), profile, pin: pin.trim(), flags: new Set((flags?.[1]?.split('|') ?? []) as MemberFlag[]) };
}

/** Takes the channel into a conference until it is kicked, transferred or hung up. */
export const joinConference: ControlApplication = async (control, channel, run) => {
  const wanted = read(run.argument);
  if (wanted.name === '') return '-ERR the conference has no name';
  // The first `transfer` of a member moves it without leaving the application.
  let next: string | undefined = wanted.name;
  while (next !== undefined && channel.isUp && !run.signal.aborted) {
    const conference: Conference | undefined = control.conferences.find(next)
      ?? (wanted.flags.has('join-only') ? undefined : control.conferences.create({ ...wanted, name: next }));
    if (conference === undefined) return '-ERR there is no such conference';
    next = await stay(control, channel, conference, wanted, run);
  }
};

/** Resolves when the member has left, with the conference that it was transferred to. */
function stay(control: Control, channel: Channel, conference: Conference, { flags, pin }: Wanted, run: Run): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const leave = (to?: string): void => {
      run.signal.removeEventListener('abort', onAbort);
      channel.off('dtmf', onDigit);
      conference.remove(member);
      resolve(to);
    };
    const onAbort = (): void => leave();
    const onDigit = (digit: string): void => conference.fireMember(member, 'dtmf', [], [['DTMF-Key', digit]]);
    unbridge(channel);
    let member: ReturnType<Conference['admit']>;
    try {
      member = conference.admit(channel, control.conferences.nextMemberId(), flags, pin, leave);
    } catch (error) {
      conference.endIfEmpty();
      return reject(error);
    }
    channel.on('dtmf', onDigit);
    run.signal.addEventListener('abort', onAbort, { once: true });
  });
}
