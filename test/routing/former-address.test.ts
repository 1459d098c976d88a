import { DirectoryRepository, openDirectoryStore, renameService, type DirectoryStore } from '../../src/directory';
import { openLiveDirectory } from '../../src/directory/live';
import { createRouter, type RouteResult, type Router } from '../../src/routing';
import { device, membership, organisation, service, site } from '../directory/sample';
import { defaultPlan } from './support';

let store: DirectoryStore;
let router: Router;

beforeAll(async () => {
  store = await openDirectoryStore(':memory:');
  const directory = new DirectoryRepository(store);
  await directory.put('organisation', organisation());
  await directory.put('site', site());
  await directory.put('device', device());
  await directory.put('service', service());
  await directory.put('service', service({ address: 'neuvonta.fi@palvelu.example', plan: { stages: [], overflow: 'kela.fi@palvelu.example' } }));
  await directory.put('membership', membership());
  await renameService(store, 'kela.fi@palvelu.example', 'kansanelakelaitos.fi@palvelu.example', { until: '2027-06-30' });
  await directory.put('service', service({ address: 'numeroitu.fi@palvelu.example', numericAlias: '98900021' }));
  await directory.put('membership', membership({ service: 'numeroitu.fi@palvelu.example' }));
  await renameService(store, 'numeroitu.fi@palvelu.example', 'numeroitu.fi@palvelu.example', { until: '2027-06-30', number: '01000021' });
  // An overflow that names the former address by hand.
  await directory.update('service', 'neuvonta.fi@palvelu.example', (one) => ({ ...one, plan: { stages: [], overflow: 'kela.fi@palvelu.example' } }));
  router = createRouter({
    directory: await openLiveDirectory(store), dialPlan: await defaultPlan(), clock: () => 0,
    targetState: { lastFreed: () => undefined, callsToday: () => 0, nextTurn: () => 0 },
  });
});
afterAll(() => store.close());

const at = (dialled: string, time: string): Promise<RouteResult> => router.route({ dialled, source: { kind: 'local' }, at: new Date(time) });

describe('a former address', () => {
  it('leads to the service through its last day, on the clock of Finland', async () => {
    for (const time of ['2027-01-01T12:00Z', '2027-06-30T20:59:59Z']) {
      expect(await at('kela.fi@palvelu.example', time)).toMatchObject({ kind: 'plan', service: 'kansanelakelaitos.fi@palvelu.example' });
    }
  });

  it('then tells the new one: 410, number changed', async () => {
    const result = await at('kela.fi@palvelu.example', '2027-06-30T21:00:00Z');
    expect(result).toMatchObject({ kind: 'refused', status: 410, q850: 22, reasonCode: 'moved', suggestions: ['kansanelakelaitos.fi@palvelu.example'] });
    expect(result.kind === 'refused' && result.warning).toBe('399 etasilta "\'kela.fi@palvelu.example\' is no longer in use: dial kansanelakelaitos.fi@palvelu.example"');
    expect(await at('kansanelakelaitos.fi@palvelu.example', '2027-07-01T12:00Z')).toMatchObject({ kind: 'plan' });
    // The same directory, asked about an earlier time again.
    expect(await at('kela.fi@palvelu.example', '2027-01-01T12:00Z')).toMatchObject({ kind: 'plan' });
  });

  it('may be a number: it leads there as long, and then tells the new number, too', async () => {
    expect(await at('98900021', '2027-06-30T20:59:59Z')).toMatchObject({ kind: 'plan', service: 'numeroitu.fi@palvelu.example' });
    expect(await at('98900021', '2027-06-30T21:00:00Z')).toMatchObject({ kind: 'refused', status: 410, q850: 22, reasonCode: 'moved', suggestions: ['numeroitu.fi@palvelu.example', '01000021'] });
    expect(await at('01000021', '2027-06-30T21:00:00Z')).toMatchObject({ kind: 'plan', service: 'numeroitu.fi@palvelu.example' });
  });

  it('is an overflow as long as it is an address', async () => {
    expect(await at('neuvonta.fi@palvelu.example', '2027-01-01T12:00Z')).toMatchObject({ kind: 'plan' });
    expect(await at('neuvonta.fi@palvelu.example', '2027-07-01T12:00Z')).toMatchObject({ kind: 'refused', reasonCode: 'no-agent' });
  });
});
