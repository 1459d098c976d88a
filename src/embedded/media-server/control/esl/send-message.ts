import type { Control } from '../control';
import { hangupCause } from '../hangup-causes';
import type { Command } from './command-reader';

const isTrue = (text: string | undefined): boolean => /^(true|yes|on|1)$/i.test(text ?? '');

/** `sendmsg`: the reply, and what is to be done once it is sent. */
export function sendMessage(control: Control, uuid: string, { headers, body }: Command): { reply: string; go?: () => void } {
  const channel = control.channels.find(uuid.trim());
  if (channel === undefined) return { reply: `-ERR invalid session id [${uuid}]` };
  switch (headers.get('call-command')?.toLowerCase()) {
    case 'execute': {
      const name = headers.get('execute-app-name') ?? '';
      if (name === '') return { reply: '-ERR no application' };
      const argument = headers.get('execute-app-arg') ?? body;
      const loops = Number(headers.get('loops') ?? 1) || 1;
      const go = (): void => control.execute(channel, name, argument, { uuid: headers.get('event-uuid'), loops, lock: isTrue(headers.get('event-lock')) });
      return { reply: '+OK', go };
    }
    case 'hangup':
      return { reply: '+OK', go: () => channel.hangup(hangupCause(headers.get('hangup-cause') ?? '')) };
    case 'nomedia':
    case 'unicast':
      return { reply: '-ERR not supported' };
    default:
      return { reply: '-ERR invalid call-command' };
  }
}
