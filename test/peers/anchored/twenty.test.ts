import { AnchoredGateway, talk } from '../../support/anchored-gateway';
import { addDevices, addService, DOMAIN } from '../../support/test-gateway';
import { toneShares } from '../../support/spectrum';
import { describePeer, type Baresip } from '../harness';

jest.setTimeout(180_000);

const ROOM = `kokous@${DOMAIN}`;
const PEOPLE = Array.from({ length: 20 }, (_, i) => `ex90-${i + 1}@ahtari.kunta.example`);
/** The first three speak; twenty at once would be a noise in which nobody can be told from another. */
const TONES = [400, 700, 1000];
const MUTED_TONE = 1600;

describePeer('baresip', 'a meeting of twenty', () => {
  let anchored: AnchoredGateway;
  beforeAll(async () => {
    anchored = await AnchoredGateway.start();
    await addDevices(anchored.gateway.directory, PEOPLE.map((address) => ({ address })));
    await addService(anchored.gateway.directory, ROOM, [], {}, { kind: 'room' });
  });
  afterAll(() => anchored.stop());

  test('all twenty hear the three who speak, who hear each other and not themselves', async () => {
    const phones: Baresip[] = [];
    for (const [i, address] of PEOPLE.entries()) phones.push(await anchored.phone(address, { toneHz: TONES[i] ?? MUTED_TONE, codecs: [i % 2 === 0 ? 'pcma' : 'g722/16000/1'] }));
    for (const [i, phone] of phones.entries()) {
      await phone.dial(`sip:${ROOM}`);
      await phone.waitFor('CALL_ESTABLISHED');
      if (i >= TONES.length) await phone.command('mute');
    }
    // The arrivals are announced one after another.
    await talk(8);
    await Promise.all(phones.map((phone) => phone.hangUp()));
    for (const [i, phone] of phones.entries()) {
      await phone.waitFor('CALL_CLOSED');
      const [muted, ...speakers] = toneShares(phone.heard().at(-1)!, [MUTED_TONE, ...TONES], 2);
      expect([PEOPLE[i], ...speakers.map((share) => share > 0.1)]).toEqual([PEOPLE[i], ...TONES.map((_, k) => k !== i)]);
      expect(muted).toBeLessThan(0.05);
    }
  });
});
