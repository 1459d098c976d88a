import type { LogicalChannel } from '../h245';
import { mediumOf } from '../sdp';

export const isContent = ({ dataType }: Pick<LogicalChannel, 'dataType'>): boolean => mediumOf(dataType) === 'content';

/** The channels that a description of the party tells of: what it shows is described by where it would be shown something. */
export const describedOf = <C extends LogicalChannel>(channels: readonly C[]): C[] => channels.filter((channel) => !isContent(channel) || channel.direction === 'send');

/** The channels as far as a description tells of them, to be compared. */
export const stateOf = (channels: readonly LogicalChannel[]): string => describedOf(channels).map(({ direction, sessionId, payloadType, media: { rtp } }) => (
  `${direction} ${sessionId} ${payloadType} ${direction === 'send' ? `${rtp.host}:${rtp.port}` : ''}`)).sort().join('\n');
