import { request, udpPeer } from './support/peer';
import { SDP } from './support/messages';
import { RunningServer } from './support/running-server';

/**
 * What RFC 2543 allowed and RFC 3261 still wants taken: no Contact, no branch, no From tag, no Max-Forwards (RFC 4475 section
 * 3.4.1). drachtio-srf makes no dialog of it, for want of a Contact; its application can answer it all the same.
 */
test('an INVITE of RFC 2543 reaches the application and gets its answer', async () => {
  const running = await RunningServer.start();
  const peer = await udpPeer('127.0.0.1', running.port('udp'));
  try {
    await running.application((srf) => { srf.invite((_req, res) => res.send(486)); });
    const text = request(peer, 'INVITE', 'sip:x@example.com', { from: '<sip:caller@example.com>', body: SDP });
    peer.send(text.replace(/Contact: .*\r\n/, '').replace(/;branch=[^;\s]+/, '').replace(/Max-Forwards: .*\r\n/, ''));
    expect((await peer.next(486)).cseq?.method).toBe('INVITE');
  } finally {
    peer.close();
    await running.stop();
  }
});
