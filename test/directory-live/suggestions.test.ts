import { NearestAddresses } from '../../src/directory/live/nearest';
import { osaDistance } from '../../src/directory/live/osa-distance';
import { randomFrom, sampleDirectory } from '../../src/directory/sample';

const nearest = (index: NearestAddresses, text: string): string[] =>
  index.near(text).sort((a, b) => a.distance - b.distance || (a.address < b.address ? -1 : 1)).map(({ address }) => address);

describe('addresses near to a mistyped one', () => {
  it.each([
    ['kela', 'kela', 0], ['kela', 'kella', 1], ['kela', 'kea', 1], ['kela', 'kila', 1], ['kela', 'klea', 1], ['kela', 'alek', 3], ['', 'abc', 3], ['abc', '', 3],
    ['ca', 'abc', 3], ['vero', 'verohallinto', 8],
  ])('%s and %s are %i edits apart', (a, b, edits) => {
    expect(osaDistance(a, b)).toBe(edits);
    expect(osaDistance(b, a)).toBe(edits);
  });

  const sample = sampleDirectory({ municipalities: 20, services: 300, devices: 400, persons: 0, seed: 3 });
  const addresses = [...sample.services, ...sample.devices].map(({ address }) => address);
  const index = new NearestAddresses(addresses);

  it('any address with one letter wrong, missing, extra or swapped leads back to itself first', () => {
    const random = randomFrom(11);
    for (let i = 0; i < 80; i++) {
      const address = addresses[Math.floor(random() * addresses.length)] ?? '';
      const at = Math.floor(random() * address.length);
      const letter = 'abcdefghijklmnopqrstuvwxyz0123456789-'.charAt(Math.floor(random() * 37));
      const typed = [
        address.slice(0, at) + address.slice(at + 1), address.slice(0, at) + letter + address.slice(at), address.slice(0, at) + letter + address.slice(at + 1),
        address.slice(0, at) + address.charAt(at + 1) + address.charAt(at) + address.slice(at + 2),
      ][i % 4] ?? '';
      // Another address may be as near; without an @ only names are compared.
      const best = Math.min(...addresses.map((one) => osaDistance(typed, one)));
      if (!typed.includes('@') || best < osaDistance(typed, address)) continue;
      expect({ typed, found: nearest(index, typed).slice(0, 8) }).toEqual({ typed, found: expect.arrayContaining([address]) as unknown });
    }
  });

  it('a bare name is near to the services that begin with it', () => {
    const found = nearest(index, 'neuvotna');
    expect(found.length).toBeGreaterThan(0);
    for (const address of found) expect(address).toMatch(/^neuvonta\./);
  });

  it('what is like nothing has no suggestions', () => {
    for (const text of ['', 'qqqqqqqqqq', '@', 'x'.repeat(5000), '日本語']) expect(nearest(index, text)).toEqual([]);
  });
});
