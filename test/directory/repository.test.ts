import { DirectoryError, DirectoryRepository, type DirectoryStore, type KindName, openDirectoryStore, type RecordOf } from '../../src/directory';
import { device, membership, organisation, person, service, site, smallDirectory } from './sample';

let store: DirectoryStore;
let directory: DirectoryRepository;

const fill = async (): Promise<void> => {
  const { organisations, sites, devices, services, persons, memberships } = smallDirectory();
  for (const record of organisations) await directory.add('organisation', record);
  for (const record of sites) await directory.add('site', record);
  for (const record of devices) await directory.add('device', record);
  for (const record of services) await directory.add('service', record);
  for (const record of persons) await directory.add('person', record);
  for (const record of memberships) await directory.add('membership', record);
};
const refusal = async (work: Promise<unknown>): Promise<DirectoryError> => {
  const error: unknown = await work.then(() => undefined, (thrown: unknown) => thrown);
  if (!(error instanceof DirectoryError)) throw new Error(`no DirectoryError but ${String(error)}`);
  return error;
};

beforeEach(async () => {
  store = await openDirectoryStore(':memory:');
  directory = new DirectoryRepository(store);
});
afterEach(() => store.close());

describe('records', () => {
  it('are read as they were written, whatever the kind', async () => {
    await fill();
    const everything = smallDirectory();
    expect(await directory.list('organisation')).toEqual(everything.organisations);
    expect(await directory.list('site')).toEqual(everything.sites);
    expect(await directory.list('device')).toEqual(everything.devices);
    expect(await directory.list('service')).toEqual(everything.services);
    expect(await directory.list('person')).toEqual(everything.persons);
    const [main, backup] = everything.memberships;
    expect(await directory.membersOf(['kela.fi@palvelu.example'])).toEqual([{ ...backup, device: undefined }, main].map((one) => JSON.parse(JSON.stringify(one)) as unknown));
  });

  it('are stored in canonical form: folded addresses, lower case, padded Y-tunnus, no empty fields', async () => {
    await directory.put('organisation', organisation({ key: 'Kela ', businessId: '246246-0', domain: 'KELA.example', sample: false, parent: undefined }));
    expect(await directory.get('organisation', 'kela')).toEqual(organisation());
    await directory.put('service', service({ address: 'Työ ja Elinkeino.FI@Palvelu.Example', aliases: [], joins: false }));
    expect(Object.keys((await directory.get('service', 'tyo-ja-elinkeino.fi@palvelu.example')) ?? {})).toEqual(['address', 'organisation', 'languages', 'names', 'plan', 'enabled']);
  });

  it('tell whether a change changed anything', async () => {
    expect(await directory.put('organisation', organisation())).toBe('added');
    expect(await directory.put('organisation', organisation())).toBe('unchanged');
    expect(await directory.put('organisation', organisation({ names: { sv: 'Fpa', fi: 'Kela' } }))).toBe('unchanged');
    expect(await directory.put('organisation', organisation({ names: { fi: 'Kansaneläkelaitos' } }))).toBe('changed');
    expect(await directory.update('organisation', 'kela', (record) => ({ ...record, municipality: '091' }))).toBe('changed');
    expect(await directory.get('organisation', 'kela')).toEqual(organisation({ names: { fi: 'Kansaneläkelaitos' }, municipality: '091' }));
  });

  it('are listed by field and by pages', async () => {
    await fill();
    await directory.add('device', device({ address: 'ex90-2@seinajoki.kela.example', enabled: false }));
    expect(await directory.list('device', { where: { enabled: false } })).toEqual([device({ address: 'ex90-2@seinajoki.kela.example', enabled: false })]);
    expect((await directory.list('device', { limit: 1 })).map(({ address }) => address)).toEqual(['ex90-1@seinajoki.kela.example']);
    expect((await directory.list('device', { after: 'ex90-1@seinajoki.kela.example' })).map(({ address }) => address)).toEqual(['ex90-2@seinajoki.kela.example']);
  });
});

describe('refused changes', () => {
  beforeEach(fill);

  const cases: [string, KindName, unknown, string, string, string][] = [
    ['a wrong check digit', 'organisation', organisation({ businessId: '0246246-1' }), 'directory-invalid', 'businessId', '"0246246-1" has a wrong check digit, 0 is right'],
    ['an OID of somebody else', 'organisation', organisation({ oid: '1.2.246.10.2048198' }), 'directory-invalid', 'oid', 'belongs to another Y-tunnus'],
    ['a parent that is itself', 'organisation', organisation({ parent: 'kela' }), 'directory-invalid', 'parent', 'own parent'],
    ['a missing field', 'organisation', { ...organisation(), domain: undefined }, 'directory-invalid', 'domain', 'is missing'],
    ['an unknown field', 'organisation', { ...organisation(), colour: 'blue' }, 'directory-invalid', 'colour', 'unknown; known are key, businessId'],
    ['a domain that is none', 'organisation', organisation({ domain: 'kela_example' }), 'directory-invalid', 'domain', 'is not a domain name'],
    ['a municipality without leading zeros', 'site', site({ municipality: '91' }), 'directory-invalid', 'municipality', 'three digits'],
    ['an unknown organisation', 'site', site({ organisation: 'vero' }), 'directory-dangling', 'organisation', 'there is no organisation vero'],
    ['an address that is none', 'device', device({ address: 'ex90 1@kela,example.org' }), 'directory-invalid', 'address', "',' is not allowed"],
    ['an unknown kind of device', 'device', device({ kind: 'fax' as never }), 'directory-invalid', 'kind', '"fax" is not one of room, desk'],
    ['letters in a number', 'device', device({ e164: '989A' }), 'directory-invalid', 'e164', '1 to 30 of 0-9'],
    ['HA1 that is no digest', 'device', device({ credentials: { username: 'a', realm: 'b', ha1Md5: 'secret' } }), 'directory-invalid', 'credentials.ha1Md5', 'is not 32 hexadecimal digits'],
    ['an unknown language', 'service', service({ languages: ['xx'] }), 'directory-invalid', 'languages[0]', 'no ISO 639 language code'],
    ['a plan of unknown strategy', 'service', service({ plan: { stages: [{ group: 'main', strategy: 'fastest' as never, ringSeconds: 30 }] } }), 'directory-invalid', 'plan.stages[0].strategy', '"fastest" is not one of all, order'],
    ['a stage that rings too long', 'service', service({ plan: { stages: [{ group: 'main', strategy: 'all', ringSeconds: 601 }] } }), 'directory-invalid', 'plan.stages[0].ringSeconds', 'from 1 to 600'],
    ['a target that rings longer than its stage', 'service', service({ plan: { stages: [{ group: 'main', strategy: 'order', ringSeconds: 10, targetSeconds: 20 }] } }), 'directory-invalid', 'plan.stages[0].targetSeconds', '20 is more than the stage'],
    ['an overflow to itself', 'service', service({ plan: { stages: [], overflow: 'kela.fi@palvelu.example' } }), 'directory-invalid', 'plan.overflow', 'overflow to itself'],
    ['hours that end before they begin', 'service', service({ hours: { weekly: [{ days: [1], open: '15:00', close: '09:00' }] } }), 'directory-invalid', 'hours.weekly[0].close', '09:00 is not after 15:00'],
    ['an hour that is none', 'service', service({ hours: { weekly: [{ days: [1], open: '9.00', close: '15:00' }] } }), 'directory-invalid', 'hours.weekly[0].open', 'not a time HH:mm'],
    ['a weekday 0', 'service', service({ hours: { weekly: [{ days: [0], open: '09:00', close: '15:00' }] } }), 'directory-invalid', 'hours.weekly[0].days', 'weekdays, 1 (Monday) to 7'],
    ['a date that does not exist', 'service', service({ hours: { weekly: [], exceptions: [{ date: '2026-02-29' }] } }), 'directory-invalid', 'hours.exceptions[0].date', 'no date'],
    ['a date given twice', 'service', service({ hours: { weekly: [], exceptions: [{ date: '2026-12-24' }, { date: '2026-12-24' }] } }), 'directory-invalid', 'hours.exceptions[1].date', 'twice'],
    ['a zone that does not exist', 'service', service({ hours: { timezone: 'Europe/Ahtari', weekly: [] } }), 'directory-invalid', 'hours.timezone', 'no IANA time zone'],
    ['a numeric alias of six digits', 'service', service({ numericAlias: '989010' }), 'directory-invalid', 'numericAlias', '7 or 8 are needed'],
    ['an e-mail address that is none', 'person', person({ email: 'kela' }), 'directory-invalid', 'email', 'e-mail'],
    ['a name of control characters', 'person', person({ name: 'a\u0007b' }), 'directory-invalid', 'name', '"a?b" has control characters'],
    ['an unknown device of a person', 'person', person({ devices: ['ex90-9@seinajoki.kela.example'] }), 'directory-dangling', 'devices', 'there is no device ex90-9@seinajoki.kela.example'],
    ['a member that is both device and person', 'membership', membership({ person: 'kela-asiantuntija-1' }), 'directory-invalid', '', 'exactly one of device and person'],
    ['a member of an unknown service', 'membership', membership({ service: 'vero.fi@palvelu.example' }), 'directory-dangling', 'service', 'there is no service'],
    ['another owner of an address', 'service', service({ address: 'kela.sv@palvelu.example', aliases: ['Kela.FI@palvelu.example'] }), 'directory-conflict', 'aliases', 'kela.fi@palvelu.example belongs to service kela.fi@palvelu.example'],
    ['an H.323 ID that is another\'s address', 'device', device({ address: 'ex90-2@seinajoki.kela.example', h323Id: 'EX90-1@seinäjoki.kela.example' }), 'directory-conflict', 'h323Id', 'belongs to device ex90-1@seinajoki.kela.example'],
  ];
  it.each(cases)('%s', async (_, kind, record, code, field, reason) => {
    const error = await refusal(directory.put(kind, record as RecordOf[typeof kind]));
    expect(error).toMatchObject({ code, kind });
    expect(error.faults).toEqual(expect.arrayContaining([{ field, reason: expect.stringContaining(reason) }]));
    expect(error.message).toContain(`${kind} ${error.key}: `);
    expect(error.message).not.toContain('secret');
  });

  it('name every wrong field of a record at once', async () => {
    const error = await refusal(directory.put('organisation', organisation({ businessId: 'x', domain: '', type: 'club' as never })));
    expect(error.faults.map(({ field }) => field)).toEqual(['businessId', 'type', 'domain']);
  });

  it('a number of a device that a service has', async () => {
    await directory.put('service', service({ numericAlias: '98901011' }));
    const error = await refusal(directory.put('device', device({ e164: '98901011' })));
    expect(error).toMatchObject({ code: 'directory-conflict', faults: [{ field: 'e164', reason: '98901011 belongs to service kela.fi@palvelu.example' }] });
  });

  it('an address becomes free when its owner gives it up', async () => {
    await directory.put('service', service({ aliases: ['kansanelakelaitos@palvelu.example'] }));
    const other = service({ address: 'kela.sv@palvelu.example', aliases: ['kansanelakelaitos@palvelu.example'] });
    expect(await refusal(directory.put('service', other))).toMatchObject({ code: 'directory-conflict' });
    await directory.put('service', service());
    expect(await directory.put('service', other)).toBe('added');
  });

  it('a second record of the same key, and a change of what is not there', async () => {
    expect(await refusal(directory.add('organisation', organisation()))).toMatchObject({ code: 'directory-conflict', faults: [{ field: 'key', reason: 'is there already' }] });
    expect(await refusal(directory.update('organisation', 'vero', (record) => record))).toMatchObject({ code: 'directory-unknown', key: 'vero' });
    expect(await refusal(directory.remove('organisation', 'vero'))).toMatchObject({ code: 'directory-unknown' });
    expect(await refusal(directory.update('organisation', 'kela', (record) => ({ ...record, key: 'fpa' })))).toMatchObject({ code: 'directory-invalid', faults: [{ field: 'key', reason: 'a key cannot be changed' }] });
  });

  it('an organisation that would be its own ancestor', async () => {
    await directory.add('organisation', organisation({ key: 'child', parent: 'kela' }));
    await directory.add('organisation', organisation({ key: 'grandchild', parent: 'child' }));
    expect(await refusal(directory.put('organisation', organisation({ parent: 'grandchild' })))).toMatchObject({ code: 'directory-dangling', faults: [{ field: 'parent', reason: 'kela would be its own ancestor' }] });
  });
});

describe('removal', () => {
  beforeEach(fill);

  it('of what others refer to is refused, naming them', async () => {
    const error = await refusal(directory.remove('device', 'ex90-1@seinajoki.kela.example'));
    expect(error).toMatchObject({ code: 'directory-referred', hint: expect.stringContaining('--cascade') });
    expect(error.message).toContain('person kela-asiantuntija-1');
    expect(error.message).toContain('membership kela.fi@palvelu.example main ex90-1@seinajoki.kela.example');
    expect(await directory.get('device', 'ex90-1@seinajoki.kela.example')).toBeDefined();
  });

  it('of many referrers names ten and counts the rest', async () => {
    for (let i = 0; i < 15; i++) await directory.add('site', site({ key: `site-${i}` }));
    expect((await refusal(directory.remove('organisation', 'kela'))).message).toContain(', 8 more');
  });

  it('of what nobody refers to leaves nothing of it', async () => {
    await directory.remove('membership', 'kela.fi@palvelu.example main ex90-1@seinajoki.kela.example');
    await directory.remove('membership', 'kela.fi@palvelu.example backup kela-asiantuntija-1');
    expect(await directory.remove('service', 'kela.fi@palvelu.example')).toEqual([{ kind: 'service', key: 'kela.fi@palvelu.example' }]);
    await directory.remove('person', 'kela-asiantuntija-1');
    await directory.remove('device', 'ex90-1@seinajoki.kela.example');
    expect(await store.db.selectFrom('addresses').selectAll().execute()).toEqual([]);
    expect(await store.db.selectFrom('person_devices').selectAll().execute()).toEqual([]);
  });

  it('in cascade takes along what cannot be without it and clears other references', async () => {
    await directory.add('organisation', organisation({ key: 'child', parent: 'kela', domain: 'child.example' }));
    await directory.add('service', service({ address: 'muu@child.example', organisation: 'child', plan: { stages: [], overflow: 'kela.fi@palvelu.example' } }));
    await directory.add('person', person({ key: 'child-1', organisation: 'child' }));
    const removed = await directory.remove('organisation', 'kela', { cascade: true });
    expect(removed).toHaveLength(7);
    expect(await directory.list('organisation')).toEqual([{ ...organisation({ key: 'child', domain: 'child.example' }) }]);
    expect(await directory.list('service')).toEqual([service({ address: 'muu@child.example', organisation: 'child', plan: { stages: [] } })]);
    const [left] = await directory.list('person');
    expect(left).toMatchObject({ key: 'child-1', devices: [] });
    expect(left).not.toHaveProperty('site');
    expect(await directory.list('membership')).toEqual([]);
  });
});

describe('what changed', () => {
  it('is told by kind and key since a revision; members under their service', async () => {
    await fill();
    const before = await directory.revision();
    await directory.put('organisation', organisation());
    expect(await directory.changesSince(before)).toEqual({ revision: before, all: false, changes: [] });
    await directory.put('organisation', organisation({ names: { fi: 'x' } }));
    await directory.remove('membership', 'kela.fi@palvelu.example backup kela-asiantuntija-1');
    expect(await directory.changesSince(before)).toEqual({
      revision: before + 2, all: false,
      changes: [{ kind: 'organisation', key: 'kela' }, { kind: 'membership', key: 'kela.fi@palvelu.example' }],
    });
  });

  it('is everything for a reader from before the oldest kept change, or of another database', async () => {
    await fill();
    await store.db.deleteFrom('changes').where('revision', '<=', 3).execute();
    expect(await directory.changesSince(0)).toMatchObject({ all: true });
    expect(await directory.changesSince(3)).toMatchObject({ all: false });
    expect(await directory.changesSince(1_000_000)).toMatchObject({ all: true });
  });

  it('is seen in one state by a snapshot', async () => {
    await fill();
    const state = await directory.snapshot(async (reader) => [await reader.revision(), (await reader.list('site')).length]);
    expect(state).toEqual([await directory.revision(), 1]);
  });
});
