import { connect } from 'node:net';
import { parseHostPort } from '../../../host-port';
import type { Channel } from '../channel';
import type { Control } from '../control';
import type { AccessList } from './access';
import { EslConnection } from './connection';

const CONNECT_MS = 5_000;

/**
 * The application's own connection for one channel, to the `HOST:PORT` of the INVITE's X-esl-outbound. The channel ends
 * when it cannot be made, and when it is lost: nobody else would end it.
 */
export async function connectOutbound(control: Control, access: AccessList, channel: Channel, target: string): Promise<void> {
  const { host = '', port = 0 } = parseHostPort(target) ?? {};
  const address = port === 0 ? undefined : await access.resolve(host);
  if (!channel.isUp) return;
  if (address === undefined) {
    control.log('warn', 'event-socket-target-refused', { channel: channel.uuid, reason: 'X-esl-outbound names no host and port that is allowed' });
    return channel.hangup('NO_ROUTE_DESTINATION');
  }
  const socket = connect({ host: address, port });
  const failed = (): void => {
    control.log('warn', 'event-socket-unreachable', { channel: channel.uuid, port });
    socket.destroy();
    channel.hangup('DESTINATION_OUT_OF_ORDER');
  };
  const abandoned = (): void => void socket.destroy();
  socket.setTimeout(CONNECT_MS, failed);
  socket.once('error', failed);
  channel.once('hangup', abandoned);
  socket.once('connect', () => {
    socket.setTimeout(0);
    socket.removeListener('error', failed);
    channel.removeListener('hangup', abandoned);
    channel.setVariables({ socket_host: address });
    const connection = new EslConnection(socket, control, channel, undefined);
    channel.once('destroyed', () => connection.channelEnded());
    control.outbound.add(connection);
    connection.onClosed = () => {
      control.outbound.delete(connection);
      if (!connection.resumes) channel.hangup('NORMAL_CLEARING');
    };
  });
}
