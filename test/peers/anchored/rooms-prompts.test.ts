import { promptIn } from '../../support/prompts';
import { AnchoredGateway, talk } from '../../support/anchored-gateway';
import { addService, DOMAIN } from '../../support/test-gateway';
import { toneShares } from '../../support/spectrum';
import { describePeer, until, type Baresip } from '../harness';

jest.setTimeout(120_000);

const PEOPLE = ['ex90-1@ahtari.kunta.example', 'ex90-2@ahtari.kunta.example', 'agent@kela.kunta.example'];
const TONES = [400, 700, 1000];
const [OPEN_ROOM, PIN_ROOM, SHUT, SVENSKA] = ['huone', 'salattu', 'suljettu.fi', 'stangd.sv'].map((name) => `${name}@${DOMAIN}`) as [string, string, string, string];
const PIN = '4711';
/** Open on one day long ago. */
const CLOSED = { weekly: [], exceptions: [{ date: '2001-01-01', hours: [{ open: '09:00', close: '10:00' }] }] };

describePeer('baresip', 'meeting rooms and prompts', () => {
  let anchored: AnchoredGateway;
  beforeAll(async () => {
    anchored = await AnchoredGateway.start();
    for (const address of PEOPLE) await anchored.device(address);
    const { directory } = anchored.gateway;
    await addService(directory, OPEN_ROOM, [], {}, { kind: 'room' });
    await addService(directory, PIN_ROOM, [], {}, { kind: 'room', pin: PIN });
    await addService(directory, SHUT, [PEOPLE[2]!], {}, { hours: CLOSED });
    await addService(directory, SVENSKA, [PEOPLE[2]!], {}, { hours: CLOSED, languages: ['sv'] });
  });
  afterEach(() => anchored.closePhones());
  afterAll(() => anchored.stop());

  const phone = (n: number, more: object = {}): Promise<Baresip> => anchored.phone(PEOPLE[n]!, { toneHz: TONES[n]!, ...more });
  const enter = async (person: Baresip, room: string): Promise<void> => {
    await person.dial(`sip:${room}`);
    await person.waitFor('CALL_ESTABLISHED');
  };
  const press = async (person: Baresip, keys: string): Promise<void> => {
    for (const key of keys) {
      await person.command('sndcode', key);
      await talk(0.3);
    }
  };
  const heard = (person: Baresip, lastSeconds = 1): number[] => toneShares(person.heard().at(-1)!, TONES, lastSeconds);

  test('those who dial a room hear each other, each the others and not itself', async () => {
    const people = [await phone(0, { codecs: ['pcma'] }), await phone(1, { codecs: ['opus/48000/2'] }), await phone(2, { codecs: ['g722/16000/1'] })];
    for (const person of people) await enter(person, OPEN_ROOM);
    // The last one's arrival is announced.
    await talk(5);
    for (const person of people) {
      await person.hangUp();
      await person.waitFor('CALL_CLOSED');
    }
    // The first to leave heard both others, the second the last one, the last in the end nobody.
    expect(heard(people[0]!).map((share) => share > 0.15)).toEqual([false, true, true]);
    expect(heard(people[1]!, 4).map((share) => share > 0.1)).toEqual([true, false, true]);
    expect(heard(people[2]!, 4).map((share) => share > 0.1)).toEqual([true, true, false]);
  });

  test('a room with a PIN lets in who presses it, after a wrong one too', async () => {
    const host = await phone(0);
    const guest = await phone(1);
    await enter(host, PIN_ROOM);
    await press(host, `${PIN}#`);
    await enter(guest, PIN_ROOM);
    // The whole question is heard.
    await talk(6);
    await press(guest, '1234#');
    await talk(1);
    await press(guest, `${PIN}#`);
    await talk(6);
    await guest.hangUp();
    await guest.waitFor('CALL_CLOSED');
    expect(heard(guest).map((share) => share > 0.5)).toEqual([true, false, false]);
    expect(promptIn(guest.heard().at(-1)!, 'fi')).toBe('enter-pin');
    await host.hangUp();
  });

  test('three wrong PINs end the call', async () => {
    const guest = await phone(1);
    await enter(guest, PIN_ROOM);
    for (let i = 0; i < 3; i++) await press(guest, '0000#');
    await guest.waitFor('CALL_CLOSED', 30_000);
  });

  test.each([['fi', SHUT], ['sv', SVENSKA]] as const)('a closed service says so in its language (%s) before the call is refused', async (language, service) => {
    const caller = await phone(0);
    await caller.dial(`sip:${service}`);
    expect((await caller.waitFor('CALL_CLOSED', 30_000)).param).toMatch(/480/);
    const recording = await until('what was heard is written', () => caller.heard().at(-1));
    expect(promptIn(recording, language)).toBe('closed');
  });
});
