import { formatCallReport, formatSelfTest, runSelfTest, runTestCall, startSimulatedEndpoint, type EndpointOptions, type SimulatedEndpoint } from '../../src/simulator';
import { freePorts } from '../peers/harness/ports';
import { TestSwitch } from './b2bua';

const PASSWORDS = { anna: 'a-secret', bertta: 'b-secret' };
let exchange: TestSwitch;
const endpoints: SimulatedEndpoint[] = [];
const account = (user: keyof typeof PASSWORDS): { address: string; password: string } => ({ address: `${user}@test.example`, password: PASSWORDS[user] });

async function startBertta(more: Partial<EndpointOptions> = {}): Promise<SimulatedEndpoint> {
  const endpoint = await startSimulatedEndpoint({ ...account('bertta'), registrar: exchange.uri, toneHz: 1000, ...more });
  endpoints.push(endpoint);
  return endpoint;
}

beforeEach(async () => { exchange = await TestSwitch.start(PASSWORDS); });
afterEach(async () => {
  await Promise.all(endpoints.splice(0).map((endpoint) => endpoint.close()));
  await exchange.close();
});

describe('a test call', () => {
  test('answered: who, how fast, codecs, packets both ways, what was heard', async () => {
    const bertta = await startBertta({ video: true });
    const lines: string[] = [];
    const report = await runTestCall({
      from: { ...account('anna'), registrar: exchange.uri, video: true }, address: 'bertta', seconds: 0.6, onProgress: (line) => lines.push(line),
    });
    expect(report).toMatchObject({
      from: 'anna@test.example', dialled: 'bertta@test.example', answered: true, mediaBothWays: true,
      rang: { name: 'bertta@test.example' }, answeredBy: { name: 'bertta@test.example' },
      media: { audio: { codec: 'PCMA', heard: { kind: 'tone', frequencyHz: 1000 } }, video: { codec: 'H264' } },
      end: { cause: 'hung up by us' },
    });
    expect(report.setup.ringing).toBeLessThanOrEqual(report.setup.answered ?? 0);
    expect(report.media.audio?.received).toBeGreaterThan(20);
    expect(lines).toEqual(['Ringing: bertta@test.example', 'Answered: bertta@test.example']);
    expect(bertta.timesRung).toBe(1);
    expect(formatCallReport(report)).toMatch(/Answered by {2}bertta@test\.example at sip:.* after \d+ ms\n[^]*audio +PCMA +\d+ +\d+ +0 \(0\.0 %\) .* tone 1000 Hz\nvideo +H264/);
  });

  test('the far end hangs up', async () => {
    const bertta = await startBertta();
    bertta.once('call', (call) => void call.hangUp());
    const report = await runTestCall({ from: { ...account('anna'), registrar: exchange.uri }, address: 'bertta', seconds: 30 });
    expect(report).toMatchObject({ answered: true, end: { cause: 'hung up by the far end' } });
  });

  test('answered without media: that is told, with what to look at', async () => {
    await startBertta({ sendMedia: false });
    const report = await runTestCall({ from: { ...account('anna'), registrar: exchange.uri }, address: 'bertta', seconds: 0.2 });
    expect(report).toMatchObject({ answered: true, mediaBothWays: false, media: { audio: { received: 0, heard: { kind: 'nothing' } } } });
    expect(report.hint).toContain('both ways');
  });

  test.each([
    ['an unknown name', 'nobody', undefined, { cause: '404 Not Found', status: 404, explanation: 'no such service' }],
    ['busy', 'bertta', { kind: 'reject', status: 486 }, { cause: '486 Busy Here', status: 486 }],
    ['no answer', 'bertta', { kind: 'ring' }, { cause: '487 not answered in 0.4 s', status: 487 }],
  ] as const)('%s is a report with its cause', async (_what, address, behaviour, end) => {
    await startBertta(behaviour && { behaviour });
    const report = await runTestCall({ from: { ...account('anna'), registrar: exchange.uri }, address, ringSeconds: 0.4 });
    expect(report).toMatchObject({ answered: false, mediaBothWays: false, end });
    expect(report.answeredBy).toBeUndefined();
    expect(report.rang?.name).toBe(end.status === 487 ? 'bertta@test.example' : undefined);
    expect(formatCallReport(report)).toContain('Answered by  nobody');
  });

  test('nobody listens there: no call can be tried', async () => {
    const port = await freePorts();
    await expect(runTestCall({ from: { ...account('anna'), registrar: `sip:127.0.0.1:${port};transport=tcp` }, address: 'bertta' }))
      .rejects.toMatchObject({ sipStatus: expect.any(Number) as number });
  });
});

describe('the self-test', () => {
  const run = (more: object = {}): ReturnType<typeof runSelfTest> => runSelfTest({
    registrar: exchange.uri, caller: account('anna'), callee: account('bertta'), service: 'bertta@test.example', ...more,
  });

  test('passes where both hear each other, and shows the steps', async () => {
    const result = await run();
    expect(result.reason).toBeUndefined();
    expect(result.passed).toBe(true);
    expect(result.rows.map(([step]) => step)).toEqual(
      ['Registered', 'Registered', 'Dialled', 'Rang', 'Answered', 'Caller to callee', 'Callee to caller', 'Ended']);
    expect(formatSelfTest(result)).toMatch(/Caller to callee {2}\d+ packets sent, \d+ received, heard tone 440 Hz/);
    expect(exchange.contacts.size).toBe(0);
  });

  test('fails with the refusal when the service is unknown', async () => {
    expect(await run({ service: 'nobody@test.example' })).toMatchObject({
      passed: false, reason: 'the call to nobody@test.example was not answered: 404 Not Found (no such service)',
    });
  });

  test('fails when an endpoint cannot register', async () => {
    expect(await run({ caller: { ...account('anna'), password: 'wrong' } })).toMatchObject({
      passed: false, reason: expect.stringContaining('anna@test.example cannot register') as string,
    });
  });

  test('fails when somebody else answers', async () => {
    const clara = await startSimulatedEndpoint({ ...account('bertta'), registrar: exchange.uri });
    endpoints.push(clara);
    exchange.contacts.set('clara', clara.contact);
    expect(await run({ service: 'clara@test.example' })).toMatchObject({ passed: false, reason: expect.stringContaining('somebody else') as string });
  });
});
