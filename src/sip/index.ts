import { join } from 'node:path';
import type Srf from 'drachtio-srf';
import type { Calls, Locator, Originator } from '../calls';
import type { Directory } from '../directory';
import { openStore, type Store } from '../store';
import { ownNames } from './aor';
import { directoryIdentities } from './credentials';
import { DigestAuthenticator } from './digest';
import type { DigestAlgorithm } from './digest-credentials';
import { Edge } from './edge';
import { Front, type InviteCounters, type SipApplication } from './front';
import { uriHost } from './grammar';
import { Guard } from './guard';
import type { InfoService } from './info-service';
import { KeepAlive, type RequestSender } from './keep-alive';
import { Dialogs } from './legs/dialogs';
import { SUPPORTED_OPTIONS } from './legs/headers';
import { SipOriginator } from './legs/outbound';
import { Location } from './location';
import { SipLocator } from './locator';
import { REGISTER_OPTIONS, Registrar } from './registrar';
import { registrationMigrations, Registrations, type RegistrationDatabase } from './registrations';
import { steadyNow } from './steady-clock';
import { Trust } from './trust';

export type { InfoAnswer, InfoService } from './info-service';
export type RegistrationStore = Store<RegistrationDatabase>;

/** Opens the database of registrations in a data folder. Throws StoreError. */
export function openRegistrationStore(dataDir: string): Promise<RegistrationStore> {
  return openStore<RegistrationDatabase>(dataDir === ':memory:' ? dataDir : join(dataDir, 'registrations.sqlite'), registrationMigrations);
}

/** The settings of `sip` in the configuration that the front end goes by. */
export interface SipSettings {
  registration: { minSeconds: number; maxSeconds: number; keepAliveSeconds: number; contactsPerAddress: number };
  trustFlow: boolean;
  digest: DigestAlgorithm[];
  peers: { name: string; addresses: string[]; proxy?: string }[];
}

export interface SipFrontOptions {
  config: SipSettings;
  domain: string;
  realm: string;
  nonceKey: Buffer;
  srf: Srf;
  /** What the SIP server listens on, `udp/192.0.2.1:5060`. */
  contacts: string[];
  directory: Directory;
  store: RegistrationStore;
  userAgent: string;
  /** What answers INFO outside a dialog; default: nothing. */
  infoServices?: readonly InfoService[];
  log: { error(detail: object, message: string): void; info(detail: object, message: string): void };
}

/** A registered contact as lists show it. */
export interface RegistrationInfo {
  address: string;
  contact: string;
  flow: string;
  expires: string;
  userAgent?: string;
  reachable: boolean;
}

/** The SIP side of the gateway: edge security, registrar, and the legs that calls/ works with. */
export class SipFront {
  private constructor(
    readonly locator: Locator,
    readonly originator: Originator,
    private readonly front: Front,
    private readonly location: Location,
    private readonly guard: Guard,
    private readonly closers: (() => Promise<void> | void)[],
  ) {}

  static async create(options: SipFrontOptions): Promise<SipFront> {
    const { config, domain, realm, nonceKey, directory, store, userAgent, log } = options;
    const srf = options.srf as unknown as SipApplication;
    const names = ownNames(domain, options.contacts.map(hostOf));
    const location = new Location();
    location.on('listener-error', (error) => log.error({ error: String(error) }, 'registration listener'));
    const registrations = await Registrations.open(store, location, {
      onError: (error) => log.error({ error: String(error) }, 'registrations cannot be written'),
    });
    const guard = new Guard({ allowed: config.peers.flatMap(({ addresses }) => addresses) });
    for (const { flow, aor } of location.all()) guard.trust(flow.address, aor, steadyNow());
    const digest = new DigestAuthenticator({ realm, key: nonceKey, findIdentity: directoryIdentities(directory), isOurHost: names.isOurHost, algorithms: config.digest });
    const trust = new Trust({
      digest, location, names, peers: config.peers, challenge: config.trustFlow ? 'flow' : 'always',
      ownsAddress: async (address) => (await directory.view()).device(address) !== undefined,
    });
    const edge = new Edge({ guard, trust, names, supported: new Set([...SUPPORTED_OPTIONS, ...REGISTER_OPTIONS]) });
    const { minSeconds, maxSeconds, keepAliveSeconds, contactsPerAddress } = config.registration;
    const registrar = new Registrar(location, { names, minExpires: minSeconds, maxExpires: maxSeconds, defaultExpires: maxSeconds, maxContacts: contactsPerAddress });
    const dialogs = new Dialogs();
    const front = new Front({ srf, edge, names, registrar, dialogs, infoServices: options.infoServices ?? [], onError: (error, what) => log.error({ error: String(error), what }, 'request failed') });
    const keepAlive = new KeepAlive(options.srf as unknown as RequestSender, location, { domain, intervals: { stream: keepAliveSeconds } });
    keepAlive.start();
    const peers = new Map(config.peers.flatMap(({ name, proxy }) => (proxy ? [[name, proxy] as const] : [])));
    return new SipFront(new SipLocator(location, peers), new SipOriginator(srf, userAgent, dialogs), front, location, guard, [
      () => keepAlive.close(), () => edge.close(), () => registrations.close(), () => location.close(),
    ]);
  }

  /** Begins to take requests. */
  listen(calls: Calls): void {
    this.front.listen(calls);
  }

  counters(): InviteCounters {
    return { ...this.front.invites };
  }

  guardCounters(): { slowed: number; ignored: number } {
    const { delayed, banned } = this.guard.counters(steadyNow());
    return { slowed: delayed, ignored: banned };
  }

  registrationCount(): { devices: number; contacts: number } {
    return { devices: this.location.aors, contacts: this.location.size };
  }

  registrations(): RegistrationInfo[] {
    return this.location.all().map(({ aor, contact, flow, expiresAt, userAgent, state }) => ({
      address: aor, contact, flow: `${flow.transport}/${uriHost(flow.address)}:${flow.port}`, expires: new Date(expiresAt).toISOString(),
      userAgent, reachable: state === 'reachable',
    }));
  }

  async close(): Promise<void> {
    for (const close of this.closers) await close();
  }
}

/** The host in `udp/192.0.2.1:5060`. */
const hostOf = (contact: string): string => contact.replace(/^[a-z]+\//, '').replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
