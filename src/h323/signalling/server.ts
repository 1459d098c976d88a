import net from 'node:net';
import type { AnnouncedCalls } from './announced-calls';
import { Q850 } from './cause';
import { SignallingChannel, type CallInChannel, type CallLink, type Refusal, type TakeSetup } from './channel';
import { CalledSide } from './incoming-call';
import type { SignallingMessage } from './message';
import { systemClock, Timer } from '../clock';
import { DEFAULT_TIMERS } from './timing';
import { isOfNetwork, plainHost, TpktConnection } from './tpkt-connection';
import type { IncomingCall, LocalEndpoint } from './types';

const MAX_CONNECTIONS = 2_000;
const MAX_CONNECTIONS_OF_ADDRESS = 500;
const MAX_CALLS = 5_000;

export interface ServerOptions extends LocalEndpoint {
  host: string;
  /** 1720 is what callers expect; 0 takes any. */
  port: number;
  maxConnections?: number;
  /** From one address; gatekeepers that route calls have many. */
  maxConnectionsOfAddress?: number;
  maxCalls?: number;
  /** Calls that connections of endpoints behind firewalls are waited for. */
  announced?: AnnouncedCalls;
}

export interface SignallingServer {
  readonly port: number;
  /** Open connections. */
  readonly connections: number;
  /** Takes no more connections and ends those that are there, with their calls. */
  close(): Promise<void>;
}

/**
 * Listens for calls. `onCall` gets each with its Setup, and attaches to its control channel in the same turn; a call that it throws on
 * is released. Rejects when the port cannot be had.
 */
export function serveSignalling(options: ServerOptions, onCall: (call: IncomingCall) => void): Promise<SignallingServer> {
  const { maxConnections = MAX_CONNECTIONS, maxConnectionsOfAddress = MAX_CONNECTIONS_OF_ADDRESS, maxCalls = MAX_CALLS } = options;
  const connections = new Set<TpktConnection>();
  const ofAddress = new Map<string, number>();
  let calls = 0;

  const take: TakeSetup = (message, link) => {
    if (calls >= maxCalls) return { q850: Q850.congestion };
    const leave = (): void => {
      calls--;
      link.leave();
    };
    const call = takeSetup(message, { ...link, leave }, options, onCall);
    if (!('q850' in call)) calls++;
    return call;
  };

  const accept = (socket: net.Socket): void => {
    socket.on('error', () => undefined);
    const host = plainHost(socket.remoteAddress ?? '');
    const count = ofAddress.get(host) ?? 0;
    if (connections.size >= maxConnections || count >= maxConnectionsOfAddress || host === '') {
      socket.destroy();
      return;
    }
    ofAddress.set(host, count + 1);
    const connection = serveConnection(socket, options, take, () => {
      connections.delete(connection);
      const left = (ofAddress.get(host) ?? 1) - 1;
      if (left > 0) ofAddress.set(host, left);
      else ofAddress.delete(host);
    });
    connections.add(connection);
  };

  const server = net.createServer(accept);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      server.on('error', (error) => options.onFault?.(error));
      resolve({
        port: (server.address() as net.AddressInfo).port,
        get connections() { return connections.size; },
        close: () => new Promise((closed) => {
          server.close(() => closed());
          for (const connection of connections) connection.destroy();
        }),
      });
    });
  });
}

function serveConnection(socket: net.Socket, options: ServerOptions, take: TakeSetup, gone: () => void): TpktConnection {
  const timers = { ...DEFAULT_TIMERS, ...options.timers };
  const clock = options.clock ?? systemClock;
  const idle = new Timer(clock);
  const connection: TpktConnection = new TpktConnection(socket, { clock, packetMs: timers.packet }, {
    received: (octets) => channel.received(octets),
    closed: (fault) => {
      idle.reset();
      gone();
      if (fault && !isOfNetwork(fault)) options.onFault?.(fault);
      channel.lost(fault);
    },
  });
  const channel = new SignallingChannel(connection, (message, link) => {
    idle.reset();
    return take(message, link);
  }, () => connection.end(), options.announced && ((callId) => {
    const takePlace = options.announced?.claim(callId, connection.remote.host);
    if (takePlace) idle.reset();
    return takePlace;
  }));
  idle.set(timers.idle, () => connection.destroy());
  return connection;
}

function takeSetup(message: SignallingMessage, link: CallLink, options: ServerOptions, onCall: (call: IncomingCall) => void): CallInChannel | Refusal {
  const body = message.pdu['h323-message-body'];
  if (!('setup' in body)) return { q850: Q850.mandatoryMissing };
  const goal = body.setup.conferenceGoal;
  if ('capability-negotiation' in goal || 'callIndependentSupplementaryService' in goal || '...' in goal) return { q850: Q850.facilityRejected };
  return new CalledSide(message, body.setup, link, options, (call) => {
    try {
      onCall(call);
    } catch (error) {
      options.onFault?.(error as Error);
      call.release({ q850: Q850.temporaryFailure });
    }
  });
}
