import type { BearerCapability, Progress } from '../q931';

/** Speech, 64 kbit/s (H.225.0 table 11). */
export const SPEECH: BearerCapability = { codingStandard: 0, transferCapability: 0, transferMode: 0, transferRate: 0x10, layer1Protocol: 3 };

/** Unrestricted digital, H.221 and H.242, as many times 64 kbit/s as the bit rate of the call takes. */
export function videoBearer(bitRate: number): BearerCapability {
  return {
    codingStandard: 0, transferCapability: 8, transferMode: 0, transferRate: 0x18, rateMultiplier: Math.min(127, Math.max(1, Math.ceil(bitRate / 64_000))), layer1Protocol: 5,
  };
}

/** In-band information is available: early media (Q.931 section 4.5.23). */
export const IN_BAND: Progress = { codingStandard: 0, location: 0, description: 8 };
