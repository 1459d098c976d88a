import Srf from 'drachtio-srf';
import { startSipServer } from '../../src/embedded/sip-server';
import { ownNames } from '../../src/sip/aor';
import { DigestAuthenticator } from '../../src/sip/digest';
import type { DigestAlgorithm } from '../../src/sip/digest-credentials';
import { Edge, type IncomingRequest } from '../../src/sip/edge';
import { Guard } from '../../src/sip/guard';
import { KeepAlive, type RequestSender } from '../../src/sip/keep-alive';
import { type Binding, Location, type LocationEvents } from '../../src/sip/location';
import { REGISTER_OPTIONS, Registrar } from '../../src/sip/registrar';
import { type RegistrationDatabase, registrationMigrations, Registrations } from '../../src/sip/registrations';
import type { SipResponse } from '../../src/sip/request';
import { Trust } from '../../src/sip/trust';
import { openStore } from '../../src/store';
import { TEST_LIMITS } from '../sip-server/support/limits';
import { hash } from './requests';

export const REALM = 'palvelu.example';
export const DOMAIN = 'ahtari.palvelu.example';
export const PASSWORD = 'sala';

/** A SIP server that the edge is tried behind. */
export interface TestServer {
  adminPort: number;
  secret: string;
  /** `udp/127.0.0.1:5060` and so on. */
  contacts: string[];
  close(): Promise<void>;
}

export interface ServerKind {
  name: string;
  transports: string[];
  start(): Promise<TestServer>;
}

const embedded: ServerKind = {
  name: 'the embedded SIP server',
  transports: ['udp', 'tcp', 'ws'],
  async start() {
    const secret = 'between-us';
    const server = await startSipServer({ admin: { host: '127.0.0.1', port: 0 }, secret, contacts: ['sip:127.0.0.1:0;transport=udp,tcp', 'sip:127.0.0.1:0;transport=ws'], limits: TEST_LIMITS });
    return { adminPort: server.adminPort, secret, contacts: server.contacts, close: () => server.close() };
  },
};

/** The embedded server, and the drachtio-server that ETASILTA_TEST_DRACHTIO=127.0.0.1:PORT:SECRET:SIPPORT names. */
export function serverKinds(): ServerKind[] {
  const [host, port, secret, sipPort] = (process.env.ETASILTA_TEST_DRACHTIO ?? '').split(':');
  if (!sipPort) return [embedded];
  const contacts = ['udp', 'tcp'].map((transport) => `${transport}/${host}:${sipPort}`);
  return [embedded, { name: 'drachtio-server', transports: ['udp', 'tcp'], start: async () => ({ adminPort: Number(port), secret: secret!, contacts, close: async () => undefined }) }];
}

/** HA1 values of every user of DOMAIN, all with PASSWORD, except of `nobody`. */
const credentialsOf = (username: string) => ({
  username, realm: REALM, ha1Md5: hash('MD5', `${username}:${REALM}:${PASSWORD}`), ha1Sha256: hash('SHA-256', `${username}:${REALM}:${PASSWORD}`),
});

/** The gateway's edge as an application of a SIP server; several in turn are one gateway that is restarted. */
export async function startGateway(server: TestServer, file: string, algorithms?: readonly DigestAlgorithm[]) {
  const srf = new Srf();
  srf.connect({ host: '127.0.0.1', port: server.adminPort, secret: server.secret });
  await new Promise<void>((resolve, reject) => srf.on('connect', (error: Error | null) => (error ? reject(error) : resolve())));
  const store = await openStore<RegistrationDatabase>(file, registrationMigrations);
  const location = new Location();
  const registrations = await Registrations.open(store, location);
  const names = ownNames(REALM, ['127.0.0.1']);
  const digest = new DigestAuthenticator({
    realm: REALM, key: Buffer.alloc(32, 3), algorithms, isOurHost: names.isOurHost,
    findIdentity: async (username, aor) => (username !== 'nobody' && aor === `${username}@${DOMAIN}` ? { aor, credentials: credentialsOf(username) } : undefined),
  });
  const guard = new Guard();
  const edge = new Edge({ guard, trust: new Trust({ digest, location, names }), names, supported: REGISTER_OPTIONS });
  const registrar = new Registrar(location, { names });
  type Handler = (req: IncomingRequest, res: SipResponse) => void;
  const use = (srf as unknown as { use(method: string, handler: Handler): void }).use.bind(srf);
  use('register', async (req, res) => {
    const admitted = await edge.admit(req, res);
    if (!admitted?.identity) return;
    const { status, headers } = registrar.register(req, admitted.identity);
    res.send(status, { headers });
  });
  use('invite', async (req, res) => {
    if (await edge.admit(req, res)) res.send(486, {});
  });
  const keepAlive = new KeepAlive(srf as unknown as RequestSender, location, {
    domain: REALM, intervals: { natUdp: 0.1, udp: 0.1, stream: 0.1, lost: 0.1 }, timeout: 1, retry: 0.1,
  });
  return {
    srf, location, guard, keepAlive,
    event: (name: keyof LocationEvents) => new Promise<Binding>((resolve) => location.once(name, (binding: unknown) => resolve(binding as Binding))),
    async stop() {
      keepAlive.close();
      edge.close();
      await registrations.close();
      location.close();
      await store.close();
      srf.disconnect();
    },
  };
}
