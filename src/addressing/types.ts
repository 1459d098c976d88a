/** A local part (before the `@`) read by the service grammar: `service [ "." language ] [ "." qualifier ]`. */
export interface ServiceName {
  service: string;
  /** ISO 639 code. */
  language?: string;
  qualifier?: string;
}

/** `device-name "@" site "." domain`. */
export interface DeviceName {
  name: string;
  site: string;
  domain: string;
}

/** Digits read as `municipality(3) service(4) [ language(1) ]`. */
export interface NumericAlias {
  municipality: string;
  service: string;
  language?: string;
}

export type Scheme = 'sip' | 'sips' | 'h323' | 'tel';

/**
 * What a dialled string is. Whether `name@domain` is a service or a device only the directory knows; `service` and `device`
 * say how it reads by either grammar (absent: it cannot be one).
 */
export type ParsedAddress = {
  /** Set when the string was a URL. */
  scheme?: Scheme;
  /** Port written after the host. */
  port?: number;
} & (
  /** `local@domain`, both folded; `domain` may be an IPv4 address or a bracketed IPv6 address. */
  | { kind: 'address'; local: string; domain: string; service?: ServiceName; device?: DeviceName }
  /** A name without a domain. */
  | { kind: 'name'; name: string; service?: ServiceName }
  /** [0-9*#], at most 30; `international`: an E.164 number written with "+" (not part of `digits`). */
  | { kind: 'number'; digits: string; international: boolean; alias?: NumericAlias }
  /** An H.323 ID that is no name by our grammar, as it was written. */
  | { kind: 'h323-id'; id: string }
  /** An IP address alone, IPv6 without brackets, in its shortest form. */
  | { kind: 'ip'; host: string; version: 4 | 6 }
);

export type FaultCode =
  | 'empty' | 'too-long' | 'scheme' | 'character' | 'escape' | 'no-name' | 'no-domain' | 'local-too-long' | 'second-at'
  | 'password' | 'label' | 'parts' | 'language' | 'domain-too-long' | 'port' | 'ip' | 'number';

/** Why a string is not an address. */
export interface AddressFault {
  kind: 'fault';
  code: FaultCode;
  /** Where, counted in characters from 1; 0 when the whole string is meant. */
  position: number;
  /** One clause for people: `character 5 ' ' is not allowed in a domain`. */
  reason: string;
}

export const fault = (code: FaultCode, position: number, reason: string): AddressFault =>
  ({ kind: 'fault', code, position, reason });

/** True for what the parsers return instead of an address. */
export const isFault = (result: { kind: string } | object): result is AddressFault =>
  'kind' in result && result.kind === 'fault';
