import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Config } from '../config';
import { DirectoryRepository, formatCounts, hashPassword, importDirectory, type DirectoryStore } from '../directory';
import type { Gateway } from '../server';
import { formatSelfTest, runSelfTest } from '../simulator';
import type { CliContext } from './context';

const PILOT = path.resolve(__dirname, '../../directory-data/pilot');

/** The pilot directory's simulated endpoints and the service that the second one answers. */
const CALLER = 'simulaattori-1@itsetesti.palvelu.example';
const CALLEE = 'simulaattori-2@itsetesti.palvelu.example';
const SERVICE = 'itsetesti.fi@palvelu.example';

/** Imports the pilot directory into an empty one. */
export async function importPilot(store: DirectoryStore, config: Config, context: CliContext): Promise<void> {
  if ((await new DirectoryRepository(store).list('organisation', { limit: 1 })).length > 0) return;
  const report = await importDirectory(store, PILOT, { realm: config.sip.realm ?? config.domain });
  context.note(`Pilot directory imported: ${formatCounts(report)}.`);
}

/**
 * Proves the gateway with a real call between the two simulated endpoints, under passwords made for this once. Prints what
 * happened; the last line says `self-test passed` or `self-test failed: REASON`. Returns the reason, undefined when it passed.
 */
export async function runProof(gateway: Gateway, config: Config, context: CliContext): Promise<string | undefined> {
  const repository = new DirectoryRepository(gateway.directoryDatabase);
  const account = async (address: string): Promise<{ address: string; username: string; password: string }> => {
    const [username = ''] = address.split('@');
    const password = randomBytes(18).toString('base64url');
    await repository.update('device', address, (device) => ({
      ...device, credentials: hashPassword(username, config.sip.realm ?? config.domain, password),
    }));
    return { address, username, password };
  };
  const accounts = [CALLER, CALLEE];
  try {
    const [caller, callee] = await Promise.all(accounts.map(account));
    const registrar = udpContact(gateway.contacts);
    if (!registrar) return announce(context, 'the SIP server has no UDP contact (sip.listen)');
    const result = await runSelfTest({ registrar, caller: caller!, callee: callee!, service: SERVICE });
    context.print(result, () => `${formatSelfTest(result)}\n\n${result.passed ? 'self-test passed' : `self-test failed: ${result.reason}`}`);
    return result.passed ? undefined : (result.reason ?? 'unknown');
  } catch (error) {
    return announce(context, (error as Error).message);
  } finally {
    // Passwords made for the proof open nothing afterwards.
    for (const address of accounts) await repository.update('device', address, ({ credentials: _made, ...device }) => device).catch(() => undefined);
  }
}

function announce(context: CliContext, reason: string): string {
  context.print({ passed: false, reason }, () => `self-test failed: ${reason}`);
  return reason;
}

function udpContact(contacts: readonly string[]): string | undefined {
  const contact = contacts.find((each) => each.startsWith('udp/'));
  return contact && `sip:${contact.slice(4)};transport=udp`;
}
