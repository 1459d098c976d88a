import type { Peer } from './support/peer';
import { request, response, udpPeer } from './support/peer';
import { RunningServer, settled, type Answer, type Application, type Asked, type ProxyResult } from './support/running-server';
import { SDP } from './support/messages';

/** The unmodified drachtio-srf on the embedded server, with bare sockets as devices. */
let running: RunningServer;
const peers: Peer[] = [];

beforeEach(async () => {
  running = await RunningServer.start();
});

afterEach(async () => {
  for (const peer of peers.splice(0)) peer.close();
  await running.stop();
});

async function device(): Promise<Peer> {
  const peer = await udpPeer('127.0.0.1', running.port('udp'));
  peers.push(peer);
  return peer;
}

const uriOf = (peer: Peer): string => `sip:callee@${peer.host}:${peer.port}`;
const server = (): string => `sip:service@127.0.0.1:${running.port('udp')}`;

/** A call from `caller` that the application answers; returns the 200. */
async function callIn(caller: Peer, callId: string) {
  caller.send(request(caller, 'INVITE', server(), { callId, from: '<sip:caller@example.com>;tag=in', branch: `z9hG4bK-${callId}`, body: SDP }));
  const answer = await caller.next(200);
  caller.send(request(caller, 'ACK', server(), { callId, from: '<sip:caller@example.com>;tag=in', to: answer.get('To'), branch: `z9hG4bK-${callId}-ack` }));
  return answer;
}

test('connects and learns the addresses', async () => {
  const srf = await running.application();
  expect(srf).toBeDefined();
  expect(running.server.contacts).toEqual([`udp/127.0.0.1:${running.port('udp')}`, `tcp/127.0.0.1:${running.port('tcp')}`]);
});

test('answers an OPTIONS and a REGISTER', async () => {
  await running.application((srf) => {
    srf.options((_req, res) => res.send(200, { headers: { Allow: 'INVITE' } }));
    srf.register((req, res) => res.send(200, { headers: { Contact: `${req.get('Contact')};expires=300` } }));
  });
  const phone = await device();
  phone.send(request(phone, 'OPTIONS', server()));
  const options = await phone.next(200);
  expect(options.get('Allow')).toBe('INVITE');
  expect(options.toTag).toBeDefined();
  phone.send(request(phone, 'REGISTER', 'sip:example.com'));
  expect((await phone.next(200)).get('Contact')).toContain('expires=300');
});

test('createUAS: INVITE, 200, ACK, BYE', async () => {
  const destroyed = new Promise<unknown>((resolve) => {
    void running.application((srf) => srf.invite(async (req, res) => {
      const dialog = await srf.createUAS(req, res, { localSdp: SDP });
      dialog.on('destroy', resolve);
    }));
  });
  const phone = await device();
  await running.application();
  const answer = await callIn(phone, 'uas');
  expect(answer.body.toString()).toBe(SDP);
  expect(answer.get('Content-Type')).toBe('application/sdp');
  expect(answer.contacts?.[0]?.uri).toBe(`sip:127.0.0.1:${running.port('udp')}`);
  phone.send(request(phone, 'BYE', server(), { callId: 'uas', cseq: 2, from: '<sip:caller@example.com>;tag=in', to: answer.get('To') }));
  expect((await phone.next(200)).cseq?.method).toBe('BYE');
  await destroyed;
});

test('createUAC: INVITE, 180, 200, ACK, then BYE from the application', async () => {
  const phone = await device();
  const srf = await running.application();
  const called = srf.createUAC(uriOf(phone), { localSdp: SDP, callingNumber: '1234' });
  const invite = await phone.next('INVITE');
  expect(invite.get('From')).toMatch(new RegExp(`^<sip:1234@127.0.0.1:${running.port('udp')}>;tag=`));
  expect(invite.contacts?.[0]?.uri).toBe(`sip:1234@127.0.0.1:${running.port('udp')}`);
  phone.send(response(phone, invite, '180 Ringing'));
  phone.send(response(phone, invite, '200 OK', { body: SDP }));
  const dialog = await called;
  expect((await phone.next('ACK')).uri).toBe(`sip:callee@${phone.host}:${phone.port};transport=udp`);
  const ended = dialog.destroy();
  const bye = await phone.next('BYE');
  expect(bye.cseq?.seq).toBe((invite.cseq?.seq ?? 0) + 1);
  phone.send(response(phone, bye, '200 OK'));
  await ended;
});

test('createUAC that is refused rejects with the status, and the server has acknowledged', async () => {
  const phone = await device();
  const srf = await running.application();
  const called = srf.createUAC(uriOf(phone), { localSdp: SDP }).catch((error: { status: number }) => error.status);
  phone.send(response(phone, await phone.next('INVITE'), '486 Busy Here'));
  await phone.next('ACK');
  expect(await called).toBe(486);
});

test('createUAC to the server itself is refused', async () => {
  const srf = await running.application();
  await expect(srf.createUAC(server(), { localSdp: SDP })).rejects.toThrow('can not send request to myself');
});

test('createUAC answers a challenge with credentials under the same Call-ID', async () => {
  const phone = await device();
  const srf = await running.application();
  const called = srf.createUAC(uriOf(phone), { localSdp: SDP, auth: { username: 'u', password: 'p' } });
  const first = await phone.next('INVITE');
  phone.send(response(phone, first, '401 Unauthorized', { headers: ['WWW-Authenticate: Digest realm="r", nonce="n"'] }));
  await phone.next('ACK');
  const second = await phone.next('INVITE');
  expect(second.callId).toBe(first.callId);
  expect(second.fromTag).toBe(first.fromTag);
  expect(second.cseq?.seq).toBe((first.cseq?.seq ?? 0) + 1);
  expect(second.get('Authorization')).toContain('username="u"');
  phone.send(response(phone, second, '200 OK', { body: SDP }));
  expect(await called).toBeDefined();
  await phone.next('ACK');
});

describe('createB2BUA', () => {
  async function bridge(callee: Peer): Promise<{ result: Promise<unknown> }> {
    let settle: (value: unknown) => void = () => undefined;
    const result = new Promise((resolve) => (settle = resolve));
    await running.application((srf) => srf.invite((req, res) => {
      srf.createB2BUA(req, res, uriOf(callee), { localSdpB: req.body }).then(({ uas, uac }) => {
        uas.on('destroy', () => void uac.destroy());
        uac.on('destroy', () => void uas.destroy());
        settle('connected');
      }, (error: Error) => settle(error));
    }));
    return { result };
  }

  test('connects and hangs up both legs', async () => {
    const [caller, callee] = [await device(), await device()];
    const { result } = await bridge(callee);
    caller.send(request(caller, 'INVITE', server(), { callId: 'b2b', from: '<sip:caller@example.com>;tag=in', body: SDP }));
    const invite = await callee.next('INVITE');
    expect(invite.body.toString()).toBe(SDP);
    callee.send(response(callee, invite, '180 Ringing'));
    await caller.next(180);
    callee.send(response(callee, invite, '200 OK', { body: SDP }));
    const answer = await caller.next(200);
    await callee.next('ACK');
    caller.send(request(caller, 'ACK', server(), { callId: 'b2b', from: '<sip:caller@example.com>;tag=in', to: answer.get('To') }));
    expect(await result).toBe('connected');
    caller.send(request(caller, 'BYE', server(), { callId: 'b2b', cseq: 2, from: '<sip:caller@example.com>;tag=in', to: answer.get('To') }));
    await caller.next(200);
    callee.send(response(callee, await callee.next('BYE'), '200 OK'));
  });

  test('cancels the called leg when the caller gives up', async () => {
    const [caller, callee] = [await device(), await device()];
    const { result } = await bridge(callee);
    const invite = { callId: 'gone', from: '<sip:caller@example.com>;tag=in', branch: 'z9hG4bK-gone' };
    caller.send(request(caller, 'INVITE', server(), { ...invite, body: SDP }));
    const called = await callee.next('INVITE');
    callee.send(response(callee, called, '180 Ringing'));
    await caller.next(180);
    caller.send(request(caller, 'CANCEL', server(), invite));
    expect((await caller.next(200)).cseq?.method).toBe('CANCEL');
    await caller.next(487);
    callee.send(response(callee, await callee.next('CANCEL'), '200 OK'));
    callee.send(response(callee, called, '487 Request Terminated'));
    await callee.next('ACK');
    expect(await result).toMatchObject({ status: 487 });
  });

  test('passes a refusal back', async () => {
    const [caller, callee] = [await device(), await device()];
    await bridge(callee);
    caller.send(request(caller, 'INVITE', server(), { body: SDP }));
    callee.send(response(callee, await callee.next('INVITE'), '603 Decline'));
    expect((await caller.next(603)).reason).toBe('Decline');
  });

  test('carries a large offer: an SDP of 20 kB', async () => {
    const [caller, callee] = [await device(), await device()];
    await bridge(callee);
    const large = SDP + 'a=candidate:1 1 udp 2130706431 192.0.2.1 40000 typ host\r\n'.repeat(350);
    caller.send(request(caller, 'INVITE', server(), { body: large }));
    expect((await callee.next('INVITE')).body.toString()).toBe(large);
  });
});

describe('in a dialog', () => {
  test.each(['INFO', 'MESSAGE', 'NOTIFY', 'REFER', 'UPDATE', 'OPTIONS'])('%s reaches the dialog of the application', async (method) => {
    const arrived = new Promise<string>((resolve) => {
      void running.application((srf) => srf.invite(async (req, res) => {
        const dialog = await srf.createUAS(req, res, { localSdp: SDP });
        dialog.on(method.toLowerCase(), (inner: Asked, answer: Answer) => {
          answer.send(202);
          resolve(inner.get('X-Lab'));
        });
      }));
    });
    await running.application();
    const phone = await device();
    const answer = await callIn(phone, `in-${method}`);
    phone.send(request(phone, method, server(), { callId: `in-${method}`, cseq: 2, from: '<sip:caller@example.com>;tag=in', to: answer.get('To'), headers: ['X-Lab: yes'] }));
    expect((await phone.next(202)).cseq?.method).toBe(method);
    expect(await arrived).toBe('yes');
  });

  test('modify sends a re-INVITE and resolves with the new answer', async () => {
    const phone = await device();
    const srf = await running.application();
    const called = srf.createUAC(uriOf(phone), { localSdp: SDP });
    phone.send(response(phone, await phone.next('INVITE'), '200 OK', { body: SDP }));
    const dialog = await called;
    await phone.next('ACK');
    const modified = dialog.modify(SDP.replace('o=- 1 1', 'o=- 1 2'));
    const again = await phone.next('INVITE');
    expect(again.toTag).toBe('callee');
    phone.send(response(phone, again, '200 OK', { body: SDP }));
    expect((await phone.next('ACK')).cseq?.seq).toBe(again.cseq?.seq);
    expect(await modified).toBe(SDP);
  });

  test('a request with an unknown dialog id fails with ENODIALOG', async () => {
    const srf = await running.application();
    const failed = new Promise<{ code: string }>((resolve) => {
      srf.request({ method: 'INFO', uri: 'sip:x@127.0.0.1', stackDialogId: 'no-such-dialog' }, resolve);
    });
    expect((await failed).code).toBe('ENODIALOG');
  });
});

test('PRACK: a reliable 183 of a called device is acknowledged by drachtio-srf', async () => {
  const phone = await device();
  const srf = await running.application();
  const called = srf.createUAC(uriOf(phone), { localSdp: SDP, headers: { Supported: '100rel' } });
  const invite = await phone.next('INVITE');
  phone.send(response(phone, invite, '183 Session Progress', { headers: ['Require: 100rel', 'RSeq: 7'], body: SDP }));
  const prack = await phone.next('PRACK');
  expect(prack.get('RAck')).toBe(`7 ${invite.get('CSeq')}`);
  phone.send(response(phone, prack, '200 OK'));
  phone.send(response(phone, invite, '200 OK', { body: SDP }));
  await called;
});

test('SUBSCRIBE from a device makes a dialog in which the application notifies', async () => {
  await running.application((srf) => srf.subscribe(async (req, res) => {
    const dialog = await srf.createUAS(req, res, { headers: { Expires: '300' } });
    void dialog.request({ method: 'NOTIFY', headers: { Event: 'presence', 'Subscription-State': 'active;expires=300' } });
  }));
  const phone = await device();
  phone.send(request(phone, 'SUBSCRIBE', server(), { headers: ['Event: presence', 'Expires: 300'] }));
  const accepted = await phone.next(202);
  const notify = await phone.next('NOTIFY');
  expect(notify.fromTag).toBe(accepted.toTag);
  phone.send(response(phone, notify, '200 OK'));
});

test('MESSAGE out of a dialog goes both ways', async () => {
  const srf = await running.application((one) => one.message((_req, res) => res.send(202)));
  const phone = await device();
  phone.send(request(phone, 'MESSAGE', server()));
  await phone.next(202);
  const answered = new Promise((resolve) => {
    void srf.request(uriOf(phone), { method: 'MESSAGE', headers: { 'Content-Type': 'text/plain' }, body: 'hello' })
      .then((sent) => sent.on('response', (res: { status: number }) => resolve(res.status)));
  });
  const message = await phone.next('MESSAGE');
  expect(message.body.toString()).toBe('hello');
  phone.send(response(phone, message, '200 OK'));
  expect(await answered).toBe(200);
});

describe('proxying', () => {
  async function proxy(destinations: string[], options: object): Promise<ProxyResult> {
    let settle: (value: ProxyResult) => void = () => undefined;
    let fail: (error: Error) => void = () => undefined;
    const result = new Promise<ProxyResult>((resolve, reject) => ([settle, fail] = [resolve, reject]));
    await running.application((srf) => srf.invite((req) => {
      void srf.proxyRequest(req, destinations, options).then(settle, fail);
    }));
    return result;
  }

  test('with Record-Route: the caller sees the callee, and the dialog stays on the server', async () => {
    const [caller, callee] = [await device(), await device()];
    const result = proxy([uriOf(callee)], { recordRoute: true, forking: 'sequential' });
    await running.application();
    caller.send(request(caller, 'INVITE', server(), { callId: 'proxied', from: '<sip:caller@example.com>;tag=in', body: SDP }));
    const invite = await callee.next('INVITE');
    expect(invite.maxForwards).toBe(69);
    expect(invite.getAll('Via')).toHaveLength(2);
    expect(invite.uri).toBe(uriOf(callee));
    callee.send(response(callee, invite, '200 OK', { body: SDP }));
    const answer = await caller.next(200);
    expect(answer.getAll('Via')).toHaveLength(1);
    const route = answer.getAll('Record-Route');
    expect(route).toHaveLength(1);
    const inside = { callId: 'proxied', from: '<sip:caller@example.com>;tag=in', to: answer.get('To'), headers: [`Route: ${route[0]}`] };
    const contact = answer.contacts?.[0]?.uri ?? '';
    caller.send(request(caller, 'ACK', contact, inside));
    expect((await callee.next('ACK')).has('Route')).toBe(false);
    caller.send(request(caller, 'BYE', contact, { ...inside, cseq: 2 }));
    const bye = await callee.next('BYE');
    expect(bye.getAll('Via')).toHaveLength(2);
    callee.send(response(callee, bye, '200 OK'));
    await caller.next(200);
    expect((await result).connected).toBe(true);
  });

  test('a Route to the server that it did not record leads nowhere', async () => {
    const [caller, callee] = [await device(), await device()];
    await running.application();
    caller.send(request(caller, 'BYE', uriOf(callee), { to: '<sip:x@example.com>;tag=y', headers: [`Route: <sip:127.0.0.1:${running.port('udp')};lr;pd=${'0'.repeat(32)}>`] }));
    expect((await caller.next(481)).cseq?.method).toBe('BYE');
    expect(callee.received).toEqual([]);
  });

  test('one after the other: the second is tried when the first refuses', async () => {
    const [caller, first, second] = [await device(), await device(), await device()];
    const result = proxy([uriOf(first), uriOf(second)], { forking: 'sequential' });
    await running.application();
    caller.send(request(caller, 'INVITE', server(), { body: SDP }));
    first.send(response(first, await first.next('INVITE'), '486 Busy Here', { tag: 'first' }));
    await first.next('ACK');
    second.send(response(second, await second.next('INVITE'), '200 OK', { tag: 'second', body: SDP }));
    expect((await caller.next(200)).toTag).toBe('second');
    expect((await result).responses.flatMap(({ msgs }) => msgs.map(({ status }) => status))).toEqual([486, 200]);
  });

  test('all at once: the first to answer wins, the other is cancelled', async () => {
    const [caller, first, second] = [await device(), await device(), await device()];
    const result = proxy([uriOf(first), uriOf(second)], { forking: 'simultaneous' });
    await running.application();
    caller.send(request(caller, 'INVITE', server(), { body: SDP }));
    const [one, two] = [await first.next('INVITE'), await second.next('INVITE')];
    first.send(response(first, one, '180 Ringing', { tag: 'first' }));
    second.send(response(second, two, '200 OK', { tag: 'second', body: SDP }));
    await caller.next(200);
    first.send(response(first, await first.next('CANCEL'), '200 OK'));
    first.send(response(first, one, '487 Request Terminated', { tag: 'first' }));
    await first.next('ACK');
    expect((await result).connected).toBe(true);
  });

  test('follows redirections when asked to', async () => {
    const [caller, first, second] = [await device(), await device(), await device()];
    void proxy([uriOf(first)], { followRedirects: true });
    await running.application();
    caller.send(request(caller, 'INVITE', server(), { body: SDP }));
    const invite = await first.next('INVITE');
    first.send(response(first, invite, '302 Moved Temporarily').replace(/Contact: .*\r\n/, `Contact: <${uriOf(second)}>\r\n`));
    second.send(response(second, await second.next('INVITE'), '200 OK', { body: SDP }));
    await caller.next(200);
  });

  test('passes the best refusal back when nobody accepts', async () => {
    const [caller, first, second] = [await device(), await device(), await device()];
    const result = proxy([uriOf(first), uriOf(second)], { forking: 'simultaneous' });
    await running.application();
    caller.send(request(caller, 'INVITE', server(), { body: SDP }));
    first.send(response(first, await first.next('INVITE'), '500 Server Internal Error', { tag: 'first' }));
    second.send(response(second, await second.next('INVITE'), '486 Busy Here', { tag: 'second' }));
    expect((await caller.next(486)).toTag).toBe('second');
    expect((await result).connected).toBe(false);
  });

  test('is cancelled by the caller', async () => {
    const [caller, callee] = [await device(), await device()];
    void proxy([uriOf(callee)], {});
    await running.application();
    const invite = { callId: 'cancelled', from: '<sip:caller@example.com>;tag=in', branch: 'z9hG4bK-cancelled' };
    caller.send(request(caller, 'INVITE', server(), { ...invite, body: SDP }));
    const called = await callee.next('INVITE');
    callee.send(response(callee, called, '180 Ringing'));
    await caller.next(180);
    caller.send(request(caller, 'CANCEL', server(), invite));
    await caller.next(487);
    await callee.next('CANCEL');
  });
});

describe('several applications', () => {
  test('share the requests in turn, by method', async () => {
    const seen: number[] = [];
    const take = (number: number) => (srf: Application): void => {
      srf.options((_req, res) => {
        seen.push(number);
        res.send(200);
      });
    };
    await running.application(take(1));
    await running.application(take(2));
    const phone = await device();
    for (let i = 0; i < 4; i++) {
      phone.send(request(phone, 'OPTIONS', server()));
      await phone.next(200);
    }
    expect(seen).toEqual([1, 2, 1, 2]);
  });

  test('hand over to those that remain when one disconnects, whose unanswered requests get 503', async () => {
    const gone = await running.application((srf) => srf.options(() => gone.disconnect()));
    const phone = await device();
    phone.send(request(phone, 'OPTIONS', server()));
    await phone.next(503);
    await running.application((srf) => srf.options((_req, res) => res.send(200)));
    phone.send(request(phone, 'OPTIONS', server()));
    await phone.next(200);
  });
});

test('call detail records follow a call', async () => {
  const records: unknown[][] = [];
  await running.application((srf) => {
    for (const event of ['attempt', 'start', 'stop']) srf.on(`cdr:${event}`, (...args: unknown[]) => records.push([event, args[0], ...args.slice(2, -1)]));
    srf.invite((req, res) => void srf.createUAS(req, res, { localSdp: SDP }));
  });
  const watcher = await running.application();
  const phone = await device();
  const answer = await callIn(phone, 'cdr');
  phone.send(request(phone, 'BYE', server(), { callId: 'cdr', cseq: 2, from: '<sip:caller@example.com>;tag=in', to: answer.get('To') }));
  await phone.next(200);
  await settled(watcher);
  expect(records).toEqual([['attempt', 'network'], ['start', 'application', 'uas'], ['stop', 'network', 'normal-release']]);
});
