import type { Service } from '../model';
import type { Finding } from './finding';

/** Former addresses whose last day has passed: nothing is wrong, but nobody else can have their names. */
export function endedFormerAddresses(services: readonly Service[], today: string): Finding[] {
  return services.flatMap(({ address: key, formerAddresses = [] }) => formerAddresses.filter(({ until }) => until < today).map(({ address, until }): Finding => ({
    severity: 'info', code: 'former-address-ended', kind: 'service', key, what: `former address ${address} ended on ${until}; callers are told the new one`,
    hint: 'Take it off once nobody dials it: "service set ADDRESS former_addresses=...".',
  })));
}
