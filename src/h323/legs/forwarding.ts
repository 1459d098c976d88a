import type { CallSource } from '../../calls';
import type { H323Contact } from '../gateway/locator';
import type { HostPort, Registration, Registrations } from '../ras';
import type { Forwarding } from '../signalling';

/** What a device names. */
export type Destination = Pick<Forwarding, 'aliases' | 'address'>;

/** Who is registered, and how calls reach them. */
export interface RegisteredEndpoints {
  registrations: Pick<Registrations, 'get' | 'withAlias' | typeof Symbol.iterator>;
  contactsFor(device: string): H323Contact[];
}

/**
 * Where a device that is rung wants the call to go instead (Facility: H.323 section 8.1.2; callRerouting: H.450.3). Its word is taken for other endpoints that
 * are registered here, by alias or by the address of their call signalling; for what a neighbour has the neighbour is asked again, by
 * alias. Calls go to no other address that a peer names.
 */
export function forwardedTo(contact: H323Contact, { aliases, address }: Destination, { registrations, contactsFor }: RegisteredEndpoints): H323Contact | undefined {
  if (contact.neighbour !== undefined) {
    const { signalling: _signalling, ...asked } = contact;
    return aliases.length > 0 ? { ...asked, aliases } : undefined;
  }
  const target = aliases.map((alias) => registrations.withAlias(alias)).find((registration) => registration !== undefined) ?? (address && at(address, registrations));
  const found = target && contactsFor(target.name).find(({ endpointIdentifier }) => endpointIdentifier === target.endpointIdentifier);
  return found && { ...found, ...(aliases.length > 0 && { aliases }) };
}

/** Who is reached at a contact, as one who calls. */
export function sourceOf({ neighbour, endpointIdentifier }: H323Contact, registrations: RegisteredEndpoints['registrations']): CallSource | undefined {
  if (neighbour !== undefined) return { kind: 'peer', name: neighbour };
  const registration = endpointIdentifier === undefined ? undefined : registrations.get(endpointIdentifier);
  return registration && { kind: 'registered', device: registration.name };
}

function at({ host, port }: HostPort, registrations: Iterable<Registration>): Registration | undefined {
  for (const registration of registrations) {
    if (registration.signalling.some((own) => own.host === host && own.port === port)) return registration;
  }
  return undefined;
}
