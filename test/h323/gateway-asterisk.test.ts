import { GatewayProcess, until } from '../peers/harness';
import { ownAddress } from '../support/own-address';
import { Asterisk, asteriskMissing } from './support/asterisk';

const NORTH = 'north@fasadi.alavus.example';

const missing = asteriskMissing();

(missing === undefined ? describe : describe.skip)(`Asterisk's chan_ooh323 at the built gateway${missing === undefined ? '' : ` (${missing})`}`, () => {
  let gateway: GatewayProcess;
  let asterisk: Asterisk;

  beforeAll(async () => {
    gateway = await GatewayProcess.start({ pilot: true, config: { h323: { enabled: true, address: ownAddress(1), unauthenticated: [ownAddress(2)], neighbours: [{ name: 'nobody', address: ownAddress(9) }] } } });
    const added = await gateway.command('device', 'add', NORTH, 'site=alavus-fasadi', 'kind=room', 'h323_id=north', 'e164=99990100');
    expect(added).toMatchObject({ code: 0 });
    asterisk = await Asterisk.start({ address: ownAddress(2), h323Id: 'north', e164: '99990100', gatekeeper: ownAddress(1) });
  }, 150_000);
  afterAll(async () => {
    await asterisk?.stop();
    await gateway?.stop();
  }, 30_000);

  const registrations = async (): Promise<{ address: string; aliases: string[]; contact: string }[]> => JSON.parse((await gateway.command('h323', 'registrations', '--json')).output) as never;

  test('registers under its name and its number, and is listed', async () => {
    const [listed] = await until('it is registered', async () => ((list) => list.length > 0 && list)(await registrations()), 30_000);
    expect(listed).toMatchObject({ address: NORTH, aliases: expect.arrayContaining(['north', '99990100']) as string[], contact: `h323:${ownAddress(2)}:1720` });
    expect((await gateway.command('h323', 'registrations')).output).toContain(NORTH);
    expect((await gateway.command('status')).output).toMatch(/h\.323 .*1 endpoints/);
  }, 60_000);

  test('stays registered when the gateway is killed and started again', async () => {
    await gateway.kill();
    await gateway.restart();
    expect((await registrations()).map((each) => each.address)).toEqual([NORTH]);
  }, 60_000);

  test('may not call what nobody has, of which doctor knows; neighbours that do not answer are listed as such', async () => {
    await asterisk.command('channel originate OOH323/99999999 application Echo');
    const findings = await until('doctor knows', async () => ((output) => output.includes('"99999999", which nobody has') && output)((await gateway.command('doctor')).output), 40_000);
    expect(findings).toContain('gatekeeper "etasilta"');
    await until('the neighbour does not answer', async () => /nobody +\S+:1719 +unreachable/.test((await gateway.command('h323', 'neighbours')).output), 30_000);
  }, 90_000);
});
