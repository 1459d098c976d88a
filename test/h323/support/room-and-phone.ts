import type { LogicalChannel } from '../../../src/h323/h245';
import type { GatewayStatus } from '../../../src/server';
import { SipWsClient, until } from '../../peers/harness';
import { anchoredSettings } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { ownAddress } from '../../support/own-address';
import { addDevices, addService, DOMAIN, PASSWORD, startTestGateway, type TestGateway } from '../../support/test-gateway';
import { EchoRoom, type EchoRoomOptions, type RoomCall } from './echo-room';
import { RasEndpoint } from './ras-endpoint';

const [ROOM, PHONE] = ['kuva@talo.kunta.example', 'puhelin@talo.kunta.example'];
const SERVICE = `kuva.fi@${DOMAIN}`;
const CODECS: Record<string, string> = { 0: 'PCMU', 8: 'PCMA', 9: 'G722' };

let version = 1;
/** A phone of these codecs, with pictures of so many bit/s at most. */
export const sdp = (codecs: string, bitRate?: number): string => [
  'v=0', `o=- 1 ${version++} IN IP4 127.0.0.1`, 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', `m=audio 40000 RTP/AVP ${codecs}`,
  ...codecs.split(' ').map((format) => `a=rtpmap:${format} ${CODECS[format]}/8000`),
  'm=video 40004 RTP/AVP 98', ...(bitRate === undefined ? [] : [`b=TIAS:${bitRate}`]), 'a=rtpmap:98 H264/90000', 'a=fmtp:98 profile-level-id=42e01f;packetization-mode=1', '',
].join('\r\n');
export const section = (text: string, medium: string): string => text.split(/^m=/m).find((line) => line.startsWith(medium)) ?? '';
export const formats = (text: string): string => /^audio \d+ \S+ ([\d ]+)/.exec(section(text, 'audio'))![1]!.trim();
/** Answers what is offered with those of its codecs that are. */
export const answerWith = (codecs: string) => ({ body }: { body: string }): string =>
  sdp(codecs.split(' ').filter((codec) => formats(body).split(' ').includes(codec)).join(' ') || codecs.split(' ')[0]!);

/** Channels as `receive 1,send 2`, in order. */
export const openChannels = (session: Pick<RoomCall['session'], 'channels'>): string => session.channels.map(({ direction, sessionId }: LogicalChannel) => `${direction} ${sessionId}`).sort().join();
/** Those of sound and pictures, both ways. */
export const BOTH = 'receive 1,receive 2,send 1,send 2';

export interface RoomAndPhoneCall {
  room: EchoRoom;
  taken: RoomCall;
  client: SipWsClient;
  /** What the phone was answered. */
  answer: string;
  /** A new offer of the phone's; resolves with the answer. */
  reinvite(offer: string): Promise<string>;
}

/** A gateway with an H.323 room and a SIP phone, both with pictures. */
export class RoomAndPhone {
  private readonly opened: { close(): Promise<unknown> }[] = [];
  private constructor(private readonly gateway: TestGateway, private readonly operator: Operator, private readonly ras: string, private readonly host: string) {}

  /** `hosts`: last octet of two loopback addresses that nothing else of the test uses. */
  static async start(hosts: number, media: 'direct' | 'anchored' = 'direct'): Promise<RoomAndPhone> {
    const gateway = await startTestGateway({
      ...(media === 'anchored' && await anchoredSettings()), ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: ownAddress(hosts),
      ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8', ETASILTA_SIP_LISTEN: 'sip:127.0.0.1:0;transport=udp sip:127.0.0.1:0;transport=ws',
    });
    const operator = new Operator(gateway.dataDir);
    await addDevices(gateway.directory, [{ address: ROOM, h323Id: 'kuva' }, { address: PHONE }]);
    await addService(gateway.directory, SERVICE, [ROOM]);
    return new RoomAndPhone(gateway, operator, (await operator.status<GatewayStatus>()).h323!.ras, ownAddress(hosts + 1));
  }

  /** The phone calls the room, with `offer` or one of these codecs; resolves when all channels are open. */
  async call(codecs: string, more: Partial<EchoRoomOptions> = {}, offer = sdp(codecs)): Promise<RoomAndPhoneCall> {
    const { room, client } = await this.both(more);
    client.onInvite = answerWith(codecs);
    const sip = await client.invite(`sip:${SERVICE}`, offer);
    const taken = await until('sound and pictures are there', () => { const last = room.calls.at(-1); return last && openChannels(last.session) === BOTH && last; });
    return { room, taken, client, answer: sip.remoteSdp, reinvite: (next) => sip.reinvite(next) };
  }

  /** What one test has opened. */
  async close(): Promise<void> {
    for (const each of this.opened.splice(0).reverse()) await each.close();
    await until('the gateway has no call', async () => (await this.operator.calls()).length === 0);
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
  }

  private async both(more: Partial<EchoRoomOptions>): Promise<{ room: EchoRoom; client: SipWsClient }> {
    const room = await EchoRoom.open({ host: this.host, video: true, ...more });
    this.opened.push(room);
    const endpoint = await RasEndpoint.open(this.ras, this.host);
    this.opened.push(endpoint);
    expect(await endpoint.register({ 'h323-ID': 'kuva' })).toHaveProperty('registrationConfirm');
    const client = await SipWsClient.connect({ url: `ws://${this.gateway.address('ws')}`, user: 'puhelin', domain: 'talo.kunta.example', password: PASSWORD });
    this.opened.push({ close: async () => { await client.register(0).catch(() => undefined); await client.close(); } });
    await client.register();
    return { room, client };
  }
}
