import type { DialSource } from '../addressing';
import type { Device, DirectoryView } from '../directory';

/** What a device dials by. */
export type Protocol = 'sip' | 'h323';

/** Where it is told whether a service is open: nowhere, behind its name, or in its description. */
export type OpenState = 'off' | 'suffix' | 'description';

/** Who reads a phone book, and how it is shown there. */
export interface Reader {
  /** For logs and limits. */
  name: string;
  /** Exactly one of these three says whose calls it would be: an organisation's devices, one device, or a trusted peer. */
  organisation?: string;
  device?: string;
  peer?: string;
  /** What its devices can dial; the first is shown first. */
  protocols: readonly Protocol[];
  /** ISO 639 code, where the request names no other. */
  language: string;
  openState: OpenState;
  /** Which persons are found by search: nobody, those of the reader's own organisation, or all. */
  persons: 'none' | 'organisation' | 'all';
  /** Devices by MAC address or serial number, as they name themselves. A hint: nobody proves a serial number. */
  identities?: Readonly<Record<string, string>>;
}

/** A reader within one state of the directory. */
export interface Standpoint {
  /** An entry is shown when all of these may dial it. */
  sources: DialSource[];
  organisation?: string;
  /** The reading device: not an entry of its own phone book. */
  device?: string;
}

/**
 * Where the reader stands; undefined when what it speaks for is not in the directory or is disabled.
 * @param identities MAC address and serial number that the device gave; they take entries away and never add any
 */
export function standpointOf(view: DirectoryView, reader: Reader, identities: readonly string[] = []): Standpoint | undefined {
  if (reader.peer !== undefined) return { sources: [{ kind: 'peer', peer: reader.peer }] };
  if (reader.device !== undefined) {
    const device = view.device(reader.device);
    return device?.enabled ? { sources: [sourceOf(device)], organisation: view.site(device.site)?.organisation, device: device.address } : undefined;
  }
  const organisation = view.organisation(reader.organisation ?? '');
  if (organisation === undefined) return undefined;
  const standpoint: Standpoint = { sources: [{ kind: 'registered', domain: organisation.domain }], organisation: organisation.key };
  const known = identities.map((identity) => reader.identities?.[normalized(identity)]).find((address) => address !== undefined);
  const hinted = view.device(known ?? '');
  if (!hinted?.enabled || view.site(hinted.site)?.organisation !== organisation.key) return standpoint;
  return { ...standpoint, sources: [...standpoint.sources, sourceOf(hinted)], device: hinted.address };
}

const sourceOf = ({ kind, site, address }: Device): DialSource =>
  ({ kind: 'registered', deviceKind: kind, site, domain: address.slice(address.indexOf('@') + 1) });

/** MAC addresses and serial numbers as keys: letters and digits only, upper case. */
export const normalized = (identity: string): string => identity.replace(/[^a-z0-9]/gi, '').toUpperCase();
