import { AnchoredGateway, talk } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { ownAddress } from '../../support/own-address';
import { lastRecord } from '../../support/records';
import { toneShares } from '../../support/spectrum';
import { addDevices, addService, DOMAIN } from '../../support/test-gateway';
import { describePeer, until } from '../../peers/harness';
import type { GatewayStatus } from '../../../src/server';
import { Asterisk, asteriskMissing } from '../support/asterisk';

jest.setTimeout(60_000);

const GATEKEEPER = ownAddress(1);
const ROOM = 'huone@talo.kunta.example';
const PHONE = 'puhelin@talo.kunta.example';
const PHONE_TONE = 400;
/** Milliwatt's. */
const ROOM_TONE = 1004;
const SERVICE = `kela.fi@${DOMAIN}`;
const SERVICE_NUMBER = '9890101';
const missing = asteriskMissing();

describePeer('baresip', 'calls between H.323 and SIP', () => (missing === undefined ? describe : describe.skip).each([
  ['fast start, tunnelled H.245', { fastStart: true, tunnelling: true }],
  ['fast start, H.245 in a connection of its own', { fastStart: true, tunnelling: false }],
  ['slow start, tunnelled H.245', { fastStart: false, tunnelling: true }],
  ['slow start, H.245 in a connection of its own', { fastStart: false, tunnelling: false }],
])(`Asterisk's chan_ooh323 and baresip through the gateway: %s${missing === undefined ? '' : ` (${missing})`}`, (_name, start) => {
  let anchored: AnchoredGateway;
  let operator: Operator;
  let room: Asterisk;
  /** The record of the last call, once it is complete. */
  const idle = (): Promise<unknown> => until('the room has no call', async () => /0 active channels/.test(await room.command('core show channels')), 10_000);

  beforeAll(async () => {
    anchored = await AnchoredGateway.start({
      ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: GATEKEEPER, ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8',
    });
    operator = new Operator(anchored.gateway.dataDir);
    await addDevices(anchored.gateway.directory, [{ address: ROOM, h323Id: 'huone', e164: '100' }, { address: PHONE }]);
    await addService(anchored.gateway.directory, SERVICE, [PHONE], {}, { numericAlias: SERVICE_NUMBER });
    await addService(anchored.gateway.directory, `huone.fi@${DOMAIN}`, [ROOM]);
    room = await Asterisk.start({ address: ownAddress(2), h323Id: 'huone', e164: '100', gatekeeper: GATEKEEPER, ...start });
    await until('the room is registered', async () => (await operator.status<GatewayStatus>()).h323?.registrations === 1, 30_000);
  }, 90_000);
  afterEach(() => anchored.closePhones());
  afterAll(async () => {
    await room?.stop();
    await anchored?.stop();
  });

  test('the phone dials a service that the room answers, and hears it', async () => {
    const phone = await anchored.phone(PHONE, { toneHz: PHONE_TONE, codecs: ['pcmu'] });
    await phone.dial(`sip:huone.fi@${DOMAIN}`);
    await phone.waitFor('CALL_ESTABLISHED');
    await talk();
    await phone.hangUp();
    const [heard, itself] = toneShares(phone.heard().at(-1)!, [ROOM_TONE, PHONE_TONE], 1);
    expect(heard).toBeGreaterThan(0.8);
    expect(itself).toBeLessThan(0.01);
    expect(await lastRecord(anchored.gateway.dataDir)).toMatchObject({ dialled: `sip:huone.fi@${DOMAIN}`, device: ROOM, outcome: 'answered', protocol: 'sip', endedBy: 'caller', q850: 16 });
    await idle();
  });

  test('the room dials a service by its number; what the phone says comes back from there', async () => {
    const phone = await anchored.phone(PHONE, { toneHz: PHONE_TONE, codecs: ['pcmu'] });
    await room.command(`channel originate OOH323/${SERVICE_NUMBER} application Echo`);
    await phone.waitFor('CALL_ESTABLISHED');
    await talk(3);
    await phone.hangUp();
    expect(toneShares(phone.heard().at(-1)!, [PHONE_TONE], 1)[0]).toBeGreaterThan(0.8);
    await idle();
    expect(await lastRecord(anchored.gateway.dataDir)).toMatchObject({ caller: ROOM, dialled: SERVICE_NUMBER, service: SERVICE, device: PHONE, outcome: 'answered', protocol: 'h323', endedBy: 'callee' });
  });

  test('a service that nobody answers is refused with its cause', async () => {
    const before = (await operator.status<GatewayStatus>()).calls.taken;
    await room.command(`channel originate OOH323/${SERVICE_NUMBER} application Echo`);
    await until('the call has come', async () => (await operator.status<GatewayStatus>()).calls.taken > before);
    expect(await lastRecord(anchored.gateway.dataDir)).toMatchObject({ outcome: 'unanswered', protocol: 'h323', attempts: [{ device: PHONE, result: 'unreachable' }] });
    await idle();
  });
}));
