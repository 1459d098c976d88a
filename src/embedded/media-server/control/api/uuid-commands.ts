import type { ApiCommand } from '.';
import { bridgeChannels, unbridge } from '../bridging';
import type { Channel } from '../channel';
import type { Control } from '../control';
import { channelData } from '../esl/channel-data';
import { hangupCause } from '../hangup-causes';
import { startRecording, stopRecordings } from '../recording';
import { sendDigits } from '../send-digits';
import { setMediaStatistics } from '../signalling/media-variables';
import type { EventFormat } from '../event';

const NO_CHANNEL = '-ERR No such channel!\n';
const MAXIMUM_DTMF = 64;
/** Applications of one inline dial plan. */
const MAXIMUM_STEPS = 20;
const RECEIVED_DTMF_MS = 250;
const DEFAULT_RECORD_SECONDS = 4 * 3_600;

type UuidCommand = (control: Control, channel: Channel, words: string[], rest: string) => string | Promise<string>;

/** A command whose first word is a channel; `needed` is how many words must follow it. */
function onChannel(usage: string, needed: number, command: UuidCommand): ApiCommand {
  return (control, argument) => {
    const divided = argument.startsWith('^^') ? argument.slice(3).split(argument[2] ?? ' ') : argument.split(/\s+/);
    const [uuid = '', ...words] = divided;
    if (uuid === '' || words.length < needed) return `-USAGE: ${usage}\n`;
    const channel = control.channels.find(uuid);
    return channel === undefined ? NO_CHANNEL : command(control, channel, words, argument.slice(uuid.length).trim());
  };
}

/** Applications end and the bridge parts before a channel goes elsewhere. */
function release(channel: Channel): void {
  unbridge(channel);
  channel.execution.stop('transfer');
}

const uuidBridge: UuidCommand = (control, channel, [otherUuid = '']) => {
  const other = control.channels.find(otherUuid);
  if (other === undefined || other === channel) return '-ERR Invalid uuid\n';
  release(channel);
  release(other);
  // What the stopped applications still have to do comes first.
  control.later('uuid_bridge', () => {
    if (!channel.isUp || !other.isUp) return;
    bridgeChannels(control, channel, other);
    for (const [one, its] of [[channel, other], [other, channel]] as const) {
      one.fire('CHANNEL_EXECUTE', [['Application', 'uuid_bridge'], ['Application-Data', its.uuid]]);
    }
  });
  return `+OK ${other.uuid}\n`;
};

/** `uuid_transfer UUID [-bleg|-both] APP[:ARG][,APP...] inline`: only inline dial plans, as there is no other here. */
const uuidTransfer: UuidCommand = (control, channel, words) => {
  const side = words[0]?.startsWith('-') ? words.shift() : undefined;
  if (words.at(-1)?.toLowerCase() === 'inline') words.pop();
  const steps = words.join(' ').replace(/^'|'$/g, '').split(',').slice(0, MAXIMUM_STEPS);
  const other = channel.bridgedTo;
  if (side === '-bleg' && other === undefined) return '-ERR No Operation\n';
  for (const leg of side === '-both' ? [channel, other] : [side === '-bleg' ? other : channel]) {
    if (leg === undefined) continue;
    release(leg);
    leg.times.transferred = Date.now();
    control.later('uuid_transfer', () => {
      if (!leg.isUp) return;
      leg.setCallState('RINGING');
      leg.setCallState('ACTIVE');
      steps.forEach((step, index) => {
        const [name = '', ...argument] = step.split(':');
        // One after the other; only the last may have others inside.
        control.execute(leg, name.trim(), argument.join(':'), { lock: index < steps.length - 1 });
      });
    });
  }
  return '+OK\n';
};

const uuidBreak: UuidCommand = (_control, channel, [which]) => {
  channel.execution.stop('break', which === 'all');
  return '+OK\n';
};

const uuidDump: UuidCommand = (control, channel, [format = 'plain']) => {
  const known = (['plain', 'json', 'xml'] as const).find((name) => name === format.toLowerCase().replace(/^txt$/, 'plain')) ?? ('plain' satisfies EventFormat);
  return `${channelData(control, channel).serialize(known)}\n`;
};

const uuidKill: UuidCommand = (_control, channel, [cause = '']) => {
  channel.hangup(hangupCause(cause));
  return '+OK\n';
};

const uuidSetvar: UuidCommand = (_control, channel, [name = ''], rest) => {
  const value = rest.slice(name.length).trimStart();
  channel.setVariable(name, value);
  return '+OK\n';
};

const uuidSetvarMulti: UuidCommand = (_control, channel, _words, rest) => {
  for (const assignment of rest.split(';')) {
    const [name = '', ...value] = assignment.split('=');
    if (name.trim() !== '') channel.setVariable(name.trim(), value.join('='));
  }
  return '+OK\n';
};

const uuidReceiveDtmf: UuidCommand = (_control, channel, [digits = '']) => {
  const known = digits.toUpperCase().replace(/@\d*$/, '').replace(/[^0-9*#A-D]/g, '').slice(0, MAXIMUM_DTMF);
  for (const digit of known) channel.receiveDtmf(digit, RECEIVED_DTMF_MS, 'APP');
  return `+OK ${channel.uuid} received DTMF ${digits}.\n`;
};

const uuidRecord: UuidCommand = (control, channel, [action = '', file = '', limit]) => {
  if (action === 'start') {
    startRecording(control, channel, file, { maxSeconds: Number(limit) || DEFAULT_RECORD_SECONDS, stereo: /^(true|yes|on|1)$/i.test(channel.variable('RECORD_STEREO') ?? 'true') });
    return '+OK Success\n';
  }
  if (action === 'stop') return stopRecordings(control, channel, file) ? '+OK Success\n' : '-ERR Operation failed\n';
  if (action !== 'mask' && action !== 'unmask') return '-USAGE: <uuid> [start|stop|mask|unmask] <path> [<limit>]\n';
  for (const recording of channel.recordings.values()) recording.paused = action === 'mask';
  return '+OK Success\n';
};

/** `uuid_audio UUID start read|write mute LEVEL`, `stop`: only what the party says can be silenced. */
const uuidAudio: UuidCommand = (_control, channel, [action, side, what, level]) => {
  if (channel.party === undefined) return '-ERR Operation failed\n';
  if (action === 'stop') channel.party.muted = false;
  else if (action === 'start' && side === 'read' && what === 'mute') channel.party.muted = Number(level ?? 1) !== 0;
  else return '-ERR Operation failed\n';
  return '+OK Success\n';
};

const uuidVideoRefresh: UuidCommand = (_control, channel) => {
  channel.party?.requestKeyFrame();
  return '+OK Success\n';
};

/** `uuid_media_reneg UUID [=]CODECS`: a re-INVITE with a new offer, its codecs in the order given. */
const uuidRenegotiate: UuidCommand = (control, channel, [codecs]) => {
  const names = codecs?.replace(/^=/, '').split(',').map((name) => name.split('@')[0]!.toUpperCase()).filter((name) => name !== '');
  channel.signalling?.renegotiate(names?.length ? names : undefined).catch((error: Error) => {
    control.log('info', 'renegotiation-refused', { channel: channel.uuid, reason: error.message });
  });
  return '+OK Success\n';
};

const uuidMediaStatistics: UuidCommand = (_control, channel) => {
  setMediaStatistics(channel);
  return '+OK:\n';
};

const uuidPark: UuidCommand = (control, channel) => {
  release(channel);
  control.later('uuid_park', () => control.execute(channel, 'park', ''));
  return '+OK\n';
};

export const uuidCommands: Readonly<Record<string, ApiCommand>> = {
  uuid_bridge: onChannel('<uuid> <other_uuid>', 1, uuidBridge),
  uuid_transfer: onChannel('<uuid> [-bleg|-both] <dest-exten> [<dialplan>] [<context>]', 1, uuidTransfer),
  uuid_park: onChannel('<uuid>', 0, uuidPark),
  uuid_break: onChannel('<uuid> [all]', 0, uuidBreak),
  uuid_dump: onChannel('<uuid> [format]', 0, uuidDump),
  uuid_kill: onChannel('<uuid> [cause]', 0, uuidKill),
  uuid_exists: (control, argument) => String(control.channels.find(argument) !== undefined),
  uuid_setvar: onChannel('<uuid> <var> [value]', 1, uuidSetvar),
  uuid_setvar_multi: onChannel('<uuid> <var>=<value>;<var>=<value>...', 1, uuidSetvarMulti),
  uuid_getvar: onChannel('<uuid> <var>', 1, (_control, channel, [name = '']) => channel.variable(name) ?? '_undef_'),
  uuid_send_dtmf: onChannel('<uuid> <dtmf digits>[@<tone_duration>]', 1,
    (_control, channel, [digits = '']) => (sendDigits(channel, digits) ? `+OK ${channel.uuid} sent DTMF ${digits}.\n` : '-ERR Failed to send dtmf\n')),
  uuid_recv_dtmf: onChannel('<uuid> <dtmf digits>[@<tone_duration>]', 1, uuidReceiveDtmf),
  uuid_record: onChannel('<uuid> [start|stop|mask|unmask] <path> [<limit>]', 1, uuidRecord),
  uuid_audio: onChannel('<uuid> [start [read|write] [mute|level <level>]|stop]', 1, uuidAudio),
  uuid_video_refresh: onChannel('<uuid>', 0, uuidVideoRefresh),
  uuid_media_reneg: onChannel('<uuid>[ <codec_string>]', 0, uuidRenegotiate),
  uuid_set_media_stats: onChannel('<uuid>', 0, uuidMediaStatistics),
};
