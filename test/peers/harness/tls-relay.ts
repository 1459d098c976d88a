import net from 'node:net';
import tls from 'node:tls';

export interface TlsRelay {
  /** Local TCP port on 127.0.0.1; what comes there goes on over TLS. */
  readonly port: number;
  close(): Promise<void>;
}

/**
 * A TCP port in front of a TLS server, for clients built without TLS as Debian's sipp is. The server's certificate is checked
 * against `ca` (PEM) for `servername`.
 */
export async function startTlsRelay(target: { host: string; port: number; ca: string; servername?: string }): Promise<TlsRelay> {
  const sockets = new Set<net.Socket>();
  const keep = (socket: net.Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  };
  const server = net.createServer((near) => {
    const far = tls.connect({ host: target.host, port: target.port, ca: target.ca, servername: target.servername ?? '' });
    keep(near);
    keep(far);
    near.pipe(far).pipe(near);
    far.on('close', () => near.destroy());
    near.on('close', () => far.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    close: () => new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    }),
  };
}
