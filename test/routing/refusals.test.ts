import type { Service } from '../../src/directory/model';
import type { RouteResult } from '../../src/routing';
import { defaultPlan, device, members, MONDAY, person, planOf, rings, routing, service, stepsOf } from './support';

const told = (result: RouteResult) => (result.kind === 'refused' ? [result.status, result.q850, result.reasonCode, result.warning] : ['a plan', result.canonical]);
const kela = service('kela.fi@palvelu.example', { aliases: ['kela@palvelu.example'], numericAlias: '00001011', names: { fi: 'Kela', sv: 'FPA' } });
const ex90 = device('ex90-1@a.example');
const served = { services: [kela], devices: [ex90], memberships: members(kela.address, ex90.address) };
const withKela = (more: Partial<Service>) => ({ ...served, services: [{ ...kela, ...more }] });

describe('a refusal tells the caller\'s helpdesk what to do', () => {
  test('not an address: the reason and where it is', async () => {
    expect(told(await routing(served).route('kela@pal velu.example'))).toEqual(
      [484, 28, 'not-an-address', '399 etasilta "\'kela@pal velu.example\' is not an address: character 9 \' \' is not allowed in a domain"']);
  });

  test('a scheme that is not ours: 416', async () => {
    expect(told(await routing(served).route('mailto:kela@palvelu.example')).slice(0, 3)).toEqual([416, 127, 'not-an-address']);
  });

  test('unknown: 404 with the nearest addresses', async () => {
    const result = await routing(served).route('keela.fi@palvelu.example');
    expect(told(result)).toEqual([404, 1, 'unknown', '399 etasilta "nothing is known as \'keela.fi@palvelu.example\'; nearest: kela.fi@palvelu.example"']);
    expect(result).toMatchObject({ suggestions: ['kela.fi@palvelu.example'] });
  });

  test('nothing like it at all: 404 without suggestions', async () => {
    expect(told(await routing(served).route('zzz@palvelu.example'))).toEqual([404, 1, 'unknown', '399 etasilta "nothing is known as \'zzz@palvelu.example\'"']);
  });

  test('a language that the service is not served in', async () => {
    expect(told(await routing(served).route('kela.en@palvelu.example'))).toEqual(
      [404, 1, 'language-not-served', '399 etasilta "kela.fi@palvelu.example does not serve in the dialled language, only in fi"']);
  });

  test('digits that begin a number: 484', async () => {
    for (const digits of ['0000101', '000010']) {
      expect(told(await routing(served).route(digits))).toEqual(
        [484, 28, 'incomplete', `399 etasilta "'${digits}' is only the beginning of a number: dial all digits"`]);
    }
    expect(told(await routing(served).route('000010119'))[0]).toBe(404);
  });

  test('digits that a SIP device sent at a domain are incomplete as well', async () => {
    expect(told(await routing(served, await defaultPlan()).route('0000101@palvelu.example')).slice(0, 3)).toEqual([484, 28, 'incomplete']);
  });

  test('the beginning of a name: 484 with the names', async () => {
    const oikeusapu = service('oikeusapu@palvelu.example');
    expect(told(await routing({ services: [oikeusapu] }).route('oikeusap'))).toEqual(
      [484, 28, 'incomplete', '399 etasilta "\'oikeusap\' is only the beginning of oikeusapu@palvelu.example"']);
  });

  test('a name of several organisations: 300 with each as a contact', async () => {
    const services = [service('neuvonta@a.example'), service('neuvonta@b.example'), service('neuvonta@c.example', { enabled: false })];
    const result = await routing({ services }).route('neuvonta');
    expect(told(result)).toEqual([300, 1, 'ambiguous', '399 etasilta "\'neuvonta\' may mean neuvonta@a.example, neuvonta@b.example: dial one of them"']);
    expect(result).toMatchObject({ suggestions: ['neuvonta@a.example', 'neuvonta@b.example'], headers: { Contact: '<sip:neuvonta@a.example>, <sip:neuvonta@b.example>' } });
  });

  test('a name without a language that is served in two: 300', async () => {
    const services = [service('vero.fi@palvelu.example'), service('vero.sv@palvelu.example', { languages: ['sv'] })];
    expect(await routing({ services }).route('vero@palvelu.example')).toMatchObject({ status: 300, suggestions: ['vero.fi@palvelu.example', 'vero.sv@palvelu.example'] });
  });

  test('a number of two owners: 300', async () => {
    const services = [service('a@palvelu.example', { numericAlias: '0000001' }), service('b@palvelu.example', { numericAlias: '0000001' })];
    expect(await routing({ services }).route('0000001')).toMatchObject({ status: 300, suggestions: ['a@palvelu.example', 'b@palvelu.example'] });
  });

  test('closed: 480, and when it opens, in three languages', async () => {
    const hours = { weekly: [{ days: [2], open: '09:00', close: '15:00' }] };
    expect(told(await routing(withKela({ hours })).route('kela'))).toEqual([480, 31, 'closed',
      '399 etasilta "Kela on suljettu, avataan ti 24.11.2026 klo 9.00 / FPA är stängd, öppnar ti 24.11.2026 kl. 9.00 / Kela is closed, opens Tue 24 Nov 2026 at 9:00"']);
  });

  test('the time is the request\'s when it has one, else the clock\'s', async () => {
    const { route } = routing(withKela({ hours: { weekly: [{ days: [1], open: '09:00', close: '15:00' }] } }));
    expect(rings(await route('kela'))).toBe('ex90-1@a.example');
    expect(rings(await route('kela', undefined, { at: new Date('2026-11-24T08:00:00Z') }))).toBe('480 closed');
  });

  test('nobody answers for it: 480 and who was left out', async () => {
    expect(told(await routing({ services: [kela] }).route('kela'))).toEqual(
      [480, 20, 'no-agent', '399 etasilta "no agent: nobody can answer for kela.fi@palvelu.example now (it has no members in the groups of its plan)"']);
    const document = {
      services: [kela], devices: [{ ...ex90, enabled: false }, device('d@x.example')], persons: [person('p', ['gone@x.example']), person('q', []), person('r', ['d@x.example'], { enabled: false })],
      memberships: members(kela.address, ex90.address, 'p', 'q', 'r'),
    };
    expect(told(await routing(document).route('kela'))[3]).toBe(
      '399 etasilta "no agent: nobody can answer for kela.fi@palvelu.example now (ex90-1@a.example is disabled, gone@x.example is not in the directory, q has no devices and 1 more)"');
  });

  test('a closed down service and a device out of use: 410', async () => {
    expect(told(await routing(withKela({ enabled: false })).route('kela'))).toEqual([410, 22, 'disabled', '399 etasilta "the service kela.fi@palvelu.example has been closed down"']);
    expect(told(await routing({ devices: [{ ...ex90, enabled: false }] }).route(ex90.address))).toEqual([410, 22, 'disabled', '399 etasilta "the device ex90-1@a.example is out of use"']);
  });

  test('a caller that is disabled or unknown: 403', async () => {
    const { route } = routing({ ...served, devices: [ex90, device('old@a.example', { enabled: false })] });
    expect(told(await route('kela', { kind: 'registered', device: 'old@a.example' }))).toEqual(
      [403, 21, 'caller-not-allowed', '399 etasilta "the calling device old@a.example is disabled in the directory and may not call"']);
    expect(told(await route('kela', { kind: 'registered', device: 'nobody@a.example' }))[3]).toContain('is not in the directory');
  });

  test('no hops left: 483', async () => {
    expect(told(await routing(served).route('kela', undefined, { hops: 0 })).slice(0, 3)).toEqual([483, 25, 'hop-limit']);
    expect(rings(await routing(served).route('kela', undefined, { hops: 1 }))).toBe('ex90-1@a.example');
  });

  test('a device that dials itself: 482', async () => {
    expect(told(await routing(served).route(ex90.address, { kind: 'registered', device: ex90.address })).slice(0, 3)).toEqual([482, 25, 'loop']);
  });

  test('a rule that refuses, with its status, cause and reason', async () => {
    const plan = planOf(`searchRules:
  - { name: no-partner, priority: 1, source: "peer:partner", target: { refuse: 403, reason: ask for an agreement first } }
  - { name: gone, priority: 2, match: { exact: old }, target: { refuse: 604 } }
  - { name: all, priority: 3, target: directory }`);
    const { route } = routing(served, plan);
    expect(told(await route('kela', { kind: 'peer', name: 'partner' }))).toEqual([403, 21, 'refused-by-rule', '399 etasilta "\'kela\': ask for an agreement first (search rule no-partner)"']);
    expect(told(await route('old'))).toEqual([604, 1, 'refused-by-rule', '399 etasilta "\'old\': not allowed from here (search rule gone)"']);
    expect(rings(await route('kela'))).toBe('ex90-1@a.example');
  });

  test('a warning is one clean header line, whatever was dialled or named', async () => {
    const hostile = `a"\\\r\nVia: x@y${'z'.repeat(300)}`;
    for (const dialled of [hostile, '"'.repeat(400), '\ud800', `x@${'y'.repeat(600)}`]) {
      const result = await routing(served).route(dialled);
      expect(result.kind === 'refused' && result.warning).toMatch(/^399 etasilta "[^"\\\p{Cc}\p{Cs}]{1,500}"$/u);
    }
    const result = await routing(withKela({ names: { fi: 'K"\r\n'.repeat(300) }, hours: { weekly: [] } })).route('kela');
    expect(result.kind === 'refused' && result.warning).toMatch(/^399 etasilta "[^"\\\p{Cc}\p{Cs}]{1,500}"$/u);
  });
});

describe('overflow', () => {
  const closed = { weekly: [] };
  const one = device('one@x.example');
  const two = device('two@x.example');
  const overflowing = (address: string, overflow: string | undefined, more: Partial<Service> = {}) =>
    service(address, { plan: { stages: [{ group: 'main', strategy: 'all', ringSeconds: 20 }], ...(overflow && { overflow }) }, ...more });
  const chain = (a: Partial<Service>, b: Partial<Service>, lead: [string?, string?] = ['b@x.example']) => routing({
    services: [overflowing('a@x.example', lead[0], a), overflowing('b@x.example', lead[1], b)], devices: [one, two],
    memberships: [...members('a@x.example', one.address), ...members('b@x.example', two.address)],
  });

  test('adds the stages of the next service after its own', async () => {
    const result = await chain({}, {}).route('a@x.example');
    expect(rings(result)).toBe('one@x.example | two@x.example');
    expect(result).toMatchObject({ service: 'a@x.example', stages: [{ service: 'a@x.example' }, { service: 'b@x.example' }] });
  });

  test('answers for a service that is closed or has nobody', async () => {
    expect(rings(await chain({ hours: closed }, {}).route('a@x.example'))).toBe('two@x.example');
    const empty = routing({ services: [overflowing('a@x.example', 'b@x.example'), overflowing('b@x.example', undefined)], devices: [two], memberships: members('b@x.example', two.address) });
    expect(rings(await empty.route('a@x.example'))).toBe('two@x.example');
  });

  test('is left out when closed itself; the caller hears of the service that she dialled', async () => {
    expect(rings(await chain({}, { hours: closed }).route('a@x.example'))).toBe('one@x.example');
    expect(rings(await chain({ hours: closed }, { hours: closed }).route('a@x.example'))).toBe('480 closed');
  });

  test('that leads back stops there; what it had found rings', async () => {
    const result = await chain({}, {}, ['b@x.example', 'a@x.example']).route('a@x.example');
    expect(rings(result)).toBe('one@x.example | two@x.example');
    expect(stepsOf(result, 'overflow')).toEqual(['overflow a@x.example -> b@x.example followed', 'overflow b@x.example -> a@x.example loop (was asked already)']);
  });

  test('that leads back with nobody to ring is a loop: 482', async () => {
    const { route } = routing({ services: [overflowing('a@x.example', 'b@x.example'), overflowing('b@x.example', 'a@x.example')] });
    expect(told(await route('a@x.example'))).toEqual([482, 25, 'loop', '399 etasilta "the overflow of b@x.example leads back to a@x.example: nobody else is left to answer"']);
    expect(rings(await routing({ services: [overflowing('a@x.example', 'a@x.example')] }).route('a@x.example'))).toBe('482 loop');
  });

  test('to an alias of a service that was asked is a loop as well', async () => {
    const { route } = routing({ services: [overflowing('a@x.example', 'b@x.example'), overflowing('b@x.example', 'c@x.example', {}), overflowing('d@x.example', undefined, { aliases: ['c@x.example'] })] });
    expect(rings(await route('a@x.example'))).toBe('480 no-agent');
    const loop = routing({ services: [overflowing('a@x.example', 'b@x.example', { aliases: ['c@x.example'] }), overflowing('b@x.example', 'c@x.example')] });
    expect(rings(await loop.route('a@x.example'))).toBe('482 loop');
  });

  test('has an end: 483 when too many services pass on with nobody to ring', async () => {
    const services = Array.from({ length: 20 }, (_, i) => overflowing(`s${i}@x.example`, `s${i + 1}@x.example`));
    expect(told(await routing({ services }).route('s0@x.example')).slice(0, 3)).toEqual([483, 25, 'hop-limit']);
    expect(rings(await routing({ services, devices: [one], memberships: members('s0@x.example', one.address) }).route('s0@x.example'))).toBe('one@x.example');
  });

  test('to an unknown address is a step, not a refusal', async () => {
    const { route } = routing({ services: [overflowing('a@x.example', 'gone@x.example')], devices: [one], memberships: members('a@x.example', one.address) });
    const result = await route('a@x.example');
    expect(rings(result)).toBe('one@x.example');
    expect(stepsOf(result, 'overflow')).toEqual(['overflow a@x.example -> gone@x.example not found (unknown)']);
  });

  test('to a disabled service rings nobody there', async () => {
    expect(rings(await chain({ hours: closed }, { enabled: false }).route('a@x.example'))).toBe('480 closed');
  });

  test('reaches a partner through a peer', async () => {
    const plan = planOf('searchRules:\n  - { name: partner, priority: 1, match: { suffix: "@partner.example" }, target: { peer: partner }, onMatch: stop }\n  - { name: all, priority: 2, target: directory }');
    const { route } = routing({ services: [overflowing('a@x.example', 'help@partner.example')], devices: [one], memberships: members('a@x.example', one.address) }, plan);
    expect(rings(await route('a@x.example', undefined, { at: MONDAY }))).toBe('one@x.example | partner:sip:help@partner.example');
  });
});
