import path from 'node:path';
import { AnchoredGateway, talk } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { completeRecords } from '../../support/records';
import { toneShares } from '../../support/spectrum';
import { Child, describePeer, freePorts, until } from '../harness';

jest.setTimeout(90_000);

const PROGRAM = path.resolve(__dirname, '../../../dist/main.js');
const PASSWORD = 'median-salasana-7';
const PEOPLE = [1, 2].map((n) => ({ caller: `ex90-${n}@ahtari.kunta.example`, agent: `agent-${n}@kela.kunta.example`, callerTone: 400 + 100 * n, agentTone: 900 + 100 * n }));
/** Q.850: temporary failure. */
const MEDIA_LOST = 41;

interface Status {
  media: { servers: { name: string; state: string; sessions: number }[] };
}

describePeer('baresip', 'two media servers of their own in one pool', () => {
  let anchored: AnchoredGateway;
  let operator: Operator;
  const servers: { name: string; child: Child }[] = [];
  const services: string[] = [];

  beforeAll(async () => {
    const pool: object[] = [];
    for (const name of ['media-1', 'media-2']) {
      const port = await freePorts(62);
      servers.push({ name, child: new Child(process.execPath, [PROGRAM, 'media-server', '--esl', `127.0.0.1:${port}`, '--password', PASSWORD, '--sip', `127.0.0.1:${port + 1}`, '--rtp', `${port + 2}-${port + 61}`]) });
      pool.push({ name, host: '127.0.0.1', port, password: PASSWORD });
    }
    anchored = await AnchoredGateway.start({
      ETASILTA_CALLS_MEDIA: 'anchored', ETASILTA_MEDIA_ENGINE: 'freeswitch', ETASILTA_MEDIA_SERVERS: JSON.stringify(pool),
    });
    operator = new Operator(anchored.gateway.dataDir);
    for (const [i, { caller, agent }] of PEOPLE.entries()) {
      await anchored.device(caller);
      services.push(await anchored.device(agent, `kela${i + 1}`));
    }
    await until('both are up', async () => (await pooled()).every(({ state }) => state === 'up'), 20_000);
  });
  afterAll(async () => {
    await anchored?.stop();
    for (const { child } of servers) await child.stop();
  });
  const pooled = async () => (await operator.status<Status>()).media.servers;

  test('calls are spread; one that dies takes only its own calls, with cause 41 in their records; the other takes the next', async () => {
    const pairs = await Promise.all(PEOPLE.map(async ({ caller, agent, callerTone, agentTone }) => ({
      caller: await anchored.phone(caller, { toneHz: callerTone }), agent: await anchored.phone(agent, { toneHz: agentTone }),
    })));
    for (const [i, { caller, agent }] of pairs.entries()) {
      await caller.dial(`sip:${services[i]}`);
      await agent.waitFor('CALL_ESTABLISHED');
    }
    expect((await until('both servers carry a call', async () => {
      const all = await pooled();
      return all.every(({ sessions }) => sessions > 0) && all;
    }, 25_000)).map(({ name }) => name).sort()).toEqual(['media-1', 'media-2']);

    servers[0]?.child.signal('SIGKILL');
    const dead = await Promise.race(pairs.map(async ({ caller }, i) => caller.waitFor('CALL_CLOSED', 30_000).then(() => i)));
    await pairs[dead]?.agent.waitFor('CALL_CLOSED');
    const alive = pairs[1 - dead]!;
    await talk(2);
    await alive.caller.hangUp();
    await alive.agent.waitFor('CALL_CLOSED');
    expect(toneShares(alive.caller.heard().at(-1)!, [PEOPLE[1 - dead]!.agentTone], 1)[0]).toBeGreaterThan(0.8);

    const records = await completeRecords(anchored.gateway.dataDir, 2);
    expect(records.map(({ caller, q850, endedBy }) => ({ caller, q850, endedBy })).sort((a, b) => a.caller!.localeCompare(b.caller!))).toEqual(PEOPLE.map(({ caller }, i) =>
      (i === dead ? { caller, q850: MEDIA_LOST, endedBy: 'gateway' } : { caller, q850: 16, endedBy: 'caller' })));

    const { caller, agent } = pairs[dead]!;
    await caller.dial(`sip:${services[dead]}`);
    await agent.waitFor('CALL_ESTABLISHED');
    await caller.hangUp();
    await agent.waitFor('CALL_CLOSED');
    expect((await pooled()).map(({ name, state }) => [name, state])).toEqual([['media-1', 'down'], ['media-2', 'up']]);
  });
});
