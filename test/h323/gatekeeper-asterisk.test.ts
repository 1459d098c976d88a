import { aliasKey, Gatekeeper, serveRas, type RasServer } from '../../src/h323/ras';
import { until } from '../peers/harness';
import { ownAddress } from '../support/own-address';
import { Asterisk, asteriskMissing } from './support/asterisk';

const missing = asteriskMissing();

(missing === undefined ? describe : describe.skip)(`Asterisk's chan_ooh323 at the gatekeeper${missing === undefined ? '' : ` (${missing})`}`, () => {
  const events: string[] = [];
  /** What admission was asked for. */
  const asked: (string | undefined)[] = [];
  const faults: Error[] = [];
  let gatekeeper: Gatekeeper;
  let server: RasServer;
  const endpoints: Asterisk[] = [];

  beforeAll(async () => {
    const known = new Map([[ownAddress(2), ['north', '100']], [ownAddress(3), ['south', '200']]]);
    gatekeeper = new Gatekeeper({
      gatekeeperIdentifier: 'etasilta', rasAddress: { host: ownAddress(1), port: 1719 }, timeToLive: 15,
      directory: { endpoint: (_aliases, { host }) => {
        const [name, digits] = known.get(host) ?? [];
        return name === undefined || digits === undefined ? undefined : { name, aliases: [{ 'h323-ID': name }, { dialledDigits: digits }], site: { name: 'site', bandwidth: 1_000_000 } };
      } },
      route: ({ request: { destinationInfo } }) => {
        asked.push(...(destinationInfo ?? []).map(aliasKey));
        const address = destinationInfo?.map((alias) => gatekeeper.registrations.withAlias(alias)).find((found) => found)?.signalling[0];
        return address && { address, model: 'direct' };
      },
      observer: { registered: ({ name }) => events.push(`registered ${name}`), unregistered: ({ name }, why) => events.push(`unregistered ${name} ${why}`) },
    });
    server = await serveRas(gatekeeper, { host: ownAddress(1), port: 1719 }, (error) => faults.push(error));
    endpoints.push(...await Promise.all([
      Asterisk.start({ address: ownAddress(2), h323Id: 'north', e164: '100', gatekeeper: ownAddress(1) }),
      Asterisk.start({ address: ownAddress(3), h323Id: 'south', e164: '200', gatekeeper: ownAddress(1) }),
    ]));
  }, 120_000);

  afterAll(async () => {
    await Promise.all(endpoints.map((endpoint) => endpoint.stop()));
    await server?.close();
    expect(faults).toEqual([]);
  }, 30_000);

  test('is discovered and registers under its name and its number', async () => {
    await until('both are registered', () => gatekeeper.registrations.size === 2, 30_000);
    expect(events.sort()).toEqual(['registered north', 'registered south']);
    expect(gatekeeper.registrations.withAlias({ dialledDigits: '200' })?.name).toBe('south');
    expect(gatekeeper.registrations.withAlias({ 'h323-ID': 'NORTH' })?.signalling).toEqual([{ host: ownAddress(2), port: 1720 }]);
  }, 40_000);

  test('calls the other by its number: both ask for admission, and both give it back', async () => {
    const [north] = endpoints;
    await north!.command('channel originate OOH323/200 application Echo');
    await until('the call is admitted at both ends', () => gatekeeper.admissions.size === 2, 20_000);
    await until('the call is up', async () => /1 active channel/.test(await north!.command('core show channels')), 20_000);
    await north!.command('channel request hangup all');
    await until('both ends have disengaged', () => gatekeeper.admissions.size === 0, 20_000);
  }, 70_000);

  test('may not call what is not registered', async () => {
    await endpoints[0]!.command('channel originate OOH323/999 application Echo');
    await until('admission was asked for', () => asked.includes('dialledDigits:999'), 20_000);
    await until('the call has ended', async () => /0 active channels/.test(await endpoints[0]!.command('core show channels')), 20_000);
    expect(gatekeeper.admissions.size).toBe(0);
  }, 40_000);

  test('registers again when the gatekeeper ends its registration', async () => {
    const former = gatekeeper.registrations.withAlias({ dialledDigits: '200' })!;
    gatekeeper.expel(former.endpointIdentifier, { reregistrationRequired: null });
    const again = await until('it is registered again', () => gatekeeper.registrations.withAlias({ dialledDigits: '200' }), 40_000);
    expect(again.endpointIdentifier).not.toBe(former.endpointIdentifier);
  }, 60_000);
});
