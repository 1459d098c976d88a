import { channelHeaders, profileHeaders } from '../channel-headers';
import type { Channel } from '../channel';
import type { Control } from '../control';
import { plainHeaders, type ServerEvent } from '../event';

/** Everything about a channel as one event: what `uuid_dump` prints. */
export const channelData = (control: Control, channel: Channel): ServerEvent => control.events.compose('CHANNEL_DATA', channelHeaders(channel));

/** The answer to `connect`: the channel, with the reply's own header fields after it. */
export function channelDataReply(control: Control, channel: Channel): string {
  const event = control.events.compose('CHANNEL_DATA', [...profileHeaders(channel, 'Channel'), ...channelHeaders(channel)]);
  return `${plainHeaders(event.headers)}Content-Type: command/reply\nReply-Text: %2BOK%0A\nSocket-Mode: async\nControl: full\n\n`;
}
