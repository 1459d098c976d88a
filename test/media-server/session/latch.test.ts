import { Latch, type Peer } from '../../../src/embedded/media-server/session/transport/latch';

const OUTSIDE: Peer = { host: '203.0.113.7', port: 40_001 };
const OTHER: Peer = { host: '198.51.100.66', port: 40_001 };
const SSRC = 1;
/** What a party behind a firewall says: the firewall's address, and a port of its own. */
const DESCRIBED: Peer = { host: OUTSIDE.host, port: 5_004 };

describe('packets that come before the description of their party', () => {
  test('tell where it is, when they come from the host that is described then', () => {
    const latch = new Latch();
    expect(latch.admits(OUTSIDE.host, OUTSIDE.port, SSRC, 0)).toBe(true);
    latch.describe(DESCRIBED);
    expect(latch.target).toEqual(OUTSIDE);
    expect(latch.admits(OTHER.host, DESCRIBED.port, SSRC, 100)).toBe(false);
  });

  test('tell where it is, too, when the description before said no place (discard)', () => {
    const latch = new Latch();
    latch.describe({ ...DESCRIBED, port: 9 });
    expect(latch.target).toBeUndefined();
    latch.admits(OUTSIDE.host, OUTSIDE.port, SSRC, 0);
    latch.describe(DESCRIBED);
    expect(latch.target).toEqual(OUTSIDE);
    latch.describe({ ...DESCRIBED, port: 9 });
    expect(latch.target).toBeUndefined();
  });

  test('give way to the very address that is described', () => {
    const latch = new Latch();
    latch.admits(OUTSIDE.host, OUTSIDE.port, SSRC, 0);
    latch.describe(DESCRIBED);
    // An offer may have waited for minutes.
    expect(latch.admits(DESCRIBED.host, DESCRIBED.port, SSRC, 100_000)).toBe(true);
    expect(latch.target).toEqual(DESCRIBED);
  });

  test('tell nothing when they come from elsewhere', () => {
    const latch = new Latch();
    expect(latch.admits(OTHER.host, OTHER.port, SSRC, 0)).toBe(true);
    latch.describe(DESCRIBED);
    expect(latch.target).toEqual(DESCRIBED);
    expect(latch.admits(OUTSIDE.host, OUTSIDE.port, SSRC, 5_000)).toBe(true);
  });

  test('tell nothing any more when another description follows', () => {
    const latch = new Latch();
    latch.admits(OUTSIDE.host, OUTSIDE.port, SSRC, 0);
    latch.describe(DESCRIBED);
    latch.describe({ ...DESCRIBED, port: 5_008 });
    expect(latch.target).toEqual({ ...DESCRIBED, port: 5_008 });
  });
});
