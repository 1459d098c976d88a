import fs from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { register } from '../../src/cli/call';
import type { CliContext } from '../../src/cli/context';
import { loadConfig } from '../../src/config';
import { runSelfTest, startSimulatedEndpoint, type CallReport, type SimulatedEndpoint } from '../../src/simulator';
import { addDevices, addService, DOMAIN, PASSWORD, startTestGateway, type TestGateway } from '../support/test-gateway';

const CALLEE = 'vastaaja@kunta.example';
const CALLER = 'soittaja@kunta.example';
const SERVICE = `kela.fi@${DOMAIN}`;

let running: TestGateway;
let callee: SimulatedEndpoint | undefined;

beforeAll(async () => {
  running = await startTestGateway();
  await addDevices(running.directory, [{ address: CALLEE }, { address: CALLER }]);
  await addService(running.directory, SERVICE, [CALLEE]);
});
afterEach(async () => {
  await callee?.close();
  callee = undefined;
});
afterAll(() => running.stop());

const startCallee = async (transport = 'udp'): Promise<void> => {
  callee = await startSimulatedEndpoint({ address: CALLEE, password: PASSWORD, registrar: `sip:${running.address(transport)};transport=${transport}`, toneHz: 1000 });
};

/** Runs `etasilta call ARGS`; what it prints, and the error's code where it ended with one. */
async function call(...args: string[]): Promise<{ report?: CallReport; text: string; code?: string }> {
  const config = loadConfig({
    cwd: running.dataDir,
    env: { ETASILTA_DATA_DIR: running.dataDir, ETASILTA_DOMAIN: DOMAIN, ETASILTA_SIP_LISTEN: `sip:${running.address('udp')};transport=udp sip:${running.address('tcp')};transport=tcp` },
  });
  const printed: { report?: CallReport; text: string } = { text: '' };
  const context = {
    config: async () => config, json: false, note: () => undefined, progress: () => undefined, stdin: process.stdin,
    print: (data: unknown, text: () => string) => { Object.assign(printed, { report: data, text: text() }); },
  } as CliContext;
  const program = new Command('etasilta').exitOverride();
  register(program, context);
  try {
    await program.parseAsync(['node', 'etasilta', 'call', ...args]);
    return printed;
  } catch (error) {
    return { ...printed, code: (error as { code: string }).code };
  }
}

const devices = async (): Promise<string[]> => (await running.directory.list('device')).map(({ address }) => address);

test('the gateway passes the self-test: a service is dialled by name, the other endpoint answers, both are heard', async () => {
  const result = await runSelfTest({
    registrar: `sip:${running.address('udp')};transport=udp`, service: SERVICE,
    caller: { address: CALLER, password: PASSWORD }, callee: { address: CALLEE, password: PASSWORD },
  });
  expect(result.reason).toBeUndefined();
  expect(result.passed).toBe(true);
});

test('dials a service by its bare name with a device made for the call, which is gone afterwards', async () => {
  await startCallee();
  const { report, text, code } = await call('kela.fi', '--seconds', '1');
  expect(code).toBeUndefined();
  expect(report).toMatchObject({ answered: true, mediaBothWays: true, media: { audio: { heard: { kind: 'tone', frequencyHz: 1000 } } } });
  expect(text).toContain('tone 1000 Hz');
  expect((await devices()).sort()).toEqual([CALLER, CALLEE]);
});

test('over TCP as a device of the directory, with pictures offered', async () => {
  await startCallee('tcp');
  const file = path.join(running.dataDir, 'password');
  fs.writeFileSync(file, `${PASSWORD}\n`);
  const { report } = await call('kela.fi', '--as', CALLER, '--password-file', file, '--transport', 'tcp', '--video', '--seconds', '1');
  expect(report).toMatchObject({ from: CALLER, answered: true, mediaBothWays: true });
  expect(report?.media.video).toBeUndefined();
});

test('without media only the answer counts', async () => {
  await startCallee();
  const { report, code } = await call('kela.fi', '--no-media', '--seconds', '1');
  expect(code).toBeUndefined();
  expect(report).toMatchObject({ answered: true, media: { audio: { sent: 0 } } });
});

test.each([
  ['kela.fi', 480, /route ADDRESS --explain/],
  ['tuntematon', 404, /directory search/],
])('%s, which nobody answers: exit code 1, the cause and what to do', async (address, status, hint) => {
  const { report, text, code } = await call(address);
  expect(code).toBe('negative');
  expect(report).toMatchObject({ answered: false, end: { status } });
  expect(report?.end.explanation ?? '').not.toBe('');
  expect(text).toMatch(hint);
  expect(await devices()).toHaveLength(2);
});

test.each([
  [['kela.fi', '--seconds', 'long'], 'usage'],
  [['kela.fi', '--transport', 'sctp'], 'usage'],
  [['kela.fi', '--transport', 'tls'], 'usage'],
  [['kela.fi', '--as', CALLER], 'usage'],
  [['kela.fi', '--as', 'nobody', '--password-file', __filename], 'usage'],
  [['kela.fi', '--as', CALLER, '--password-file', '/no/such/file'], 'usage'],
  [['kela.fi', '--gateway', 'there'], 'server-address'],
  [['kela.fi', '--as', CALLER, '--password-file', __filename], 'registration'],
])('%j is refused as %s', async (args, code) => {
  expect(await call(...args)).toMatchObject({ code, text: '' });
});
