import { AnchoredGateway, talk } from '../../support/anchored-gateway';
import { addDevices, addService, DOMAIN } from '../../support/test-gateway';
import { toneShares } from '../../support/spectrum';
import { describePeer, type Baresip } from '../harness';

jest.setTimeout(180_000);

const ROOM = `kokous@${DOMAIN}`;
const PEOPLE = Array.from({ length: 20 }, (_, i) => `ex90-${i + 1}@ahtari.kunta.example`);
const TONES = PEOPLE.map((_, i) => 310 + 130 * i);

describePeer('baresip', 'a meeting of twenty', () => {
  let anchored: AnchoredGateway;
  beforeAll(async () => {
    anchored = await AnchoredGateway.start();
    await addDevices(anchored.gateway.directory, PEOPLE.map((address) => ({ address })));
    await addService(anchored.gateway.directory, ROOM, [], {}, { kind: 'room' });
  });
  afterAll(() => anchored.stop());

  test('each hears all nineteen others and not itself', async () => {
    const phones: Baresip[] = [];
    for (const [i, address] of PEOPLE.entries()) phones.push(await anchored.phone(address, { toneHz: TONES[i]!, codecs: [i % 2 === 0 ? 'pcma' : 'g722/16000/1'] }));
    for (const phone of phones) {
      await phone.dial(`sip:${ROOM}`);
      await phone.waitFor('CALL_ESTABLISHED');
    }
    // The arrivals are announced one after another.
    await talk(8);
    await Promise.all(phones.map((phone) => phone.hangUp()));
    for (const [i, phone] of phones.entries()) {
      await phone.waitFor('CALL_CLOSED');
      const shares = toneShares(phone.heard().at(-1)!, TONES, 2);
      const others = shares.filter((_, k) => k !== i);
      expect(Math.min(...others)).toBeGreaterThan(0.01);
      expect(shares[i]).toBeLessThan(Math.min(...others) / 4);
    }
  });
});
