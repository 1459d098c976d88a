import { MAX_DIGITS, readNumericAlias, readServiceName } from './grammar';
import { formatAddress, parseAddress } from './parse';
import { fault, isFault, type AddressFault, type DeviceName, type NumericAlias, type ServiceName } from './types';

/** A service address with its canonical spelling. */
export interface ServiceAddress extends ServiceName {
  address: string;
  domain: string;
}

/** Reads `service [ "." language ] [ "." qualifier ] "@" domain` and nothing else: what the directory accepts for a service. */
export function parseServiceAddress(text: string): ServiceAddress | AddressFault {
  const parsed = readNameAtDomain(text);
  if (isFault(parsed)) return parsed;
  const name = parsed.service ?? readServiceName(parsed.local);
  return isFault(name) ? name : { ...name, domain: parsed.domain, address: formatAddress(parsed) };
}

/**
 * Reads `device-name "@" site "." domain` and nothing else: what the directory accepts for a device. The name may hold any
 * character of a SIP user that H.323 takes too.
 */
export function parseDeviceAddress(text: string): (DeviceName & { address: string }) | AddressFault {
  const parsed = readNameAtDomain(text);
  if (isFault(parsed)) return parsed;
  if (parsed.device === undefined) return fault('no-domain', 0, `a device address needs a site before the domain: NAME@SITE.${parsed.domain}`);
  return { ...parsed.device, address: formatAddress(parsed) };
}

/** Reads a service's digits, `municipality(3) service(4) [ language(1) ]`. */
export function parseNumericAlias(text: string): (NumericAlias & { digits: string }) | AddressFault {
  const parsed = parseAddress(text);
  if (isFault(parsed)) return parsed;
  const digits = parsed.kind === 'number' && !parsed.international ? parsed.digits : undefined;
  if (digits === undefined) return fault('number', 0, `not a number of at most ${MAX_DIGITS} digits`);
  const alias = readNumericAlias(digits);
  return alias === undefined
    ? fault('number', 0, `${digits.length} digits where 7 or 8 are needed: municipality(3) service(4) [language(1)]`)
    : { ...alias, digits };
}

function readNameAtDomain(text: string) {
  const parsed = parseAddress(text);
  if (isFault(parsed)) return parsed;
  return parsed.kind === 'address' && !parsed.domain.startsWith('[') && !/^[\d.]+$/.test(parsed.domain)
    ? parsed
    : fault('no-domain', 0, 'no domain: NAME@DOMAIN is needed');
}
