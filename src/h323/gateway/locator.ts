import type { Contact, Locator } from '../../calls';
import { addressText, type HostPort, type Neighbour, type Registrations } from '../ras';
import type { h225 } from '../schemas';

/** A way to an H.323 device that is registered, or to what a neighbour has. */
export interface H323Contact extends Contact {
  /** Address of the device in the directory; a neighbour's has none. */
  readonly device?: string;
  readonly protocol: 'h323';
  readonly aliases: readonly h225.AliasAddress[];
  /** Where its call signalling is reached; undefined: it connects when it is told of the call, or a neighbour is asked. */
  readonly signalling?: HostPort;
  /** Of a registered device. */
  readonly endpointIdentifier?: string;
  /** It takes calls on connections of its own only (H.460.18). */
  readonly traversal: boolean;
  /** Address of the firewall, or of the router that translates addresses, that it is behind: what it says of its own does not hold. */
  readonly firewall?: string;
  /** Name of the neighbour that is asked where it is. */
  readonly neighbour?: string;
}

/** Where calls/ finds H.323 devices that are registered, and neighbours. */
export class H323Locator implements Locator {
  private readonly neighbours: ReadonlyMap<string, Neighbour>;

  constructor(private readonly registrations: Registrations, neighbours: readonly Neighbour[], private readonly now: () => number) {
    this.neighbours = new Map(neighbours.map((neighbour) => [neighbour.name, neighbour]));
  }

  /** Gateways that said to be nearly out of resources come last. */
  contactsFor(device: string): H323Contact[] {
    return this.registrations.named(device).filter(({ expires }) => expires > this.now())
      .sort((a, b) => Number(a.almostOutOfResources ?? false) - Number(b.almostOutOfResources ?? false))
      .map(({ aliases, signalling: [signalling], endpointIdentifier, traversal, behindNat, source }) => ({
        protocol: 'h323', device, label: `${device} at ${addressText(signalling ?? source)}${traversal ? ' through its firewall' : ''}`, aliases, endpointIdentifier, traversal,
        ...(signalling && !traversal && { signalling }), ...((traversal || behindNat) && { firewall: source.host }),
      }));
  }

  contactForUri(uri: string, peer: string): H323Contact | undefined {
    const neighbour = this.neighbours.get(peer);
    return neighbour && { protocol: 'h323', label: `${uri} through ${peer}`, aliases: aliasesOfUri(uri), traversal: false, neighbour: peer };
  }
}

/** What a neighbour is asked for: digits of tel: URIs, of others the name as H.323 ID and as URL (H.323 Annex O). */
function aliasesOfUri(uri: string): h225.AliasAddress[] {
  const [, scheme = '', rest = ''] = /^(tel|sips?|h323):([^;?]*)/i.exec(uri) ?? [];
  if (/^tel$/i.test(scheme)) return [{ dialledDigits: rest.replace(/[^0-9#*]/g, '') }];
  const name = decoded(rest === '' ? uri : rest);
  const user = /^([0-9#*]+)@/.exec(name)?.[1];
  return [...(user === undefined ? [] : [{ dialledDigits: user }]), { 'h323-ID': name.slice(0, 256) }, { 'url-ID': `h323:${rest === '' ? uri : rest}`.slice(0, 512) }];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Several locators as one; the first that knows a device or peer counts: one that is registered in two ways is rung once. */
export const combineLocators = (...locators: readonly Locator[]): Locator => ({
  contactsFor: (device) => locators.map((locator) => locator.contactsFor(device)).find((contacts) => contacts.length > 0) ?? [],
  contactForUri: (uri, peer) => locators.map((locator) => locator.contactForUri(uri, peer)).find((contact) => contact !== undefined),
});
