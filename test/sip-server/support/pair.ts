import { engineAt, FakeNetwork, type Delivered } from './engine-bench';
import { SDP, wanted } from './messages';

export const ALICE = '192.0.2.1';
export const BOB = '192.0.2.2';

/** Two servers with an application each: Alice's calls, Bob's answers. */
export function pair(protocol: 'udp' | 'tcp' = 'udp', limits = {}) {
  const network = new FakeNetwork();
  const alice = engineAt(network, ALICE, { protocol, limits });
  const bob = engineAt(network, BOB, { protocol, limits });
  const uri = `sip:bob@${BOB}${protocol === 'tcp' ? ';transport=tcp' : ''}`;
  const invite = (headers: Record<string, string> = {}): string => {
    alice.engine.client.request('call', wanted(`INVITE ${uri}`, headers, SDP), '', alice.application);
    return alice.application.sentMessages.at(-1)?.ids ?? '';
  };
  const respond = (to: Delivered, status: string, headers: Record<string, string> = {}, body = '', side = bob): void =>
    side.engine.server.respond('answer', to.transactionId, wanted(`SIP/2.0 ${status}`, headers, body), side.application);
  const answer = (status: string, headers: Record<string, string> = {}, body = ''): void => respond(bob.application.last('INVITE'), status, headers, body);
  const acknowledge = (): void => alice.engine.inDialog.request('ack', alice.application.last(200).dialogId, wanted('ACK sip:placeholder'), alice.application);
  /** A call that stands; returns the dialog's id, the same for both applications. */
  const establish = (headers: Record<string, string> = {}, answerHeaders: Record<string, string> = {}): string => {
    invite(headers);
    network.settle();
    answer('200 OK', answerHeaders, SDP);
    network.settle();
    acknowledge();
    network.settle();
    return alice.application.last(200).dialogId;
  };
  return { network, alice, bob, invite, respond, answer, acknowledge, establish };
}
