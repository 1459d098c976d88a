import type { GatewayStatus } from '../../../src/server';
import { describePeer, until } from '../../peers/harness';
import { AnchoredGateway } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { ownAddress } from '../../support/own-address';
import { TestPage, type Person } from '../../support/test-page';
import { addDevices, addService, DOMAIN } from '../../support/test-gateway';
import { EchoRoom } from '../support/echo-room';
import { RasEndpoint } from '../support/ras-endpoint';

jest.setTimeout(120_000);

const [CITIZEN, ROOM] = ['selain-1@koti.kunta.example', 'huone@talo.kunta.example'] as const;
const SERVICE = `huone.fi@${DOMAIN}`;
const VIDEO_CLOCK = 90_000;
/** What is measured at a time, seconds of the picture's own clock. */
const WINDOW = 2;
/** Limit of the room, bit/s: what Chromium's generated picture takes without one is several times as much. */
const LIMIT = 100_000;

/** RFC 5761 section 4. */
const isRtcp = (packet: Buffer): boolean => packet.length < 12 || ((packet[1]! & 0x7f) >= 72 && (packet[1]! & 0x7f) <= 76);

/** Bit rate of pictures by their own time stamps: how busy the machine is does not change it. */
class PictureRate {
  private packets: { at: number; octets: number }[] = [];

  take(packet: Buffer): void {
    const at = packet.readUInt32BE(4);
    this.packets.push({ at, octets: packet.length - 12 });
    this.packets = this.packets.filter((each) => ((at - each.at) >>> 0) <= WINDOW * VIDEO_CLOCK);
  }

  /** Forgets what was before; the next rate is of a whole window after this. */
  begin(): void {
    this.packets = [];
  }

  /** bit/s; undefined before there is a whole window. */
  get bitRate(): number | undefined {
    const [first] = this.packets;
    const last = this.packets.at(-1);
    const span = first && last ? ((last.at - first.at) >>> 0) / VIDEO_CLOCK : 0;
    return span < WINDOW * 0.8 ? undefined : this.packets.reduce((sum, { octets }) => sum + octets, 0) * 8 / span;
  }
}

describePeer('chromium', 'a browser that shows itself to an H.323 room', () => {
  let anchored: AnchoredGateway;
  let page: TestPage;
  let citizen: Person;
  let room: EchoRoom;
  let endpoint: RasEndpoint;
  beforeAll(async () => {
    anchored = await AnchoredGateway.start({
      ETASILTA_SIP_LISTEN: 'sip:127.0.0.1:0;transport=udp sip:127.0.0.1:0;transport=ws',
      ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: ownAddress(94), ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8',
    });
    const { directory, dataDir } = anchored.gateway;
    await addDevices(directory, [{ address: ROOM, h323Id: 'huone' }, { address: CITIZEN, kind: 'browser' }]);
    await addService(directory, SERVICE, [ROOM]);
    page = await TestPage.start(anchored.gateway);
    room = await EchoRoom.open({ host: ownAddress(95), video: true });
    endpoint = await RasEndpoint.open((await new Operator(dataDir).status<GatewayStatus>()).h323!.ras, ownAddress(95));
    expect(await endpoint.register({ 'h323-ID': 'huone' })).toHaveProperty('registrationConfirm');
    citizen = await page.logIn(CITIZEN);
  });
  afterAll(async () => {
    await citizen?.browser.close();
    await page?.close();
    await endpoint?.close();
    await room?.close();
    await anchored?.stop();
  });

  test('sends less when the room limits its channel (flowControlCommand), and more again when it does not', async () => {
    const rate = new PictureRate();
    room.onPacket = (medium, packet) => { if (medium === 'video' && !isRtcp(packet)) rate.take(packet); };
    const sends = (bitRate: (now: number) => boolean): Promise<boolean> => until('the browser sends as much as it should', () => rate.bitRate !== undefined && bitRate(rate.bitRate), 60_000);
    await citizen.calls(SERVICE);
    await sends((now) => now > 3 * LIMIT);
    const { session } = room.calls.at(-1)!;
    const channel = session.channels.find(({ direction, sessionId }) => direction === 'receive' && sessionId === 2)!;
    session.flowControl({ channel, maximumBitRate: LIMIT / 100 });
    rate.begin();
    await sends((now) => now < 1.5 * LIMIT);
    session.flowControl({ channel });
    await sends((now) => now > 2 * LIMIT);
    await citizen.hangsUp();
    expect(room.faults).toEqual([]);
    expect(citizen.browser.errors).toEqual([]);
  });
});
