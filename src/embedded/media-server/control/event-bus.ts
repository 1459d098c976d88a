import { ServerEvent, type Header } from './event';
import type { Identity } from './identity';

/** Who is told of events: an event-socket connection. */
export interface EventListener {
  /** Unique-ID, in lower case, of the only channel whose events its filters let through; undefined: there may be others. */
  readonly onlyChannel: string | undefined;
  /** Whether it has asked for events of this name, and subclass for CUSTOM. */
  wants(name: string, subclass: string | undefined): boolean;
  /** Takes the event if its filters let it through. */
  notify(event: ServerEvent): void;
}

const pad = (value: number): string => String(value).padStart(2, '0');

function localTime(date: Date): string {
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** Hands events to whoever listens; one of a channel that nobody asked for is not even made. */
export class EventBus {
  /** All listeners, by the one channel that each hears of; most hear of one, and there are as many of them as channels. */
  private readonly listeners = new Map<string | undefined, Set<EventListener>>();
  private readonly places = new Map<EventListener, string | undefined>();
  private sequence = 0;

  constructor(private readonly identity: Identity) {}

  /** Also for a listener whose filters may have changed. */
  add(listener: EventListener): void {
    const { onlyChannel } = listener;
    if (this.places.has(listener) && this.places.get(listener) === onlyChannel) return;
    this.remove(listener);
    this.places.set(listener, onlyChannel);
    const others = this.listeners.get(onlyChannel);
    if (others) others.add(listener);
    else this.listeners.set(onlyChannel, new Set([listener]));
  }

  remove(listener: EventListener): void {
    const place = this.places.get(listener);
    if (!this.places.delete(listener)) return;
    const others = this.listeners.get(place);
    others?.delete(listener);
    if (others?.size === 0) this.listeners.delete(place);
  }

  /** `headers` is called only when somebody may listen. `channel`: the Unique-ID among them, where there is one and it is known before. */
  fire(name: string, headers: () => readonly Header[], { body, channel }: { body?: string; channel?: string } = {}): void {
    this.hand(name, undefined, () => new ServerEvent([['Event-Name', name], ...this.common(), ...headers()], body), channel);
  }

  /** An event of a module's own: CUSTOM with a subclass, which stands first as FreeSWITCH puts it. */
  fireCustom(subclass: string, headers: () => readonly Header[], body?: string): void {
    this.hand('CUSTOM', subclass, () => new ServerEvent([['Event-Subclass', subclass], ['Event-Name', 'CUSTOM'], ...this.common(), ...headers()], body));
  }

  private hand(name: string, subclass: string | undefined, make: () => ServerEvent, channel?: string): void {
    let event: ServerEvent | undefined;
    const tell = (listeners: Iterable<EventListener> = []): void => {
      for (const listener of listeners) if (listener.wants(name, subclass)) listener.notify(event ??= make());
    };
    tell(this.listeners.get(undefined));
    if (this.listeners.size === 0) return;
    const only = channel ?? (event ??= make()).get('Unique-ID');
    if (only !== undefined) tell(this.listeners.get(only.toLowerCase()));
  }

  /** An event for one reader, such as the answer to `connect`. */
  compose(name: string, headers: readonly Header[]): ServerEvent {
    return new ServerEvent([['Event-Name', name], ...this.common(), ...headers]);
  }

  private common(): Header[] {
    const { coreUuid, hostname, ipv4, ipv6 } = this.identity;
    const now = new Date();
    return [
      ['Core-UUID', coreUuid], ['FreeSWITCH-Hostname', hostname], ['FreeSWITCH-Switchname', hostname], ['FreeSWITCH-IPv4', ipv4],
      ['FreeSWITCH-IPv6', ipv6], ['Event-Date-Local', localTime(now)], ['Event-Date-GMT', now.toUTCString()],
      ['Event-Date-Timestamp', `${now.getTime()}000`], ['Event-Sequence', String(++this.sequence)],
    ];
  }
}
