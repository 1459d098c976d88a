import { AnchoredGateway, CARRIES_SLIDES, talk } from '../../support/anchored-gateway';
import { sippCaller, sippDevice } from '../../support/sipp-devices';
import { promptIn } from '../../support/prompts';
import { describePeer, expectAllSuccessful, type Sipp } from '../harness';

jest.setTimeout(60_000);

const DEVICE = 'a@laite.kunta.example';
const BARESIP = 'b@laite.kunta.example';

describePeer(['sipp', 'baresip'], 'hold and late offers at a media server', () => {
  let anchored: AnchoredGateway;
  const open: Sipp[] = [];
  beforeAll(async () => {
    anchored = await AnchoredGateway.start({ ETASILTA_SIP_PEERS: JSON.stringify([{ name: 'partner', addresses: ['127.0.0.1'] }]) });
    await anchored.device(DEVICE, 'yksi');
    await anchored.device(BARESIP, 'kaksi');
  });
  afterEach(async () => {
    for (const sipp of open.splice(0)) await sipp.stop();
    await anchored.closePhones();
  });
  afterAll(() => anchored.stop());
  const device = async (uas: string): Promise<Sipp> => {
    const sipp = await sippDevice(anchored.gateway.address('udp'), DEVICE, uas);
    open.push(sipp);
    return sipp;
  };
  const call = async (uac: string, service: string) => {
    const sipp = await sippCaller(anchored.gateway.address('udp'), uac, service);
    open.push(sipp);
    return expectAllSuccessful(await sipp.finished);
  };

  test('a caller without an offer gets one in the 200, though the callee is offered too; it answers in its ACK', async () => {
    const callee = await device('uas-basic');
    const { messages } = await call('uac-late-offer', 'yksi');
    expectAllSuccessful(await callee.finished);
    // One way of carrying media a line, and no line twice.
    const offer = /SIP\/2\.0 200 OK[^]*?(v=0[^]*?)(?=\n-----|$)/.exec(messages)?.[1] ?? '';
    expect(offer.match(/^m=\w+ \d+ \S+/gm)?.map((line) => line.split(' ')[0])).toEqual([...new Set(offer.match(/^m=\w+/gm))]);
  });

  test('hold, inactive, resume and an empty re-INVITE are answered by the media server; the callee is left in peace', async () => {
    const callee = await device('uas-basic');
    await call('uac-hold-answered-by-media', 'yksi');
    const { messages } = expectAllSuccessful(await callee.finished);
    expect(new Set(messages.match(/^CSeq: \d+ INVITE/gm)).size).toBe(1);
  });

  test('every line of an offer is answered in its place: what the media server cannot carry with port 0; pictures are taken though the callee has none, for who joins may', async () => {
    const callee = await device('uas-basic');
    const { messages } = await call('uac-multi-line-answered-by-media', 'yksi');
    const answer = messages.slice(messages.lastIndexOf('SIP/2.0 200 OK', messages.indexOf('ACK sip:')));
    expect(answer.match(/^m=video \d+/gm)?.map((line) => line !== 'm=video 0')).toEqual([true, CARRIES_SLIDES]);
    expectAllSuccessful(await callee.finished);
  });

  test('who holds is sent nothing; who is held hears that it is not forgotten, and not the holder', async () => {
    await anchored.device('c@laite.kunta.example');
    const callee = await anchored.phone(BARESIP, { toneHz: 700 });
    const caller = await anchored.phone('c@laite.kunta.example', { toneHz: 400 });
    await caller.dial('sip:kaksi');
    await callee.waitFor('CALL_ESTABLISHED');
    await talk(1);
    // Debian's baresip does not take up its sound again after a hold: the browser's test has the way back.
    await caller.command('hold');
    await talk(10);
    await caller.hangUp();
    await callee.waitFor('CALL_CLOSED');
    const atCallee = callee.heard().at(-1)!;
    expect(promptIn(atCallee, 'fi')).toBe('please-wait');
    expect(caller.heard().at(-1)!.samples.length).toBeLessThan(atCallee.samples.length / 3);
  });
});
