import type { GatewayStatus } from '../../../src/server';
import { SipWsClient, until } from '../../peers/harness';
import type { SipText } from '../../peers/harness/sip-text';
import { AnchoredGateway } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { FloorParty, type FloorPartyOptions } from '../../support/floor-party';
import { ownAddress } from '../../support/own-address';
import { addDevices, addService, DOMAIN, PASSWORD } from '../../support/test-gateway';
import { decodedPictures, encodedPictures, isKeyPicture, unitsOf } from './h264-stream';
import { PresentingRoom, type PresentingCall, type PresentingRoomOptions } from './presenting-room';

export const ROOM = 'huone@talo.kunta.example';
const [HALL, PHONE] = ['sali@talo.kunta.example', 'puhelin@talo.kunta.example'];
export const HALL_SERVICE = `sali.fi@${DOMAIN}`;

/** Sections of a description as `video slides`, `application refused`. */
export const linesOf = (text: string): string[] => text.split(/^m=/m).slice(1).map((section) => {
  const [kind, port] = section.split(' ');
  return `${kind}${section.includes('a=content:slides') ? ' slides' : ''}${port === '0' ? ' refused' : ''}`;
});

/** A gateway with H.323 rooms and SIP parties that show each other presentations. */
export class Presentations {
  private readonly pictures = encodedPictures(20);
  private readonly open: { close(): unknown }[] = [];

  private constructor(readonly anchored: AnchoredGateway, private readonly operator: Operator, private readonly ras: string, private readonly hosts: number) {}

  /** `hosts`: last octet of three loopback addresses that nothing else of the test uses. */
  static async start(media: 'direct' | 'anchored', hosts: number, env: Record<string, string> = {}): Promise<Presentations> {
    const anchored = await AnchoredGateway.start({
      ETASILTA_CALLS_MEDIA: media, ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: ownAddress(hosts), ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8',
      ETASILTA_SIP_LISTEN: 'sip:127.0.0.1:0;transport=udp sip:127.0.0.1:0;transport=ws', ...env,
    });
    const { gateway } = anchored;
    const operator = new Operator(gateway.dataDir);
    await addDevices(gateway.directory, [{ address: ROOM, h323Id: 'huone' }, { address: HALL, h323Id: 'sali' }, { address: PHONE }]);
    await addService(gateway.directory, HALL_SERVICE, [HALL]);
    return new Presentations(anchored, operator, (await operator.status<GatewayStatus>()).h323!.ras, hosts);
  }

  /** Ends what one test has opened. */
  async close(): Promise<void> {
    for (const each of this.open.splice(0).reverse()) await each.close();
    await until('the gateway has no call', async () => (await this.operator.calls()).length === 0);
  }

  stop(): Promise<void> {
    return this.anchored.stop();
  }

  async room(more: Partial<PresentingRoomOptions> = {}): Promise<PresentingRoom> {
    const opened = await PresentingRoom.open({ host: ownAddress(this.hosts + 1), h323Id: 'huone', ras: this.ras, ...more });
    this.open.push(opened);
    return opened;
  }

  /** A second room. */
  hall(more: Partial<PresentingRoomOptions> = {}): Promise<PresentingRoom> {
    return this.room({ host: ownAddress(this.hosts + 2), h323Id: 'sali', ...more });
  }

  async sip(): Promise<SipWsClient> {
    const client = await SipWsClient.connect({ url: `ws://${this.anchored.gateway.address('ws')}`, user: 'puhelin', domain: 'talo.kunta.example', password: PASSWORD });
    this.open.push({ close: async () => { await client.register(0).catch(() => undefined); await client.close(); } });
    await client.register();
    return client;
  }

  /** A party of SIP with BFCP, which answers every offer with what it has. */
  async party(client: SipWsClient, options?: FloorPartyOptions): Promise<FloorParty> {
    const made = await FloorParty.open(options);
    this.open.push(made);
    client.onInvite = ({ body }: SipText) => {
      if (body === '') return made.offer();
      // Its way is that of browsers, its media are not: plain RTP is offered next.
      if (body.includes('UDP/TLS/')) return 488;
      made.meet(body).catch(() => undefined);
      return made.answer(body);
    };
    client.onAck = (answer) => { made.meet(answer).catch(() => undefined); };
    return made;
  }

  taken(of: PresentingRoom): Promise<PresentingCall> {
    return until('the room has a call', () => { const last = of.calls.at(-1); return last?.connected && last.channels >= 4 && last; });
  }

  /** Shows the pictures until they have come through, and are pictures to a decoder. */
  async shows(show: (units: readonly Buffer[]) => void, seen: () => readonly Buffer[]): Promise<void> {
    const { pictures } = this;
    let next = 0;
    const before = seen().length;
    const units = (): Buffer[] => unitsOf(seen().slice(before));
    await until('the presentation is seen', async () => {
      show(pictures[next++ % pictures.length]!);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return units().filter((unit) => isKeyPicture([unit, Buffer.of(0x67)])).length >= 3;
    }, 20_000);
    expect(decodedPictures(units())).toBeGreaterThan(pictures.length / 2);
  }

  async call(options?: FloorPartyOptions, roomOptions?: Partial<PresentingRoomOptions>) {
    const callee = await this.room(roomOptions);
    const client = await this.sip();
    const caller = await this.party(client, options);
    const dialogue = await client.invite(`sip:${ROOM}`, caller.offer());
    caller.meet(dialogue.remoteSdp).catch(() => undefined);
    return { callee, client, caller, dialogue, inRoom: await this.taken(callee) };
  }

  /** The room calls; when it has slides both know. */
  async called(roomOptions?: Partial<PresentingRoomOptions>, options?: FloorPartyOptions) {
    const caller = await this.room(roomOptions);
    const client = await this.sip();
    const callee = await this.party(client, options);
    await caller.dial(PHONE);
    const inRoom = await this.taken(caller);
    return { caller, client, callee, inRoom };
  }

  /** One shows, then the other, who takes the floor from it, and stops. */
  async both(sipParty: FloorParty, inRoom: PresentingCall): Promise<void> {
    await until('the party of SIP can ask for the floor', () => sipParty.canPresent);
    await sipParty.present();
    await until('the party has the floor', () => sipParty.holds);
    await until('the room takes the presentation', () => inRoom.content === 'receive');
    await this.shows((units) => sipParty.show(units), () => inRoom.shown);
    inRoom.present();
    await until('the room has the token, and shows', () => inRoom.content === 'send');
    await until('the party has lost the floor, and is told that others show', () => !sipParty.holds && sipParty.isShown);
    await this.shows((units) => inRoom.show(units), () => sipParty.shown);
    inRoom.stop();
    await until('nobody shows', () => !sipParty.isShown && inRoom.content === '');
  }

  /** Two rooms show each other, one after the other. */
  async eachOther(one: PresentingCall, other: PresentingCall): Promise<void> {
    for (const [shower, viewer] of [[one, other], [other, one]] as const) {
      await until('the room has the token, and shows', () => {
        if (shower.token.state !== 'requesting' && shower.token.state !== 'owned') shower.present();
        return shower.content === 'send' && viewer.content === 'receive';
      });
      await this.shows((units) => shower.show(units), () => viewer.shown);
    }
    other.stop();
    await until('nobody shows', () => one.content === '' && other.content === '');
  }
}
