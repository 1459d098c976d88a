import type { H245Session, LogicalChannel } from '../../../src/h323/h245';
import type { h245 } from '../../../src/h323/schemas';
import type { GatewayStatus } from '../../../src/server';
import { Baresip, describePeer, expectAllSuccessful, freePorts, until, type Sipp } from '../../peers/harness';
import { anchoredSettings, CARRIES_SLIDES } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { ownAddress } from '../../support/own-address';
import { sippCaller } from '../../support/sipp-devices';
import { toneShares } from '../../support/spectrum';
import { addDevices, addService, DOMAIN, PASSWORD, startTestGateway, type TestGateway } from '../../support/test-gateway';
import { EchoRoom, type RoomCall } from '../support/echo-room';
import { RasEndpoint } from '../support/ras-endpoint';

jest.setTimeout(60_000);

const [ROOM, PHONE] = ['huone@talo.kunta.example', 'puhelin@talo.kunta.example'] as const;
const PCMU = 0;
/** H.281 in H.224: tilt up, as the address and control of Q.922, broadcast, client 1, a segment of its own (H.224 section 8.2). */
const UP = Buffer.from('0071030000000001c0013007', 'hex');

const channel = (session: Pick<H245Session, 'channels'>, way: LogicalChannel['direction'], sessionId: number): LogicalChannel | undefined =>
  session.channels.find(({ direction, sessionId: id }) => direction === way && id === sessionId);
const codec = (session: Pick<H245Session, 'channels'>, way: LogicalChannel['direction']): string | undefined => {
  const found = channel(session, way, 1);
  return found && Object.keys(Object.values(found.dataType)[0] as object)[0];
};
const audioMode = (name: string): h245.ModeElement => ({ type: { audioMode: { [name]: null } as unknown as h245.AudioMode } });
/** Offers that sipp got in its call, the last one last. */
const offers = (sipp: Sipp): string[] => sipp.messages().match(/^INVITE sip:sipp@[^]*?(?=^-{10,})/gm) ?? [];
const section = (text: string, medium: string): string => text.split(/^m=/m).find((line) => line.startsWith(medium)) ?? '';

describe.each(CARRIES_SLIDES ? ['direct', 'anchored'] as const : ['direct'] as const)('programs of others in a call with an H.323 room, %s media', (media) => {
  const base = media === 'direct' ? 31 : 34;
  let gateway: TestGateway;
  let operator: Operator;
  let room: EchoRoom;
  let endpoint: RasEndpoint;
  beforeAll(async () => {
    gateway = await startTestGateway({
      ...(media === 'anchored' && await anchoredSettings()), ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: ownAddress(base), ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8',
      ETASILTA_SIP_PEERS: JSON.stringify([{ name: 'partner', addresses: ['127.0.0.1'] }]),
    });
    operator = new Operator(gateway.dataDir);
    await addDevices(gateway.directory, [{ address: ROOM, h323Id: 'huone' }, { address: PHONE }]);
    await addService(gateway.directory, `huone.fi@${DOMAIN}`, [ROOM]);
    room = await EchoRoom.open({ host: ownAddress(base + 1), video: true, camera: true, modes: true });
    endpoint = await RasEndpoint.open((await operator.status<GatewayStatus>()).h323!.ras, ownAddress(base + 1));
    expect(await endpoint.register({ 'h323-ID': 'huone' })).toHaveProperty('registrationConfirm');
  });
  afterEach(async () => {
    room.calls.at(-1)?.release();
    await until('the gateway has no call', async () => (await operator.calls()).length === 0);
    room.controlled.length = 0;
  });
  afterAll(async () => {
    await endpoint?.close();
    await room?.close();
    await gateway?.stop();
  });

  describePeer('sipp', 'sipp', () => {
    let sipp: Sipp;
    afterEach(() => sipp?.stop());

    /** sipp calls the room; resolves when all channels are open. */
    const call = async (): Promise<RoomCall> => {
      const before = room.calls.length;
      const camera = await freePorts(4);
      sipp = await sippCaller(gateway.address('udp'), 'uac-takes-offers', 'huone.fi', { keys: { camera_port: String(camera) }, args: ['-rtp_echo', '-mp', String(camera)] });
      return until('sound, pictures and cameras are there', () => {
        const taken = room.calls[before];
        return taken?.session.channels.length === 6 && taken;
      }).catch((error: Error) => { throw new Error(`${error.message}\n${sipp.messages().slice(-6_000)}`); });
    };
    /** The room hangs up, and sipp has had nothing that its scenario does not take. */
    const end = async (taken: RoomCall): Promise<void> => {
      taken.release();
      expectAllSuccessful(await sipp.finished);
      expect(room.faults).toEqual([]);
    };

    test('a limit of the room is a new offer with the lower b=TIAS, which sipp takes, until it is lifted', async () => {
      const taken = await call();
      const limit = (): string | undefined => /^b=TIAS:(\d+)/m.exec(section(offers(sipp).at(-1) ?? '', 'video'))?.[1];
      taken.session.flowControl({ channel: channel(taken.session, 'receive', 2)!, maximumBitRate: 3_840 });
      await until('sipp is offered the limit', () => limit() === '384000');
      taken.session.flowControl({ channel: channel(taken.session, 'receive', 2)! });
      await until('sipp is offered what the room takes', () => limit() === '1920000');
      await end(taken);
    });

    test(media === 'direct' ? 'another codec that the room asks for is a new offer of it, which sipp takes' : 'another codec that the room asks for is sent by the media server, and sipp goes on as it was', async () => {
      const taken = await call();
      expect(codec(taken.session, 'receive')).not.toBe('g711Ulaw64k');
      const picture = channel(taken.session, 'receive', 2)!;
      const video = (picture.dataType as { videoData: { genericVideoCapability: h245.GenericCapability } }).videoData.genericVideoCapability;
      const mode = [audioMode('g711Ulaw64k'), { type: { videoMode: { genericVideoMode: video } } }];
      expect(await (taken.session as H245Session).requestMode([mode])).toBe('mostPreferred');
      await until('the room is sent that codec', () => codec(taken.session, 'receive') === 'g711Ulaw64k');
      if (media === 'direct') {
        await until('sipp is offered the codec', () => /^audio \d+ RTP\/AVP 0\r?$/m.test(section(offers(sipp).at(-1) ?? '', 'audio')));
        await until('the room sends it, too', () => codec(taken.session, 'send') === 'g711Ulaw64k');
      }
      await end(taken);
      if (media === 'anchored') expect(offers(sipp).filter((offer) => !/^audio \d+ RTP\/AVP 8\b/m.test(section(offer, 'audio')))).toEqual([]);
    });

    test('the room moves sipp\'s camera, and sipp the room\'s: what comes for a camera goes back', async () => {
      const taken = await call();
      await until('there is a way to the camera', () => {
        if (room.canControl) room.control(UP);
        return room.controlled.length > 0;
      });
      expect(room.controlled[0]!.toString('hex')).toBe(UP.toString('hex'));
      await end(taken);
    });
  });

  describePeer('baresip', 'baresip', () => {
    test('sends the room the codec that it asks for, and hears itself in it', async () => {
      const types: number[] = [];
      room.onPacket = (medium, packet) => { if (medium === 'audio') types.push(packet[1]! & 0x7f); };
      const [user = '', domain] = PHONE.split('@');
      const phone = await Baresip.start({ user, domain, password: PASSWORD, registrar: gateway.address('udp'), toneHz: 1_000, codecs: ['pcma', 'pcmu'] });
      try {
        expect(await phone.registration()).toBe('200 OK');
        await phone.dial(`sip:huone.fi@${DOMAIN}`);
        await phone.waitFor('CALL_ESTABLISHED');
        const { session } = room.calls.at(-1)!;
        await until('the room is sent sound', () => types.length > 0);
        expect(types).not.toContain(PCMU);
        expect(await (session as H245Session).requestMode([[audioMode('g711Ulaw64k')]])).toBe('mostPreferred');
        await until('the room is sent the codec for a second', () => types.filter((type) => type === PCMU).length > 50);
        await phone.hangUp();
        await phone.waitFor('CALL_CLOSED');
        expect(toneShares(phone.heard().at(-1)!, [1_000])[0]).toBeGreaterThan(0.8);
      } finally {
        room.onPacket = () => undefined;
        await phone.close();
      }
      expect(room.faults).toEqual([]);
    });
  });
});
