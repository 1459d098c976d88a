import { AnchoredNegotiation } from '../../src/calls/anchored-negotiation';
import { PresentParty, type AnchoredParty } from '../../src/calls/anchored-party';
import { FakeSeat } from './fakes/floors';
import { FakeActiveLeg } from './fakes/legs';
import { FakeEndpoint } from './fakes/media';

const AUDIO = ['m=audio 4000 RTP/AVP 8'];
const video = (bitRate: number): string[] => ['m=video 4002 RTP/AVP 97', `b=TIAS:${bitRate}`];
const SLIDES = ['m=video 4004 RTP/AVP 97', 'a=content:slides', 'a=label:7'];
const floor = (port: number): string[] => [`m=application ${port} UDP/BFCP *`, 'a=floorctrl:c-s'];
const sdp = (...lines: string[]): string => ['v=0', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...lines, ''].join('\r\n');
const described = (port: number): string => sdp(...AUDIO, ...video(2_000_000), ...floor(port), ...SLIDES);
const PLAIN = (bitRate: number): string => sdp(...AUDIO, ...video(bitRate));

/** A party whose media server offers it slides where that is asked for, its lines in their places, and who takes whatever it is offered. */
function party(id: string, remoteSdp: string, more: Partial<AnchoredParty> = {}): { leg: FakeActiveLeg; present: PresentParty } {
  const leg = new FakeActiveLeg(id);
  leg.remoteSdp = remoteSdp;
  leg.reply = ({ body }) => ({ status: 200, headers: {}, body });
  const endpoint = new FakeEndpoint(id, remoteSdp);
  const before = remoteSdp.includes('/BFCP') ? ['m=application 0 UDP/BFCP *'] : [];
  endpoint.reoffer = async ({ slides }) => sdp(...AUDIO, ...video(4_000_000), ...before, ...(slides ? SLIDES : []));
  return { leg, present: new PresentParty({ id, leg, endpoint, principal: true, told: new Map(), ...more }, (error) => { throw error; }) };
}

const negotiationOf = (isVisit: boolean, ...parties: { present: PresentParty }[]): AnchoredNegotiation =>
  new AnchoredNegotiation(new Map(parties.map(({ present }) => [present.id, present])), { held: () => undefined, isOver: () => false, isVisit: () => isVisit, fault: (error) => { throw error; } });
const linesInUse = (body: string | undefined): string[] => (body ?? '').split('\r\n').filter((line) => /^m=\S+ [1-9]/.test(line));

test('a third party that takes less of pictures: the two whose call it is are told, and keep their slides and the floor between them', async () => {
  const [caller, callee, third] = [party('caller', described(5_000)), party('callee', described(6_000)), party('third', PLAIN(1_000_000), { principal: false })];
  const reply = await negotiationOf(false, caller, callee, third).renegotiate(third.present, { method: 'INVITE', headers: {}, body: PLAIN(128_000) });
  expect(reply.status).toBe(200);
  for (const [{ leg }, floorOfOther] of [[caller, 6_000], [callee, 5_000]] as const) {
    expect(leg.asked).toHaveLength(1);
    expect(leg.asked[0]!.body).toContain('b=TIAS:128000');
    expect(linesInUse(leg.asked[0]!.body)).toEqual(['m=audio 4000 RTP/AVP 8', 'm=video 4002 RTP/AVP 97', `m=application ${floorOfOther} UDP/BFCP *`, 'm=video 4004 RTP/AVP 97']);
  }
});

test('a visitor of a meeting room who asked somebody in is told of that one\'s pictures, and keeps the room\'s floor', async () => {
  const seat = new FakeSeat('room');
  const [visitor, third] = [party('visitor', described(5_000), { seat }), party('third', PLAIN(1_000_000), { principal: false })];
  await negotiationOf(true, visitor, third).renegotiate(third.present, { method: 'INVITE', headers: {}, body: PLAIN(128_000) });
  expect(linesInUse(visitor.leg.asked[0]!.body)).toEqual(['m=audio 4000 RTP/AVP 8', 'm=video 4002 RTP/AVP 97', 'm=application 6000 UDP/BFCP *', 'm=video 4004 RTP/AVP 97']);
  expect(seat.told).toEqual(['agreed']);
});

test('a visitor who asks for an offer is offered slides and the room\'s floor; what it answers is agreed on', async () => {
  const seat = new FakeSeat('room');
  const visitor = party('visitor', PLAIN(1_000_000), { seat });
  const reply = await negotiationOf(true, visitor).renegotiate(visitor.present, { method: 'INVITE', headers: {} });
  expect(linesInUse(reply.body)).toEqual(['m=audio 4000 RTP/AVP 8', 'm=video 4002 RTP/AVP 97', 'm=video 4004 RTP/AVP 97', 'm=application 6000 UDP/BFCP *']);
  reply.ack!(described(5_000));
  expect(seat.told).toEqual(['agreed']);
});

test.each([[true, PLAIN(1_000_000)], [false, PLAIN(1_000_000).replace('m=video 4002', 'm=video 0')]])('pictures that a party adds alone are taken in a meeting room (%s), for others are there who have some', async (isVisit, taken) => {
  const { present } = party('visitor', sdp(...AUDIO));
  const offers: string[] = [];
  present.endpoint.modify = async (offer) => { offers.push(offer); return offer; };
  await negotiationOf(isVisit, { present }).renegotiate(present, { method: 'INVITE', headers: {}, body: PLAIN(1_000_000) });
  expect(offers).toEqual([taken]);
});
