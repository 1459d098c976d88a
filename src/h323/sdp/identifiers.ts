import { alternative } from '../per';
import type { h245 } from '../schemas';

/**
 * Object identifiers of generic capabilities, each of the Recommendation of its name, as H323plus, OPAL, GnuGk and Wireshark have
 * them.
 */
export const H264 = '0.0.8.241.0.0.1';
/** H.241, by packetization-mode of RFC 6184: single NAL units as H.241 annex A has them, and non-interleaved. */
export const H264_PACKETIZATION = ['0.0.8.241.0.0.0.0', '0.0.8.241.0.0.0.1'] as const;
export const H239_CONTROL = '0.0.8.239.1.1';
export const H239_VIDEO = '0.0.8.239.1.2';
export const G7221 = '0.0.7.7221.1.0';
export const G7221C = '0.0.7.7221.1.1.0';
/** H.323 annex Q: H.224 in RTP. */
export const H224 = '0.0.8.224.1.0';
/**
 * No capability for Opus was found registered in H.245 or the H.323 series. These are what an open-source plug-in for H323plus and
 * OPAL uses (a private arc): 48 kHz, one channel and two, whose RTP is that of RFC 7587.
 */
export const OPUS = ['1.3.6.1.4.1.17091.1.10.48', '1.3.6.1.4.1.17091.1.10.482'] as const;

export function isGeneric(capability: h245.GenericCapability, identifier: string): boolean {
  return alternative(capability.capabilityIdentifier, 'standard') === identifier;
}

/** The number of a standard parameter, whatever type it was written in; undefined when it is not there. */
export function numberOf(capability: h245.GenericCapability, parameter: number): number | undefined {
  for (const { parameterIdentifier, parameterValue } of [...(capability.collapsing ?? []), ...(capability.nonCollapsing ?? [])]) {
    if (alternative(parameterIdentifier, 'standard') !== parameter) continue;
    const value = Object.values(parameterValue)[0] as unknown;
    if (typeof value === 'number') return value;
  }
  return undefined;
}

type NumberType = 'booleanArray' | 'unsignedMin' | 'unsignedMax';

export const parameter = (identifier: number, type: NumberType, value: number): h245.GenericParameter =>
  ({ parameterIdentifier: { standard: identifier }, parameterValue: { [type]: value } as unknown as h245.ParameterValue });
