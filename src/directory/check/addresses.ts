import type { Kysely } from 'kysely';
import { isFault, parseNumericAlias } from '../../addressing';
import type { KindName } from '../errors';
import type { AnyRecord } from '../kind';
import { kindOf } from '../kinds';
import type { Device, Service } from '../model';
import type { DirectoryDatabase } from '../schema';
import type { Finding } from './finding';

interface NumberOwner { kind: KindName; key: string; digits: string; enabled: boolean }

/** Addresses with two owners, and numbers that cannot be dialled or shadow each other. */
export async function addressFaults(db: Kysely<DirectoryDatabase>, services: readonly Service[], devices: readonly Device[]): Promise<Finding[]> {
  const owners = new Map<string, string>();
  const held = new Map((await db.selectFrom('addresses').selectAll().execute()).map((row) => [`${row.space} ${row.address}`, `${row.owner_kind} ${row.owner}`]));
  const findings: Finding[] = [];
  for (const [kindName, records] of [['service', services], ['device', devices]] as const) {
    const kind = kindOf(kindName);
    for (const record of records) {
      const self = `${kindName} ${record.address}`;
      for (const { space, address, field } of kind.claims?.(record as unknown as AnyRecord) ?? []) {
        const owner = owners.get(`${space} ${address}`);
        owners.set(`${space} ${address}`, owner ?? self);
        if (owner !== undefined && owner !== self) {
          findings.push({
            severity: 'error', code: 'two-owners', kind: kindName, key: record.address,
            what: `${field} ${address} belongs to ${owner} too`, hint: 'Give one of the two another address; a caller reaches only one of them.',
          });
        } else if (held.get(`${space} ${address}`) !== self) {
          findings.push({
            severity: 'error', code: 'address-not-held', kind: kindName, key: record.address,
            what: `${field} ${address} is not registered as this ${kindName}'s`, hint: `Save the ${kindName} again (change any field and change it back): it was written without this program.`,
          });
        }
      }
    }
  }
  return [...findings, ...numberFaults(services, devices)];
}

function numberFaults(services: readonly Service[], devices: readonly Device[]): Finding[] {
  const findings: Finding[] = [];
  const numbers: NumberOwner[] = [];
  for (const { address: key, numericAlias, enabled } of services) {
    if (numericAlias === undefined) continue;
    const parsed = parseNumericAlias(numericAlias);
    if (isFault(parsed)) {
      findings.push({
        severity: 'error', code: 'number-malformed', kind: 'service', key, what: `numeric alias ${numericAlias}: ${parsed.reason}`,
        hint: 'Set a numeric alias of municipality(3) service(4) [language(1)].',
      });
    }
    if (!enabled) {
      findings.push({
        severity: 'warning', code: 'number-of-disabled', kind: 'service', key, what: `numeric alias ${numericAlias} leads to this disabled service`,
        hint: 'Enable the service, or give the number to the service that answers instead.',
      });
    }
    numbers.push({ kind: 'service', key, digits: numericAlias, enabled });
  }
  for (const { address: key, e164, enabled } of devices) {
    if (e164 !== undefined) numbers.push({ kind: 'device', key, digits: e164, enabled });
  }
  return [...findings, ...prefixes(numbers)];
}

/** In order of digits, the numbers that begin a number stand before it. */
function prefixes(numbers: NumberOwner[]): Finding[] {
  const findings: Finding[] = [];
  const open: NumberOwner[] = [];
  for (const number of numbers.sort((a, b) => (a.digits < b.digits ? -1 : 1))) {
    while (open.length > 0 && !number.digits.startsWith(open.at(-1)?.digits ?? '')) open.pop();
    const shorter = open.at(-1);
    if (shorter && shorter.digits !== number.digits) {
      findings.push({
        severity: 'warning', code: 'number-prefix', kind: number.kind, key: number.key,
        what: `number ${number.digits} begins with ${shorter.digits} of ${shorter.kind} ${shorter.key}`,
        hint: 'Devices that send digits one by one reach only the shorter number; change one of the two.',
      });
    }
    open.push(number);
  }
  return findings;
}
