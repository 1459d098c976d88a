import { alternative } from '../per';
import type { h245 } from '../schemas';
import { algorithmOf, ALGORITHMS, type MediaAlgorithm } from './algorithms';

/** Kinds of capability that can be encrypted. */
const ENCRYPTABLE = ['receiveVideoCapability', 'transmitVideoCapability', 'receiveAndTransmitVideoCapability', 'receiveAudioCapability', 'transmitAudioCapability', 'receiveAndTransmitAudioCapability'] as const;

const protection = (algorithm: MediaAlgorithm): h245.EncryptionAuthenticationAndIntegrity => ({ encryptionCapability: [{ algorithm: ALGORITHMS[algorithm].identifier }] });

/**
 * The capability table and descriptors with an encrypted form of every audio and video capability; that stands first among the
 * alternatives, which says that it is wanted more. `required`: the clear forms go out of the alternatives.
 */
export function withEncryption(
  table: readonly h245.CapabilityTableEntry[], descriptors: readonly h245.CapabilityDescriptor[], algorithm: MediaAlgorithm, required = false,
): { table: h245.CapabilityTableEntry[]; descriptors: h245.CapabilityDescriptor[] } {
  let next = Math.max(0, ...table.map(({ capabilityTableEntryNumber }) => capabilityTableEntryNumber));
  const encrypted = new Map<number, number>();
  const entries = table.flatMap(({ capability, capabilityTableEntryNumber: number }): h245.CapabilityTableEntry[] => {
    if (!capability || !ENCRYPTABLE.some((kind) => kind in capability) || next >= 0xffff) return [];
    encrypted.set(number, ++next);
    return [{ capabilityTableEntryNumber: next, capability: { h235SecurityCapability: { encryptionAuthenticationAndIntegrity: protection(algorithm), mediaCapability: number } } }];
  });
  return {
    table: [...table, ...entries],
    descriptors: descriptors.map((descriptor) => ({
      ...descriptor,
      ...(descriptor.simultaneousCapabilities && {
        simultaneousCapabilities: descriptor.simultaneousCapabilities.map((alternatives) => {
          const secured = alternatives.flatMap((number) => encrypted.get(number) ?? []);
          return [...secured, ...alternatives.filter((number) => !required || !encrypted.has(number))];
        }),
      }),
    })),
  };
}

/** Numbers of the peer's table entries that it takes encrypted by the algorithm. */
export function encryptedEntries(table: readonly h245.CapabilityTableEntry[], algorithm: MediaAlgorithm): Set<number> {
  return new Set(table.flatMap(({ capability }) => {
    const security = capability && alternative(capability, 'h235SecurityCapability');
    return security && algorithmIn(security.encryptionAuthenticationAndIntegrity) === algorithm ? [security.mediaCapability] : [];
  }));
}

/** The data type of an encrypted channel; undefined for what is not encrypted. */
export function encrypted(dataType: h245.DataType, algorithm: MediaAlgorithm): h245.DataType | undefined {
  const [video, audio] = [alternative(dataType, 'videoData'), alternative(dataType, 'audioData')];
  const mediaType = video ? { videoData: video } : audio ? { audioData: audio } : undefined;
  return mediaType && { h235Media: { encryptionAuthenticationAndIntegrity: protection(algorithm), mediaType } };
}

/** The data type within an encrypted channel's, and by what it is encrypted; undefined for clear channels and unknown algorithms. */
export function decrypted(dataType: h245.DataType): { dataType: h245.DataType; algorithm: MediaAlgorithm } | undefined {
  const media = alternative(dataType, 'h235Media');
  const algorithm = media && algorithmIn(media.encryptionAuthenticationAndIntegrity);
  const [video, audio] = [alternative(media?.mediaType, 'videoData'), alternative(media?.mediaType, 'audioData')];
  if (!algorithm || !(video || audio)) return undefined;
  return { dataType: video ? { videoData: video } : { audioData: audio! }, algorithm };
}

function algorithmIn({ encryptionCapability }: h245.EncryptionAuthenticationAndIntegrity): MediaAlgorithm | undefined {
  for (const each of encryptionCapability ?? []) {
    const known = algorithmOf(alternative(each, 'algorithm'));
    if (known) return known;
  }
  return undefined;
}
