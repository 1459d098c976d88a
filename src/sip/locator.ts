import type { Contact, Locator } from '../calls';
import { uriHost, parseSipUri } from './grammar';
import type { SipContact } from './legs/outbound';
import type { Location } from './location';
import { routeFor } from './route-for';

/** Where calls/ finds registered devices and partners. */
export class SipLocator implements Locator {
  /** @param peers proxy URI of each configured peer that has one. */
  constructor(private readonly location: Location, private readonly peers: ReadonlyMap<string, string>) {}

  contactsFor(device: string): Contact[] {
    return this.location.contactsFor(device).map((binding): SipContact => {
      const { uri, proxy } = routeFor(binding);
      return { protocol: 'sip', label: `${binding.aor} at ${binding.flow.transport}/${uriHost(binding.flow.address)}:${binding.flow.port}`, uri, proxy };
    });
  }

  contactForUri(uri: string, peer: string): Contact | undefined {
    const proxy = this.peers.get(peer);
    if (!proxy || !parseSipUri(uri)) return undefined;
    return { protocol: 'sip', label: `${uri} through ${peer}`, uri, proxy } satisfies SipContact as SipContact;
  }
}
