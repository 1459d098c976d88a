import { isReliable, type Protocol } from './contact';
import type { Connection } from './connection';

const keyOf = (protocol: Protocol, address: string, port: number): string => `${protocol}|${address}|${port}`;

/** Every open connection, by where it leads; counts them in total and per remote address. */
export class ConnectionTable {
  private readonly byRemote = new Map<string, Connection>();
  private readonly perAddress = new Map<string, number>();

  constructor(private readonly limits: { connections: number; connectionsPerAddress: number }) {}

  get size(): number {
    return this.byRemote.size;
  }

  /** Whether one more from this address is within the limits. */
  admits(address: string): boolean {
    return this.byRemote.size < this.limits.connections && (this.perAddress.get(address) ?? 0) < this.limits.connectionsPerAddress;
  }

  add(connection: Connection): void {
    const { protocol, remoteAddress, remotePort } = connection;
    this.byRemote.set(keyOf(protocol, remoteAddress, remotePort), connection);
    this.perAddress.set(remoteAddress, (this.perAddress.get(remoteAddress) ?? 0) + 1);
  }

  remove(connection: Connection): void {
    const { protocol, remoteAddress, remotePort } = connection;
    const key = keyOf(protocol, remoteAddress, remotePort);
    if (this.byRemote.get(key) === connection) this.byRemote.delete(key);
    const left = (this.perAddress.get(remoteAddress) ?? 1) - 1;
    if (left > 0) this.perAddress.set(remoteAddress, left);
    else this.perAddress.delete(remoteAddress);
  }

  /**
   * The open connection to this remote address. `tcp` also finds TLS and WebSocket connections, whose protocols
   * drachtio-server names `tcp` as well; a remote port belongs to one of them only.
   */
  find(protocol: Protocol, address: string, port: number): Connection | undefined {
    const exact = this.byRemote.get(keyOf(protocol, address, port));
    if (exact !== undefined || protocol === 'tls' || protocol === 'wss' || !isReliable(protocol)) return exact;
    for (const other of ['tcp', 'ws', 'tls', 'wss'] as const) {
      const connection = this.byRemote.get(keyOf(other, address, port));
      if (connection !== undefined) return connection;
    }
    return undefined;
  }

  closeAll(): void {
    for (const connection of [...this.byRemote.values()]) connection.close();
  }
}
