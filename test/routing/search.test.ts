import { device, members, planOf, PLAIN, rings, routing, service, stepsOf } from './support';

const devices = [device('a@x.example'), device('b@y.example', { kind: 'room', site: 'soini' })];
const s = service('s@x.example');
const document = { devices, services: [s], memberships: members(s.address, 'a@x.example') };

describe('transforms', () => {
  const plan = planOf(`transforms:
  - { name: keep, priority: 1, match: { prefix: "phonebook@" } }
  - { name: rooms, priority: 2, source: "kind:room", match: { exact: help }, replace: s@x.example }
  - { name: nowhere, priority: 3, match: { exact: help }, replace: nowhere@x.example }
  - { name: empty, priority: 4, match: { prefix: broken }, replace: "" }
  - { name: again, priority: 5, match: { exact: nowhere@x.example }, replace: s@x.example }
searchRules:
  - { name: all, priority: 1, target: directory }
  - { name: onward, priority: 2, match: { regex: "()" }, target: { peer: partner } }`);

  test('the first that fits the caller and the alias is the only one', async () => {
    const { route } = routing(document, plan);
    const fromRoom = await route('help', { kind: 'registered', device: 'b@y.example' });
    expect(rings(fromRoom)).toBe('a@x.example');
    expect(stepsOf(fromRoom, 'transform')).toEqual(['transform rooms help -> s@x.example changed (plan.yaml:3)']);
    expect(rings(await route('help', { kind: 'registered', device: 'a@x.example' }))).toBe('404 unknown');
  });

  test('an exception keeps the alias', async () => {
    expect(stepsOf(await routing(document, plan).route('phonebook@x.example'), 'transform')).toEqual(
      ['transform keep phonebook@x.example -> phonebook@x.example kept (plan.yaml:2)']);
  });

  test('one that makes something that is no address is a fault of the plan: 500', async () => {
    const result = await routing(document, plan).route('broken');
    expect(result).toMatchObject({ status: 500, reasonCode: 'dial-plan-fault' });
    expect(result.kind === 'refused' && result.warning).toBe(
      '399 etasilta "search rule onward makes \'\', which is no address: nothing was dialled"');
  });
});

describe('search rules', () => {
  const peers = (text: string) => routing(document, planOf(`searchRules:\n${text}`));

  test('go by priority until the directory has it', async () => {
    const { route } = peers(`  - { name: second, priority: 2, match: { exact: k }, replace: s@x.example, target: directory }
  - { name: first, priority: 1, match: { exact: k }, replace: b@y.example, target: directory }`);
    expect(rings(await route('k'))).toBe('b@y.example');
  });

  test('stop where the matching rule says so', async () => {
    const { route } = peers(`  - { name: first, priority: 1, match: { exact: s@x.example }, replace: none@x.example, target: directory, onMatch: stop }
  - { name: second, priority: 2, target: directory }`);
    expect(rings(await route('s@x.example'))).toBe('404 unknown');
    expect(rings(await route('b@y.example'))).toBe('b@y.example');
  });

  test('may be for one protocol only', async () => {
    const { route } = peers('  - { name: h323, priority: 1, protocol: h323, target: directory }');
    expect(rings(await route('s@x.example', undefined, { protocol: 'h323' }))).toBe('a@x.example');
    expect(rings(await route('s@x.example', undefined, { protocol: 'sip' }))).toBe('404 unknown');
    expect(rings(await route('s@x.example'))).toBe('404 unknown');
  });

  test('with `ip` take IP addresses, and nothing else takes them', async () => {
    const { route } = peers(`  - { name: any, priority: 1, target: { refuse: 403 } }
  - { name: ip, priority: 2, match: ip, target: { peer: rooms } }`);
    expect(rings(await route('192.0.2.1:1720'))).toBe('rooms:sip:192.0.2.1:1720');
    expect(rings(await route('2001:db8::1'))).toBe('rooms:sip:[2001:db8::1]');
    expect(rings(await route('s@x.example'))).toBe('403 refused-by-rule');
  });

  test.each([
    ['help@partner.example', 'sip:help@partner.example'],
    ['sips:help@partner.example:5061', 'sips:help@partner.example:5061'],
    ['+358 29 123', 'tel:+35829123'],
    ['9112', 'tel:9112;phone-context=palvelu.example'],
    ['help', 'sip:help@palvelu.example'],
    ['h323:Room%20%233', 'h323:Room%20%233'],
  ])('a peer is asked for %s as %s', async (dialled, uri) => {
    const { route } = peers('  - { name: out, priority: 1, target: { peer: out } }');
    expect(await route(dialled, undefined, { protocol: 'h323' })).toMatchObject({ kind: 'plan', canonical: uri, stages: [{ strategy: 'all', ringSeconds: 60, targets: [{ peer: 'out', uri }] }] });
  });

  test('several peers ring one after another, the directory\'s find after them', async () => {
    const { route } = peers(`  - { name: one, priority: 1, target: { peer: one } }
  - { name: two, priority: 2, match: { suffix: "@x.example" }, replace: "@z.example", target: { peer: two } }
  - { name: own, priority: 3, target: directory }
  - { name: late, priority: 4, target: { peer: late } }`);
    expect(rings(await route('s@x.example'))).toBe('one:sip:s@x.example | two:sip:s@z.example | a@x.example');
    expect(rings(await route('none@x.example'))).toBe('one:sip:none@x.example | two:sip:none@z.example | late:sip:none@x.example');
  });

  test('never send a call back to the peer it came from', async () => {
    const { route } = peers('  - { name: out, priority: 1, target: { peer: partner } }');
    const result = await route('help@partner.example', { kind: 'peer', name: 'partner' });
    expect(rings(result)).toBe('482 loop');
    expect(stepsOf(result, 'rule')).toEqual(['rule out help@partner.example -> help@partner.example skipped (the call came from peer partner)']);
    expect(rings(await route('help@partner.example', { kind: 'peer', name: 'other' }))).toBe('partner:sip:help@partner.example');
  });
});

describe('what a router remembers', () => {
  test('ends with a change of the directory', async () => {
    const { directory, route } = routing(document, PLAIN);
    expect(rings(await route('s@x.example'))).toBe('a@x.example');
    expect(rings(await route('t@x.example'))).toBe('404 unknown');
    directory.change({ devices, services: [{ ...s, address: 't@x.example' }], memberships: members('t@x.example', 'b@y.example') });
    expect(rings(await route('s@x.example'))).toBe('404 unknown');
    expect(rings(await route('t@x.example'))).toBe('b@y.example');
  });

  test('is kept apart by caller and protocol', async () => {
    const plan = planOf(`searchRules:
  - { name: h323, priority: 1, protocol: h323, match: { exact: k }, replace: b@y.example, target: directory }
  - { name: desks, priority: 2, source: "kind:desk", match: { exact: k }, replace: s@x.example, target: directory }
  - { name: soini, priority: 3, source: "site:soini", match: { exact: k }, replace: a@x.example, target: directory }
  - { name: others, priority: 4, source: "peer:p", match: { exact: k }, replace: s@x.example, target: directory }`);
    const { route } = routing(document, plan);
    for (let i = 0; i < 2; i++) {
      expect(rings(await route('k', { kind: 'registered', device: 'a@x.example' }))).toBe('480 no-agent');
      expect(rings(await route('k', { kind: 'registered', device: 'b@y.example' }))).toBe('a@x.example');
      expect(rings(await route('k', { kind: 'local' }, { protocol: 'h323' }))).toBe('b@y.example');
      expect(rings(await route('k', { kind: 'peer', name: 'p' }))).toBe('a@x.example');
      expect(rings(await route('k', { kind: 'peer', name: 'q' }))).toBe('404 unknown');
    }
  });

  test('never mixes the steps of two calls', async () => {
    const { route } = routing(document, PLAIN);
    const first = await route('s@x.example');
    const count = first.steps.length;
    const second = await route('s@x.example');
    expect(second.steps).toEqual(first.steps);
    expect(first.steps).toHaveLength(count);
  });
});
