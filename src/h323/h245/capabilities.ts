import type { h245 } from '../schemas';

/** What a terminal can do; without a table and descriptors it is the empty set, which pauses the peer's sending (H.323 section 8.4.6). */
export type Capabilities = Omit<h245.TerminalCapabilitySet, 'sequenceNumber' | 'protocolIdentifier'>;

export const isEmpty = ({ capabilityTable, capabilityDescriptors }: Capabilities): boolean => !capabilityTable && !capabilityDescriptors;

/** What the peer has been told so far, of which only changes are told (H.245 section B.2): what is left out goes on being true. */
export class Announced {
  private entries: readonly number[] = [];
  private descriptors: readonly number[] = [];

  /** The set that makes the peer know just these capabilities. */
  change(capabilities: Capabilities): Capabilities {
    const table = capabilities.capabilityTable?.filter(({ capability }) => capability) ?? [];
    const descriptors = capabilities.capabilityDescriptors ?? [];
    const [entries, numbers] = [table.map(({ capabilityTableEntryNumber }) => capabilityTableEntryNumber), descriptors.map(({ capabilityDescriptorNumber }) => capabilityDescriptorNumber)];
    const goneEntries = this.entries.filter((number) => !entries.includes(number)).map((capabilityTableEntryNumber) => ({ capabilityTableEntryNumber }));
    const goneDescriptors = this.descriptors.filter((number) => !numbers.includes(number)).map((capabilityDescriptorNumber) => ({ capabilityDescriptorNumber }));
    [this.entries, this.descriptors] = [entries, numbers];
    // The empty set takes all back by itself.
    if (isEmpty(capabilities)) return capabilities;
    return {
      ...capabilities, capabilityTable: unlessEmpty([...table, ...goneEntries]), capabilityDescriptors: unlessEmpty([...descriptors, ...goneDescriptors]),
    };
  }
}

const unlessEmpty = <T>(list: T[]): T[] | undefined => (list.length > 0 ? list : undefined);

type RejectCause = h245.TerminalCapabilitySetReject['cause'];

/** What the peer said it can do, over all its sets: each changes, adds and removes entries of those before (H.245 section B.2). */
export class RemoteCapabilities {
  private multiplexCapability: Capabilities['multiplexCapability'];
  private genericInformation: Capabilities['genericInformation'];
  private readonly table = new Map<number, h245.CapabilityTableEntry>();
  private readonly descriptors = new Map<number, h245.CapabilityDescriptor>();
  /** H.245 version of the peer; undefined until it sent a set, and where its identifier is not H.245's. */
  version: number | undefined;
  /** The last set was the empty one: the peer takes no media. */
  paused = false;
  /** What holds now, once it was asked for. */
  private known: Capabilities | undefined;

  constructor(private readonly maxEntries: number) {}

  /** Takes a set in, or returns why it is refused; then nothing has changed. */
  take(set: h245.TerminalCapabilitySet): RejectCause | undefined {
    const table = new Map(this.table);
    for (const entry of set.capabilityTable ?? []) {
      if (entry.capability) table.set(entry.capabilityTableEntryNumber, entry);
      else table.delete(entry.capabilityTableEntryNumber);
    }
    if (table.size > this.maxEntries) return { tableEntryCapacityExceeded: { noneProcessed: null } };
    this.known = undefined;
    this.version = Number(/^0\.0\.8\.245\.0\.(\d{1,3})$/.exec(set.protocolIdentifier)?.[1]) || undefined;
    this.genericInformation = set.genericInformation;
    this.paused = isEmpty(set);
    if (this.paused) {
      this.clear();
      return undefined;
    }
    this.multiplexCapability = set.multiplexCapability ?? this.multiplexCapability;
    replace(this.table, table);
    for (const descriptor of set.capabilityDescriptors ?? []) {
      if (descriptor.simultaneousCapabilities) this.descriptors.set(descriptor.capabilityDescriptorNumber, descriptor);
      else this.descriptors.delete(descriptor.capabilityDescriptorNumber);
    }
    return undefined;
  }

  /** All that holds now, the same object until the next set. Descriptors name only entries that there are: sloppy peers name others, too. */
  get current(): Capabilities {
    return (this.known ??= this.gathered());
  }

  private gathered(): Capabilities {
    const { multiplexCapability, genericInformation, table } = this;
    const descriptors = [...this.descriptors.values()].map((descriptor) => ({
      ...descriptor,
      simultaneousCapabilities: descriptor.simultaneousCapabilities?.map((alternatives) => alternatives.filter((number) => table.has(number)))
        .filter((alternatives) => alternatives.length > 0),
    }));
    return {
      ...(multiplexCapability && { multiplexCapability }), ...(genericInformation && { genericInformation }),
      ...(table.size > 0 && { capabilityTable: [...table.values()] }), ...(descriptors.length > 0 && { capabilityDescriptors: descriptors }),
    };
  }

  /** Whether the peer takes user input in this form. */
  takesUserInput(form: 'dtmf' | 'hookflash'): boolean {
    return [...this.table.values()].some(({ capability }) => {
      if (!capability) return false;
      if ('receiveUserInputCapability' in capability) return form in capability.receiveUserInputCapability;
      return 'receiveAndTransmitUserInputCapability' in capability && form in capability.receiveAndTransmitUserInputCapability;
    });
  }

  /** Whether the peer has protocols on top of generic messages, whatever its version. */
  get hasGenericControl(): boolean {
    return [...this.table.values()].some(({ capability }) => capability && 'genericControlCapability' in capability);
  }

  private clear(): void {
    this.multiplexCapability = undefined;
    this.table.clear();
    this.descriptors.clear();
  }
}

function replace<K, V>(map: Map<K, V>, by: ReadonlyMap<K, V>): void {
  map.clear();
  for (const [key, value] of by) map.set(key, value);
}
