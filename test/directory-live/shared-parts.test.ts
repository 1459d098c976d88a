import { DirectoryRepository, openDirectoryStore, type OpeningHours, type Service } from '../../src/directory';
import { openLiveDirectory } from '../../src/directory/live';

const hours = (open: string): OpeningHours => ({ weekly: [{ days: [1, 2, 3, 4, 5], open, close: '16:00' }] });
const service = (name: string, open?: string): Service => ({
  address: `${name}.fi@palvelu.example`, organisation: 'ahtari', languages: ['fi'], names: { fi: name }, enabled: true,
  plan: { stages: [{ group: 'main', strategy: 'all', ringSeconds: 30 }] }, ...(open !== undefined && { hours: hours(open) }),
});

test('services with equal hours and plans have them as one object, whether they were read at once or changed later', async () => {
  const store = await openDirectoryStore(':memory:');
  const repository = new DirectoryRepository(store);
  await repository.put('organisation', { key: 'ahtari', type: 'municipality', names: { fi: 'Ähtäri' }, domain: 'ahtari.example', municipality: '989' });
  const before = [service('neuvonta', '08:00'), service('verotus', '08:00'), service('kirjasto', '10:00'), service('tulkki')];
  for (const one of before) await repository.put('service', one);
  const live = await openLiveDirectory(store);

  const first = await live.view();
  const [neuvonta, verotus, kirjasto, tulkki] = before.map(({ address }) => first.service(address));
  expect([neuvonta, verotus, kirjasto, tulkki]).toEqual(before);
  expect(verotus?.hours).toBe(neuvonta?.hours);
  expect(kirjasto?.hours).not.toBe(neuvonta?.hours);
  expect(tulkki).not.toHaveProperty('hours');
  expect(tulkki?.plan).toBe(neuvonta?.plan);

  const changed = [service('kirjasto', '08:00'), service('verotus', '09:00'), service('uusi', '08:00')];
  for (const one of changed) await repository.put('service', one);
  const second = await live.view();
  expect(changed.map(({ address }) => second.service(address))).toEqual(changed);
  expect(second.service('kirjasto.fi@palvelu.example')?.hours).toBe(neuvonta?.hours);
  expect(second.service('uusi.fi@palvelu.example')?.hours).toBe(neuvonta?.hours);
  expect(second.service('verotus.fi@palvelu.example')?.hours).toEqual(hours('09:00'));
  // A state that somebody still looks at stays as it was.
  expect(first.service('verotus.fi@palvelu.example')?.hours).toEqual(hours('08:00'));
  await store.close();
});
