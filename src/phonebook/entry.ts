import { openAt, type HoursDecision } from '../desk';
import type { Device, DirectoryView, Person, Service } from '../directory';
import type { Reach } from '../routing';
import type { Protocol, Reader, Standpoint } from './reader';
import type { Opening, Shelf } from './shelf';
import { openText, textIn } from './texts';

/** One way to reach an entry. */
export interface ContactMethod {
  protocol: Protocol;
  /** What is dialled: `local@domain`, or digits. */
  dial: string;
}

/** A service, device or person as the reader sees it. */
export interface Entry {
  /** Stable as long as the record's key. */
  id: string;
  kind: 'service' | 'device' | 'person';
  /** In the reader's language. */
  name: string;
  /** The name, with the opening state where the reader wants it behind names. */
  label: string;
  description?: string;
  /** Whether it is open, in words, where the reader wants that in descriptions. */
  state?: string;
  organisation?: string;
  /** One for each protocol that the reader can dial it by; at least one. */
  methods: ContactMethod[];
  /** `local@domain`; of a person that of the first device. */
  address: string;
  /** The same as digits, where there are any. */
  number?: string;
  /** Of a service with opening hours. */
  hours?: HoursDecision;
  email?: string;
  model?: string;
}

/** Makes entries of records for one reader at one moment. */
export class EntryMaker {
  constructor(
    private readonly view: DirectoryView,
    private readonly reach: Reach,
    private readonly reader: Reader,
    private readonly standpoint: Standpoint,
    readonly language: string,
    private readonly at: Date,
    /** Of this view, reader, standpoint and language. */
    readonly shelf: Shelf,
  ) {}

  /** Undefined for what the reader cannot dial. */
  ofService(service: Service): Entry | undefined {
    const decision = service.hours && openAt(service.hours, this.at);
    const opening = decision && { decision, text: openText(decision, this.at, this.language) };
    return this.shelf.entry(service, opening, () => this.makeService(service, opening));
  }

  /** Undefined for what the reader cannot dial, and for the reading device itself. */
  ofDevice(device: Device): Entry | undefined {
    return this.shelf.entry(device, undefined, () => this.makeDevice(device));
  }

  private makeService({ address, names, organisation, numericAlias, description: about }: Service, opening: Opening | undefined): Entry | undefined {
    const methods = this.methods(address, numericAlias);
    if (methods.length === 0) return undefined;
    const name = textIn(names, this.language);
    const { openState } = this.reader;
    const state = opening?.text;
    const description = about && textIn(about, this.language);
    return {
      id: `e_${address}`, kind: 'service', name, label: openState === 'suffix' && state ? `${name} (${state})` : name,
      ...(description && { description }), ...(openState === 'description' && state && { state }), ...this.organisation(organisation), methods, address, ...(numericAlias && { number: numericAlias }), ...(opening && { hours: opening.decision }),
    };
  }

  private makeDevice({ address, names, e164, model, site }: Device): Entry | undefined {
    const methods = this.methods(address, e164);
    if (methods.length === 0 || address === this.standpoint.device) return undefined;
    const place = this.view.site(site);
    const siteName = place && textIn(place.names, this.language);
    const name = names === undefined ? `${siteName ?? site}, ${address.slice(0, address.indexOf('@'))}` : textIn(names, this.language);
    return {
      id: `e_${address}`, kind: 'device', name, label: name,
      ...(siteName && { description: siteName }), ...this.organisation(place?.organisation), methods, address, ...(e164 && { number: e164 }), ...(model && { model }),
    };
  }

  /** A person is reached at the first of her devices that the reader may dial. */
  ofPerson(person: Person): Entry | undefined {
    if (!person.enabled) return undefined;
    for (const address of person.devices) {
      const device = this.view.device(address);
      const methods = device?.enabled && address !== this.standpoint.device ? this.methods(address, device.e164) : [];
      if (methods.length === 0) continue;
      const title = person.title && textIn(person.title, this.language);
      return {
        id: `p_${person.key}`, kind: 'person', name: person.name, label: person.name, ...(title && { description: title }), ...this.organisation(person.organisation), methods, address, ...(device?.e164 && { number: device.e164 }), ...(person.email && { email: person.email }),
      };
    }
    return undefined;
  }

  /** Whether the reader can dial an address at all. */
  reaches(address: string): boolean {
    return address !== this.standpoint.device && this.reader.protocols.some((protocol) => this.dials(address, protocol));
  }

  private dials(address: string, protocol: Protocol): boolean {
    return this.standpoint.sources.every((source) => this.reach.mayDial(this.view, source, address, protocol));
  }

  private methods(address: string, number: string | undefined): ContactMethod[] {
    return this.reader.protocols
      .filter((protocol) => this.dials(address, protocol))
      // Old H.323 devices and remote controls dial digits only.
      .map((protocol) => ({ protocol, dial: protocol === 'h323' ? number ?? address : address }));
  }

  private organisation(key: string | undefined): { organisation?: string } {
    const organisation = key === undefined ? undefined : this.view.organisation(key);
    return organisation === undefined ? {} : { organisation: textIn(organisation.names, this.language) };
  }
}
