import type { DeviceKind } from '../model';
import type { DirectoryStore } from '../open';
import { listRecords } from '../reader';
import { addressFaults } from './addresses';
import type { Finding } from './finding';
import { endedFormerNames } from './former';
import { danglingReferences } from './references';
import { answerFaults, overflowFaults } from './services';

export type { Finding } from './finding';

/** Findings of one sort that are told one by one. */
const MAX_A_SORT = 1000;
const SEVERITIES = ['error', 'warning', 'info'];

/** Kinds of device that come as trusted peers instead of registering. */
const TRUSTED: readonly DeviceKind[] = ['mcu', 'gateway'];

/**
 * Looks for what is allowed record by record but keeps calls from their goal: see {@link Finding}. Reads one state of the
 * directory; errors come first.
 */
export function checkDirectory(store: DirectoryStore): Promise<Finding[]> {
  return store.transaction(async (trx) => {
    const services = await listRecords(trx, 'service');
    const devices = await listRecords(trx, 'device');
    const organisations = await listRecords(trx, 'organisation');
    const domains = new Set([...organisations.map(({ domain }) => domain), ...services.map(({ address }) => address.slice(address.indexOf('@') + 1))]);
    const withoutCredentials = devices.filter(({ credentials, enabled, kind }) => enabled && !credentials && !TRUSTED.includes(kind)).map(({ address: key }): Finding => ({
      severity: 'info', code: 'no-credentials', kind: 'device', key, what: 'has no credentials, so it cannot register', hint: `Set a password: "device set ${key} --password-file FILE".`,
    }));
    const sorts = [
      await danglingReferences(trx, MAX_A_SORT), await addressFaults(trx, services, devices), await answerFaults(trx, services), overflowFaults(services, domains), withoutCredentials,
      endedFormerNames(services, new Date().toISOString().slice(0, 10)),
    ];
    return sorts.flatMap((findings) => findings.slice(0, MAX_A_SORT))
      .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  }, 'read');
}
