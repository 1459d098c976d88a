import { randomBytes } from 'node:crypto';
import type { Config } from '../config';
import { DirectoryRepository, hashPassword, openDirectoryStore } from '../directory';
import { EtasiltaError } from '../errors';
import type { EndpointAccount } from '../simulator';

/** Devices that a test call makes for itself: this name, the time in seconds as base 36, a random part. */
const NAME = /^testipuhelu-([0-9a-z]+)-[0-9a-f]+@/;
const LEFT_BEHIND_SECONDS = 3_600;

/** No device can be made for a test call. */
export class TestDeviceError extends EtasiltaError {}

/**
 * Lends an account that the gateway knows to `use`: a device of kind `simulated` with a random password that exists for the
 * time of the call only. Those that a killed process left behind are removed by the way. Throws TestDeviceError.
 */
export async function withTestDevice<T>(config: Config, use: (account: EndpointAccount) => Promise<T>): Promise<T> {
  const store = await openDirectoryStore(config.dataDir);
  try {
    const directory = new DirectoryRepository(store);
    const simulated = await directory.list('device', { where: { kind: 'simulated' } });
    await Promise.all(simulated.filter(({ address }) => isLeftBehind(address)).map(({ address }) => directory.remove('device', address, { cascade: true })));
    const [model] = simulated.filter(({ address }) => !NAME.test(address));
    const site = model?.site ?? (await directory.list('site', { limit: 1 }))[0]?.key;
    if (site === undefined) {
      throw new TestDeviceError('no-site', `The directory in ${config.dataDir} has no site where a device for the test call could be.`, {
        hint: 'Import a directory with `etasilta directory import`, or name a device of the gateway with --as and --password-file.',
      });
    }
    const domain = model?.address.split('@')[1] ?? config.domain;
    const username = `testipuhelu-${now().toString(36)}-${randomBytes(4).toString('hex')}`;
    const address = `${username}@${domain}`;
    const password = randomBytes(18).toString('base64url');
    await directory.add('device', {
      address, site, kind: 'simulated', enabled: true, names: { fi: 'Testipuhelu', sv: 'Testsamtal', en: 'Test call' },
      credentials: hashPassword(username, config.sip.realm ?? config.domain, password),
    });
    try {
      return await use({ address, username, password });
    } finally {
      await directory.remove('device', address, { cascade: true });
    }
  } finally {
    await store.close();
  }
}

const now = (): number => Math.floor(Date.now() / 1_000);

function isLeftBehind(address: string): boolean {
  const made = NAME.exec(address)?.[1];
  return made !== undefined && now() - parseInt(made, 36) > LEFT_BEHIND_SECONDS;
}
