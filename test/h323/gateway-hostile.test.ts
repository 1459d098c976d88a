import dgram from 'node:dgram';
import { encode } from '../../src/h323/per';
import { h225 } from '../../src/h323/schemas';
import type { GatewayStatus } from '../../src/server';
import { Operator } from '../support/control';
import { addDevices, startTestGateway } from '../support/test-gateway';
import { CORPUS } from './support/corpus';
import { mutate } from './support/mutate';
import { Random } from './support/random';
import { RasEndpoint } from './support/ras-endpoint';

const MESSAGES = 20_000;
const AT_ONCE = 100;
const ROOM = 'ex90-1@talo.kunta.example';

test('mutated RAS messages at the running gateway cost their sender alone: who is registered stays so and calls', async () => {
  const gateway = await startTestGateway({
    ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_RAS_PORT: '0', ETASILTA_H323_UNAUTHENTICATED: '127.0.0.1', ETASILTA_H323_TIME_TO_LIVE_SECONDS: '3600',
    ETASILTA_H323_NEIGHBOURS: '[{name: other, address: "127.0.0.1:9"}]',
  });
  await addDevices(gateway.directory, [{ address: ROOM }]);
  const status = (): Promise<GatewayStatus> => new Operator(gateway.dataDir).status<GatewayStatus>();
  const endpoint = await RasEndpoint.open((await status()).h323!.ras);
  await endpoint.register({ 'h323-ID': ROOM });

  const recorded = [
    ...CORPUS.filter(({ kind }) => kind === 'ras').map(({ octets }) => octets),
    encode(h225.RasMessage, { infoRequestAck: { requestSeqNum: 1 } }),
  ];
  const random = new Random(11);
  const sender = dgram.createSocket('udp4');
  for (let sent = 0; sent < MESSAGES; sent += AT_ONCE) {
    for (let i = 0; i < AT_ONCE; i++) sender.send(mutate(recorded[(sent + i) % recorded.length]!, random), endpoint.gatekeeper.port, endpoint.gatekeeper.host, () => undefined);
    // An answer to this says that what came before has been read.
    expect(await endpoint.keepAlive()).toHaveProperty('registrationConfirm');
  }
  expect(await endpoint.admission([{ 'h323-ID': 'nobody' }])).toHaveProperty('admissionReject');
  expect((await status()).h323).toMatchObject({ registrations: 1 });
  sender.close();
  await endpoint.close();
  await gateway.stop();
}, 120_000);
