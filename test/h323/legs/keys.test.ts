import type { GatewayStatus } from '../../../src/server';
import { describePeer, until } from '../../peers/harness';
import { AnchoredGateway, talk } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { ownAddress } from '../../support/own-address';
import { addDevices, addService, DOMAIN } from '../../support/test-gateway';
import { H323Phone } from '../support/h323-phone';

jest.setTimeout(60_000);

const [ROOM, PHONE] = ['huone@talo.kunta.example', 'puhelin@talo.kunta.example'];
const SERVICE = `huone.fi@${DOMAIN}`;

describePeer('baresip', 'keys between H.323 and SIP', () => {
  let anchored: AnchoredGateway;
  let room: H323Phone;
  beforeAll(async () => {
    anchored = await AnchoredGateway.start({ ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: ownAddress(95), ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8' });
    const { directory, dataDir } = anchored.gateway;
    await addDevices(directory, [{ address: ROOM!, h323Id: 'huone' }, { address: PHONE! }]);
    await addService(directory, SERVICE, [ROOM!]);
    room = await H323Phone.open({ host: ownAddress(96), h323Id: 'huone', toneHz: 400, ras: (await new Operator(dataDir).status<GatewayStatus>()).h323!.ras });
  });
  afterEach(() => anchored.closePhones());
  afterAll(async () => {
    await room?.close();
    await anchored?.stop();
  });

  test('events of RTP (RFC 4733) become user input of H.245, and user input in both its forms becomes events', async () => {
    const phone = await anchored.phone(PHONE!, { toneHz: 700, codecs: ['pcma'] });
    await phone.dial(`sip:${SERVICE}`);
    await phone.waitFor('CALL_ESTABLISHED');
    const call = await room.connected();
    await call.hear(0.5);
    for (const key of ['5', '#']) {
      await phone.command('sndcode', key);
      await until(`${key} has come`, () => call.userInput.some(({ text }) => text === key));
      await talk(0.3);
    }
    expect(call.userInput.map(({ text, form }) => `${form} ${text}`)).toEqual(['signal 5', 'signal #']);
    call.press('7');
    expect((await phone.waitFor('CALL_DTMF_START')).param).toBe('7');
    await phone.waitFor('CALL_DTMF_END');
    call.signalling.control.send({ indication: { userInput: { alphanumeric: '9*' } } });
    expect((await phone.waitFor('CALL_DTMF_START')).param).toBe('9');
    expect((await phone.waitFor('CALL_DTMF_START')).param).toBe('*');
    // Digits of call signalling count as pressed, too.
    call.signalling.sendDigits({ kind: 'keypad', digits: '3' });
    expect((await phone.waitFor('CALL_DTMF_START')).param).toBe('3');
    await phone.hangUp();
    await until('the room is told', () => call.ended);
    expect(room.faults).toEqual([]);
  });
});
