import type { GatewayStatus } from '../../../src/server';
import { describePeer, SipWsClient, until } from '../../peers/harness';
import type { SipText } from '../../peers/harness/sip-text';
import { AnchoredGateway } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { FloorParty, type FloorPartyOptions } from '../../support/floor-party';
import { addDevices, DOMAIN, PASSWORD, addService } from '../../support/test-gateway';
import { decodedPictures, encodedPictures, isKeyPicture, unitsOf } from '../support/h264-stream';
import { PresentingRoom, type PresentingCall, type PresentingRoomOptions } from '../support/presenting-room';

jest.setTimeout(60_000);

/** Loopback addresses of this process alone: H.323's ports are fixed. */
const address = (host: number): string => `127.${64 + (process.pid >> 8) % 128}.${process.pid % 256}.${host}`;
const [ROOM, HALL, PHONE] = ['huone', 'sali', 'puhelin'].map((name) => `${name}@talo.kunta.example`) as [string, string, string];

/** Sections of a description as `video slides`, `application refused`. */
const lines = (text: string): string[] => text.split(/^m=/m).slice(1).map((section) => {
  const [kind, port] = section.split(' ');
  return `${kind}${section.includes('a=content:slides') ? ' slides' : ''}${port === '0' ? ' refused' : ''}`;
});

describePeer('ffmpeg', 'presentations of H.323 and SIP', () => describe.each([['media straight between the parties', 'direct'], ['media at a media server', 'anchored']])('%s', (_name, media) => {
  const hosts = media === 'direct' ? 91 : 101;
  const pictures = encodedPictures(20);
  let anchored: AnchoredGateway;
  let ras: string;
  let operator: Operator;
  const open: { close(): unknown }[] = [];

  beforeAll(async () => {
    anchored = await AnchoredGateway.start({
      ETASILTA_CALLS_MEDIA: media, ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: address(hosts), ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8',
      ETASILTA_SIP_LISTEN: 'sip:127.0.0.1:0;transport=udp sip:127.0.0.1:0;transport=ws',
    });
    const { gateway } = anchored;
    operator = new Operator(gateway.dataDir);
    await addDevices(gateway.directory, [{ address: ROOM, h323Id: 'huone' }, { address: HALL, h323Id: 'sali' }, { address: PHONE }]);
    await addService(gateway.directory, `sali.fi@${DOMAIN}`, [HALL]);
    ({ ras } = (await operator.status<GatewayStatus>()).h323!);
  });
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.close();
    await until('the gateway has no call', async () => (await operator.calls()).length === 0);
  });
  afterAll(() => anchored?.stop());

  const room = async (more: Partial<PresentingRoomOptions> = {}): Promise<PresentingRoom> => {
    const opened = await PresentingRoom.open({ host: address(hosts + 1), h323Id: 'huone', ras, ...more });
    open.push(opened);
    return opened;
  };
  const sip = async (): Promise<SipWsClient> => {
    const client = await SipWsClient.connect({ url: `ws://${anchored.gateway.address('ws')}`, user: 'puhelin', domain: 'talo.kunta.example', password: PASSWORD });
    open.push({ close: async () => { await client.register(0).catch(() => undefined); await client.close(); } });
    await client.register();
    return client;
  };
  /** A party of SIP with BFCP, which answers every offer with what it has. */
  const party = async (client: SipWsClient, options?: FloorPartyOptions): Promise<FloorParty> => {
    const made = await FloorParty.open(options);
    open.push(made);
    client.onInvite = ({ body }: SipText) => {
      void made.meet(body);
      return made.description(body === '' ? {} : { lines: body });
    };
    return made;
  };
  const taken = (of: PresentingRoom): Promise<PresentingCall> => until('the room has a call', () => { const last = of.calls.at(-1); return last?.connected && last.channels >= 4 && last; });
  /** Shows the pictures until they have come through, and are pictures to a decoder. */
  const shows = async (show: (units: readonly Buffer[]) => void, seen: () => readonly Buffer[]): Promise<void> => {
    let next = 0;
    await until('the presentation is seen', async () => {
      show(pictures[next++ % pictures.length]!);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return next > 2 * pictures.length || unitsOf(seen()).filter((unit) => isKeyPicture([unit, Buffer.of(0x67)])).length >= 2;
    }, 20_000);
    expect(decodedPictures(unitsOf(seen()))).toBeGreaterThan(pictures.length / 2);
  };
  const call = async (options?: FloorPartyOptions, roomOptions?: Partial<PresentingRoomOptions>) => {
    const callee = await room(roomOptions);
    const client = await sip();
    const caller = await party(client, options);
    const dialogue = await client.invite(`sip:${ROOM}`, caller.description());
    await caller.meet(dialogue.remoteSdp);
    return { callee, client, caller, dialogue, inRoom: await taken(callee) };
  };

  test('a SIP party with BFCP calls: it shows, then the room, each for as long as it has the floor', async () => {
    const { callee, caller, inRoom, dialogue } = await call();
    expect(lines(dialogue.remoteSdp)).toEqual(['audio', 'video', 'application', 'video slides']);
    await caller.present();
    await until('the party has the floor', () => caller.holds);
    await until('the room takes the presentation', () => inRoom.content === 'receive');
    await shows((units) => caller.show(units), () => inRoom.shown);
    inRoom.present();
    await until('the room has the token, and shows', () => inRoom.content === 'send');
    expect(caller.told.at(-1)).toBe('revoked');
    await until('the party is told that others show', () => caller.isShown);
    await shows((units) => inRoom.show(units), () => caller.shown);
    inRoom.stop();
    await until('nobody shows', () => !caller.isShown && inRoom.content === '');
    expect(callee.faults).toEqual([]);
  });
}));
