/**
 * The same application against the embedded SIP server and against drachtio-server: what the application is told and what
 * is on the wire, compared line by line with a recording of drachtio-server 0.9.10. Every line that differs is declared
 * with its reason in drachtio-seam/known-differences.ts.
 *
 * ETASILTA_TEST_DRACHTIO=HOST:PORT:SECRET:SIPPORT names a running drachtio-server (configured with <cdrs>yes</cdrs>): the
 * recording is then checked against it, or with ETASILTA_RECORD_SEAM=yes made anew.
 */
import fs from 'node:fs';
import path from 'node:path';
import { startSipServer, type SipServer } from '../../src/embedded/sip-server';
import { TEST_LIMITS } from '../sip-server/support/limits';
import { differences } from './drachtio-seam/compare';
import { knownDifferences } from './drachtio-seam/known-differences';
import { observe, type Observation, type SipServerUnderTest } from './drachtio-seam/run-scenario';
import { scenarios } from './drachtio-seam/scenarios';

const RECORDING = path.join(__dirname, '../fixtures/drachtio-seam.json');
const SECRET = 'secret of this test';
const NO_DIFFERENCE = { application: [], caller: [], callee: [] };
/** What the recording holds for a scenario in which drachtio-server leaves a request unanswered. */
interface Unanswered { failure: string }

const named = process.env.ETASILTA_TEST_DRACHTIO;
const recording: Record<string, Observation | Unanswered> = fs.existsSync(RECORDING) ? JSON.parse(fs.readFileSync(RECORDING, 'utf8')) : {};
const servers: SipServer[] = [];

async function startEmbedded(): Promise<SipServerUnderTest> {
  const server = await startSipServer({ admin: { host: '127.0.0.1', port: 0 }, secret: SECRET, contacts: ['sip:127.0.0.1:0;transport=udp'], limits: TEST_LIMITS });
  servers.push(server);
  const port = Number(server.contacts[0]?.split(':').pop());
  return { admin: { host: '127.0.0.1', port: server.adminPort, secret: SECRET }, sip: { host: '127.0.0.1', port } };
}

function namedServer(): SipServerUnderTest {
  const [host = '', port, secret = '', sipPort] = (named ?? '').split(':');
  return { admin: { host, port: Number(port), secret }, sip: { host, port: Number(sipPort) } };
}

afterAll(() => Promise.all(servers.map((server) => server.close())));

const slow = scenarios.filter((scenario) => scenario.slow);
const quick = scenarios.filter((scenario) => !scenario.slow);

async function compare(server: SipServerUnderTest, scenario: (typeof scenarios)[number]): Promise<void> {
  const observed = await observe(server, scenario);
  const recorded = recording[scenario.name];
  if (recorded === undefined) throw new Error(`nothing is recorded of "${scenario.name}"; see the head of this file`);
  if ('failure' in recorded) return; // nothing to compare with: here it must only come to its end
  expect(differences(recorded, observed)).toEqual({ ...NO_DIFFERENCE, ...knownDifferences[scenario.name]?.lines });
}

describe('an application on the embedded SIP server sees what it sees on drachtio-server', () => {
  let server: SipServerUnderTest;
  beforeAll(async () => {
    server = await startEmbedded();
  });

  // These wait for SIP timers of half a minute: at the same time, each on a server of its own.
  it.concurrent.each(slow)('$name', async (scenario) => compare(await startEmbedded(), scenario), 70_000);
  it.each(quick)('$name', (scenario) => compare(server, scenario));

  it('has no declared difference of a scenario that is gone', () => {
    expect(Object.keys(knownDifferences).filter((name) => !scenarios.some((scenario) => scenario.name === name))).toEqual([]);
  });
});

(named ? describe : describe.skip)('the recording is what drachtio-server does', () => {
  const server = namedServer();

  it.each(scenarios)('$name', async (scenario) => {
    const observed: Observation | Unanswered = await observe(server, scenario).catch((error: Error) => ({ failure: error.message }));
    if (process.env.ETASILTA_RECORD_SEAM === 'yes') {
      recording[scenario.name] = observed;
      fs.writeFileSync(RECORDING, `${JSON.stringify(recording, null, 1)}\n`);
    }
    expect(observed).toEqual(recording[scenario.name]);
  }, 90_000);
});
