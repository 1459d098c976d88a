import { Baresip, describePeer, GRID_POINTS, isPicture, showsPicture, toneShare, until, VIDEO_MODULE, type BaresipOptions, type TestPicture } from './harness';

jest.setTimeout(40_000);

const PICTURE: TestPicture = { left: 'red', right: 'blue' };
const OTHER_PICTURE: TestPicture = { left: 'lime', right: 'yellow' };

describePeer(['baresip', VIDEO_MODULE, 'ffmpeg'], 'two baresips with pictures', () => {
  const phones: Baresip[] = [];
  const phone = async (options: Omit<BaresipOptions, 'user'>): Promise<Baresip> => {
    const made = await Baresip.start({ user: `phone-${phones.length}`, ...options });
    phones.push(made);
    return made;
  };
  afterEach(async () => { for (const made of phones.splice(0)) await made.close(); });

  test.each([undefined, 'srtp-mand', 'dtls_srtp'] as const)('keying %s: each sees and hears the other, and not itself', async (encryption) => {
    const one = await phone({ toneHz: 400, picture: PICTURE, encryption });
    const other = await phone({ toneHz: 700, picture: OTHER_PICTURE, encryption });
    await one.dial(other.uri);
    await other.waitFor('CALL_ESTABLISHED');
    await until('each decodes the other\'s picture', async () => isPicture(await one.seen() ?? [], OTHER_PICTURE) && isPicture(await other.seen() ?? [], PICTURE), 20_000);
    const seenByOther = await other.seen(GRID_POINTS) ?? [];
    expect(isPicture(await one.seen() ?? [], PICTURE)).toBe(false);
    expect([PICTURE, OTHER_PICTURE].map((picture) => showsPicture(seenByOther, picture))).toEqual([true, false]);
    await one.hangUp();
    await other.waitFor('CALL_CLOSED');
    expect(toneShare(one.heard()[0]!, 700)).toBeGreaterThan(0.5);
    expect(toneShare(one.heard()[0]!, 400)).toBeLessThan(0.01);
  });

  test('one without a picture of its own is not shown any', async () => {
    const one = await phone({ toneHz: 400 });
    const other = await phone({ toneHz: 700, picture: PICTURE });
    await one.dial(other.uri);
    await other.waitFor('CALL_ESTABLISHED');
    expect(await other.seen()).toBeUndefined();
  });
});
