import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadConfig } from '../../src/config';
import { DirectoryRepository, hashPassword, openDirectoryStore, type Device, type PlanStage, type Service } from '../../src/directory';
import { Gateway } from '../../src/server';

export const DOMAIN = 'palvelu.example';
export const PASSWORD = 'kissakala-42';

/** A gateway in this process on ports and a data folder of its own. */
export interface TestGateway {
  gateway: Gateway;
  dataDir: string;
  /** `127.0.0.1:PORT` of the first contact of a transport. */
  address(transport: string): string;
  directory: DirectoryRepository;
  stop(): Promise<void>;
}

/** @param env further settings, as environment variables. */
export async function startTestGateway(env: Record<string, string> = {}, dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-gateway-'))): Promise<TestGateway> {
  const config = loadConfig({
    cwd: dataDir,
    env: { ETASILTA_DATA_DIR: dataDir, ETASILTA_DOMAIN: DOMAIN, ETASILTA_LOG_LEVEL: 'error', ETASILTA_CALLS_MEDIA: 'direct', ETASILTA_SIP_LISTEN: 'sip:127.0.0.1:0;transport=udp sip:127.0.0.1:0;transport=tcp', ...env },
  });
  const gateway = await Gateway.start(config);
  return {
    gateway, dataDir, directory: new DirectoryRepository(gateway.directoryDatabase),
    address: (transport) => {
      const contact = gateway.contacts.find((each) => each.startsWith(`${transport}/`));
      if (!contact) throw new Error(`no ${transport} among ${gateway.contacts.join(', ')}`);
      return contact.slice(transport.length + 1);
    },
    stop: async () => {
      await gateway.stop();
      fs.rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Writes an organisation with one site and these devices, all with PASSWORD. */
export async function addDevices(directory: DirectoryRepository, devices: (Partial<Device> & { address: string })[]): Promise<void> {
  await directory.put('organisation', { key: 'kunta', type: 'municipality', names: { fi: 'Kunta' }, domain: 'kunta.example' });
  await directory.put('site', { key: 'talo', organisation: 'kunta', names: { fi: 'Talo' } });
  for (const device of devices) {
    const username = device.address.split('@')[0] as string;
    await directory.put('device', {
      site: 'talo', kind: 'room', enabled: true, credentials: hashPassword(username, DOMAIN, PASSWORD), ...device,
    });
  }
}

/** Writes a service that these devices answer, in one stage. */
export async function addService(
  directory: DirectoryRepository, address: string, devices: string[], stage: Partial<PlanStage> = {}, more: Partial<Service> = {},
): Promise<void> {
  await directory.put('service', {
    address, organisation: 'kunta', languages: ['fi'], names: { fi: address }, enabled: true,
    plan: { stages: [{ group: 'main', strategy: 'all', ringSeconds: 30, ...stage }] }, ...more,
  });
  for (const [position, device] of devices.entries()) await directory.put('membership', { service: address, device, group: 'main', position });
}

export { openDirectoryStore };
