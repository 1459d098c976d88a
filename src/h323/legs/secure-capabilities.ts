import { encryptedEntries, withEncryption, type AgreedSecret, type MediaAlgorithm } from '../h235';
import type { Capabilities } from '../h245';
import type { h245 } from '../schemas';
import type { CallEncryption } from './encryption';

/** Entries of a capability table (H.245 annex A). */
const MAX_ENTRIES = 256;

/** What media can be encrypted with under a secret, the best last. A group of 1024 bits is not for the longer keys (H.235.6). */
export const algorithmsOf = (agreed: AgreedSecret | undefined): MediaAlgorithm[] => (agreed?.group === 1024 ? ['AES-128'] : ['AES-128', 'AES-256']);

/** This side's capabilities as they are told: with encrypted forms while encryption is agreed on, or can be. */
export function securedCapabilities(capabilities: Capabilities, { agreed, isSettled, settings }: CallEncryption): Capabilities {
  const clear = agreed ? withoutEvents(capabilities) : capabilities;
  const { capabilityTable, capabilityDescriptors } = clear;
  if (!capabilityTable || !capabilityDescriptors || (isSettled && !agreed)) return clear;
  const algorithms = algorithmsOf(agreed);
  let told = { table: capabilityTable, descriptors: capabilityDescriptors };
  algorithms.forEach((algorithm, index) => {
    const more = withEncryption(told.table, told.descriptors, algorithm, settings.required && index === algorithms.length - 1);
    if (more.table.length <= MAX_ENTRIES) told = more;
  });
  return { ...clear, capabilityTable: told.table, capabilityDescriptors: told.descriptors };
}

/** RFC 4733 events have no place in encrypted sound: H.245 carries what is keyed. */
export function withoutEvents(capabilities: Capabilities): Capabilities {
  const { capabilityTable: table, capabilityDescriptors: descriptors } = capabilities;
  const events = new Set(table?.filter(({ capability }) => capability && 'receiveRTPAudioTelephonyEventCapability' in capability).map(({ capabilityTableEntryNumber }) => capabilityTableEntryNumber));
  if (events.size === 0) return capabilities;
  return {
    ...capabilities, capabilityTable: table?.filter(({ capabilityTableEntryNumber }) => !events.has(capabilityTableEntryNumber)),
    capabilityDescriptors: descriptors?.map((descriptor) => ({
      ...descriptor,
      ...(descriptor.simultaneousCapabilities && {
        simultaneousCapabilities: descriptor.simultaneousCapabilities.map((alternatives) => alternatives.filter((number) => !events.has(number))).filter(({ length }) => length > 0),
      }),
    })),
  };
}

/** With what the peer takes media of this kind encrypted; undefined where it does not. */
export function algorithmTaken(dataType: h245.DataType, { capabilityTable: table = [] }: Capabilities, agreed: AgreedSecret): MediaAlgorithm | undefined {
  const kinds = 'audioData' in dataType ? ['receiveAudioCapability', 'receiveAndTransmitAudioCapability'] : 'videoData' in dataType ? ['receiveVideoCapability', 'receiveAndTransmitVideoCapability'] : [];
  return algorithmsOf(agreed).reverse().find((algorithm) => {
    const entries = encryptedEntries(table, algorithm);
    return table.some(({ capabilityTableEntryNumber: number, capability }) => capability && entries.has(number) && kinds.some((kind) => kind in capability));
  });
}
