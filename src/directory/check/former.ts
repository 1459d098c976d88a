import type { Service } from '../model';
import type { Finding } from './finding';

/** Former addresses and numbers whose last day has passed: nothing is wrong, but nobody else can have them. */
export function endedFormerNames(services: readonly Service[], today: string): Finding[] {
  return services.flatMap(({ address: key, formerAddresses = [], formerNumbers = [] }) => [
    ...formerAddresses.map(({ address, until }) => ({ code: 'former-address-ended' as const, name: `address ${address}`, column: 'former_addresses', until })),
    ...formerNumbers.map(({ number, until }) => ({ code: 'former-number-ended' as const, name: `number ${number}`, column: 'former_numbers', until })),
  ].filter(({ until }) => until < today).map(({ code, name, column, until }): Finding => ({
    severity: 'info', code, kind: 'service', key, what: `former ${name} ended on ${until}; callers are told the new one`,
    hint: `Take it off once nobody dials it: "service set ADDRESS ${column}=...".`,
  })));
}
