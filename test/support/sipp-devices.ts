import path from 'node:path';
import { expectAllSuccessful, runSipp, startSipp, type Sipp, type SippOptions } from '../peers/harness';
import { DOMAIN, PASSWORD } from './test-gateway';

const SCENARIOS = path.resolve(__dirname, '../fixtures/sipp/gateway');
export const scenario = (name: string): string => path.join(SCENARIOS, `${name}.xml`);

/** Registers a device with digest, its calls to go to `contact`; `expires` 0, seconds, takes that back. */
export async function registerContact(gateway: string, address: string, contact: string, { transport = 'udp', expires = 600 }: { transport?: 'udp' | 'tcp'; expires?: number } = {}): Promise<void> {
  const [user = '', domain = ''] = address.split('@');
  await expectAllSuccessful(await runSipp({
    scenario: scenario('register-contact'), remote: gateway, transport, keys: { domain, contact, expires: String(expires) },
    fields: [[user, `[authentication username=${user} password=${PASSWORD}]`]],
  }));
}

/** A device played by sipp: it waits for calls with the scenario, and is registered. */
export async function sippDevice(gateway: string, address: string, uas: string, options: Partial<SippOptions> = {}): Promise<Sipp> {
  const transport = options.transport ?? 'udp';
  const device = await startSipp({ scenario: scenario(uas), timeoutSeconds: 50, ...options });
  await registerContact(gateway, address, `sip:${address.split('@')[0]}@127.0.0.1:${device.port};transport=${transport}`);
  return device;
}

/** A partner's system played by sipp: calls `service` at the gateway. */
export function sippCaller(gateway: string, uac: string, service: string, options: Partial<SippOptions> = {}): Promise<Sipp> {
  return startSipp({ scenario: scenario(uac), remote: gateway, service, timeoutSeconds: 50, ...options });
}

export { DOMAIN, expectAllSuccessful };
