import { AnchoredGateway } from '../../support/anchored-gateway';
import { sippCaller, sippDevice } from '../../support/sipp-devices';
import { describePeer, expectAllSuccessful, freePorts } from '../harness';

jest.setTimeout(60_000);

const DEVICE = 'a@laite.kunta.example';
const ADVERTISED = '192.0.2.44';

describePeer('sipp', 'the embedded media server behind a router', () => {
  let anchored: AnchoredGateway;
  beforeAll(async () => {
    const first = await freePorts(20);
    anchored = await AnchoredGateway.start({
      ETASILTA_SIP_PEERS: JSON.stringify([{ name: 'partner', addresses: ['127.0.0.1'] }]), ETASILTA_MEDIA_ENGINE: 'embedded', ETASILTA_MEDIA_ADVERTISED_ADDRESS: ADVERTISED,
      ETASILTA_MEDIA_RTP_PORTS_MIN: String(first), ETASILTA_MEDIA_RTP_PORTS_MAX: String(first + 19),
    });
    await anchored.device(DEVICE, 'yksi');
  });
  afterAll(() => anchored.stop());

  test('both parties are told its outer address for media; signalling stays where it is', async () => {
    const device = await sippDevice(anchored.gateway.address('udp'), DEVICE, 'uas-basic');
    const partner = await sippCaller(anchored.gateway.address('udp'), 'uac-basic', 'yksi');
    const [atCaller, atCallee] = [expectAllSuccessful(await partner.finished), expectAllSuccessful(await device.finished)].map(({ messages }) => messages);
    const answer = atCaller?.slice(atCaller.indexOf('SIP/2.0 200')) ?? '';
    const offer = atCallee?.slice(atCallee.indexOf('INVITE sip:'), atCallee.indexOf('SIP/2.0 180')) ?? '';
    for (const message of [answer, offer]) {
      expect(/^c=.*$/m.exec(message)?.[0].trim()).toBe(`c=IN IP4 ${ADVERTISED}`);
      expect(/^Contact: .*$/m.exec(message)?.[0]).toContain('127.0.0.1');
    }
  });
});
