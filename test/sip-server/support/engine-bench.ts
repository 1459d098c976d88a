import type { Application, Applications, MessageMeta } from '../../../src/embedded/sip-server/core/application';
import { Engine } from '../../../src/embedded/sip-server/core/engine';
import type { Resolver } from '../../../src/embedded/sip-server/dns';
import type { IdSource } from '../../../src/embedded/sip-server/ids';
import { parseDatagram, type SipMessage } from '../../../src/embedded/sip-server/message';
import { DEFAULT_LIMITS, type SipServerLimits } from '../../../src/embedded/sip-server/options';
import type { Protocol } from '../../../src/embedded/sip-server/transport/contact';
import type { Flow, LocalPoint, Target } from '../../../src/embedded/sip-server/transport/flow';
import { FakeClock } from './fake-clock';

/** What an application was handed, parsed. */
export interface Delivered {
  meta: MessageMeta;
  transactionId: string;
  dialogId: string;
  message: SipMessage;
}

/** An application that remembers; tests act in its place. */
export class RecordingApplication implements Application {
  connected = true;
  behind = false;
  readonly delivered: Delivered[] = [];
  readonly replies: { commandId: string; verdict: string; detail?: string }[] = [];
  readonly sentMessages: { commandId: string; ids: string; message: SipMessage }[] = [];
  readonly records: { event: string; detail?: string }[] = [];

  deliver(meta: MessageMeta, transactionId: string, dialogId: string, message: Buffer): void {
    this.delivered.push({ meta, transactionId, dialogId, message: parsed(message) });
  }

  sent(commandId: string, _meta: MessageMeta, ids: string, message: Buffer): void {
    this.sentMessages.push({ commandId, ids, message: parsed(message) });
  }

  proxied(commandId: string, _meta: MessageMeta, message: Buffer): void {
    this.replies.push({ commandId, verdict: 'continue', detail: message.toString().split('\r\n')[0] });
  }

  reply(commandId: string, verdict: 'OK' | 'NO' | 'NOK', detail?: string): void {
    this.replies.push({ commandId, verdict, ...(detail === undefined ? {} : { detail }) });
  }

  record(event: string, _source: string, _message: Buffer, detail?: string): void {
    this.records.push({ event, ...(detail === undefined ? {} : { detail }) });
  }

  /** The last thing delivered that fits. */
  last(method: string | number): Delivered {
    const found = this.delivered.findLast(({ message }) => (typeof method === 'number' ? message.status === method : message.method === method));
    if (found === undefined) throw new Error(`${method} was not delivered, but ${this.delivered.map(({ message }) => message.method || message.status).join(', ')}`);
    return found;
  }
}

export function parsed(bytes: Buffer): SipMessage {
  const result = parseDatagram(bytes);
  if (result.message === undefined) throw new Error(`not a message: ${result.drop ?? result.keepAlive}`);
  return result.message;
}

/** A network without sockets: bytes reach the engine at an address a millisecond later, unless `lose` takes them. */
export class FakeNetwork {
  readonly clock = new FakeClock();
  readonly engines = new Map<string, { engine: Engine; point: LocalPoint }>();
  /** Everything that was put on the wire, lost or not. */
  readonly wire: { from: string; to: string; message: SipMessage; at: number }[] = [];
  lose: (message: SipMessage, to: string) => boolean = () => false;
  /** What proxies on the way make of a message. */
  rewrite: (message: SipMessage) => SipMessage = (message) => message;

  /** Messages of a method or status on the wire. */
  sent(what: string | number, to?: string): { message: SipMessage; at: number }[] {
    return this.wire.filter((entry) => (to === undefined || entry.to === to)
      && (typeof what === 'number' ? entry.message.status === what : entry.message.method === what));
  }

  /** Lets what is on its way arrive, and what follows from it. */
  settle(): void {
    this.clock.advance(20);
  }

  carry(bytes: Buffer, from: LocalPoint, to: Target): void {
    const message = parsed(Buffer.from(bytes));
    const target = `${to.address}:${to.port}`;
    this.wire.push({ from: `${from.boundHost}:${from.port}`, to: target, message, at: this.clock.now() });
    const there = this.engines.get(target);
    if (there === undefined || this.lose(message, target)) return;
    const back: Target = { protocol: to.protocol, address: from.boundHost, port: from.port };
    const copy = this.rewrite(parsed(Buffer.from(bytes))).serialize();
    this.clock.wakeAfter(1, () => there.engine.transactions.receive(parseDatagram(copy), new FakeFlow(this, there.point, back), copy.length));
  }
}

class FakeFlow implements Flow {
  readonly open = true;

  constructor(private readonly network: FakeNetwork, readonly local: LocalPoint, private readonly target: Target) {}

  get protocol(): Protocol {
    return this.target.protocol;
  }

  get reliable(): boolean {
    return this.target.protocol !== 'udp';
  }

  get remoteAddress(): string {
    return this.target.address;
  }

  get remotePort(): number {
    return this.target.port;
  }

  send(bytes: Buffer | string): boolean {
    this.network.carry(Buffer.from(bytes), this.local, this.target);
    return true;
  }

  onLost(): () => void {
    return () => undefined;
  }
}

class CountingIds implements IdSource {
  private count = 0;

  constructor(private readonly prefix: string) {}

  token(): string {
    return `${this.prefix}${++this.count}`;
  }

  uuid(): string {
    return `${this.prefix}-uuid-${++this.count}`;
  }

  serial(): string {
    return this.uuid();
  }

  sequence(): number {
    return 1000;
  }
}

const NO_DNS: Resolver = {
  naptr: () => Promise.reject(new Error('no DNS')),
  srv: () => Promise.reject(new Error('no DNS')),
  a: () => Promise.reject(new Error('no DNS')),
  aaaa: () => Promise.reject(new Error('no DNS')),
};

/** An engine at an address of the network, with one application that takes everything. */
export function engineAt(network: FakeNetwork, address: string, options: { protocol?: Protocol; limits?: Partial<SipServerLimits>; resolver?: Resolver } = {}) {
  const { protocol = 'udp' } = options;
  const application = new RecordingApplication();
  const all = [application];
  const applications: Applications = { choose: () => all.find(({ connected }) => connected) };
  const connectAnother = (): RecordingApplication => {
    all.push(new RecordingApplication());
    return all.at(-1) as RecordingApplication;
  };
  const point: LocalPoint = { protocol, boundHost: address, port: 5060, hostTowards: () => address };
  const engine = new Engine({
    clock: network.clock, ids: new CountingIds(address.replaceAll('.', '')), resolver: options.resolver ?? NO_DNS, applications,
    limits: { ...DEFAULT_LIMITS, ...options.limits }, log: () => undefined,
    ways: { points: [point], protocols: new Set([protocol]), flowTo: (target) => (target.protocol === protocol ? new FakeFlow(network, point, target) : undefined) },
  });
  network.engines.set(`${address}:5060`, { engine, point });
  return { engine, application, point, connectAnother };
}
