import { randomUUID } from 'node:crypto';
import { parseUri, type AgentInvite, type UserAgent } from '../../../sip-server';
import { MediaError, type MediaSession, type SessionFactory, type SessionOptions } from '../../contracts';
import { Channel } from '../channel';
import type { Control } from '../control';
import type { AccessList } from '../esl/access';
import { connectOutbound } from '../esl/outbound';
import type { HangupCause } from '../hangup-causes';
import type { CallDialog } from './dialog';
import { mediaErrorOf } from './faults';
import { setMediaVariables } from './media-variables';

const DEFAULT_TIMEOUT_SECONDS = 60;
const MAXIMUM_TIMEOUT_SECONDS = 3_600;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What a refusal means, as mod_sofia has it. */
const CAUSES: Readonly<Record<number, HangupCause>> = {
  403: 'CALL_REJECTED', 404: 'UNALLOCATED_NUMBER', 408: 'RECOVERY_ON_TIMER_EXPIRE', 480: 'NO_USER_RESPONSE', 486: 'USER_BUSY', 487: 'ORIGINATOR_CANCEL',
  488: 'INCOMPATIBLE_DESTINATION', 600: 'USER_BUSY', 603: 'CALL_REJECTED', 606: 'INCOMPATIBLE_DESTINATION',
};

interface Wanted {
  variables: ReadonlyMap<string, string>;
  uri: string;
  host: string;
  /** `&application(argument)`; without one the channel goes to its application's socket. */
  application: { name: string; argument: string } | undefined;
}

/** Throws MediaError for what cannot be read. */
function read(line: string): Wanted {
  const match = /^\s*(?:\{([^}]*)\})?\s*sofia\/[^/\s]+\/(\S+)\s+(?:&(\w+)\(([^)]*)\)|\S+)/.exec(line);
  const uri = match?.[2] === undefined ? '' : /^sips?:/i.test(match[2]) ? match[2] : `sip:${match[2]}`;
  const host = parseUri(uri)?.host;
  if (match === null || host === undefined) throw new MediaError('originate', 'no call url', 400, 28);
  const variables = (match[1] ?? '').split(',').map((text) => text.split('=')).filter(([name]) => name?.trim());
  return {
    variables: new Map(variables.map(([name = '', ...value]) => [name.trim(), value.join('=').trim()])), uri, host,
    application: match[3] === undefined ? undefined : { name: match[3], argument: match[4] ?? '' },
  };
}

function transportOf(variables: Wanted['variables']): SessionOptions['transport'] {
  if (variables.get('media_webrtc') === 'true') return 'webrtc';
  return /^(mandatory|optional|true)/.test(variables.get('rtp_secure_media') ?? '') ? 'srtp' : 'rtp';
}

export interface OriginateParts {
  control: Control;
  agent: UserAgent;
  sessions: SessionFactory;
  access: AccessList;
  /** The channel's media are there: its events are followed from here on. */
  attach(channel: Channel): void;
  /** Makes and keeps the dialog of a call; `agreed` once its media are. */
  dialog(dialogId: string, channel: Channel, agreed: () => void): CallDialog;
}

/**
 * `originate {VARIABLES}sofia/PROFILE/URI EXTENSION|&APP(ARG) ...`: calls a URI with an offer of ours. Answers `+OK UUID` when
 * the party has answered, `-ERR CAUSE` when it will not. Only addresses that may call this server are called.
 */
export async function originate(parts: OriginateParts, line: string): Promise<string> {
  const { control, agent, sessions, access } = parts;
  const failed = (cause: HangupCause): string => `-ERR ${cause}\n`;
  let wanted: Wanted;
  try {
    wanted = read(line);
  } catch {
    return failed('INVALID_NUMBER_FORMAT');
  }
  const uuid = wanted.variables.get('origination_uuid') ?? randomUUID();
  if (!UUID.test(uuid) || control.channels.find(uuid) !== undefined) return failed('INVALID_CALL_REFERENCE');
  if ((await access.resolve(wanted.host)) === undefined) return failed('OUTGOING_CALL_BARRED');
  if (!control.channels.hasRoom) return failed('SWITCH_CONGESTION');
  const isWanted = (line: string): boolean => wanted.variables.get(line) === 'true';
  const session = sessions.create({ transport: transportOf(wanted.variables), video: true, slides: isWanted('rtp_video_slides'), camera: isWanted('rtp_camera_control') });
  try {
    const channel = compose(control, session, wanted, uuid);
    const offer = await session.offer();
    const cause = await call(parts, channel, wanted, agent.invite(wanted.uri, { headers: { 'Content-Type': 'application/sdp' }, body: offer }));
    return cause === undefined ? `+OK ${uuid}\n` : failed(cause);
  } catch (error) {
    session.close();
    const { message, sipStatus } = mediaErrorOf(error);
    control.log('warn', 'originate-failed', { reason: message });
    control.channels.find(uuid)?.hangup('NORMAL_TEMPORARY_FAILURE');
    return failed(sipStatus === 503 ? 'SWITCH_CONGESTION' : 'NORMAL_TEMPORARY_FAILURE');
  }
}

function compose(control: Control, session: MediaSession, { uri, host, variables }: Wanted, uuid: string): Channel {
  const name = `sofia/drachtio_mrf/${uri.replace(/^sips?:/i, '')}`;
  const destination = parseUri(uri)?.user ?? '';
  const channel = new Channel(uuid, name, { name: '', number: undefined, networkAddress: host, destination }, session, control.events);
  channel.direction = 'outbound';
  channel.setVariables({ uuid, session_id: String(control.channels.nextId), channel_name: name, call_uuid: uuid, direction: 'outbound', sip_req_uri: uri });
  for (const [variable, value] of variables) channel.setVariable(variable, value);
  control.channels.add(channel);
  channel.fire('CHANNEL_CREATE');
  return channel;
}

/** Waits for the answer; undefined when the call stands, else why it does not. */
async function call(parts: OriginateParts, channel: Channel, wanted: Wanted, invite: AgentInvite): Promise<HangupCause | undefined> {
  const { control, agent } = parts;
  const seconds = Math.min(Number(wanted.variables.get('originate_timeout')) || DEFAULT_TIMEOUT_SECONDS, MAXIMUM_TIMEOUT_SECONDS);
  const timer = setTimeout(() => channel.hangup('NO_ANSWER'), seconds * 1000);
  channel.signalling = { release: () => invite.cancel(), renegotiate: () => Promise.reject(new Error('the call is not answered')) };
  const { response, dialogId } = await invite.answered.finally(() => clearTimeout(timer));
  if (response.status >= 300) {
    channel.hangup(CAUSES[response.status] ?? 'NORMAL_TEMPORARY_FAILURE');
    return channel.hangupCause;
  }
  agent.acknowledge(dialogId);
  // Cancelled too late: the stack ends what the party has begun.
  if (!channel.isUp) return channel.hangupCause;
  const dialog = parts.dialog(dialogId, channel, () => begin(parts, channel, wanted));
  channel.signalling = dialog;
  dialog.confirmed();
  try {
    await channel.session.accept(response.body.toString('utf8'));
  } catch (error) {
    control.log('info', 'answer-refused', { channel: channel.uuid, reason: mediaErrorOf(error).message });
    channel.hangup('INCOMPATIBLE_DESTINATION');
  }
  if (!channel.isUp) return channel.hangupCause;
  parts.attach(channel);
  channel.setVariables({ sip_call_id: response.callId, sip_to_tag: response.toTag, sip_from_tag: response.fromTag });
  setMediaVariables(channel);
  channel.setState('CS_EXECUTE');
  channel.answered();
  dialog.agree();
  return undefined;
}

function begin({ control, access }: OriginateParts, channel: Channel, { application }: Wanted): void {
  if (application !== undefined) return control.execute(channel, application.name, application.argument);
  void connectOutbound(control, access, channel, channel.variable('sip_h_X-esl-outbound') ?? '');
}
