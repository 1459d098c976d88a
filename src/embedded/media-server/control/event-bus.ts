import { ServerEvent, type Header } from './event';
import type { Identity } from './identity';

/** Who is told of events: an event-socket connection. */
export interface EventListener {
  /** Whether it has asked for events of this name, and subclass for CUSTOM. */
  wants(name: string, subclass: string | undefined): boolean;
  /** Takes the event if its filters let it through. */
  notify(event: ServerEvent): void;
}

const pad = (value: number): string => String(value).padStart(2, '0');

function localTime(date: Date): string {
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** Hands events to whoever listens; one that nobody asked for is not even made. */
export class EventBus {
  private readonly listeners = new Set<EventListener>();
  private sequence = 0;

  constructor(private readonly identity: Identity) {}

  add(listener: EventListener): void {
    this.listeners.add(listener);
  }

  remove(listener: EventListener): void {
    this.listeners.delete(listener);
  }

  /** `headers` is called only when somebody listens. */
  fire(name: string, headers: () => readonly Header[], body?: string): void {
    const takers = [...this.listeners].filter((listener) => listener.wants(name, undefined));
    if (takers.length === 0) return;
    const event = new ServerEvent([['Event-Name', name], ...this.common(), ...headers()], body);
    for (const taker of takers) taker.notify(event);
  }

  /** An event of a module's own: CUSTOM with a subclass, which stands first as FreeSWITCH puts it. */
  fireCustom(subclass: string, headers: () => readonly Header[], body?: string): void {
    const takers = [...this.listeners].filter((listener) => listener.wants('CUSTOM', subclass));
    if (takers.length === 0) return;
    const event = new ServerEvent([['Event-Subclass', subclass], ['Event-Name', 'CUSTOM'], ...this.common(), ...headers()], body);
    for (const taker of takers) taker.notify(event);
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
