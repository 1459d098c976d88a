import type { GatewayStatus } from '../../src/server';
import { H323Phone } from '../h323/support/h323-phone';
import { AnchoredGateway, talk } from '../support/anchored-gateway';
import { Operator } from '../support/control';
import { ownAddress } from '../support/own-address';
import { completeRecords } from '../support/records';
import { registeredPhone } from '../support/registered-phone';
import { addDevices } from '../support/test-gateway';
import { toneShares } from '../support/spectrum';
import { describePeer, toneShare, until, type Baresip } from './harness';
import { type RawPhone, type PhoneCall } from './harness/raw-phone';
import { statusOf, tagOf, type SipText } from './harness/sip-text';

jest.setTimeout(60_000);

const DEVICES = ['neuvoja', 'asiakas', 'tulkki', 'huone'] as const;
const [ADVISER, CUSTOMER, INTERPRETER, ROOM] = DEVICES.map((name) => `${name}@talo.kunta.example`) as [string, string, string, string];
const [CUSTOMER_HZ, INTERPRETER_HZ] = [400, 1000];

/** The dialog of a phone's call as its other end, which is the gateway, knows it. */
const replaces = ({ callId, local, remote }: PhoneCall): string => `${callId};to-tag=${tagOf(remote)};from-tag=${tagOf(local)}`;
const refer = (phone: RawPhone, call: PhoneCall, to: string, replaced: string): Promise<SipText> =>
  phone.within(call, 'REFER', [['Refer-To', `<sip:${to}?Replaces=${encodeURIComponent(replaced)}>`]]);

describePeer('baresip', 'Replaces (RFC 3891)', () => {
  describe.each(['anchored', 'direct'] as const)('of calls whose media are %s', (media) => {
    let anchored: AnchoredGateway;
    let operator: Operator;
    const phones: { close(): Promise<void> }[] = [];

    beforeAll(async () => {
      anchored = await AnchoredGateway.start({
        ETASILTA_CALLS_MEDIA: media, ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: ownAddress(media === 'direct' ? 131 : 135), ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8',
      });
      operator = new Operator(anchored.gateway.dataDir);
      await addDevices(anchored.gateway.directory, DEVICES.map((name) => ({ address: `${name}@talo.kunta.example`, h323Id: name })));
    });
    afterEach(async () => {
      for (const phone of phones.splice(0)) await phone.close();
      await anchored.closePhones();
      await until('the gateway has no call', async () => (await operator.calls()).length === 0);
    });
    afterAll(() => anchored?.stop());

    const raw = async (device: string): Promise<RawPhone> => {
      const phone = await registeredPhone(anchored.gateway, device);
      phones.push(phone);
      return phone;
    };
    const customer = (): Promise<Baresip> => anchored.phone(CUSTOMER, { toneHz: CUSTOMER_HZ, codecs: ['pcma'] });
    const interpreter = (): Promise<Baresip> => anchored.phone(INTERPRETER, { toneHz: INTERPRETER_HZ, codecs: ['pcma'] });
    const ended = (...calls: PhoneCall[]): Promise<true> => until('the adviser is out of both calls', () => calls.every(({ state }) => state === 'ended') || undefined);

    test('an attended transfer joins the two that the adviser has talked to; the adviser is told, and is released from both', async () => {
      const [adviser, caller, third] = [await raw(ADVISER), await customer(), await interpreter()];
      await caller.dial(`sip:${ADVISER}`);
      const first = await adviser.called();
      await caller.waitFor('CALL_ESTABLISHED');
      const second = await adviser.call(`sip:${INTERPRETER}`);
      await third.waitFor('CALL_ESTABLISHED');
      expect(statusOf(await refer(adviser, first, INTERPRETER, replaces(second)))).toBe(202);
      await ended(first, second);
      expect(adviser.received.flatMap((text) => /^NOTIFY[^]*\r\n\r\nSIP\/2\.0 (\d{3})/.exec(text)?.[1] ?? [])).toEqual(['100', '200']);
      expect(await operator.calls()).toMatchObject([{ caller: CUSTOMER, state: 'talking' }]);
      await talk(2);
      await caller.hangUp();
      await third.waitFor('CALL_CLOSED');
      expect(toneShare(caller.heard().at(-1)!, INTERPRETER_HZ)).toBeGreaterThan(0.3);
      expect(toneShare(third.heard().at(-1)!, CUSTOMER_HZ)).toBeGreaterThan(0.3);
      const records = await completeRecords(anchored.gateway.dataDir, 2);
      const [main, consulted] = [records.find((record) => record.caller === CUSTOMER)!, records.find((record) => record.caller === ADVISER)!];
      expect(consulted.joinedCall).toBe(main.id);
      expect(main.joins).toMatchObject([{ device: INTERPRETER, askedBy: 'callee', answeredAt: expect.any(Number) as number }]);
    });

    test('an H.323 room and a SIP device are joined in the same way', async () => {
      const room = await H323Phone.open({ host: ownAddress(media === 'direct' ? 132 : 136), h323Id: 'huone', toneHz: 700, ras: (await operator.status<GatewayStatus>()).h323!.ras });
      phones.push(room);
      const [adviser, caller] = [await raw(ADVISER), await customer()];
      await caller.dial(`sip:${ADVISER}`);
      const first = await adviser.called();
      await caller.waitFor('CALL_ESTABLISHED');
      const second = await adviser.call(`sip:${ROOM}`);
      const taken = await room.connected();
      expect(statusOf(await refer(adviser, first, ROOM, replaces(second)))).toBe(202);
      await ended(first, second);
      await until('the room hears the customer', async () => toneShares(await taken.hear(0.5), [CUSTOMER_HZ, 700])[0]! > 0.5, 20_000);
      await talk(2);
      taken.hangUp();
      await caller.waitFor('CALL_CLOSED');
      expect(toneShare(caller.heard().at(-1)!, 700)).toBeGreaterThan(0.2);
    });

    test('nobody joins or takes over another\'s call, whatever of its dialog is known', async () => {
      const [adviser, stranger] = [await raw(ADVISER), await raw(ROOM)];
      await customer();
      await interpreter();
      const others = await stranger.call(`sip:${INTERPRETER}`);
      const own = await adviser.call(`sip:${CUSTOMER}`);
      expect(statusOf(await refer(adviser, own, INTERPRETER, replaces(others)))).toBe(488);
      expect(statusOf(await adviser.ask('INVITE', `sip:${ADVISER}`, [['Replaces', replaces(others)], ['Content-Type', 'application/sdp']], adviser.description))).toBe(403);
      expect((await operator.calls()).map(({ state }) => state)).toEqual(['talking', 'talking']);
      await stranger.hangUp(others);
      await adviser.hangUp(own);
    });

    test('a device goes on with a call on another line of its own: INVITE with Replaces', async () => {
      const [adviser, other, caller] = [await raw(ADVISER), await raw(ADVISER), await customer()];
      other.onCalled = 'ring';
      await caller.dial(`sip:${ADVISER}`);
      const first = await adviser.called();
      await caller.waitFor('CALL_ESTABLISHED');
      const answer = await other.ask('INVITE', `sip:${ADVISER}`, [['Replaces', replaces(first)], ['Require', 'replaces'], ['Content-Type', 'application/sdp']], other.description);
      expect(answer.startLine).toMatch(/ 200 /);
      await until('the older line is released', () => first.state === 'ended');
      const call = other.taken(answer);
      expect(await operator.calls()).toMatchObject([{ caller: CUSTOMER, state: 'talking' }]);
      await other.hangUp(call);
      await caller.waitFor('CALL_CLOSED');
      expect((await completeRecords(anchored.gateway.dataDir, 2)).map(({ outcome }) => outcome).sort()).toEqual(['answered', 'joined']);
    });

    test.each([
      ['a dialog that there is not', 481, (): string => 'nowhere;to-tag=1;from-tag=2'],
      ['another tag than the dialog\'s', 481, (call: PhoneCall): string => `${call.callId};to-tag=${tagOf(call.remote)};from-tag=wrong`],
      ['an answered dialog, while only an early one is meant', 486, (call: PhoneCall): string => `${replaces(call)};early-only`],
      ['nothing that is a dialog', 400, (): string => 'nonsense'],
    ])('%s is answered %i', async (_what, status, value) => {
      const adviser = await raw(ADVISER);
      await customer();
      const call = await adviser.call(`sip:${CUSTOMER}`);
      const answer = await adviser.ask('INVITE', `sip:${CUSTOMER}`, [['Replaces', value(call)], ['Content-Type', 'application/sdp']], adviser.description);
      expect(statusOf(answer)).toBe(status);
      await adviser.hangUp(call);
    });

    test('a dialog that is over is answered 603', async () => {
      const adviser = await raw(ADVISER);
      await customer();
      const call = await adviser.call(`sip:${CUSTOMER}`);
      await adviser.hangUp(call);
      expect(statusOf(await adviser.ask('INVITE', `sip:${CUSTOMER}`, [['Replaces', replaces(call)], ['Content-Type', 'application/sdp']], adviser.description))).toBe(603);
    });
  });
});
