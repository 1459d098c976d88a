import { sql } from 'kysely';
import { DirectoryRepository, type DirectoryStore, hashPassword, openDirectoryStore, type Service } from '../../src/directory';
import { checkDirectory } from '../../src/directory/check';
import { device, membership, organisation, person, service, site } from './sample';

let store: DirectoryStore;
let directory: DirectoryRepository;
const found = async (): Promise<string[]> => (await checkDirectory(store)).map(({ severity, code, kind, key, what }) => `${severity} ${code} ${kind} ${key}: ${what}`);
const credentials = hashPassword('ex90-1', 'palvelu.example', 'x');
const put = (changes: Partial<Service>): Promise<unknown> => directory.put('service', service(changes));

beforeEach(async () => {
  store = await openDirectoryStore(':memory:');
  directory = new DirectoryRepository(store);
  await directory.add('organisation', organisation());
  await directory.add('site', site());
  await directory.add('device', device({ credentials }));
  await directory.add('service', service());
  await directory.add('person', person());
  await directory.add('membership', membership());
});
afterEach(() => store.close());

it('finds nothing in a directory where everything leads somewhere', async () => {
  await put({ address: 'a@palvelu.example', numericAlias: '9890001', plan: { stages: [{ group: 'main', strategy: 'all', ringSeconds: 30 }], overflow: 'kela.fi@palvelu.example' } });
  await directory.add('membership', membership({ service: 'a@palvelu.example', device: undefined, person: 'kela-asiantuntija-1' }));
  await directory.add('device', device({ address: 'gw@seinajoki.kela.example', kind: 'gateway', e164: '9900001' }));
  expect(await checkDirectory(store)).toEqual([]);
});

describe('references', () => {
  it('that dangle, made by SQL without the rules', async () => {
    await sql`pragma foreign_keys = off`.execute(store.db);
    await sql`insert into sites (key, organisation, names) values ('x', 'gone', '{"fi":"X"}')`.execute(store.db);
    await sql`delete from devices`.execute(store.db);
    await sql`delete from addresses where owner_kind = 'device'`.execute(store.db);
    expect(await found()).toEqual(expect.arrayContaining([
      'error dangling-reference site x: organisation names organisation gone, which does not exist',
      'error dangling-reference person kela-asiantuntija-1: devices names device ex90-1@seinajoki.kela.example, which does not exist',
      'error dangling-reference membership kela.fi@palvelu.example main ex90-1@seinajoki.kela.example: device names device ex90-1@seinajoki.kela.example, which does not exist',
      'error nobody-answers service kela.fi@palvelu.example: nobody answers: no stage has an enabled member with an enabled device',
    ]));
  });
});

describe('former addresses', () => {
  it('that have ended', async () => {
    await put({ formerAddresses: [{ address: 'vanha@palvelu.example', until: '2020-06-30' }, { address: 'entinen@palvelu.example', until: '2999-06-30' }] });
    expect(await found()).toEqual(['info former-address-ended service kela.fi@palvelu.example: former address vanha@palvelu.example ended on 2020-06-30; callers are told the new one']);
  });
});

describe('addresses', () => {
  it('with two owners, and owners that do not hold theirs, made by SQL', async () => {
    await put({ address: 'b@palvelu.example', enabled: false });
    await sql`update services set aliases = '["kela.fi@palvelu.example","c@palvelu.example"]' where address = 'b@palvelu.example'`.execute(store.db);
    expect(await found()).toEqual(expect.arrayContaining([
      expect.stringMatching(/^error two-owners service (kela.fi|b)@palvelu.example: \w+ kela.fi@palvelu.example belongs to service/),
      "error address-not-held service b@palvelu.example: aliases c@palvelu.example is not registered as this service's",
    ]));
  });

  it('numbers: malformed, of a disabled service, and one that begins another', async () => {
    await put({ numericAlias: '9890101' });
    await put({ address: 'b@palvelu.example', numericAlias: '98901012', enabled: false });
    await directory.put('device', device({ credentials, e164: '989' }));
    await sql`insert into services (address, organisation, languages, names, plan, numeric_alias, enabled) values ('c@palvelu.example', 'kela', '[]', '{"fi":"C"}', '{"stages":[]}', '12', 0)`.execute(store.db);
    const findings = await found();
    expect(findings).toEqual(expect.arrayContaining([
      'error number-malformed service c@palvelu.example: numeric alias 12: 2 digits where 7 or 8 are needed: municipality(3) service(4) [language(1)]',
      'warning number-of-disabled service b@palvelu.example: numeric alias 98901012 leads to this disabled service',
      'warning number-prefix service kela.fi@palvelu.example: number 9890101 begins with 989 of device ex90-1@seinajoki.kela.example',
      'warning number-prefix service b@palvelu.example: number 98901012 begins with 9890101 of service kela.fi@palvelu.example',
    ]));
  });
});

describe('services', () => {
  it('that nobody answers: no members, disabled ones, persons without an enabled device', async () => {
    await put({ address: 'a@palvelu.example' });
    await put({ address: 'b@palvelu.example' });
    await directory.add('person', person({ key: 'without', devices: [] }));
    await directory.add('membership', membership({ service: 'b@palvelu.example', device: undefined, person: 'without' }));
    await put({ address: 'off@palvelu.example', enabled: false, plan: { stages: [] } });
    expect(await found()).toEqual([
      'error nobody-answers service a@palvelu.example: nobody answers: no stage has an enabled member with an enabled device',
      'error nobody-answers service b@palvelu.example: nobody answers: no stage has an enabled member with an enabled device',
      'warning stage-without-members service a@palvelu.example: a stage rings group "main", which has no members',
    ]);
    await directory.put('device', device({ credentials, enabled: false }));
    expect(await found()).toContain('error nobody-answers service kela.fi@palvelu.example: nobody answers: no stage has an enabled member with an enabled device');
  });

  it('that only overflow, stages without members, groups that no stage rings', async () => {
    await put({ plan: { stages: [{ group: 'main', strategy: 'all', ringSeconds: 30 }, { group: 'backup', strategy: 'order', ringSeconds: 30 }] } });
    await put({ address: 'a@palvelu.example', plan: { stages: [], overflow: 'kela.fi@palvelu.example' } });
    await directory.add('membership', membership({ service: 'a@palvelu.example', group: 'spare' }));
    await directory.add('person', person({ key: 'off', enabled: false }));
    await directory.add('membership', membership({ device: undefined, person: 'off', group: 'backup' }));
    expect(await found()).toEqual([
      'warning group-not-rung service a@palvelu.example: group "spare" has members, but no stage of the plan rings it',
      'warning nobody-answers service a@palvelu.example: nobody answers: no stage has an enabled member with an enabled device, every call goes to kela.fi@palvelu.example',
      'warning stage-without-members service kela.fi@palvelu.example: none of the 1 members of group "backup" is enabled and has an enabled device',
    ]);
  });

  it('whose overflow leads round, through an alias too, nowhere, or to a disabled one; a partner\'s is not ours to know', async () => {
    const stages = service().plan.stages;
    await put({ aliases: ['yleinen@palvelu.example'], plan: { stages, overflow: 'b@palvelu.example' } });
    await put({ address: 'b@palvelu.example', enabled: false, plan: { stages: [], overflow: 'c@palvelu.example' } });
    await put({ address: 'c@palvelu.example', enabled: false, plan: { stages: [], overflow: 'yleinen@palvelu.example' } });
    await put({ address: 'd@palvelu.example', enabled: false, plan: { stages: [], overflow: 'b@palvelu.example' } });
    await put({ address: 'e@palvelu.example', enabled: false, plan: { stages: [], overflow: 'ei@kela.example' } });
    await put({ address: 'f@palvelu.example', enabled: false, plan: { stages: [], overflow: 'palvelu@kumppani.example' } });
    const findings = await found();
    expect(findings.filter((finding) => finding.includes('overflow-loop'))).toEqual([
      'error overflow-loop service b@palvelu.example: overflow leads round in a circle: b@palvelu.example -> c@palvelu.example -> kela.fi@palvelu.example -> b@palvelu.example',
    ]);
    expect(findings.filter((finding) => finding.includes('overflow-unknown'))).toEqual(['error overflow-unknown service e@palvelu.example: overflow ei@kela.example is no service']);
    expect(findings).toContain('warning overflow-disabled service d@palvelu.example: overflow b@palvelu.example is disabled');
    expect(findings.join()).not.toContain('kumppani');
  });
});

it('devices that cannot register, with a hint that is a command', async () => {
  await directory.add('device', device({ address: 'ex90-2@seinajoki.kela.example' }));
  await directory.add('device', device({ address: 'ex90-3@seinajoki.kela.example', enabled: false }));
  expect(await checkDirectory(store)).toEqual([{
    severity: 'info', code: 'no-credentials', kind: 'device', key: 'ex90-2@seinajoki.kela.example', what: 'has no credentials, so it cannot register',
    hint: 'Set a password: "device set ex90-2@seinajoki.kela.example --password-file FILE".',
  }]);
});
