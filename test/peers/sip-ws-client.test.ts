import { TestSwitch } from '../simulator/b2bua';
import { browserSdp, SipWsClient, until } from './harness';

/** The client against a switch that is not the gateway: what it is used to prove must not be what proves it. */
describe('the browser-style SIP client over WebSocket', () => {
  let exchange: TestSwitch;
  const clients: SipWsClient[] = [];

  async function connect(user: string, password = 'secret'): Promise<SipWsClient> {
    const url = `ws://${/sip:([^;]+)/.exec(exchange.uri)?.[1]}`;
    const client = await SipWsClient.connect({ url, user, domain: 'test.example', password });
    clients.push(client);
    return client;
  }

  beforeEach(async () => { exchange = await TestSwitch.start({ anna: 'secret', bertta: 'secret' }, 'MD5', 'ws'); });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await exchange.close();
  });

  test('registers with digest, and unregisters', async () => {
    const anna = await connect('anna');
    await anna.register();
    expect(exchange.contacts.get('anna')).toBe(anna.contact);
    await anna.close();
    expect(anna.open).toBe(false);
  });

  test('a wrong password is refused', async () => {
    await expect((await connect('anna', 'wrong')).register()).rejects.toMatchObject({ status: 401 });
  });

  test('one calls, the other answers: descriptions arrive whole, and the end arrives', async () => {
    const [anna, bertta] = [await connect('anna'), await connect('bertta')];
    await bertta.register();
    const [offer, answer] = [browserSdp(), browserSdp()];
    bertta.onInvite = () => answer;
    const call = await anna.invite('sip:bertta@test.example', offer);
    const other = await bertta.nextCall();
    expect(bertta.offers).toEqual([offer]);
    expect(call.remoteSdp).toBe(answer);
    await call.hangUp();
    await until('the end at the other side', () => other.ended);
  });

  test('a busy callee and an unknown one', async () => {
    const [anna, bertta] = [await connect('anna'), await connect('bertta')];
    await bertta.register();
    bertta.onInvite = () => 486;
    await expect(anna.invite('sip:bertta@test.example')).rejects.toMatchObject({ status: 486 });
    await expect(anna.invite('sip:nobody@test.example')).rejects.toMatchObject({ status: 404 });
  });
});
