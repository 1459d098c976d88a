import { decode, encode, PerError } from '../per';
import { h245 } from '../schemas';

/** More than any endpoint proposes. */
const MAX_PROPOSALS = 64;

/** The channels proposed or accepted in fastStart (H.323 section 8.1.7); those that cannot be read are left out. */
export function readFastStart(elements: readonly Buffer[]): h245.OpenLogicalChannel[] {
  return elements.slice(0, MAX_PROPOSALS).flatMap((octets) => {
    try {
      return [decode(h245.OpenLogicalChannel, octets)];
    } catch (error) {
      if (error instanceof PerError) return [];
      throw error;
    }
  });
}

export const writeFastStart = (channels: readonly h245.OpenLogicalChannel[]): Buffer[] => channels.map((channel) => encode(h245.OpenLogicalChannel, channel));
