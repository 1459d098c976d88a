import { parseUri, type SipMessage } from '../message';
import type { Flow } from '../transport/flow';

const MAXIMUM = 100_000;

interface Registered {
  flow: Flow;
  until: number;
  unwatch: () => void;
}

/**
 * The connections of devices that registered or subscribed over one, by the user and host of their Contact. As with
 * drachtio-server, a request to that Contact goes over the connection, whatever its host says (browsers' is `.invalid`).
 */
export class RegisteredFlows {
  private readonly byContact = new Map<string, Registered>();

  constructor(private readonly now: () => number) {}

  /** Learns from an accepted REGISTER or SUBSCRIBE. */
  learn(request: SipMessage, response: SipMessage, flow: Flow): void {
    const contact = request.contacts?.[0];
    const key = contact === undefined ? undefined : keyOf(contact.uri);
    if (!flow.reliable || key === undefined) return;
    const granted = response.contacts?.find((one) => keyOf(one.uri) === key)?.params.get('expires') ?? response.get('Expires');
    const seconds = parseNumberOr(granted, 0);
    this.forget(key);
    if (seconds === 0 || !flow.open || this.byContact.size >= MAXIMUM) return;
    this.byContact.set(key, { flow, until: this.now() + seconds * 1000, unwatch: flow.onLost(() => this.forget(key)) });
  }

  /** The connection for a Request-URI, while it stands. */
  find(uri: string): Flow | undefined {
    if (this.byContact.size === 0) return undefined;
    const key = keyOf(uri);
    const registered = key === undefined ? undefined : this.byContact.get(key);
    if (key === undefined || registered === undefined) return undefined;
    if (registered.flow.open && registered.until > this.now()) return registered.flow;
    this.forget(key);
    return undefined;
  }

  private forget(key: string): void {
    this.byContact.get(key)?.unwatch();
    this.byContact.delete(key);
  }
}

function keyOf(uri: string): string | undefined {
  const parsed = parseUri(uri);
  return parsed === undefined ? undefined : `${parsed.user ?? ''}@${parsed.host.toLowerCase()}:${parsed.port ?? ''}`;
}

function parseNumberOr(text: string | undefined, otherwise: number): number {
  const match = /^\d{1,9}$/.exec(text?.trim() ?? '');
  return match === null ? otherwise : Number(match[0]);
}
