import type { Contact, Locator, MediaTransport } from '../calls';
import { uriHost, parseSipUri } from './grammar';
import type { SipContact } from './legs/outbound';
import type { Location } from './location';
import { routeFor } from './route-for';

/** Where calls/ finds registered devices and partners. */
export class SipLocator implements Locator {
  /** @param peers proxy URI of each configured peer that has one. */
  constructor(private readonly location: Location, private readonly peers: ReadonlyMap<string, string>) {}

  contactsFor(device: string): Contact[] {
    const contacts: SipContact[] = [];
    const byInstance = new Map<string, SipContact>();
    for (const binding of this.location.contactsFor(device)) {
      const { uri, proxy } = routeFor(binding);
      // Several flows of one outbound instance are ways to the same device: it rings over one at a time (RFC 5626 section 5.3).
      const instance = binding.params['reg-id'] === undefined ? undefined : binding.params['+sip.instance'];
      const known = instance === undefined ? undefined : byInstance.get(instance);
      if (known) {
        known.spares = [...(known.spares ?? []), { uri, proxy }];
        continue;
      }
      const contact: SipContact = { protocol: 'sip', label: `${binding.aor} at ${binding.flow.transport}/${uriHost(binding.flow.address)}:${binding.flow.port}`, uri, proxy, media: mediaOver(binding.flow.transport) };
      contacts.push(contact);
      if (instance !== undefined) byInstance.set(instance, contact);
    }
    return contacts;
  }

  contactForUri(uri: string, peer: string): Contact | undefined {
    const proxy = this.peers.get(peer);
    if (!proxy || !parseSipUri(uri)) return undefined;
    return { protocol: 'sip', label: `${uri} through ${peer}`, uri, proxy } satisfies SipContact as SipContact;
  }
}

/** SIP over WebSocket is a browser's (RFC 7118); over TLS keys can go in the SDP (RFC 4568 section 8.3). */
export function mediaOver(transport: string): readonly MediaTransport[] {
  if (transport === 'ws' || transport === 'wss') return ['webrtc', 'rtp'];
  return transport === 'tls' ? ['srtp', 'rtp'] : ['rtp', 'srtp'];
}
