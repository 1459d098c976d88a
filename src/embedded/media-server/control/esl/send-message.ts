import type { Channel } from '../channel';
import type { Control } from '../control';
import { hangupCause } from '../hangup-causes';
import type { Command } from './command-reader';

const isTrue = (text: string | undefined): boolean => /^(true|yes|on|1)$/i.test(text ?? '');

/** `sendmsg`: does what its `call-command` says; as in FreeSWITCH the reply does not depend on it. */
export function sendMessage(control: Control, channel: Channel, { headers, body }: Command): void {
  const command = headers.get('call-command')?.toLowerCase();
  if (command === 'hangup') return channel.hangup(hangupCause(headers.get('hangup-cause') ?? ''));
  const name = headers.get('execute-app-name');
  if (command !== 'execute' || name === undefined) {
    return control.log('warn', 'message-unknown', { channel: channel.uuid, command: (command ?? '').slice(0, 64) });
  }
  const loops = Number(headers.get('loops') ?? 1) || 1;
  control.execute(channel, name, headers.get('execute-app-arg') ?? body, { uuid: headers.get('event-uuid'), loops, lock: isTrue(headers.get('event-lock')) });
}
