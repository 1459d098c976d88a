import { newApplication, type Application } from './application';
import { Normaliser, type Places } from './normalise';
import { RawPeer } from './raw-peer';
import type { Scenario } from './scenarios';

/** A SIP server that speaks the admin protocol: the embedded one, or a drachtio-server. */
export interface SipServerUnderTest {
  admin: { host: string; port: number; secret: string };
  sip: { host: string; port: number };
}

/** What each party of a scenario saw, in its own order, comparable between servers. */
export interface Observation {
  /** One entry an event: what the application's code was told. */
  application: string[][];
  caller: string[][];
  callee: string[][];
}

/** Runs a scenario: a new application and two new peers, all closed afterwards. */
export async function observe(server: SipServerUnderTest, scenario: Scenario): Promise<Observation> {
  const caller = new RawPeer('caller', server.sip);
  const callee = new RawPeer('callee', server.sip);
  await Promise.all([caller.open(), callee.open()]);
  const places: Places = {
    server: `${server.sip.host}:${server.sip.port}`, caller: `127.0.0.1:${caller.port}`, callee: `127.0.0.1:${callee.port}`,
  };
  const normaliser = new Normaliser(places);
  const application: string[][] = [];
  const srf = newApplication();
  // Without a listener, an error of the connection would end the process.
  srf.on('error', (error: Error) => application.push([`connection error ${error.message}`]));
  try {
    await new Promise<void>((resolve, reject) => {
      srf.once('connect', (error: Error | null) => (error ? reject(error) : resolve()));
      srf.connect(server.admin);
    });
    await withinPatience(scenario, scenario.run({
      srf, caller, callee, calleeUri: `sip:callee@${places.callee}`,
      note: (event, message) => application.push([event, ...(message?.raw ? normaliser.message(message.raw) : [])]),
      ready: () => routesAreTaken(srf, server),
    }));
    return { application, caller: wire(caller, places), callee: wire(callee, places) };
  } finally {
    srf.disconnect();
    await Promise.all([caller.close(), callee.close(), answeredWith(503, server)]);
  }
}

const PATIENCE_MS = 10_000;
const SLOW_PATIENCE_MS = 60_000;

async function withinPatience(scenario: Scenario, run: Promise<void>): Promise<void> {
  const patience = scenario.slow ? SLOW_PATIENCE_MS : PATIENCE_MS;
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`"${scenario.name}" did not come to its end in ${patience / 1000} s`)), patience);
  });
  await Promise.race([run, overdue]).finally(() => clearTimeout(timer));
}

const wire = (peer: RawPeer, places: Places): string[][] => {
  const normaliser = new Normaliser(places);
  return peer.received.map((message) => normaliser.message(message.text)).filter(([start]) => !start?.startsWith('SIP/2.0 100'));
};

/** The server takes routes in the order of asking: once the last, for PUBLISH, answers, the others are in force. */
async function routesAreTaken(srf: Application, server: SipServerUnderTest): Promise<void> {
  srf.publish((_req, res) => res.send(204));
  await answeredWith(204, server);
}

/** Asks until a PUBLISH is answered with `status`: 204 by an application, 503 when no application is left. */
async function answeredWith(status: number, server: SipServerUnderTest): Promise<void> {
  const probe = new RawPeer('probe', server.sip);
  await probe.open();
  try {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      probe.request('PUBLISH', 'probe');
      if (await probe.expect(status, 50).then(() => true, () => false)) return;
    }
    throw new Error(`the server never answers PUBLISH with ${status}`);
  } finally {
    await probe.close();
  }
}
