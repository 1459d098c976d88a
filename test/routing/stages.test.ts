import type { Strategy } from '../../src/directory/model';
import type { TargetState } from '../../src/routing';
import { device, members, noState, person, PLAIN, rings, routing, service, stepsOf } from './support';

const devices = ['a@x.example', 'b@x.example', 'c@x.example'].map((address) => device(address));
const inGroups = (strategy: Strategy, more = {}) => service('s@x.example', { plan: { stages: [{ group: 'main', strategy, ringSeconds: 60, ...more }] } });
const stage = (strategy: Strategy, state: Partial<TargetState> = {}, persons: ReturnType<typeof person>[] = [], who = devices.map(({ address }) => address)) =>
  routing({ services: [inGroups(strategy)], devices, persons, memberships: members('s@x.example', ...who) }, PLAIN, { targetState: { ...noState, ...state } });

describe('the order in which a stage rings', () => {
  test.each<Strategy>(['all', 'order'])('%s goes by position', async (strategy) => {
    expect(rings(await stage(strategy).route('s@x.example'))).toBe('a@x.example b@x.example c@x.example');
  });

  test('longest-idle begins with whoever was never called, then by the time of the last call\'s end', async () => {
    const lastFreed = (address: string) => ({ 'a@x.example': 300, 'c@x.example': 200 })[address];
    expect(rings(await stage('longest-idle', { lastFreed }).route('s@x.example'))).toBe('b@x.example c@x.example a@x.example');
    expect(rings(await stage('longest-idle').route('s@x.example'))).toBe('a@x.example b@x.example c@x.example');
  });

  test('least-calls begins with the fewest calls today; position decides between equals', async () => {
    const callsToday = (address: string) => (address === 'a@x.example' ? 1 : 0);
    expect(rings(await stage('least-calls', { callsToday }).route('s@x.example'))).toBe('b@x.example c@x.example a@x.example');
  });

  test('round-robin begins one further with every call, by service and group', async () => {
    const asked: string[] = [];
    let turn = 0;
    const { route } = stage('round-robin', { nextTurn: (of, group, size) => { asked.push(`${of} ${group} ${size}`); return turn++; } });
    const orders = [];
    for (let i = 0; i < 4; i++) orders.push(rings(await route('s@x.example')).replace(/@x\.example/g, ''));
    expect(orders).toEqual(['a b c', 'b c a', 'c a b', 'a b c']);
    expect(asked).toEqual(Array(4).fill('s@x.example main 3'));
  });

  test('a person counts by all her devices', async () => {
    const persons = [person('p', ['a@x.example', 'b@x.example'])];
    const lastFreed = (address: string) => ({ 'a@x.example': 100, 'b@x.example': 900, 'c@x.example': 500 })[address];
    expect(rings(await stage('longest-idle', { lastFreed }, persons, ['p', 'c@x.example']).route('s@x.example'))).toBe('c@x.example a@x.example+b@x.example');
    const callsToday = (address: string) => (address === 'c@x.example' ? 1 : 2);
    expect(rings(await stage('least-calls', { callsToday }, persons, ['p', 'c@x.example']).route('s@x.example'))).toBe('c@x.example a@x.example+b@x.example');
  });
});

describe('the targets of a stage', () => {
  test('a person is one target with all her devices and her name', async () => {
    const result = await stage('order', {}, [person('p', ['a@x.example', 'b@x.example'])], ['p', 'c@x.example']).route('s@x.example');
    expect(result).toMatchObject({ stages: [{ targets: [
      { devices: ['a@x.example', 'b@x.example'], person: 'p', name: 'Expert p', group: 'main' }, { devices: ['c@x.example'], name: 'c@x.example', group: 'main' },
    ] }] });
  });

  test('the caller\'s own device never rings, alone or as one of a person\'s', async () => {
    const source = { kind: 'registered', device: 'a@x.example' } as const;
    const result = await stage('order', {}, [person('p', ['a@x.example', 'b@x.example'])], ['a@x.example', 'p']).route('s@x.example', source);
    expect(rings(result)).toBe('b@x.example');
    expect(stepsOf(result, 'target')).toContain("target main a@x.example left out (is the caller's own)");
  });

  test('a device rings once in a stage, however many memberships lead to it', async () => {
    const result = await stage('order', {}, [person('p', ['a@x.example']), person('q', ['a@x.example', 'b@x.example'])], ['a@x.example', 'p', 'q']).route('s@x.example');
    expect(rings(result)).toBe('a@x.example b@x.example');
    expect(stepsOf(result, 'target').filter((step) => step.includes('left out'))).toEqual(Array(2).fill('target main a@x.example left out (is in this stage already)'));
  });

  test('what is disabled or missing is left out and said so', async () => {
    const { route } = routing({
      services: [inGroups('all')], devices: [device('a@x.example'), device('b@x.example', { enabled: false })],
      persons: [person('p', ['a@x.example'], { enabled: false })], memberships: members('s@x.example', 'b@x.example', 'gone@x.example', 'p', 'nobody', 'a@x.example'),
    });
    const result = await route('s@x.example');
    expect(rings(result)).toBe('a@x.example');
    expect(stepsOf(result, 'target')).toEqual([
      'target main a@x.example -> a@x.example rings', 'target main b@x.example left out (is disabled)', 'target main gone@x.example left out (is not in the directory)',
      'target main p left out (is disabled)', 'target main nobody left out (is not in the directory)',
    ]);
  });

  test('only members of the stage\'s group ring, and a stage without any is passed over', async () => {
    const plan = { stages: [{ group: 'empty', strategy: 'all', ringSeconds: 10 }, { group: 'night', strategy: 'all', ringSeconds: 10 }] as const };
    const memberships = members('s@x.example', 'a@x.example', 'b@x.example').map((member, i) => ({ ...member, group: i === 0 ? 'night' : 'day' }));
    const { route } = routing({ services: [service('s@x.example', { plan: { stages: [...plan.stages] } })], devices, memberships });
    const result = await route('s@x.example');
    expect(rings(result)).toBe('a@x.example');
    expect(stepsOf(result, 'stage')).toEqual(['stage empty s@x.example -> all nobody (10 s)', 'stage night s@x.example -> all rings (10 s)']);
  });

  test('each target rings for what the plan says, 20 seconds by default, never longer than the stage', async () => {
    const of = async (more: object) => {
      const result = await routing({ services: [inGroups('order', more)], devices, memberships: members('s@x.example', 'a@x.example') }).route('s@x.example');
      return result.kind === 'plan' ? [result.stages[0]?.ringSeconds, result.stages[0]?.targetSeconds] : [];
    };
    expect(await of({})).toEqual([60, 20]);
    expect(await of({ targetSeconds: 30 })).toEqual([60, 30]);
    expect(await of({ ringSeconds: 10 })).toEqual([10, 10]);
    expect(await of({ ringSeconds: 10, targetSeconds: 30 })).toEqual([10, 10]);
  });

  test('what is known of devices now is told and changes nothing', async () => {
    const availability = { busy: (address: string) => address === 'a@x.example', registered: (address: string) => address !== 'c@x.example' };
    const result = await routing({ services: [inGroups('order')], devices, memberships: members('s@x.example', 'a@x.example', 'b@x.example', 'c@x.example') }, PLAIN, { availability }).route('s@x.example');
    expect(rings(result)).toBe('a@x.example b@x.example c@x.example');
    expect(stepsOf(result, 'target').map((step) => step.slice(step.indexOf('(')))).toEqual(['(busy now)', '(free now)', '(not registered now)']);
  });
});

describe('a dialled device', () => {
  test('rings alone, by address, H.323 ID or number', async () => {
    const { route } = routing({ devices: [device('a@x.example', { h323Id: 'room-3', e164: '9999011', names: { fi: 'Huone 3' } })] }, PLAIN, { deviceRingSeconds: 45 });
    for (const dialled of ['a@x.example', 'room-3', 'h323:room-3', '9999011', 'sip:A@X.example']) {
      expect(await route(dialled)).toMatchObject({
        kind: 'plan', canonical: 'a@x.example', device: 'a@x.example', name: 'Huone 3', stages: [{ strategy: 'all', ringSeconds: 45, targets: [{ devices: ['a@x.example'], name: 'Huone 3' }] }],
      });
    }
  });

  test('may have an H.323 ID that is no address', async () => {
    const { route } = routing({ devices: [device('a@x.example', { h323Id: 'Room #3 / A' })] });
    expect(rings(await route('Room #3 / A', undefined, { protocol: 'h323' }))).toBe('a@x.example');
    expect(rings(await route('Room #3 / A', undefined, { protocol: 'sip' }))).toBe('484 not-an-address');
  });
});

describe('the way of the media', () => {
  const sites = (caller?: 'direct' | 'anchored', target?: 'direct' | 'anchored') => [
    { key: 'home', organisation: 'org', names: {}, ...(caller && { media: caller }) }, { key: 'site', organisation: 'org', names: {}, ...(target && { media: target }) },
  ];
  const media = async (own?: 'direct', caller?: 'direct' | 'anchored', target?: 'direct' | 'anchored', defaultMedia?: 'direct') => {
    const s = service('s@x.example', { plan: { stages: [{ group: 'main', strategy: 'all', ringSeconds: 9 }], ...(own && { media: own }) } });
    const { route } = routing({ services: [s], sites: sites(caller, target), devices: [...devices, device('h@x.example', { site: 'home' })], memberships: members(s.address, 'a@x.example') },
      PLAIN, defaultMedia && { defaultMedia });
    const result = await route(s.address, { kind: 'registered', device: 'h@x.example' });
    return result.kind === 'plan' ? result.media : undefined;
  };

  test('is the service\'s choice, then the caller\'s site\'s, then the target\'s site\'s, then the default', async () => {
    expect(await media('direct', 'anchored', 'anchored')).toBe('direct');
    expect(await media(undefined, 'direct', 'anchored')).toBe('direct');
    expect(await media(undefined, undefined, 'direct')).toBe('direct');
    expect(await media()).toBe('anchored');
    expect(await media(undefined, undefined, undefined, 'direct')).toBe('direct');
  });
});

describe('the language of a call', () => {
  const language = async (address: string, languages: string[], dialled: string, aliases: string[] = []) => {
    const result = await routing({ services: [service(address, { languages, aliases })], devices, memberships: members(address, 'a@x.example') }).route(dialled);
    return result.kind === 'plan' ? result.language : result.reasonCode;
  };
  test.each([
    ['the address\'s', 's.sv@x.example', ['sv', 'fi'], 's.sv@x.example', 'sv'],
    ['the address\'s, though it was found without', 's.sv@x.example', ['sv', 'fi'], 's@x.example', 'sv'],
    ['the dialled one of a service of several', 's@x.example', ['fi', 'sv'], 's.sv@x.example', 'sv'],
    ['the only one of a service', 's@x.example', ['se'], 's@x.example', 'se'],
    ['open when there are several', 's@x.example', ['fi', 'sv'], 's@x.example', undefined],
    ['no other than those served', 's@x.example', ['fi', 'sv'], 's.en@x.example', 'language-not-served'],
  ])('is %s', async (_, address, languages, dialled, expected) => expect(await language(address, languages, dialled)).toBe(expected));

  test('is never found by taking one interpreter for another', async () => {
    const tulkki = service('tulkki.en@x.example', { languages: ['en', 'fi'], joins: true });
    expect(rings(await routing({ services: [tulkki], devices, memberships: members(tulkki.address, 'a@x.example') }).route('tulkki@x.example'))).toBe('404 unknown');
  });
});
