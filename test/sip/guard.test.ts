import { Guard, type GuardOptions, networks, sourceOf } from '../../src/sip/guard';

const SCANNER = '198.51.100.7';
const OFFICE = '203.0.113.5';
const start = 1_800_000_000_000;

/** A guard under simulated time. */
function setUp(options: GuardOptions = {}) {
  const clock = { now: start };
  const guard = new Guard(options);
  return {
    guard,
    pass: (seconds: number) => { clock.now += seconds * 1000; },
    admit: (address: string, user?: string) => guard.admit(address, user, clock.now).kind,
    delay: (address: string, user?: string) => {
      const verdict = guard.admit(address, user, clock.now);
      return verdict.kind === 'delay' ? verdict.ms : 0;
    },
    fail: (address: string, user: string | undefined, failure: 'challenged' | 'call-challenged' | 'credentials' | 'invalid', times = 1) => {
      for (let i = 0; i < times; i++) guard.failed(address, user, failure, clock.now);
    },
    succeed: (address: string, user: string) => guard.succeeded(address, user, clock.now),
    counters: () => guard.counters(clock.now),
  };
}

describe('source', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002:ffff::', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s counts as %s', (address, source) => expect(sourceOf(address)).toBe(source));

  test('one /64 cannot get a fresh start by changing its lower half', () => {
    const { admit, fail } = setUp();
    for (let i = 1; i <= 20; i++) fail(`2001:db8::${i.toString(16)}`, undefined, 'credentials');
    expect(admit('2001:db8::ffff')).toBe('ignore');
    expect(admit('2001:db8:0:1::1')).toBe('answer');
  });

  test('a malformed network is named', () => {
    expect(() => networks(['192.0.2.0/24', '192.0.2.0/99'])).toThrow('"192.0.2.0/99" is no address or network');
    expect(() => networks(['somewhere'])).toThrow('"somewhere"');
  });
});

describe('a scanner that calls without credentials', () => {
  test('is slowed, then ignored, then answered again after quiet', () => {
    const { admit, fail, pass } = setUp();
    const seen: string[] = [];
    for (let i = 0; i < 200; i++) {
      const verdict = admit(SCANNER, String(i));
      if (seen.at(-1) !== verdict) seen.push(verdict);
      if (verdict !== 'ignore') fail(SCANNER, String(i), 'call-challenged');
      pass(0.1);
    }
    expect(seen).toEqual(['answer', 'delay', 'ignore']);
    pass(61);
    expect(admit(SCANNER)).toBe('answer');
  });

  test('waits longer each time, within bounds', () => {
    const { delay, fail } = setUp({ ignoreAt: 1000 });
    const delays: number[] = [];
    for (let i = 0; i < 60; i++) {
      fail(SCANNER, undefined, 'invalid');
      delays.push(delay(SCANNER));
    }
    expect(delays[0]).toBe(0);
    expect([...delays].sort((a, b) => a - b)).toEqual(delays);
    expect(Math.max(...delays)).toBe(4000);
  });

  test('is ignored twice as long every time it comes back, up to an hour', () => {
    const { admit, fail, pass } = setUp();
    const lengths: number[] = [];
    for (let round = 0; round < 8; round++) {
      fail(SCANNER, undefined, 'invalid', 40);
      let seconds = 0;
      for (; admit(SCANNER) === 'ignore'; seconds += 30) pass(30);
      lengths.push(seconds);
    }
    expect(lengths).toEqual([60, 120, 240, 480, 960, 1920, 3600, 3600]);
  });

  test('slow enough to harm nobody is left alone, for points fade', () => {
    const { admit, fail, pass } = setUp();
    for (let i = 0; i < 1000; i++) {
      expect(admit(SCANNER)).toBe('answer');
      fail(SCANNER, undefined, 'call-challenged');
      pass(5);
    }
  });
});

describe('an office behind one address', () => {
  test('three hundred devices that come back at once are all answered', () => {
    const { admit, fail, succeed } = setUp();
    for (let i = 0; i < 300; i++) {
      expect(admit(OFFICE, `device-${i}`)).not.toBe('ignore');
      fail(OFFICE, `device-${i}`, 'challenged');
    }
    for (let i = 0; i < 300; i++) {
      expect(admit(OFFICE, `device-${i}`)).not.toBe('ignore');
      succeed(OFFICE, `device-${i}`);
    }
    expect(admit(OFFICE, 'device-301')).toBe('answer');
  });

  test('devices that authenticated go on while a scanner beside them is ignored', () => {
    const { admit, fail, succeed } = setUp();
    succeed(OFFICE, 'ex90-1');
    fail(OFFICE, 'guess', 'credentials', 20);
    expect(admit(OFFICE, 'guess')).toBe('ignore');
    expect(admit(OFFICE, 'another')).toBe('ignore');
    expect(admit(OFFICE, undefined)).toBe('ignore');
    expect(admit(OFFICE, 'ex90-1')).toBe('answer');
  });

  test('a new device there waits two minutes at most, however often the scanner comes back', () => {
    const { admit, fail, pass, succeed } = setUp();
    for (let round = 0; round < 10; round++) {
      succeed(OFFICE, 'ex90-1');
      fail(OFFICE, `guess-${round}`, 'invalid', 60);
      expect(admit(OFFICE, 'new-device')).toBe('ignore');
      pass(120);
      expect(admit(OFFICE, 'new-device')).toBe('answer');
    }
  });

  test('one device with a wrong password is ignored alone', () => {
    const { admit, fail, pass, succeed } = setUp();
    let ignored = 0;
    for (let i = 0; i < 720; i++) {
      if (admit(OFFICE, 'wrong') === 'ignore') ignored++;
      else fail(OFFICE, 'wrong', 'credentials');
      if (i % 60 === 0) succeed(OFFICE, 'ex90-1');
      expect(admit(OFFICE, 'ex90-1')).toBe('answer');
      expect(admit(OFFICE, 'unknown-yet')).not.toBe('ignore');
      pass(5);
    }
    expect(ignored).toBeGreaterThan(600);
  });

  test('guessing the password of a device that authenticated ends its favour', () => {
    const { admit, fail, succeed } = setUp();
    succeed(OFFICE, 'ex90-1');
    fail(OFFICE, 'ex90-1', 'credentials', 20);
    expect(admit(OFFICE, 'ex90-1')).toBe('ignore');
  });

  test('an account of one\'s own does not hide guessing at others', () => {
    const { admit, fail, pass, succeed } = setUp();
    let guesses = 0;
    for (let i = 0; i < 3600; i++) {
      succeed(OFFICE, 'mine');
      if (admit(OFFICE, 'victim') !== 'ignore') {
        fail(OFFICE, 'victim', 'credentials');
        guesses++;
      }
      pass(1);
    }
    expect(guesses).toBeLessThan(100);
  });
});

describe('table', () => {
  test('allowed networks are never slowed', () => {
    const { admit, fail, counters } = setUp({ allowed: ['198.51.100.0/24', '2001:db8::/32'] });
    fail(SCANNER, 'x', 'credentials', 1000);
    fail('2001:db8:5::1', 'x', 'credentials', 1000);
    expect([admit(SCANNER, 'x'), admit('2001:db8:5::1', 'x')]).toEqual(['answer', 'answer']);
    expect(counters().sources).toBe(0);
  });

  test('filling it with other sources does not lift a ban', () => {
    const { admit, fail, counters } = setUp({ capacity: 100 });
    fail(SCANNER, undefined, 'invalid', 40);
    for (let i = 0; i < 5000; i++) fail(`10.0.${i >> 8}.${i & 255}`, undefined, 'invalid', 3);
    expect(admit(SCANNER)).toBe('ignore');
    expect(counters().sources).toBeLessThanOrEqual(101);
  });

  test('full of banned sources, it slows newcomers together but ignores none', () => {
    const { admit, fail, counters } = setUp({ capacity: 50 });
    for (let i = 0; i < 50; i++) fail(`10.0.0.${i}`, undefined, 'invalid', 40);
    expect(counters().banned).toBe(50);
    for (let i = 0; i < 500; i++) fail(`10.1.${i >> 8}.${i & 255}`, undefined, 'invalid');
    expect(admit('10.2.0.1')).toBe('delay');
    expect(admit('10.0.0.7')).toBe('ignore');
  });

  test('filling it does not make it forget who authenticated', () => {
    const { admit, fail, succeed } = setUp({ capacity: 100 });
    succeed(OFFICE, 'ex90-1');
    for (let i = 0; i < 5000; i++) fail(`10.0.${i >> 8}.${i & 255}`, `user-${i}`, 'credentials');
    fail(OFFICE, 'guess', 'credentials', 20);
    expect(admit(OFFICE, 'guess')).toBe('ignore');
    expect(admit(OFFICE, 'ex90-1')).toBe('answer');
  });

  test('the operator can forgive', () => {
    const { guard, admit, fail } = setUp();
    fail(SCANNER, 'x', 'credentials', 20);
    expect(admit(SCANNER, 'x')).toBe('ignore');
    expect(guard.forgive(SCANNER, ['x'])).toBe(true);
    expect(admit(SCANNER, 'x')).toBe('answer');
    expect(guard.forgive('192.0.2.99')).toBe(false);
  });

  test('counts what it did', () => {
    const { admit, fail, succeed, counters } = setUp();
    admit(OFFICE, 'a');
    succeed(OFFICE, 'a');
    fail(SCANNER, undefined, 'invalid', 40);
    admit(SCANNER);
    expect(counters()).toEqual({
      answered: 1, delayed: 0, ignored: 1, succeeded: 1, bans: 1, sources: 2, banned: 1,
      failures: { 'challenged': 0, 'call-challenged': 0, 'credentials': 0, 'invalid': 40 },
    });
  });
});
