import { alternative } from '../../../src/h323/per';
import type { h225 } from '../../../src/h323/schemas';
import type { GatewayStatus } from '../../../src/server';
import { until } from '../../peers/harness';
import type { RawPhone } from '../../peers/harness/raw-phone';
import { Operator } from '../../support/control';
import { ownAddress } from '../../support/own-address';
import { registeredPhone } from '../../support/registered-phone';
import { addDevices, addService, DOMAIN, startTestGateway, type TestGateway } from '../../support/test-gateway';
import { EchoRoom } from '../support/echo-room';
import { RasEndpoint } from '../support/ras-endpoint';

jest.setTimeout(60_000);

const [ROOM, PHONE] = ['huone@talo.kunta.example', 'puhelin@talo.kunta.example'];
const SERVICE = `huone.fi@${DOMAIN}`;

const SDP = [
  'v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio 40000 RTP/AVP 8', 'a=rtpmap:8 PCMA/8000',
  'm=video 40004 RTP/AVP 98', 'b=TIAS:1920000', 'a=rtpmap:98 H264/90000', 'a=fmtp:98 profile-level-id=42e01f;packetization-mode=1', '',
].join('\r\n');

let gateway: TestGateway;
let room: EchoRoom;
let ras: RasEndpoint;
let phone: RawPhone;

/** @param line kbit/s of the line that both the room and the phone are at */
async function start(line: number): Promise<void> {
  gateway = await startTestGateway({
    ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: ownAddress(31), ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8', ETASILTA_SIP_LISTEN: 'sip:127.0.0.1:0;transport=udp',
    ETASILTA_H323_BANDWIDTH_PER_SITE: String(line),
  });
  await addDevices(gateway.directory, [{ address: ROOM, h323Id: 'huone' }, { address: PHONE }]);
  await addService(gateway.directory, SERVICE, [ROOM]);
  room = await EchoRoom.open({ host: ownAddress(32), video: true });
  ras = await RasEndpoint.open((await new Operator(gateway.dataDir).status<GatewayStatus>()).h323!.ras, ownAddress(32));
  expect(await ras.register({ 'h323-ID': 'huone' })).toHaveProperty('registrationConfirm');
  phone = await registeredPhone(gateway, PHONE);
  phone.description = SDP;
}
afterEach(async () => {
  await phone.close();
  await room.close();
  await ras.close();
  await gateway.stop();
});

test('a SIP device shares its site\'s line with H.323 devices: the pictures of its call get what is left', async () => {
  await start(6_000);
  const call = await phone.call(`sip:${SERVICE}`);
  // 6,000 less the room's 3,968 is 2,032 both ways: 1,016 each way, 64 of them sound.
  await until('the phone is told', () => phone.received.some((text) => /^b=TIAS:952000\r$/m.test(text)));
  await until('the room is told', () => room.calls.at(-1)!.limits.includes(10_160));
  await phone.hangUp(call);
});

test('the gatekeeper asks an H.323 device to keep to the changed rate of its call', async () => {
  await start(20_000);
  const asked: h225.BandwidthRequest[] = [];
  ras.onReceived = (message) => {
    const request = alternative(message, 'bandwidthRequest');
    if (!request) return;
    asked.push(request);
    ras.send({ bandwidthConfirm: { requestSeqNum: request.requestSeqNum, bandWidth: request.bandWidth } });
  };
  room.onCall = (callId) => void ras.admission([{ 'h323-ID': 'huone' }], { callIdentifier: { guid: callId }, answerCall: true, bandWidth: 39_680 });
  const call = await phone.call(`sip:${SERVICE}`);
  await until('sound and pictures are there', () => room.calls.at(-1)?.session.channels.length === 4);
  const picture = room.calls.at(-1)!.session.channels.find(({ direction, sessionId }) => direction === 'send' && sessionId === 2)!;
  await room.calls.at(-1)!.session.close(picture);
  const request = await until('the device is asked', () => asked[0]);
  // Sound both ways and the phone's picture, in 100 bit/s.
  expect(request).toMatchObject({ endpointIdentifier: ras.endpointIdentifier, bandWidth: 20_480, answeredCall: true });
  await phone.hangUp(call);
});
