import { SipServerError } from '../server-error';
import { bracketed, isSecure, type ListenPoint, type Protocol } from './contact';
import type { Flow, LocalPoint, Target } from './flow';
import type { TransportContext } from './receiver';
import { StreamListener } from './stream';
import { UdpListener } from './udp';
import { WebSocketListener } from './websocket';

type Listener = UdpListener | StreamListener | WebSocketListener;

/** Every way in and out. */
export class Transports {
  private readonly listeners: Listener[] = [];

  constructor(private readonly context: TransportContext) {}

  /** Binds all points, or none of them. Throws SipServerError `bind-failed`, `certificate-missing`. */
  async open(points: readonly ListenPoint[]): Promise<void> {
    for (const point of points) {
      if (isSecure(point.protocol) && this.context.tls === undefined) {
        throw new SipServerError('certificate-missing', `${describe(point)} needs a certificate and a key`);
      }
    }
    let sharedPort = 0;
    for (const point of points) {
      // "Any free port" for several transports of one contact means the same one where that is free.
      const port = point.port === 0 ? sharedPort : point.port;
      const listener = await this.bind({ ...point, port }).catch(async (cause: unknown) => {
        if (point.port === 0 && port !== 0) return this.bind(point);
        await this.close();
        throw new SipServerError('bind-failed', `Cannot listen on ${describe(point)}: ${(cause as Error).message}`, { cause });
      });
      this.listeners.push(listener);
      if (point.port === 0) sharedPort = listener.local.port;
    }
  }

  /** Where we listen. */
  get points(): readonly LocalPoint[] {
    return this.listeners.map((listener) => listener.local);
  }

  get protocols(): ReadonlySet<Protocol> {
    return new Set(this.listeners.map((listener) => listener.local.protocol));
  }

  /**
   * The way to a target: the connection that stands, else a new one. Undefined when there can be none: no socket of that
   * transport and address family, a WebSocket client that is gone, or too many connections.
   */
  flowTo(target: Target): Flow | undefined {
    const listener = this.listenerFor(target);
    if (target.protocol === 'udp') return listener instanceof UdpListener ? listener.flowTo(target.address, target.port) : undefined;
    const standing = this.context.connections.find(target.protocol, target.address, target.port);
    if (standing !== undefined) return standing;
    if (!(listener instanceof StreamListener) || !this.context.connections.admits(target.address)) return undefined;
    return listener.dial(target, this.context);
  }

  async close(): Promise<void> {
    this.context.connections.closeAll();
    await Promise.all(this.listeners.splice(0).map((listener) => listener.close()));
  }

  private bind(point: ListenPoint): Promise<Listener> {
    if (point.protocol === 'udp') return UdpListener.open(point, this.context);
    return point.protocol === 'tcp' || point.protocol === 'tls' ? StreamListener.open(point, this.context) : WebSocketListener.open(point, this.context);
  }

  /** Of our sockets of the right kind the one asked for, else one that is not on loopback, unless the target is. */
  private listenerFor(target: Target): Listener | undefined {
    const family = isVersion6(target.address);
    const fitting = this.listeners.filter(({ local }) => local.protocol === target.protocol && isVersion6(local.boundHost) === family);
    if (fitting.length < 2) return fitting[0];
    const known = fitting.find(({ local }) => local === target.from);
    if (known !== undefined) return known;
    return fitting.find(({ local }) => isLoopback(local.boundHost) === isLoopback(target.address)) ?? fitting[0];
  }
}

/** Of addresses that are known to be such: the system's own check reads them whole, for every message. */
const isVersion6 = (address: string): boolean => address.includes(':');
const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';
const describe = (point: ListenPoint): string => `${point.protocol}/${bracketed(point.host)}:${point.port}`;
