import { createReach } from '../../src/routing';
import { MemoryDirectory } from './memory-view';
import { device, planOf, service } from './support';

const s = service('s@x.example');
const directory = new MemoryDirectory({ devices: [device('a@x.example')], services: [s] });
const registered = { kind: 'registered', domain: 'x.example' } as const;

test('what the dial plan leads a caller to is in reach, what it refuses or leads elsewhere is not', async () => {
  const reach = createReach(planOf(`searchRules:
  - { name: closed, priority: 1, source: "peer:partner", match: { exact: s@x.example }, target: { refuse: 403 } }
  - { name: moved, priority: 2, match: { exact: a@x.example }, replace: s@x.example, target: directory }
  - { name: all, priority: 3, target: directory }`));
  const view = await directory.view();
  expect(reach.mayDial(view, registered, 's@x.example', 'sip')).toBe(true);
  expect(reach.mayDial(view, { kind: 'peer', peer: 'partner' }, 's@x.example', 'sip')).toBe(false);
  expect(reach.mayDial(view, registered, 'a@x.example', 'sip')).toBe(false);
  expect(reach.mayDial(view, registered, 'none@x.example', 'sip')).toBe(false);
});

test('reach is by protocol and follows the directory', async () => {
  const reach = createReach(planOf('searchRules:\n  - { name: h323, priority: 1, protocol: h323, target: directory }'));
  const changing = new MemoryDirectory({ services: [s] });
  expect(reach.mayDial(await changing.view(), registered, s.address, 'h323')).toBe(true);
  expect(reach.mayDial(await changing.view(), registered, s.address, 'sip')).toBe(false);
  changing.change({});
  expect(reach.mayDial(await changing.view(), registered, s.address, 'h323')).toBe(false);
});
