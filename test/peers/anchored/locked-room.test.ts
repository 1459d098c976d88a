import { AnchoredGateway } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { registeredPhone } from '../../support/registered-phone';
import { addService, DOMAIN } from '../../support/test-gateway';
import { until } from '../harness';
import type { RawPhone } from '../harness/raw-phone';
import { valueOf } from '../harness/sip-text';

jest.setTimeout(60_000);

const ROOM = `huone@${DOMAIN}`;
const PEOPLE = ['ex90-1@ahtari.kunta.example', 'ex90-2@ahtari.kunta.example', 'ex90-3@ahtari.kunta.example'];

describe('a meeting room that an operator locks', () => {
  let anchored: AnchoredGateway;
  let operator: Operator;
  let phones: RawPhone[] = [];
  beforeAll(async () => {
    anchored = await AnchoredGateway.start();
    operator = new Operator(anchored.gateway.dataDir);
    for (const address of PEOPLE) await anchored.device(address);
    await addService(anchored.gateway.directory, ROOM, [], {}, { kind: 'room' });
    phones = await Promise.all(PEOPLE.map((address) => registeredPhone(anchored.gateway, address)));
  });
  afterAll(async () => {
    await Promise.all(phones.map((phone) => phone.close()));
    await anchored.stop();
  });

  test('lets nobody in until it is unlocked; who is in stays', async () => {
    const [one, two, three] = phones as [RawPhone, RawPhone, RawPhone];
    const host = await one.call(`sip:${ROOM}`);
    const guest = await two.call(`sip:${ROOM}`);
    const ids = (await operator.calls()).map((call) => call.id);
    // Whoever can be unmuted is in the conference.
    for (const id of ids) await until('it is in', () => operator.change(id, 'unmute', 'caller').catch(() => undefined));
    const [id = ''] = ids;
    await operator.change(id, 'lock');
    // Rooms answer whoever may dial them, to ask for a PIN.
    const refused = await three.call(`sip:${ROOM}`);
    await until('it is let go', () => refused.state === 'ended');
    expect(valueOf(refused.ending!, 'Reason')).toMatch(/^Q\.850;cause=21;text=".* is locked"$/);
    expect([host.state, guest.state]).toEqual(['talking', 'talking']);
    await operator.change(id, 'unlock');
    const late = await three.call(`sip:${ROOM}`);
    await until('all three are in', async () => (await operator.calls()).filter(({ state }) => state === 'talking').length === 3);
    expect(late.state).toBe('talking');
    for (const [phone, call] of [[one, host], [two, guest], [three, late]] as const) await phone.hangUp(call);
    await until('the room is empty', async () => (await operator.calls()).length === 0);
  });
});
