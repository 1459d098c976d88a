import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Config } from '../config';
import { DirectoryRepository, formatCounts, hashPassword, importDirectory, type DirectoryStore } from '../directory';
import { EtasiltaError } from '../errors';
import type { Gateway } from '../server';
import { formatSelfTest, runSelfTest, startSimulatedEndpoint, type EndpointAccount } from '../simulator';
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

/** Gives one of the simulated endpoints a password made for this run; `withdraw` makes it void again. */
async function openAccount(gateway: Gateway, config: Config, address: string): Promise<EndpointAccount & { withdraw(): Promise<void> }> {
  const repository = new DirectoryRepository(gateway.directoryDatabase);
  const [username = ''] = address.split('@');
  const password = randomBytes(18).toString('base64url');
  await repository.update('device', address, (device) => ({
    ...device, credentials: hashPassword(username, config.sip.realm ?? config.domain, password),
  }));
  return {
    address, username, password,
    withdraw: async () => { await repository.update('device', address, ({ credentials: _made, ...device }) => device); },
  };
}

/**
 * Proves the gateway with a real call between the two simulated endpoints. Prints what happened; the last line says
 * `self-test passed` or `self-test failed: REASON`. Returns the reason, undefined when it passed.
 */
export async function runProof(gateway: Gateway, config: Config, context: CliContext): Promise<string | undefined> {
  const opened: { withdraw(): Promise<void> }[] = [];
  try {
    const caller = await openAccount(gateway, config, CALLER);
    opened.push(caller);
    const callee = await openAccount(gateway, config, CALLEE);
    opened.push(callee);
    const result = await runSelfTest({ registrar: udpContact(gateway), caller, callee, service: SERVICE });
    context.print(result, () => `${formatSelfTest(result)}\n\n${result.passed ? 'self-test passed' : `self-test failed: ${result.reason}`}`);
    return result.passed ? undefined : (result.reason ?? 'unknown');
  } catch (error) {
    const reason = (error as Error).message;
    context.print({ passed: false, reason }, () => `self-test failed: ${reason}`);
    return reason;
  } finally {
    for (const account of opened) await account.withdraw();
  }
}

/** Lets the second simulated endpoint answer test calls until the returned function is called. */
export async function answerTestCalls(gateway: Gateway, config: Config): Promise<() => Promise<void>> {
  const account = await openAccount(gateway, config, CALLEE);
  const endpoint = await startSimulatedEndpoint({ ...account, registrar: udpContact(gateway), toneHz: 1_000, video: true });
  return async () => {
    await endpoint.close();
    await account.withdraw();
  };
}

function udpContact({ contacts }: Gateway): string {
  const contact = contacts.find((each) => each.startsWith('udp/'));
  if (!contact) throw new EtasiltaError('self-test', 'the SIP server has no UDP contact', { hint: 'Add one to sip.listen.' });
  return `sip:${contact.slice(4)};transport=udp`;
}
