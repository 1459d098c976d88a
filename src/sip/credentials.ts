import type { Directory } from '../directory/view';
import type { FindIdentity, Identity } from './digest';

/**
 * Identities from the directory. A username is found under the device that the request claims to be, then as a whole device
 * address; so devices of different organisations may have the same short username. Disabled devices have none.
 */
export function directoryIdentities(directory: Directory): FindIdentity {
  return async (username, aor) => {
    const view = await directory.view();
    for (const address of [aor, username.toLowerCase()]) {
      const device = view.device(address);
      if (device?.enabled && device.credentials?.username === username) return { aor: device.address, credentials: device.credentials } satisfies Identity;
    }
    return undefined;
  };
}
